import { ContractError } from '../../../ledger/errors';
import { lesser } from '../../../ledger/money';
import { allocate, partsDue, totalOf, type Parts } from './allocation';
import type { LoanTerms, Position, Quote } from './model';
import { rateScale, rounded, scaledRate } from './rates';
import { baseOf, hasEnded, interestOwed, load, todayOf, type Working } from './working';

/** How money that may exceed what is due is divided. */
export interface Split {
  /** For what is due. */
  readonly due: Parts;
  /** Principal paid before it is due, with the interest that this brings forward and the fee. */
  readonly early: { readonly principal: bigint; readonly interest: bigint; readonly fee: bigint };
  /** Nothing is owed afterwards. */
  readonly whole: boolean;
}

function feeOn(terms: LoanTerms, principal: bigint): bigint {
  return rounded(principal * scaledRate(terms.prepayment.feeRate), rateScale, terms.rounding);
}

/** The most principal that an amount pays together with its fee. */
function principalWithin(terms: LoanTerms, amount: bigint): bigint {
  const fits = (principal: bigint) => principal + feeOn(terms, principal) <= amount;
  let principal = (amount * rateScale) / (rateScale + scaledRate(terms.prepayment.feeRate));
  // The fee is rounded, so that the quotient may be off by a fen or two.
  while (principal > 0n && !fits(principal)) principal -= 1n;
  while (principal < amount && fits(principal + 1n)) principal += 1n;
  return principal;
}

/**
 * Divides money that is paid today: first what is due, then principal that is not due and its fee. Enough for the whole debt
 * ends it, with interest for the days that the money was used and no longer (Civil Code 677), and no more is taken. A part
 * leaves the accrued interest to the instalment that settles it.
 *
 * @param offered all that there is, or undefined for as much as the whole debt.
 */
export function splitOf(w: Working, offered: bigint | undefined): Split {
  const dueAll = partsDue(w);
  const base = baseOf(w);
  const owed = interestOwed(w);
  const early = {
    principal: w.principal - dueAll.PRINCIPAL,
    interest: owed - dueAll.INTEREST,
    fee: feeOn(w.terms, base),
  };
  const debt = totalOf(dueAll) + early.principal + early.interest + early.fee;
  if (offered === undefined || offered >= debt) return { due: dueAll, early, whole: true };
  const due = allocate(w, dueAll, lesser(offered, totalOf(dueAll)));
  const rest = offered - totalOf(due);
  const principal = lesser(base, principalWithin(w.terms, rest));
  return { due, early: { principal, interest: 0n, fee: feeOn(w.terms, principal) }, whole: false };
}

/** What a split takes of the payer, in fen. */
export function totalOfSplit({ due, early }: Split): bigint {
  return totalOf(due) + early.principal + early.interest + early.fee;
}

/**
 * Refuses what the terms do not admit.
 *
 * @throws ContractError `LOAN_NOT_ACTIVE`; `PREPAYMENT_REFUSED` where the terms admit none, where a part is below their least
 *   or pays no principal at all, or where the amount does not cover the whole debt that it is meant for.
 */
export function requirePrepayable(w: Working, split: Split, full: boolean): void {
  if (hasEnded(w)) throw new ContractError('LOAN_NOT_ACTIVE', 'the loan has ended');
  const refuse = (reason: string) => {
    throw new ContractError('PREPAYMENT_REFUSED', reason);
  };
  if (!w.terms.prepayment.allowed) refuse('the terms admit no prepayment');
  if (full && !split.whole) refuse('the amount does not cover the whole debt');
  if (split.whole) return;
  if (split.early.principal === 0n) refuse('the amount leaves nothing beyond what is due');
  if (split.early.principal < BigInt(w.terms.prepayment.minimum)) refuse('the part is below the least');
}

/**
 * What a prepayment of the day would pay: of the whole debt, or of an amount, of which what is due takes its part first. It
 * holds for that day and the facts so far; the day must have been begun.
 *
 * @throws RangeError for another day than the loan is at; ContractError as {@link requirePrepayable}.
 */
export function quote(
  terms: LoanTerms,
  position: Position,
  day: string,
  asked: { readonly full: true } | { readonly amount: bigint },
): Quote {
  const w = load(terms, position);
  if (day !== todayOf(w)) throw new RangeError('the loan is at another day');
  const full = 'full' in asked;
  const split = splitOf(w, full ? undefined : asked.amount);
  requirePrepayable(w, split, full);
  const { due, early } = split;
  return {
    principal: due.PRINCIPAL + early.principal,
    interest: due.INTEREST + early.interest,
    penalty: due.PENALTY,
    costs: due.COSTS,
    fee: early.fee,
    total: totalOfSplit(split),
  };
}
