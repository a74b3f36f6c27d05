import { lesser } from '../../../ledger/money';
import type { AmountsDue, DebtComponent, EntryLine, LoanTerms, Position } from './model';
import { load, received, todayOf, type Working } from './working';

/** An amount by component. */
export type Parts = Record<DebtComponent, bigint>;

/** The sum of an amount's components. */
export function totalOf(parts: Parts): bigint {
  return parts.COSTS + parts.PENALTY + parts.INTEREST + parts.PRINCIPAL;
}

/** What is due by today's beginning: instalments whose due date has come, penalty and costs posted. */
export function partsDue(w: Working): Parts {
  const today = todayOf(w);
  const due: Parts = { COSTS: w.costsDue, PENALTY: w.penaltyDue, INTEREST: 0n, PRINCIPAL: 0n };
  for (const { dueDate, interest, principal } of w.unpaid) {
    if (dueDate > today) continue;
    due.INTEREST += interest;
    due.PRINCIPAL += principal;
  }
  return due;
}

/**
 * What may be collected today, in fen: begin the day first, so that what falls due on it counts. Nothing after a write-off.
 */
export function dueNow(terms: LoanTerms, position: Position): AmountsDue {
  const due = partsDue(load(terms, position));
  return {
    costs: due.COSTS,
    penalty: due.PENALTY,
    interest: due.INTEREST,
    principal: due.PRINCIPAL,
    total: totalOf(due),
  };
}

/**
 * Divides an amount over what is due: one component after the other in the terms' order for the loan's state. The usual order
 * is costs, interest with penalty, principal, which is the law's where nothing is agreed (Civil Code 561).
 */
export function allocate(w: Working, due: Parts, amount: bigint): Parts {
  const order = w.status === 'NON_ACCRUAL' ? w.terms.allocationNonAccrual : w.terms.allocation;
  const parts: Parts = { COSTS: 0n, PENALTY: 0n, INTEREST: 0n, PRINCIPAL: 0n };
  let left = amount;
  for (const component of order) {
    parts[component] = lesser(left, due[component]);
    left -= parts[component];
  }
  return parts;
}

/** Takes an amount off what is due, the oldest instalment first. */
export function takeOff(w: Working, parts: Parts): void {
  w.costsDue -= parts.COSTS;
  w.penaltyDue -= parts.PENALTY;
  let { INTEREST: interest, PRINCIPAL: principal } = parts;
  for (const item of w.unpaid) {
    const ofInterest = lesser(interest, item.interest);
    const ofPrincipal = lesser(principal, item.principal);
    item.interest -= ofInterest;
    item.principal -= ofPrincipal;
    interest -= ofInterest;
    principal -= ofPrincipal;
  }
  w.unpaid = w.unpaid.filter((item) => item.interest + item.principal > 0n);
  w.principal -= parts.PRINCIPAL;
}

/** The credits that money for these parts makes. */
export function creditsOf(w: Working, parts: Parts): EntryLine[] {
  return [
    { account: 'COSTS_RECEIVABLE', amount: -parts.COSTS },
    { account: 'PRINCIPAL', amount: -parts.PRINCIPAL },
    ...received(w, 'PENALTY', parts.PENALTY),
    ...received(w, 'INTEREST', parts.INTEREST),
  ];
}
