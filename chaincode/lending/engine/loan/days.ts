import { addDays, addMonths, daysBetween } from '../../../ledger/calendar';
import { amountOf, fixInstalment, lastOf, type Debt } from './instalments';
import type { LoanTerms, Market, Outcome, Position } from './model';
import { contractRate, interestUnit, penaltyUnit, rateText, rounded, scaled } from './rates';
import {
  countedDay,
  countedDays,
  dayAfter,
  maturityOf,
  scheduleOf,
  type ScheduledInstalment,
} from './schedule';
import { requireTerms } from './terms';
import {
  baseOf,
  closeIfPaid,
  earned,
  hasEnded,
  interestOwed,
  load,
  memo,
  post,
  save,
  todayOf,
  type Unpaid,
  type Working,
} from './working';

function debtOf(w: Working): Debt {
  return { base: baseOf(w), exact: w.exact, deferred: w.deferred };
}

/** Number of the next instalment in a position's form. */
function nextOf(schedule: readonly ScheduledInstalment[], number: number, last: number): Position['next'] {
  const found = schedule.find((scheduled) => scheduled.number === number);
  if (found === undefined || number > last) return undefined;
  return { number, calculationDate: found.calculationDate, dueDate: found.dueDate };
}

function resetAfter({ rate, ...terms }: LoanTerms, day: string): string | undefined {
  if (rate.kind === 'FIXED') return undefined;
  let date = terms.startDate;
  for (let count = 1; date <= day; count++) date = addMonths(terms.startDate, rate.resetMonths * count);
  return date < maturityOf({ rate, ...terms }) ? date : undefined;
}

/** Computes the amount of the instalments to come; the day's own interest is not in the debt yet. */
function size(w: Working, market: Market, shorten: boolean): void {
  const { next } = w;
  if (next === undefined) return;
  const coming = scheduleOf(w.terms, market).filter(({ number }) => number >= next.number);
  const start = { debt: debtOf(w), rate: w.rate, from: todayOf(w), last: w.last, amount: w.amount };
  if (shorten) w.last = lastOf(w.terms, coming, start);
  else w.amount = amountOf(w.terms, coming, start);
}

/**
 * Pays the principal out, on the terms' start: the fact `DISBURSED`. The loan is then at the beginning of that day.
 *
 * @throws ContractError `INVALID_INPUT` where the terms' parts do not fit together; whatever the market throws.
 */
export function openLoan(terms: LoanTerms, market: Market): Outcome {
  return save(open(terms, market));
}

/** {@link openLoan} that goes on working. */
export function open(terms: LoanTerms, market: Market): Working {
  const schedule = scheduleOf(terms, market);
  requireTerms(terms, schedule);
  const last = schedule.length;
  const next = nextOf(schedule, 1, last);
  const nextReset = resetAfter(terms, terms.startDate);
  const w = load(terms, {
    closedThrough: addDays(terms.startDate, -1),
    startedOn: terms.startDate,
    status: 'ACTIVE',
    principal: terms.principal,
    rate: rateText(contractRate(terms, terms.startDate, market)),
    instalmentAmount: '0',
    lastInstalment: last,
    ...(next === undefined ? {} : { next }),
    ...(nextReset === undefined ? {} : { nextReset }),
    accruedExact: '0',
    accrued: '0',
    deferred: '0',
    penaltyExact: '0',
    penaltyPosted: '0',
    penaltyDue: '0',
    costsDue: '0',
    unpaid: [],
    daysPastDue: 0,
    principalRepaid: '0',
    principalWrittenOff: '0',
    lastDay: { date: terms.startDate, accrued: '0', penalty: '0', collected: '0' },
  });
  size(w, market, false);
  w.nextEvent = nextEventOf(w, terms.startDate);
  post(w, 'DISBURSEMENT', [
    { account: 'PRINCIPAL', amount: w.principal },
    { account: 'CLEARING', amount: -w.principal },
  ]);
  return w;
}

