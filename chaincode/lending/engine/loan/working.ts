import { toFen } from '../../../ledger/money';
import type { Entry, EntryKind, EntryLine, LoanStatus, LoanTerms, Outcome, Position } from './model';
import { rateText, scaledRate } from './rates';
import { dayAfter } from './schedule';

/** An instalment that has been fixed: what of it is left to pay. */
export interface Unpaid {
  readonly number: number;
  dueDate: string;
  principal: bigint;
  interest: bigint;
}

/** A {@link Position} while it is worked on: amounts as integers, the entries so far. It lives within one call. */
export interface Working {
  readonly terms: LoanTerms;
  closedThrough: string;
  startedOn: string | undefined;
  status: LoanStatus;
  principal: bigint;
  rate: bigint;
  amount: bigint;
  last: number;
  next: Position['next'];
  nextReset: string | undefined;
  resize: boolean;
  exact: bigint;
  accrued: bigint;
  deferred: bigint;
  penaltyExact: bigint;
  penaltyPosted: bigint;
  penaltyDue: bigint;
  costsDue: bigint;
  unpaid: Unpaid[];
  daysPastDue: number;
  nextEvent: string | undefined;
  claim: bigint | undefined;
  principalRepaid: bigint;
  principalWrittenOff: bigint;
  day: { date: string; accrued: bigint; penalty: bigint; collected: bigint };
  entries: Entry[];
}

/** Takes a position up. */
export function load(terms: LoanTerms, position: Position): Working {
  const { lastDay } = position;
  return {
    terms,
    closedThrough: position.closedThrough,
    startedOn: position.startedOn,
    status: position.status,
    principal: BigInt(position.principal),
    rate: scaledRate(position.rate),
    amount: BigInt(position.instalmentAmount),
    last: position.lastInstalment,
    next: position.next,
    nextReset: position.nextReset,
    resize: position.resize ?? false,
    exact: BigInt(position.accruedExact),
    accrued: BigInt(position.accrued),
    deferred: BigInt(position.deferred),
    penaltyExact: BigInt(position.penaltyExact),
    penaltyPosted: BigInt(position.penaltyPosted),
    penaltyDue: BigInt(position.penaltyDue),
    costsDue: BigInt(position.costsDue),
    unpaid: position.unpaid.map((item) => ({
      ...item,
      principal: BigInt(item.principal),
      interest: BigInt(item.interest),
    })),
    daysPastDue: position.daysPastDue,
    nextEvent: position.nextEvent,
    claim: position.claim === undefined ? undefined : BigInt(position.claim),
    principalRepaid: BigInt(position.principalRepaid),
    principalWrittenOff: BigInt(position.principalWrittenOff),
    day: {
      date: lastDay.date,
      accrued: BigInt(lastDay.accrued),
      penalty: BigInt(lastDay.penalty),
      collected: BigInt(lastDay.collected),
    },
    entries: [],
  };
}

/** Lays a position down. @throws RangeError where an amount is beyond what the ledger holds. */
export function save(w: Working): Outcome {
  const position: Position = {
    closedThrough: w.closedThrough,
    ...(w.startedOn === undefined ? {} : { startedOn: w.startedOn }),
    status: w.status,
    principal: toFen(w.principal),
    rate: rateText(w.rate),
    instalmentAmount: toFen(w.amount),
    lastInstalment: w.last,
    ...(w.next === undefined ? {} : { next: w.next }),
    ...(w.nextReset === undefined ? {} : { nextReset: w.nextReset }),
    ...(w.resize ? { resize: true } : {}),
    accruedExact: w.exact.toString(),
    accrued: toFen(w.accrued),
    deferred: toFen(w.deferred),
    penaltyExact: w.penaltyExact.toString(),
    penaltyPosted: toFen(w.penaltyPosted),
    penaltyDue: toFen(w.penaltyDue),
    costsDue: toFen(w.costsDue),
    unpaid: w.unpaid.map((item) => ({
      ...item,
      principal: toFen(item.principal),
      interest: toFen(item.interest),
    })),
    daysPastDue: w.daysPastDue,
    ...(w.nextEvent === undefined ? {} : { nextEvent: w.nextEvent }),
    ...(w.claim === undefined ? {} : { claim: toFen(w.claim) }),
    principalRepaid: toFen(w.principalRepaid),
    principalWrittenOff: toFen(w.principalWrittenOff),
    lastDay: {
      date: w.day.date,
      accrued: toFen(w.day.accrued),
      penalty: toFen(w.day.penalty),
      collected: toFen(w.day.collected),
    },
  };
  return { position, entries: w.entries };
}

