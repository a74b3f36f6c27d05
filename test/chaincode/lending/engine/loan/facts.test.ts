import {
  correct,
  endDay,
  planOf,
  quote,
  remainingPlan,
  replay,
  startDay,
  type LoanFact,
} from '../../../../../chaincode/lending/engine/loan';
import { Run, addDay, balances, market, ofType, plain } from './terms';

const on = (valueDate: string) => ({ valueDate });

describe('a payment', () => {
  it('covers costs, penalty, interest and principal in the order of the terms', () => {
    const run = new Run(plain).through('2026-02-24').to('2026-02-25');
    run.fact({ type: 'COST', ...on('2026-02-25'), amount: '5000' });
    // Ten days of penalty, 1 556; see the test of arrears.
    expect(run.due).toEqual({
      costs: 5_000n,
      penalty: 1_556n,
      interest: 37_200n,
      principal: 1_000_000n,
      total: 1_043_756n,
    });
    run.fact({ type: 'PAID', ...on('2026-02-25'), amount: '6000' });
    expect(run.due).toMatchObject({ costs: 0n, penalty: 556n, interest: 37_200n });
    run.fact({ type: 'PAID', ...on('2026-02-25'), amount: '38000' });
    // 38 000 - 556 - 37 200 = 244.
    expect(run.due).toEqual({ costs: 0n, penalty: 0n, interest: 0n, principal: 999_756n, total: 999_756n });
    expect(run.position.lastDay.collected).toBe('44000');
  });

  it('of more than is due is refused, and of another day', () => {
    const run = new Run(plain).to('2026-02-15');
    expect(() => run.fact({ type: 'PAID', ...on('2026-02-15'), amount: '1037201' })).toThrow('INVALID_INPUT');
    expect(() => run.fact({ type: 'PAID', ...on('2026-02-14'), amount: '1' })).toThrow(RangeError);
    run.payDue('2026-02-15');
    expect(() => run.fact({ type: 'PAID', ...on('2026-02-15'), amount: '1' })).toThrow('LOAN_NOT_ACTIVE');
  });
});

describe('a prepayment', () => {
  it('of the whole pays interest for the days used, and the fee', () => {
    const run = new Run(plain).payDue('2026-02-15').to('2026-02-25');
    // Ten days at 11 000 000 × 0.036 ÷ 360 = 1 100; fee of 1 % of 11 000 000.
    expect(quote(plain, run.position, '2026-02-25', { full: true })).toEqual({
      principal: 11_000_000n,
      interest: 11_000n,
      penalty: 0n,
      costs: 0n,
      fee: 110_000n,
      total: 11_121_000n,
    });
    expect(() => run.fact({ type: 'PREPAID', ...on('2026-02-25'), amount: '11120999', full: true })).toThrow(
      'PREPAYMENT_REFUSED',
    );
    run.fact({ type: 'PREPAID', ...on('2026-02-25'), amount: '11121000', full: true });
    expect(run.position.status).toBe('REPAID');
    expect(balances(run.entries)).toEqual({
      CLEARING: 158_200n,
      FEE_INCOME: -110_000n,
      INTEREST_INCOME: -48_200n,
    });
  });

  it('of a part shortens the term, or makes the instalments smaller', () => {
    const part: LoanFact = { type: 'PREPAID', ...on('2026-02-20'), amount: '5555000', full: false };
    // 5 500 000 and 1 % of it are 5 555 000; 5 500 000 are left.
    const shorter = new Run(plain).payDue('2026-02-15').to('2026-02-20').fact(part).through('2026-02-20');
    expect(shorter.position).toMatchObject({
      principal: '5500000',
      instalmentAmount: '1000000',
      lastInstalment: 7,
    });
    const rest = remainingPlan(plain, shorter.position, market);
    expect(rest.map(({ principal }) => principal)).toEqual([...Array<string>(5).fill('1000000'), '500000']);
    // Five days at 1 100, then 23 at 550: 5 500 + 12 650.
    expect(rest[0]).toMatchObject({ number: 2, dueDate: '2026-03-15', interest: '18150' });

    const terms = { ...plain, prepayment: { ...plain.prepayment, mode: 'REAMORTISE' as const } };
    const smaller = new Run(terms).payDue('2026-02-15').to('2026-02-20').fact(part).through('2026-02-20');
    expect(smaller.position).toMatchObject({ instalmentAmount: '500000', lastInstalment: 12 });
  });

  it('pays what is due first, and is refused below the least or where the terms admit none', () => {
    const run = new Run(plain).to('2026-02-15');
    // 1 037 200 are due; 102 more would pay 101 of principal and a fee of 1.
    expect(quote(plain, run.position, '2026-02-15', { amount: 1_037_302n })).toMatchObject({
      principal: 1_000_101n,
      interest: 37_200n,
      fee: 1n,
      total: 1_037_302n,
    });
    for (const amount of [1_037_299n, 1_037_200n, 5n])
      expect(() => quote(plain, run.position, '2026-02-15', { amount })).toThrow('PREPAYMENT_REFUSED');
    const none = { ...plain, prepayment: { ...plain.prepayment, allowed: false } };
    expect(() => quote(none, run.position, '2026-02-15', { full: true })).toThrow('PREPAYMENT_REFUSED');
    expect(() => quote(plain, run.position, '2026-02-16', { full: true })).toThrow(RangeError);
  });
});

