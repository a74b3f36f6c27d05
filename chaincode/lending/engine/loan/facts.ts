import { ContractError } from '../../../ledger/errors';
import { lesser } from '../../../ledger/money';
import { allocate, creditsOf, partsDue, takeOff, totalOf } from './allocation';
import type { EntryKind, EntryLine, LoanFact, LoanTerms, Outcome, Position } from './model';
import { requirePrepayable, splitOf, totalOfSplit } from './prepayment';
import {
  baseOf,
  closeIfPaid,
  hasEnded,
  interestOwed,
  load,
  memo,
  post,
  save,
  stop,
  todayOf,
  type Working,
} from './working';

/**
 * Admits a fact of today and applies it. Call `startDay` for the day first.
 *
 * @throws ContractError `LOAN_NOT_ACTIVE`, `PREPAYMENT_REFUSED`, or `INVALID_INPUT` where more is paid or given up than is due;
 *   RangeError where the fact has another value date than the day that was begun, or is a second disbursement.
 */
export function applyFact(terms: LoanTerms, position: Position, fact: LoanFact): Outcome {
  const w = load(terms, position);
  if (fact.valueDate !== w.startedOn) throw new RangeError('the fact has another date than the loan');
  admit(w, fact);
  apply(w, fact);
  return save(w);
}

function admit(w: Working, fact: LoanFact): void {
  const due = partsDue(w);
  switch (fact.type) {
    case 'DISBURSED':
      throw new RangeError('a loan is paid out once');
    case 'PAID':
      requireWithin(BigInt(fact.amount), totalOf(due));
      break;
    case 'WAIVED':
      requireWithin(BigInt(fact.amount), due[fact.component]);
      break;
    case 'PREPAID':
      requirePrepayable(w, splitOf(w, BigInt(fact.amount)), fact.full);
      break;
    case 'RECOVERED':
      requireWithin(BigInt(fact.amount), w.claim ?? 0n);
      break;
    case 'COST':
      if (w.status === 'REPAID') throw new ContractError('LOAN_NOT_ACTIVE', 'the loan has ended');
      break;
    case 'WRITTEN_OFF':
    case 'TERMINATED':
      if (hasEnded(w)) throw new ContractError('LOAN_NOT_ACTIVE', 'the loan has ended');
      break;
  }
}

function requireWithin(amount: bigint, most: bigint): void {
  if (most === 0n) throw new ContractError('LOAN_NOT_ACTIVE', 'nothing of it is due');
  if (amount > most) throw new ContractError('INVALID_INPUT', 'is more than is due', 'amount');
}

/**
 * Applies a fact that was admitted on its day. When the books are computed anew with other facts before it, it may find less
 * than it was for: then it reaches as far as it can, and never takes more money than it says. Money that finds nothing is not
 * taken; money for a loan that was written off is a recovery; a cost opens a repaid loan again.
 */
export function apply(w: Working, fact: LoanFact): void {
  switch (fact.type) {
    case 'DISBURSED':
      return;
    case 'PAID':
      pay(w, BigInt(fact.amount));
      break;
    case 'RECOVERED':
      pay(w, BigInt(fact.amount));
      break;
    case 'PREPAID':
      if (w.status === 'WRITTEN_OFF') pay(w, BigInt(fact.amount));
      else prepay(w, BigInt(fact.amount));
      break;
    case 'COST':
      charge(w, BigInt(fact.amount));
      break;
    case 'WAIVED':
      waive(w, fact.component, BigInt(fact.amount));
      break;
    case 'WRITTEN_OFF':
      writeOff(w);
      break;
    case 'TERMINATED':
      terminate(w);
      break;
  }
  closeIfPaid(w);
}

/** Money in, with the credits it makes. */
function collect(w: Working, kind: EntryKind, amount: bigint, credits: readonly EntryLine[]): void {
  w.day.collected += amount;
  post(w, kind, [{ account: 'CLEARING', amount }, ...credits]);
}

function pay(w: Working, amount: bigint): void {
  if (w.status === 'WRITTEN_OFF') {
    const taken = lesser(amount, w.claim ?? 0n);
    w.claim = (w.claim ?? 0n) - taken;
    collect(w, 'RECOVERY', taken, [{ account: 'RECOVERY_INCOME', amount: -taken }]);
    return;
  }
  const due = partsDue(w);
  const parts = allocate(w, due, lesser(amount, totalOf(due)));
  takeOff(w, parts);
  w.principalRepaid += parts.PRINCIPAL;
  collect(w, 'PAYMENT', totalOf(parts), creditsOf(w, parts));
}

