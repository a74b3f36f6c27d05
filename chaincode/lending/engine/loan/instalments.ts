import { Decimal } from '../decimal';
import type { LoanTerms } from './model';
import { interestUnit, rounded } from './rates';
import { countedDays, type ScheduledInstalment } from './schedule';

/** What bears interest and what it has borne. */
export interface Debt {
  /** Principal that has not been fixed as due. */
  readonly base: bigint;
  /** Interest since the last interest day, exact. */
  readonly exact: bigint;
  /** Interest of the grace period in fen. */
  readonly deferred: bigint;
}

/** How the principal is divided. */
export interface Division {
  /** ANN: principal and interest; LAM: principal; PAM: nothing. */
  readonly amount: bigint;
  /** Number of the instalment that takes what is left. */
  readonly last: number;
}

/** What an instalment collects and the debt after it. */
export interface Fixed {
  readonly principal: bigint;
  readonly interest: bigint;
  readonly debt: Debt;
}

function lesser(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function principalOf(
  terms: LoanTerms,
  debt: Debt,
  division: Division,
  scheduled: ScheduledInstalment,
): bigint {
  if (scheduled.number >= division.last) return debt.base;
  if (!scheduled.principal || terms.type === 'PAM') return 0n;
  if (terms.type === 'LAM') return lesser(division.amount, debt.base);
  const rest = division.amount - rounded(debt.exact, interestUnit(terms), terms.rounding);
  return rest > 0n ? lesser(rest, debt.base) : 0n;
}

/**
 * Fixes an instalment (ACTUS technical specification, payoff functions of IP and PR for LAM and ANN, in whole fen): the
 * interest is the exact accumulation rounded once; the principal is LAM's share, what ANN's amount leaves beside the
 * period's interest, or all there is for the last. An instalment that leaves no principal settles all interest.
 *
 * Interest of the grace period is rounded on its day, bears nothing itself and is added to the first instalment that
 * collects interest: the parties agree when interest is paid (Civil Code 674), and nothing here agrees on compounding.
 */
export function fixInstalment(
  terms: LoanTerms,
  debt: Debt,
  division: Division,
  scheduled: ScheduledInstalment,
): Fixed {
  const principal = principalOf(terms, debt, division, scheduled);
  const base = debt.base - principal;
  const ends = base === 0n;
  if (!scheduled.interest && !ends) return { principal, interest: 0n, debt: { ...debt, base } };
  const own = rounded(debt.exact, interestUnit(terms), terms.rounding);
  const all = debt.deferred + own;
  return scheduled.deferred && !ends
    ? { principal, interest: 0n, debt: { base, exact: 0n, deferred: all } }
    : { principal, interest: all, debt: { base, exact: 0n, deferred: 0n } };
}

/** Where a projection of instalments begins. */
export interface Start extends Division {
  readonly debt: Debt;
  readonly rate: bigint;
  /** First day whose interest is not in the debt. */
  readonly from: string;
}

/** An instalment to come. */
export interface Projected {
  readonly scheduled: ScheduledInstalment;
  readonly fixed: Fixed;
}

/** The instalments to come if the rate stays and everybody pays in time. */
export function project(
  terms: LoanTerms,
  coming: readonly ScheduledInstalment[],
  start: Start,
): readonly Projected[] {
  const projected: Projected[] = [];
  let { debt, from } = start;
  for (const scheduled of coming) {
    const days = countedDays(terms, from, scheduled.calculationDate);
    const next = fixInstalment(
      terms,
      { ...debt, exact: debt.exact + debt.base * start.rate * days },
      start,
      scheduled,
    );
    projected.push({ scheduled, fixed: next });
    ({ debt } = next);
    from = scheduled.calculationDate;
    if (debt.base === 0n && debt.exact === 0n && debt.deferred === 0n) break;
  }
  return projected;
}

/**
 * The amount of LAM's or ANN's instalments from a day on; 0 for PAM.
 *
 * LAM: principal over the number of its instalments. ANN: the annuity amount function of ACTUS (technical specification 3.8)
 * over the real periods: the amount that leaves nothing after the last instalment. Interest accrued so far is settled by the
 * first of them and bears none until then. Both are rounded to fen by the terms' rounding.
 */
export function amountOf(
  terms: LoanTerms,
  coming: readonly ScheduledInstalment[],
  { debt, rate, from, last }: Omit<Start, 'amount'>,
): bigint {
  const within = coming.filter(({ number }) => number <= last);
  const paying = within.filter(({ principal }) => principal);
  if (terms.type === 'PAM' || paying.length === 0) return 0n;
  if (terms.type === 'LAM') return rounded(debt.base, BigInt(paying.length), terms.rounding);
  // Interest until the end of a grace on principal is collected by the grace's own instalments.
  const grace = within.filter(({ principal }) => !principal).at(-1);
  const accrued =
    grace === undefined ? new Decimal(debt.exact.toString()).div(interestUnit(terms).toString()) : 0;
  const unit = new Decimal(interestUnit(terms).toString());
  let begin = grace?.calculationDate ?? from;
  // What would be owed at the end if nothing were paid, and what one fen of every instalment is worth then.
  let owed = new Decimal(debt.base.toString());
  let worth = new Decimal(0);
  for (const [index, { calculationDate }] of paying.entries()) {
    const days = countedDays(terms, begin, calculationDate);
    const factor = new Decimal((rate * days).toString()).div(unit).plus(1);
    owed = owed.times(factor).plus(index === 0 ? accrued : 0);
    worth = worth.times(factor).plus(1);
    begin = calculationDate;
  }
  const amount = owed.div(worth);
  return BigInt(amount.toDecimalPlaces(0, decimalRounding(terms.rounding)).toFixed());
}

function decimalRounding(mode: LoanTerms['rounding']): 0 | 1 | 4 | 6 {
  return ({ UP: 0, DOWN: 1, HALF_UP: 4, HALF_EVEN: 6 } as const)[mode];
}

/** The number of the instalment that ends the loan when its amount stays as it is (prepayment that shortens the term). */
export function lastOf(terms: LoanTerms, coming: readonly ScheduledInstalment[], start: Start): number {
  const end = project(terms, coming, start).find(({ fixed }) => fixed.debt.base === 0n);
  return end?.scheduled.number ?? start.last;
}