/**
 * Begins a day: instalments of the day are fixed, then the rate is reset where the day is one of its days (ACTUS technical
 * specification, order of events: IP and PR before RR). Nothing is posted: what falls due was accrued. Idempotent.
 *
 * @param day the day after `closedThrough`. @throws RangeError for another; whatever the market throws.
 */
export function startDay(terms: LoanTerms, position: Position, day: string, market: Market): Outcome {
  if (position.startedOn === day) return { position, entries: [] };
  const w = load(terms, position);
  begin(w, day, market);
  return save(w);
}

/** {@link startDay} on what is being worked on. */
export function begin(w: Working, day: string, market: Market): void {
  if (w.startedOn === day) return;
  if (w.startedOn !== undefined || day !== dayAfter(w.closedThrough))
    throw new RangeError('days are taken in order, one after the other');
  w.startedOn = day;
  w.day = { date: day, accrued: 0n, penalty: 0n, collected: 0n };
  if (hasEnded(w)) return;
  if (w.next !== undefined && w.next.calculationDate <= day) fixDue(w, day, market);
  if (w.nextReset !== undefined && w.nextReset <= day) reset(w, day, market);
}

function fixDue(w: Working, day: string, market: Market): void {
  const schedule = scheduleOf(w.terms, market);
  while (w.next !== undefined && w.next.calculationDate <= day) {
    const { number, dueDate } = w.next;
    const scheduled = schedule.find((candidate) => candidate.number === number);
    if (scheduled === undefined) throw new RangeError('the position is not one of these terms');
    const { principal, interest, debt } = fixInstalment(w.terms, debtOf(w), w, scheduled);
    // What was posted day by day is the same sum, rounded at the same points.
    if (debt.exact === 0n) w.accrued = 0n;
    w.exact = debt.exact;
    w.deferred = debt.deferred;
    if (principal + interest > 0n) w.unpaid.push({ number, dueDate, principal, interest });
    const over = debt.base === 0n && debt.exact === 0n && debt.deferred === 0n;
    w.next = over ? undefined : nextOf(schedule, number + 1, w.last);
  }
  closeIfPaid(w);
}

function reset(w: Working, day: string, market: Market): void {
  w.rate = contractRate(w.terms, day, market);
  w.nextReset = resetAfter(w.terms, day);
  if (w.terms.type === 'ANN') size(w, market, false);
}

/**
 * Ends a day that was begun, or begins and ends it: penalty, days past due, the switch to or from non-accrual, and the day's
 * interest on what is left at its end, so that money bears interest on the day it is paid out and none on the day it is
 * paid back (Civil Code 677: for the days actually used).
 *
 * @param day the day after `closedThrough`. @throws RangeError for another; whatever the market throws.
 */
export function endDay(terms: LoanTerms, position: Position, day: string, market: Market): Outcome {
  const w = load(terms, position);
  finish(w, day, market);
  return save(w);
}

/** {@link endDay} on what is being worked on. */
export function finish(w: Working, day: string, market: Market): void {
  begin(w, day, market);
  const tomorrow = dayAfter(day);
  if (!hasEnded(w)) {
    if (w.resize) {
      size(w, market, w.terms.prepayment.mode === 'SHORTEN');
      w.resize = false;
    }
    const overdue = w.unpaid.filter(({ dueDate }) => dueDate <= day);
    if (overdue.length > 0) chargePenalty(w, overdue, day, tomorrow);
    age(w, overdue, day);
    accrue(w, day, tomorrow);
    w.nextEvent = nextEventOf(w, tomorrow);
  }
  w.closedThrough = day;
  w.startedOn = undefined;
}

/**
 * Penalty interest on what is overdue at the day's end, from the due date on and in place of the contract's interest, at
 * the contract's rate times the terms' multiple; on interest where the terms say so (People's Bank of China, circular Yinfa
 * [2003] No. 251, article 3: contract rate and 30 to 50 %, compound interest on unpaid interest at the same rate). It sums
 * exactly and is posted as differences of the rounded sum.
 *
 * Within the days of grace nothing is charged. On the day after which the grace is over, all days since the due date are,
 * on what is then left and at the rate of that day.
 */
