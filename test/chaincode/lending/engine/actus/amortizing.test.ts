import fc from 'fast-check';
import { riskFactors } from '../../../../../chaincode/lending/engine/actus';
import { Decimal } from '../../../../../chaincode/lending/engine/decimal';
import { amortizing, lines, ofType, run } from './contracts';

const lam = { ...amortizing, contractType: 'LAM' };
const ann = { ...amortizing, contractType: 'ANN' };

describe('LAM', () => {
  it('repays equal parts and pays interest on what is left', () => {
    expect(lines(run(lam)).slice(0, 5)).toEqual([
      '2025-01-01 IED -1200 1200 0.12 0',
      '2025-02-01 PR 200 1000 0.12 12',
      '2025-02-01 IP 12 1000 0.12 0',
      '2025-03-01 PR 200 800 0.12 10',
      '2025-03-01 IP 10 800 0.12 0',
    ]);
    expect(lines(run(lam)).slice(-2)).toEqual(['2025-07-01 IP 2 200 0.12 0', '2025-07-01 MD 200 0 0.12 0']);
  });

  it('ends when the given amount has repaid everything, the last part being smaller', () => {
    const { maturityDate, ...open } = lam;
    expect(maturityDate).toBe('2025-07-01');
    const results = run({ ...open, nextPrincipalRedemptionPayment: '500' });
    expect(lines(results).at(-1)).toBe('2025-04-01 MD 200 0 0.12 0');
    // Two parts are left on 2025-02-15, the notional being that of the status date.
    const running = { ...open, statusDate: '2025-02-15', notionalPrincipal: '700' };
    const left = run({ ...running, nextPrincipalRedemptionPayment: '500' });
    expect(lines(left).at(-1)).toBe('2025-04-01 MD 200 0 0.12 0');
    expect(() => run(open)).toThrow('maturityDate: required without nextPrincipalRedemptionPayment');
  });

  it('never redeems more than is left', () => {
    const results = run({ ...lam, nextPrincipalRedemptionPayment: '500' });
    expect(ofType(results, 'PR').slice(1, 4)).toEqual([
      '2025-03-01 PR 500 200 0.12 7',
      '2025-04-01 PR 200 0 0.12 2',
      '2025-05-01 PR 0 0 0.12 0',
    ]);
  });

  it('accrues on the notional of the exchange, or on one that lags', () => {
    const interest = (json: Readonly<Record<string, unknown>>) =>
      run(json)
        .filter(({ eventType }) => eventType === 'IP')
        .map(({ payoff }) => payoff.toString());
    expect(interest({ ...lam, interestCalculationBase: 'NTIED' })).toEqual(Array(6).fill('12'));
    const lagging = {
      ...lam,
      interestCalculationBase: 'NTL',
      cycleAnchorDateOfInterestCalculationBase: '2025-04-01',
      cycleOfInterestCalculationBase: 'P1YL1',
    };
    expect(interest(lagging)).toEqual(['12', '12', '12', '6', '6', '6']);
  });
});

