import { riskFactors } from '../../../../../chaincode/lending/engine/actus';
import { Decimal } from '../../../../../chaincode/lending/engine/decimal';
import { lines, loan, ofType, run } from './contracts';

const pam = { ...loan, contractType: 'PAM' };
const lpr = riskFactors({
  LPR: [
    { timestamp: '2025-04-20', value: '0.05' },
    { timestamp: '2025-01-20', value: ' 0.10' },
  ],
});
const floating = {
  ...pam,
  cycleAnchorDateOfRateReset: '2025-03-01',
  cycleOfRateReset: 'P2ML1',
  marketObjectCodeOfRateReset: 'LPR',
  rateSpread: '0.01',
};

describe('PAM', () => {
  it('pays interest on the way and principal at the end', () => {
    expect(lines(run(pam))).toEqual([
      '2025-01-01 IED -1200 1200 0.12 0',
      ...[2, 3, 4, 5, 6].map((month) => `2025-0${month}-01 IP 12 1200 0.12 0`),
      '2025-07-01 IP 12 1200 0.12 0',
      '2025-07-01 MD 1200 0 0.12 0',
    ]);
  });

  it('turns every sign for the borrower', () => {
    expect(lines(run({ ...pam, contractRole: 'RPL' })).slice(0, 2)).toEqual([
      '2025-01-01 IED 1200 -1200 0.12 0',
      '2025-02-01 IP -12 -1200 0.12 0',
    ]);
  });

  it('without a cycle pays interest at maturity only', () => {
    const { cycleAnchorDateOfInterestPayment, cycleOfInterestPayment, ...bullet } = pam;
    expect(cycleAnchorDateOfInterestPayment).not.toBe(cycleOfInterestPayment);
    expect(ofType(run(bullet), 'IP')).toEqual(['2025-07-01 IP 72 1200 0.12 0']);
  });

  it('adds interest to principal until capitalization ends, off its cycle too', () => {
    const results = run({ ...pam, capitalizationEndDate: '2025-03-16' });
    expect(ofType(results, 'IPCI')).toEqual([
      '2025-02-01 IPCI 0 1212 0.12 0',
      '2025-03-01 IPCI 0 1224.12 0.12 0',
      '2025-03-16 IPCI 0 1230.2406 0.12 0',
    ]);
    expect(ofType(results, 'IP')[0]).toBe('2025-04-01 IP 6.1512 1230.2406 0.12 0');
  });

  it('takes the rate in force, with its spread', () => {
    expect(ofType(run(floating, lpr), 'RR')).toEqual([
      '2025-03-01 RR 0 1200 0.11 0',
      '2025-05-01 RR 0 1200 0.06 0',
    ]);
    expect(() => run({ ...floating, cycleAnchorDateOfRateReset: '2025-01-10' }, lpr)).toThrow(
      'LPR: not observed by 2025-01-10',
    );
  });

  it('limits resets over life and period, however a floor is signed', () => {
    const rates = (limits: Readonly<Record<string, string>>) =>
      run({ ...floating, ...limits }, lpr)
        .filter(({ eventType }) => eventType === 'RR')
        .map(({ nominalInterestRate }) => nominalInterestRate.toString());
    expect(rates({ lifeCap: '0.10' })).toEqual(['0.1', '0.06']);
    expect(rates({ lifeFloor: '0.08' })).toEqual(['0.11', '0.08']);
    expect(rates({ periodFloor: '0.02' })).toEqual(['0.11', '0.09']);
    expect(rates({ periodFloor: '-0.02' })).toEqual(['0.11', '0.09']);
    expect(rates({ nominalInterestRate: '0.05', periodCap: '0.03' })).toEqual(['0.08', '0.06']);
  });

  it('takes a known next rate at the first reset', () => {
    const results = run({ ...floating, nextResetRate: '0.09' }, lpr);
    expect(ofType(results, 'RRF')).toEqual(['2025-03-01 RRF 0 1200 0.09 0']);
    expect(ofType(results, 'RR')).toHaveLength(1);
  });

  it('charges fees as amounts or on the notional', () => {
    const fee = { ...pam, cycleAnchorDateOfFee: '2025-04-01', cycleOfFee: 'P3ML1', feeRate: '0.02' };
    const payoffs = (json: Readonly<Record<string, unknown>>) =>
      run(json)
        .filter(({ eventType }) => eventType === 'FP')
        .map(({ payoff }) => payoff.toString());
    expect(payoffs({ ...fee, feeBasis: 'A' })).toEqual(['0.02', '0.02']);
    expect(payoffs({ ...fee, feeBasis: 'N' })).toEqual(['6', '6']);
    expect(payoffs({ ...fee, feeBasis: 'N', contractRole: 'RPL' })).toEqual(['-6', '-6']);
  });

  it('starts at the status date with what has accrued, and ends with `to`', () => {
    const running = { ...pam, statusDate: '2025-03-11' };
    expect(lines(run(running, undefined, '2025-05-01'))).toEqual([
      '2025-04-01 IP 12 1200 0.12 0',
      '2025-05-01 IP 12 1200 0.12 0',
    ]);
    expect(lines(run({ ...running, accruedInterest: '1' }))[0]).toBe('2025-04-01 IP 9 1200 0.12 0');
  });

  it('shows a purchaser only what follows, and stops at a termination', () => {
    const bought = run({ ...pam, purchaseDate: '2025-03-11', priceAtPurchaseDate: '1190' });
    expect(lines(bought).slice(0, 2)).toEqual([
      '2025-03-11 PRD -1194 1200 0.12 4',
      '2025-04-01 IP 12 1200 0.12 0',
    ]);
    const ended = run({ ...pam, terminationDate: '2025-03-11', priceAtTerminationDate: '1190' });
    expect(lines(ended).at(-1)).toBe('2025-03-11 TD 1194 0 0.12 0');
  });

  it('shifts with or without recalculating, but not the end', () => {
    // 2025-02-01 and 2025-03-01 are Saturdays, 2025-06-01 is a Sunday.
    const days = (businessDayConvention: string, maturityDate = '2025-07-01') =>
      ofType(run({ ...pam, maturityDate, calendar: 'MF', businessDayConvention }), 'IP');
    expect(days('SCF')[0]).toBe('2025-02-03 IP 12.8 1200 0.12 0');
    expect(days('CSF')[0]).toBe('2025-02-03 IP 12 1200 0.12 0');
    expect(days('SCP')[0]).toBe('2025-01-31 IP 11.6 1200 0.12 0');
    expect(days('SCF', '2025-06-01').at(-1)).toBe('2025-06-01 IP 12 1200 0.12 0');
  });

  it('scales by an index', () => {
    const scaled = {
      ...pam,
      scalingEffect: 'IN0',
      cycleAnchorDateOfScalingIndex: '2025-03-15',
      cycleOfScalingIndex: 'P1YL1',
      marketObjectCodeOfScalingIndex: 'CPI',
      scalingIndexAtContractDealDate: '100',
    };
    const results = run(scaled, riskFactors({ CPI: [{ timestamp: '2025-03-01', value: 110 }] }));
    expect(ofType(results, 'IP')[2]).toBe('2025-04-01 IP 13.2 1200 0.12 0');
    expect(lines(results).at(-1)).toBe('2025-07-01 MD 1320 0 0.12 0');
  });

  it('takes prepayments that the terms allow, with their penalty', () => {
    const paid = riskFactors({}, [{ type: 'PP', time: '2025-03-01T00:00:00', amount: new Decimal(200) }]);
    expect(lines(run(pam, paid))).toEqual(lines(run(pam)));
    const terms = { ...pam, prepaymentEffect: 'M', penaltyType: 'A', penaltyRate: '5' };
    const results = run(terms, paid);
    expect(ofType(results, 'PY')).toEqual(['2025-03-01 PY 5 1200 0.12 12']);
    expect(ofType(results, 'PP')).toEqual(['2025-03-01 PP 200 1000 0.12 12']);
    expect(lines(results).at(-1)).toBe('2025-07-01 MD 1000 0 0.12 0');
  });

  it('pays in a settlement currency', () => {
    const results = run(
      { ...pam, settlementCurrency: 'USD' },
      riskFactors({ 'CNY/USD': [{ timestamp: '2025-01-01', value: '0.5' }] }),
    );
    expect(lines(results)[0]).toBe('2025-01-01 IED -600 1200 0.12 0');
  });
});