function chargePenalty(w: Working, overdue: readonly Unpaid[], day: string, tomorrow: string): void {
  const { grace, penalty } = w.terms;
  const rate = w.rate * scaled(penalty.principalRateMultiple, 4);
  if (rate === 0n) return;
  for (const { dueDate, principal, interest } of overdue) {
    const graceEnds = grace.days === 0 ? dueDate : addDays(dueDate, grace.days);
    if (day < graceEnds) continue;
    const days =
      day === graceEnds ? countedDays(w.terms, dueDate, tomorrow) : countedDay(w.terms, day, tomorrow);
    w.penaltyExact += (principal + (penalty.onInterest ? interest : 0n)) * days * rate;
  }
  const posted = rounded(w.penaltyExact, penaltyUnit(w.terms), w.terms.rounding);
  const amount = posted - w.penaltyPosted;
  w.penaltyPosted = posted;
  w.penaltyDue += amount;
  w.day.penalty += amount;
  post(w, 'PENALTY', earned(w, 'PENALTY', amount));
}

/**
 * Days past due from the oldest unpaid due date, and what follows from them. Beyond the terms' days (90 by the usual rule,
 * the same on which Order 2023 No. 1 makes a loan substandard) all interest and penalty that was posted and not paid is
 * taken out of income into the memorandum pair, and what is earned later goes there at once: income is then what is paid, as
 * Chinese banks account for interest receivable. This rule of ours ends it: once nothing overdue, no penalty and no cost is
 * left unpaid, what has accrued and is not due yet becomes income again.
 */
function age(w: Working, overdue: readonly Unpaid[], day: string): void {
  const oldest = overdue[0]?.dueDate;
  const days = oldest === undefined ? 0 : daysBetween(oldest, day);
  w.daysPastDue = days > w.terms.grace.days ? days : 0;
  if (w.status === 'ACTIVE' && w.daysPastDue > w.terms.nonAccrualAfterDays) {
    holdBack(w, interestOwed(w), w.penaltyDue, 'NON_ACCRUAL');
    w.status = 'NON_ACCRUAL';
  } else if (w.status === 'NON_ACCRUAL' && oldest === undefined && w.penaltyDue === 0n && w.costsDue === 0n) {
    holdBack(w, -interestOwed(w), 0n, 'CURE');
    w.status = 'ACTIVE';
  }
}

function holdBack(w: Working, interest: bigint, penalty: bigint, kind: 'NON_ACCRUAL' | 'CURE'): void {
  post(w, kind, [
    { account: 'INTEREST_INCOME', amount: interest },
    { account: 'INTEREST_RECEIVABLE', amount: -interest },
    { account: 'PENALTY_INCOME', amount: penalty },
    { account: 'PENALTY_RECEIVABLE', amount: -penalty },
    ...memo(interest + penalty),
  ]);
}

/** The day's interest: the exact sum grows by balance × rate × day, and what is posted is the difference of rounded sums. */
function accrue(w: Working, day: string, tomorrow: string): void {
  const base = baseOf(w);
  if (base === 0n) return;
  w.exact += base * w.rate * countedDay(w.terms, day, tomorrow);
  const accrued = rounded(w.exact, interestUnit(w.terms), w.terms.rounding);
  const amount = accrued - w.accrued;
  w.accrued = accrued;
  w.day.accrued += amount;
  post(w, 'ACCRUAL', earned(w, 'INTEREST', amount));
}

/** The first day from `tomorrow` on that does more than accrue: something falls due, is owed, or the rate is reset. */
function nextEventOf(w: Working, tomorrow: string): string | undefined {
  if (w.costsDue > 0n || w.penaltyDue > 0n) return tomorrow;
  let earliest: string | undefined;
  for (const date of [w.next?.calculationDate, w.nextReset, w.unpaid[0]?.dueDate]) {
    if (date !== undefined && (earliest === undefined || date < earliest)) earliest = date;
  }
  return earliest !== undefined && earliest < tomorrow ? tomorrow : earliest;
}
