import type { Context } from 'fabric-contract-api';
import { addDays } from '../../ledger/calendar';
import { emit } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import type { Proposal } from '../approvals/model';
import { markUnpaid } from '../applications/loan';
import { Books } from '../books/books';
import { correct } from '../engine/loan';
import { reopenLine } from '../lines/store';
import type { Situation } from '../../registry/situation';
import { marketFor } from './market';
import type { Loan, ReversePaymentContent, StoredFact, StoredPosition } from './model';
import { postEntries } from './postings';
import { findPosition, loadFacts, loadLoan, revive, writeFact, writePosition } from './store';

/**
 * Takes a payment back, one that bounced say: the money returns to the deposit that it came from, and the books become what
 * they would be without it, by reversal and re-posting; what was posted stays. A loan that had ended with it runs again, with
 * all that has accrued since.
 *
 * @throws ContractError LOAN_NOT_ACTIVE where it was written off, NOT_FOUND, STATE_CONFLICT where it is no payment or was
 * taken back already, LOANS_NOT_CLOSED while the day close has not come to the loan, PREPAYMENT_REFUSED where a later act
 * rests on it.
 */
export async function reversePayment(
  ctx: Context,
  _situation: Situation,
  { loanId, sequence }: ReversePaymentContent,
  { proposalId }: Proposal,
): Promise<void> {
  const loan = await loadLoan(ctx, loanId);
  const stored = await requireReversible(ctx, loanId);
  const books = await Books.today(ctx);
  const { closedThrough, status } = stored.position;
  const yesterday = addDays(books.date, -1);
  // The day close passes loans by that have ended.
  if (status !== 'REPAID' && closedThrough !== yesterday)
    throw new ContractError('LOANS_NOT_CLOSED', 'an earlier day of this loan is not closed yet');
  const live = (await loadFacts(ctx, stored)).filter(({ reversedBy }) => reversedBy === undefined);
  const payment = requirePayment(live, sequence);
  const { position, entries } = correct(
    loan.terms,
    live.map(({ fact }) => fact),
    live.filter((fact) => fact.sequence !== sequence).map(({ fact }) => fact),
    yesterday,
    (await marketFor(ctx, [loan.terms]))(loan.terms),
  );
  // Later payments that are allocated anew come and go by the same amount.
  await postEntries(books, entries, () => ({ deposit: payment.account }));
  if (status === 'REPAID') await runAgain(ctx, loan, { ...stored, position });
  else await writePosition(ctx, { ...stored, position });
  await writeFact(ctx, { ...payment, reversedBy: proposalId });
  await books.flush({ entryId: `proposal.${proposalId}`, kind: 'PAYMENT_REVERSED', reference: loanId });
  emit(ctx, 'PaymentReversed', { loanId });
}

/**
 * Where a loan stands whose payments can be taken back: one that runs, or that was repaid.
 *
 * @throws ContractError `NOT_FOUND`, `LOAN_NOT_ACTIVE`.
 */
export async function requireReversible(ctx: Context, loanId: string): Promise<StoredPosition> {
  const stored = await findPosition(ctx, loanId);
  if (stored.position.status === 'WRITTEN_OFF')
    throw new ContractError('LOAN_NOT_ACTIVE', 'the loan was written off');
  return stored;
}

async function runAgain(ctx: Context, loan: Loan, stored: StoredPosition): Promise<void> {
  await revive(ctx, loan, stored);
  const { applicationId, lineId } = loan;
  if (applicationId !== undefined) await markUnpaid(ctx, applicationId);
  if (lineId !== undefined) await reopenLine(ctx, lineId, loan.loanId);
}

function requirePayment(
  facts: readonly StoredFact[],
  sequence: number,
): StoredFact & { readonly account: string } {
  const found = facts.find((fact) => fact.sequence === sequence);
  if (found === undefined)
    throw new ContractError('NOT_FOUND', 'there is no such fact, or it was taken back', 'content.sequence');
  const { account } = found;
  if (account === undefined || (found.fact.type !== 'PAID' && found.fact.type !== 'PREPAID'))
    throw new ContractError('STATE_CONFLICT', 'is no payment', 'content.sequence');
  return { ...found, account };
}
