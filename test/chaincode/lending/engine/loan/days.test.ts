import { balances, market, ofType, plain, Run } from './terms';
import { planOf } from '../../../../../chaincode/lending/engine/loan';

describe('a loan that is paid in time', () => {
  it('is paid out once', () => {
    const run = new Run(plain);
    expect(balances(run.entries)).toEqual({ PRINCIPAL: 12_000_000n, CLEARING: -12_000_000n });
    expect(run.position).toMatchObject({
      closedThrough: '2026-01-14',
      startedOn: '2026-01-15',
      status: 'ACTIVE',
      instalmentAmount: '1000000',
      next: { number: 1, calculationDate: '2026-02-15', dueDate: '2026-02-15' },
      nextEvent: '2026-02-15',
    });
  });

  it('accrues 12 000 000 × 0.036 ÷ 360 = 1 200 fen a day, and 31 days fall due', () => {
    const run = new Run(plain).through('2026-01-15');
    expect(balances(run.entries)).toMatchObject({ INTEREST_RECEIVABLE: 1200n, INTEREST_INCOME: -1200n });
    expect(run.position.lastDay).toEqual({
      date: '2026-01-15',
      accrued: '1200',
      penalty: '0',
      collected: '0',
    });
    run.to('2026-02-14');
    expect(run.due).toMatchObject({ total: 0n });
    run.to('2026-02-15');
    // 15 January to 14 February: 17 + 14 = 31 days. 31 × 1 200 = 37 200.
    expect(run.due).toEqual({
      costs: 0n,
      penalty: 0n,
      interest: 37_200n,
      principal: 1_000_000n,
      total: 1_037_200n,
    });
    run.payDue('2026-02-15').through('2026-02-15');
    // 11 000 000 × 0.036 ÷ 360 = 1 100.
    expect(run.position.lastDay).toEqual({
      date: '2026-02-15',
      accrued: '1100',
      penalty: '0',
      collected: '1037200',
    });
    expect(run.position.daysPastDue).toBe(0);
  });

  it('is repaid with the last instalment and leaves no balance but money and income', () => {
    const run = new Run(plain);
    for (const { dueDate, total } of planOf(plain, market)) {
      run.to(dueDate);
      expect(run.due.total?.toString()).toBe(total);
      run.payDue(dueDate);
    }
    expect(run.position).toMatchObject({ status: 'REPAID', principal: '0', principalRepaid: '12000000' });
    expect(run.position).not.toHaveProperty('nextEvent');
    /* Days of the months from 15 to 15: 31 28 31 30 31 30 31 31 30 31 30 31, at 1 200, 1 100, … 100 fen a day:
       37 200 + 30 800 + 31 000 + 27 000 + 24 800 + 21 000 + 18 600 + 15 500 + 12 000 + 9 300 + 6 000 + 3 100 = 236 300. */
    expect(balances(run.entries)).toEqual({ CLEARING: 236_300n, INTEREST_INCOME: -236_300n });
    run.through('2027-02-01');
    expect(balances(run.entries)).toEqual({ CLEARING: 236_300n, INTEREST_INCOME: -236_300n });
  });

  it('rounds the sum and not the days', () => {
    // 100 003 × 0.036 ÷ 360 = 10.0003 fen a day; rounded sums: 10, 20, … and 31 days are 310.0093.
    const run = new Run(ofType('PAM', { principal: '100003' })).to('2026-02-15');
    expect(run.due).toMatchObject({ interest: 310n, principal: 0n });
    // 100 050 × … = 10.005 a day: on the 100th day 1 000.5, posted as 1 001 by halves up and 1 000 to the even.
    for (const [rounding, posted] of [
      ['HALF_UP', '1001'],
      ['HALF_EVEN', '1000'],
      ['DOWN', '1000'],
      ['UP', '1001'],
    ] as const) {
      const terms = ofType('PAM', { principal: '100050', interestCycle: 'AT_MATURITY', rounding });
      expect(new Run(terms).to('2026-04-25').position.accrued).toBe(posted);
    }
  });

  it('begins a day once, and takes days in order', () => {
    const run = new Run(plain).to('2026-02-15');
    const before = run.position;
    run.to('2026-02-15');
    expect(run.position).toBe(before);
    expect(() => run.to('2026-02-17').to('2026-02-16')).toThrow(RangeError);
  });
});

describe('rates', () => {
  it('takes the index anew on its days, within cap and floor', () => {
    const rate = { kind: 'FLOATING', index: 'LPR-1Y', spread: '0.006', resetMonths: 6 } as const;
    const run = new Run(ofType('PAM', { rate }));
    expect(run.position).toMatchObject({ rate: '0.036', nextReset: '2026-07-15' });
    run.through('2026-07-14');
    expect(run.position.lastDay.accrued).toBe('1200');
    run.through('2026-07-15');
    // 0.035 + 0.006 = 0.041: 12 000 000 × 0.041 ÷ 360 = 1 366.67.
    expect(run.position).toMatchObject({ rate: '0.041', lastDay: { accrued: '1367' } });
    expect(run.position).not.toHaveProperty('nextReset');
    expect(new Run(ofType('PAM', { rate: { ...rate, cap: '0.0355' } })).position.rate).toBe('0.0355');
    expect(new Run(ofType('PAM', { rate: { ...rate, floor: '0.04' } })).position.rate).toBe('0.04');
    expect(new Run(ofType('PAM', { rate: { ...rate, spread: '-0.05' } })).position.rate).toBe('0');
  });

  it('divides anew what equal instalments are left when the rate changes', () => {
    const rate = { kind: 'FLOATING', index: 'LPR-1Y', spread: '0', resetMonths: 6 } as const;
    const run = new Run(ofType('ANN', { rate }));
    const before = BigInt(run.position.instalmentAmount);
    for (let month = 2; month <= 7; month++) run.payDue(`2026-0${month}-15`);
    expect(BigInt(run.position.instalmentAmount)).toBeGreaterThan(before);
    for (const day of ['2026-08-15', '2026-09-15', '2026-10-15', '2026-11-15', '2026-12-15']) {
      run.to(day);
      expect(run.due.total?.toString()).toBe(run.position.instalmentAmount);
      run.payDue(day);
    }
    run.to('2027-01-15');
    expect(Math.abs(Number((run.due.total ?? 0n) - BigInt(run.position.instalmentAmount)))).toBeLessThan(12);
    expect(run.payDue('2027-01-15').position.status).toBe('REPAID');
  });
});