/** The day that the loan's business is at. */
export function todayOf({ startedOn, closedThrough }: Working): string {
  return startedOn ?? dayAfter(closedThrough);
}

/** Whether the loan has run its course. */
export function hasEnded({ status }: Working): boolean {
  return status === 'REPAID' || status === 'WRITTEN_OFF';
}

/** Principal that has not been fixed as due: what bears the contract's interest. */
export function baseOf({ principal, unpaid }: Working): bigint {
  let base = principal;
  for (const item of unpaid) base -= item.principal;
  return base;
}

/** All interest posted and not paid, due or not. */
export function interestOwed({ accrued, deferred, unpaid }: Working): bigint {
  let owed = accrued + deferred;
  for (const item of unpaid) owed += item.interest;
  return owed;
}

/**
 * Adds an entry of today without the lines of nothing; none where nothing is left.
 *
 * @throws Error where it does not balance, which is a fault of the engine.
 */
export function post(w: Working, kind: EntryKind, lines: readonly EntryLine[]): void {
  const moving = lines.filter(({ amount }) => amount !== 0n);
  if (moving.length === 0) return;
  let sum = 0n;
  for (const { amount } of moving) sum += amount;
  if (sum !== 0n) throw new Error(`an entry of kind ${kind} does not balance`);
  w.entries.push({ date: todayOf(w), kind, lines: moving });
}

/** An income that may be held back. */
export type Income = 'INTEREST' | 'PENALTY';

/** Interest or penalty is earned: income, or a memo while the loan is not accrued. */
export function earned({ status }: Working, income: Income, amount: bigint): EntryLine[] {
  return status === 'NON_ACCRUAL'
    ? memo(amount)
    : [
        { account: `${income}_RECEIVABLE`, amount },
        { account: `${income}_INCOME`, amount: -amount },
      ];
}

/** Interest or penalty that was earned is paid: it clears the claim, or becomes income now. The other side is the caller's. */
export function received({ status }: Working, income: Income, amount: bigint): EntryLine[] {
  return status === 'NON_ACCRUAL'
    ? [{ account: `${income}_INCOME`, amount: -amount }, ...memo(-amount)]
    : [{ account: `${income}_RECEIVABLE`, amount: -amount }];
}

/** The memorandum pair for interest and penalty that is owed and no income yet. */
export function memo(amount: bigint): EntryLine[] {
  return [
    { account: 'INTEREST_NOT_ACCRUED', amount },
    { account: 'INTEREST_NOT_ACCRUED_CONTRA', amount: -amount },
  ];
}

/** Marks a loan repaid once nothing is owed. */
export function closeIfPaid(w: Working): void {
  if (hasEnded(w) || w.principal !== 0n || w.unpaid.length > 0) return;
  if (w.costsDue !== 0n || w.penaltyDue !== 0n || w.accrued !== 0n || w.deferred !== 0n) return;
  w.status = 'REPAID';
  w.exact = 0n;
  w.daysPastDue = 0;
  stop(w);
}

/** Nothing falls due any more. */
export function stop(w: Working): void {
  w.next = undefined;
  w.nextReset = undefined;
  w.nextEvent = undefined;
  w.resize = false;
}
