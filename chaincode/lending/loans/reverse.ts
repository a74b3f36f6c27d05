import type { Context } from 'fabric-contract-api';
import { addDays } from '../../ledger/calendar';
import { emit } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import type { Proposal } from '../approvals/model';
import { Books } from '../books/books';
import { correct } from '../engine/loan';
import type { Situation } from '../../registry/situation';
import { marketFor } from './market';
import type { ReversePaymentContent, StoredFact } from './model';
import { postEntries } from './postings';
import { hasEnded, loadFacts, loadLoan, loadPosition, writeFact, writePosition } from './store';

/**
 * Takes a payment back, one that bounced say: the money returns to the deposit that it came from, and the books become what
 * they would be without it, by reversal and re-posting; what was posted stays.
 *
 * @throws ContractError LOAN_NOT_ACTIVE, NOT_FOUND, STATE_CONFLICT where it is no payment or was taken back already,
 * LOANS_NOT_CLOSED while the day close has not come to the loan, PREPAYMENT_REFUSED where a later act rests on it.
 */
export async function reversePayment(
  ctx: Context,
  _situation: Situation,
  { loanId, sequence }: ReversePaymentContent,
  { proposalId }: Proposal,
): Promise<void> {
  const { terms } = await loadLoan(ctx, loanId);
  const stored = await loadPosition(ctx, loanId);
  if (hasEnded(stored.position)) throw new ContractError('LOAN_NOT_ACTIVE', 'the loan has ended');
  const books = await Books.today(ctx);
  const { closedThrough } = stored.position;
  if (addDays(closedThrough, 1) !== books.date)
    throw new ContractError('LOANS_NOT_CLOSED', 'an earlier day of this loan is not closed yet');
  const live = (await loadFacts(ctx, stored)).filter(({ reversedBy }) => reversedBy === undefined);
  const payment = requirePayment(live, sequence);
  const { position, entries } = correct(
    terms,
    live.map(({ fact }) => fact),
    live.filter((fact) => fact.sequence !== sequence).map(({ fact }) => fact),
    closedThrough,
    (await marketFor(ctx, [terms]))(terms),
  );
  // Later payments that are allocated anew come and go by the same amount.
  await postEntries(books, entries, () => ({ deposit: payment.account }));
  await writePosition(ctx, { ...stored, position });
  await writeFact(ctx, { ...payment, reversedBy: proposalId });
  await books.flush({ entryId: `proposal.${proposalId}`, kind: 'PAYMENT_REVERSED', reference: loanId });
  emit(ctx, 'PaymentReversed', { loanId });
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