describe('the end of a loan otherwise', () => {
  it('calls everything in', () => {
    const run = new Run(plain).payDue('2026-02-15').to('2026-02-25');
    run.fact({ type: 'TERMINATED', ...on('2026-02-25') });
    expect(run.due).toMatchObject({ interest: 11_000n, principal: 11_000_000n });
    run.through('2026-02-25');
    // 11 011 000 × 0.036 × 1.5 ÷ 360 = 1 651.65, and no contract interest besides.
    expect(run.position).toMatchObject({ penaltyDue: '1652', lastDay: { accrued: '0' } });
    expect(run.position).not.toHaveProperty('next');
    expect(run.payDue('2026-02-26').position.status).toBe('REPAID');
  });

  it('writes off what is left and recovers some of it', () => {
    const run = new Run(plain).payDue('2026-02-15').to('2026-02-25');
    run
      .fact({ type: 'COST', ...on('2026-02-25'), amount: '300' })
      .fact({ type: 'WRITTEN_OFF', ...on('2026-02-25') });
    expect(run.position).toMatchObject({
      status: 'WRITTEN_OFF',
      principal: '0',
      principalRepaid: '1000000',
      principalWrittenOff: '11000000',
      claim: '11011300',
    });
    expect(run.through('2026-03-20').due.total).toBe(0n);
    run.to('2026-03-21');
    expect(() => run.fact({ type: 'RECOVERED', ...on('2026-03-21'), amount: '11011301' })).toThrow(
      'INVALID_INPUT',
    );
    run.fact({ type: 'RECOVERED', ...on('2026-03-21'), amount: '11000' });
    expect(run.position.claim).toBe('11000300');
    expect(balances(run.entries)).toEqual({
      // 1 037 200 and 11 000 came in.
      CLEARING: -10_951_800n,
      COSTS_INCOME: -300n,
      INTEREST_INCOME: -48_200n,
      RECOVERY_INCOME: -11_000n,
      WRITE_OFF_EXPENSE: 11_011_300n,
    });
    expect(() => run.fact({ type: 'TERMINATED', ...on('2026-03-21') })).toThrow('LOAN_NOT_ACTIVE');
  });

  it('gives up what is due, as an expense', () => {
    const run = new Run(plain).to('2026-02-15');
    run.fact({ type: 'WAIVED', ...on('2026-02-15'), component: 'INTEREST', amount: '7200' });
    expect(run.due.interest).toBe(30_000n);
    expect(balances(run.entries)).toMatchObject({ WAIVER_EXPENSE: 7_200n, INTEREST_RECEIVABLE: 30_000n });
    expect(() =>
      run.fact({ type: 'WAIVED', ...on('2026-02-15'), component: 'PENALTY', amount: '1' }),
    ).toThrow('LOAN_NOT_ACTIVE');
  });
});

describe('a correction', () => {
  const first: LoanFact = { type: 'PAID', ...on('2026-02-15'), amount: '1037200' };
  const second: LoanFact = { type: 'PAID', ...on('2026-02-20'), amount: '1037978' };

  it('reverses and posts anew only what a late fact changes', () => {
    // The payment of the 15th arrives on the 20th, after five days of penalty, 777.9, had been charged and paid.
    const run = new Run(plain).to('2026-02-20').fact(second);
    const { position, entries } = correct(plain, [second], [second, first], '2026-02-19', market);
    expect(position).toMatchObject({ startedOn: '2026-02-20', penaltyPosted: '0', unpaid: [] });
    expect(entries.filter(({ kind }) => kind === 'REVERSAL')).toHaveLength(6);
    expect(entries.filter(({ kind }) => kind === 'PAYMENT').map(({ date }) => date)).toEqual(['2026-02-15']);
    expect(entries.some(({ kind }) => kind === 'ACCRUAL')).toBe(false);
    // What was taken on the 20th is given back: nothing was due any more.
    expect(balances(entries)).toEqual({ CLEARING: -778n, PENALTY_INCOME: 778n });
    const scratch = replay(plain, [first, second], '2026-02-19', market);
    expect(balances([...run.entries, ...entries])).toEqual(balances(scratch.entries));
  });

  it('knows nothing of facts outside the loan', () => {
    expect(() =>
      replay(plain, [{ type: 'PAID', ...on('2026-01-14'), amount: '1' }], '2026-02-01', market),
    ).toThrow(RangeError);
    expect(() => replay(plain, [first], '2026-02-13', market)).toThrow(RangeError);
    expect(
      replay(plain, [{ type: 'DISBURSED', ...on('2026-01-15') }], '2026-01-15', market).position.status,
    ).toBe('ACTIVE');
  });
});

describe('a position', () => {
  it('stays small over thirty years, and a quiet day is cheap', () => {
    const terms = ofType('ANN', { termMonths: 360, principal: '900000000000' });
    const run = new Run(terms);
    for (const { dueDate } of planOf(terms, market).slice(0, 40)) run.payDue(dueDate);
    expect(JSON.stringify(run.position).length).toBeLessThan(1_000);
    const began = performance.now();
    const { position } = run.through(run.position.startedOn ?? '');
    const day = addDay(position.closedThrough);
    for (let loan = 0; loan < 2_000; loan++)
      endDay(terms, startDay(terms, position, day, market).position, day, market);
    expect((performance.now() - began) / 2_000).toBeLessThan(1);
  });
});