describe('ANN', () => {
  it('repays in equal instalments', () => {
    // 1200 × 0.01 / (1 − 1.01^−6) = 207.0580
    const results = run(ann);
    expect(lines(results).slice(0, 4)).toEqual([
      '2025-01-01 IED -1200 1200 0.12 0',
      '2025-01-31 PRF 0 1200 0.12 11.6',
      '2025-02-01 PR 195.058 1004.942 0.12 12',
      '2025-02-01 IP 12 1004.942 0.12 0',
    ]);
    const [interest, principal] = results.slice(-2);
    expect(interest?.payoff.plus(principal?.payoff ?? 0).toFixed(4)).toBe('207.0580');
  });

  it('fixes the instalment again when the rate is reset', () => {
    const results = run(
      {
        ...ann,
        cycleAnchorDateOfRateReset: '2025-04-01',
        cycleOfRateReset: 'P1YL1',
        marketObjectCodeOfRateReset: 'LPR',
      },
      riskFactors({ LPR: [{ timestamp: '2025-03-20', value: '0.06' }] }),
    );
    // 608.9536 is left after three of six; 608.9536 × 0.005 / (1 − 1.005^−3) = 205.0218
    const [, , , , fourth] = results.filter(({ eventType }) => ['PR', 'MD'].includes(eventType));
    expect(ofType(results, 'PRF')).toHaveLength(2);
    const may = results.filter(
      ({ eventDate, payoff }) => eventDate.startsWith('2025-05') && !payoff.isZero(),
    );
    expect(may.reduce((sum, { payoff }) => sum.plus(payoff), new Decimal(0)).toFixed(2)).toBe('205.02');
    expect(fourth?.eventDate).toBe('2025-06-01T00:00:00');
  });

  it('balloons where amortization ends after maturity', () => {
    const results = run({ ...ann, amortizationDate: '2026-01-01' });
    // 1200 × 0.01 / (1 − 1.01^−12) = 106.6185
    expect(ofType(results, 'PR')[0]).toBe('2025-02-01 PR 94.6185 1105.3815 0.12 12');
    expect(lines(results).at(-1)).toMatch(/^2025-07-01 MD 7\d\d/);
  });

  it('ends when the given instalment has repaid everything', () => {
    const { maturityDate, ...open } = ann;
    expect(maturityDate).toBe('2025-07-01');
    const results = run({ ...open, nextPrincipalRedemptionPayment: '400' });
    // 1200 / (400 − 12) = 3.1, so four instalments.
    expect(lines(results).at(-1)).toMatch(/^2025-05-01 MD/);
    expect(() => run({ ...open, nextPrincipalRedemptionPayment: '12' })).toThrow(
      'nextPrincipalRedemptionPayment: does not exceed the interest',
    );
  });
});

describe('amortizing contracts', () => {
  it('repay exactly their notional, whatever their terms', () => {
    fc.assert(
      fc.property(
        fc.record({
          contractType: fc.constantFrom('LAM', 'ANN'),
          contractRole: fc.constantFrom('RPA', 'RPL'),
          notionalPrincipal: fc.integer({ min: 1, max: 1_000_000_000 }),
          nominalInterestRate: fc.integer({ min: 0, max: 3600 }).map((points) => points / 10_000),
          dayCountConvention: fc.constantFrom('AA', 'A360', 'A365', '30E360', '30E360ISDA', '28E336'),
          maturityDate: fc
            .integer({ min: 3, max: 40 })
            .map((years) => `20${String(25 + (years % 12)).padStart(2, '0')}-12-11`),
          cycleOfPrincipalRedemption: fc.constantFrom('P1ML0', 'P1ML1', 'P3ML0', 'P2WL1', 'P1YL0'),
          businessDayConvention: fc.constantFrom('NOS', 'SCF', 'SCMP', 'CSMF', 'CSP'),
          endOfMonthConvention: fc.constantFrom('SD', 'EOM'),
        }),
        (terms) => {
          const results = run({
            ...amortizing,
            calendar: 'MF',
            cycleAnchorDateOfPrincipalRedemption: '2025-01-31',
            cycleAnchorDateOfInterestPayment: '2025-01-31',
            cycleOfInterestPayment: terms.cycleOfPrincipalRedemption,
            ...terms,
          });
          const repaid = results
            .filter(({ eventType }) => eventType === 'PR' || eventType === 'MD')
            .reduce((sum, { payoff }) => sum.plus(payoff), new Decimal(0));
          const signed = new Decimal(terms.notionalPrincipal).times(terms.contractRole === 'RPA' ? 1 : -1);
          expect(repaid.minus(signed).abs().lessThan('1e-20')).toBe(true);
          expect(results.at(-1)?.notionalPrincipal.isZero()).toBe(true);
          const dates = results.map(({ eventDate }) => eventDate);
          expect([...dates].sort()).toEqual(dates);
        },
      ),
      { numRuns: 40 },
    );
  });
});
