import { toFen } from '../../../ledger/money';
import { amountOf, project, type Start } from './instalments';
import type { Instalment, LoanTerms, Market, Position } from './model';
import { contractRate } from './rates';
import { scheduleOf, type ScheduledInstalment } from './schedule';
import { requireTerms } from './terms';
import { baseOf, load, todayOf } from './working';

function shown(
  terms: LoanTerms,
  coming: readonly ScheduledInstalment[],
  start: Start,
): readonly Instalment[] {
  return project(terms, coming, start).map(({ scheduled, fixed }) => ({
    number: scheduled.number,
    dueDate: scheduled.dueDate,
    principal: toFen(fixed.principal),
    interest: toFen(fixed.interest),
    total: toFen(fixed.principal + fixed.interest),
  }));
}

/**
 * The schedule as it is agreed: what falls due if everything is paid on its day. A floating rate is taken to stay what it is
 * on the start. The last instalment takes what the rounding of the others left; the principal sums to the loan's.
 *
 * @throws ContractError `INVALID_INPUT` where the terms' parts do not fit together; whatever the market throws.
 */
export function planOf(terms: LoanTerms, market: Market): readonly Instalment[] {
  const schedule = scheduleOf(terms, market);
  requireTerms(terms, schedule);
  const start = {
    debt: { base: BigInt(terms.principal), exact: 0n, deferred: 0n },
    rate: contractRate(terms, terms.startDate, market),
    from: terms.startDate,
    last: schedule.length,
  };
  return shown(terms, schedule, { ...start, amount: amountOf(terms, schedule, start) });
}

/** The instalments that a running loan has still to fix, at today's rate. What is fixed already is the position's `unpaid`. */
export function remainingPlan(terms: LoanTerms, position: Position, market: Market): readonly Instalment[] {
  const w = load(terms, position);
  const { next } = w;
  if (next === undefined) return [];
  const coming = scheduleOf(terms, market).filter(({ number }) => number >= next.number);
  const debt = { base: baseOf(w), exact: w.exact, deferred: w.deferred };
  return shown(terms, coming, { debt, rate: w.rate, from: todayOf(w), last: w.last, amount: w.amount });
}