function prepay(w: Working, amount: bigint): void {
  const split = splitOf(w, amount);
  const { due, early, whole } = split;
  takeOff(w, due);
  const parts = {
    ...due,
    PRINCIPAL: due.PRINCIPAL + early.principal,
    INTEREST: due.INTEREST + early.interest,
  };
  w.principal -= early.principal;
  w.principalRepaid += parts.PRINCIPAL;
  if (whole) clearInterest(w);
  else if (early.principal > 0n) w.resize = true;
  collect(w, 'PREPAYMENT', totalOfSplit(split), [
    ...creditsOf(w, parts),
    { account: 'FEE_INCOME', amount: -early.fee },
  ]);
}

/** What was accrued, put off or fixed and is not due is settled with everything else. */
function clearInterest(w: Working): void {
  w.exact = 0n;
  w.accrued = 0n;
  w.deferred = 0n;
  w.unpaid = [];
}

function charge(w: Working, amount: bigint): void {
  post(w, 'COST', [
    { account: 'COSTS_RECEIVABLE', amount },
    { account: 'COSTS_INCOME', amount: -amount },
  ]);
  if (w.status === 'WRITTEN_OFF') {
    w.claim = (w.claim ?? 0n) + amount;
    post(w, 'WRITE_OFF', [
      { account: 'WRITE_OFF_EXPENSE', amount },
      { account: 'COSTS_RECEIVABLE', amount: -amount },
    ]);
    return;
  }
  w.costsDue += amount;
  if (w.status === 'REPAID') w.status = 'ACTIVE';
}

function waive(w: Working, component: 'COSTS' | 'PENALTY' | 'INTEREST', asked: bigint): void {
  const amount = lesser(asked, partsDue(w)[component]);
  takeOff(w, { COSTS: 0n, PENALTY: 0n, INTEREST: 0n, PRINCIPAL: 0n, [component]: amount });
  post(
    w,
    'WAIVER',
    // What is no income yet is given up without an expense.
    component !== 'COSTS' && w.status === 'NON_ACCRUAL'
      ? memo(-amount)
      : [
          { account: 'WAIVER_EXPENSE', amount },
          { account: `${component}_RECEIVABLE`, amount: -amount },
        ],
  );
}

/**
 * Takes the whole debt out of the books: principal, costs, and the interest and penalty that are income, as an expense; what
 * is only a memo goes without one. The claim is kept as one amount against which recoveries count.
 */
function writeOff(w: Working): void {
  if (hasEnded(w)) return;
  const interest = interestOwed(w);
  const penalty = w.penaltyDue;
  const held = w.status === 'NON_ACCRUAL';
  const booked = held ? 0n : interest + penalty;
  post(w, 'WRITE_OFF', [
    { account: 'WRITE_OFF_EXPENSE', amount: w.principal + w.costsDue + booked },
    { account: 'PRINCIPAL', amount: -w.principal },
    { account: 'COSTS_RECEIVABLE', amount: -w.costsDue },
    ...(held
      ? memo(-(interest + penalty))
      : ([
          { account: 'INTEREST_RECEIVABLE', amount: -interest },
          { account: 'PENALTY_RECEIVABLE', amount: -penalty },
        ] as const)),
  ]);
  w.claim = w.principal + w.costsDue + interest + penalty;
  w.principalWrittenOff = w.principal;
  w.principal = 0n;
  w.costsDue = 0n;
  w.penaltyDue = 0n;
  clearInterest(w);
  w.status = 'WRITTEN_OFF';
  stop(w);
}

/**
 * Calls the loan in (Civil Code 673 for a breach of its purpose, or as the contract agrees): what is fixed and not due, the
 * interest accrued and all principal are due today. From here on all principal is overdue principal.
 */
function terminate(w: Working): void {
  const today = todayOf(w);
  const principal = baseOf(w);
  const interest = w.accrued + w.deferred;
  for (const item of w.unpaid) if (item.dueDate > today) item.dueDate = today;
  const number = w.next?.number ?? w.last;
  if (principal + interest > 0n) w.unpaid.push({ number, dueDate: today, principal, interest });
  w.exact = 0n;
  w.accrued = 0n;
  w.deferred = 0n;
  w.last = number;
  stop(w);
}