describe('arrears', () => {
  it('bear the penalty rate from the due date on, in place of the contract rate', () => {
    const run = new Run(plain).through('2026-02-15');
    // (1 000 000 + 37 200) × 0.036 × 1.5 ÷ 360 = 155.58 for the 15th; 11 000 000 goes on at 1 100.
    expect(run.position).toMatchObject({
      daysPastDue: 0,
      penaltyDue: '156',
      lastDay: { accrued: '1100' },
      nextEvent: '2026-02-16',
    });
    run.through('2026-02-24');
    // Ten days: 1 555.8.
    expect(run.position).toMatchObject({ daysPastDue: 9, penaltyDue: '1556' });
    run.payDue('2026-02-25').through('2026-02-25');
    expect(run.position).toMatchObject({ daysPastDue: 0, penaltyDue: '0', unpaid: [] });
    expect(balances(run.entries)).toMatchObject({ PENALTY_INCOME: -1556n });
    const withoutCompound = new Run({
      ...plain,
      penalty: { principalRateMultiple: '1.5', onInterest: false },
    });
    expect(withoutCompound.through('2026-02-15').position.penaltyDue).toBe('150');
  });

  it('count as paid in time within the days of grace, and from the due date on after them', () => {
    const terms = { ...plain, grace: { ...plain.grace, days: 3 } };
    const late = new Run(terms).through('2026-02-17');
    expect(late.position).toMatchObject({ daysPastDue: 0, penaltyDue: '0' });
    const inTime = new Run(terms).to('2026-02-18');
    expect(inTime.due.total).toBe(1_037_200n);
    expect(inTime.payDue('2026-02-18').position).toMatchObject({ penaltyPosted: '0', unpaid: [] });
    late.through('2026-02-18');
    // Four days at once, 15 to 18 February: 4 × 155.58 = 622.32.
    expect(late.position).toMatchObject({ daysPastDue: 0, penaltyDue: '622' });
    expect(late.through('2026-02-19').position).toMatchObject({ daysPastDue: 4, penaltyDue: '778' });
  });

  it('take interest out of income after 90 days and give it back once they are paid', () => {
    const run = new Run(plain).through('2026-05-16');
    expect(run.position).toMatchObject({ status: 'ACTIVE', daysPastDue: 90 });
    run.through('2026-05-17');
    expect(run.position).toMatchObject({ status: 'NON_ACCRUAL', daysPastDue: 91 });
    const held = balances(run.entries);
    expect(held).not.toHaveProperty('INTEREST_INCOME');
    expect(held).not.toHaveProperty('INTEREST_RECEIVABLE');
    expect(held).not.toHaveProperty('PENALTY_RECEIVABLE');
    /* Fallen due: 37 200 + 30 800 + 31 000 + 27 000; of the period since 15 May three days of 800 fen: 2 400. */
    expect(held.INTEREST_NOT_ACCRUED).toBe(126_000n + 2_400n + BigInt(run.position.penaltyDue));
    run.to('2026-05-20').fact({ type: 'PAID', valueDate: '2026-05-20', amount: '4000000' });
    // Principal first by the terms for this state: all four instalments of it, and no income yet.
    expect(balances(run.entries)).toMatchObject({ PRINCIPAL: 8_000_000n });
    expect(balances(run.entries)).not.toHaveProperty('INTEREST_INCOME');
    run.payDue('2026-05-21');
    expect(balances(run.entries).INTEREST_INCOME).toBe(-126_000n);
    run.through('2026-05-21');
    // Seven days of 800 since 15 May are receivable again.
    expect(run.position).toMatchObject({ status: 'ACTIVE', accrued: '5600' });
    expect(balances(run.entries)).toMatchObject({
      INTEREST_RECEIVABLE: 5_600n,
      INTEREST_INCOME: -131_600n,
    });
    expect(balances(run.entries)).not.toHaveProperty('INTEREST_NOT_ACCRUED');
  });

  it('are not cured while a cost is unpaid', () => {
    const run = new Run(plain).through('2026-05-17').payDue('2026-05-18');
    run.fact({ type: 'COST', valueDate: '2026-05-18', amount: '700' }).through('2026-05-18');
    expect(run.position).toMatchObject({ status: 'NON_ACCRUAL', daysPastDue: 0, nextEvent: '2026-05-19' });
    expect(run.payDue('2026-05-19').through('2026-05-19').position.status).toBe('ACTIVE');
  });
});
