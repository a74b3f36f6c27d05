import type { Context } from 'fabric-contract-api';
import { digestOf } from '../../ledger/canonical';
import { emit, exists } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import { fen } from '../../ledger/money';
import type { Proposal } from '../approvals/model';
import { acceptedLoan, markDisbursed, termsFrom } from '../applications/loan';
import { Books, type BookTo } from '../books/books';
import { keys as bookKeys } from '../books/store';
import { openLoan } from '../engine/loan';
import { activeEnterpriseOf, type Situation } from '../../registry/situation';
import { marketFor } from './market';
import type { DisburseContent, Loan } from './model';
import { postEntries } from './postings';
import { createLoan } from './store';

/**
 * Pays an accepted loan out, once: to the borrower's deposit, or to the payee of the signed sheet (entrusted payment). Fees
 * are debited to the borrower separately; nothing is taken off the principal (Civil Code 670). Amounts come from the signed
 * sheet and nowhere else.
 *
 * @throws ContractError STATE_CONFLICT where it was paid out already, OFFER_EXPIRED, TERMS_MISMATCH, NOT_YOUR_RECORD where
 * the borrower's account is another enterprise's, INSUFFICIENT_FUNDS for the fees.
 */
export async function disburse(
  ctx: Context,
  situation: Situation,
  { applicationId, loanId, enterprise }: DisburseContent,
  { proposalId }: Proposal,
): Promise<void> {
  const books = await Books.today(ctx);
  const { application, offer, directDebit } = await acceptedLoan(ctx, applicationId, books.date);
  const { sheet } = offer;
  if (sheet.enterprise !== enterprise)
    throw new ContractError(
      'TERMS_MISMATCH',
      'the application is of another enterprise',
      'content.enterprise',
    );
  activeEnterpriseOf(situation.evidence);
  // Fees and direct debits are taken from this deposit, and only its owner's signatories can allow that.
  if ((await books.account(sheet.account)).owner !== sheet.enterprise)
    throw new ContractError('NOT_YOUR_RECORD', 'the deposit is of another enterprise', 'account');
  const terms = termsFrom(sheet, books.date);
  const market = await marketFor(ctx, [terms]);
  const { position, entries } = openLoan(terms, market(terms));
  const paidTo = sheet.payee?.account ?? sheet.account;
  const to = await accountOrClearing(ctx, paidTo, sheet.payee !== undefined);
  await postEntries(books, entries, () => to);
  for (const { amount } of sheet.fees)
    await books.post([
      { deposit: sheet.account, amount: fen(amount) },
      { code: 'FEE_INCOME', amount: -fen(amount) },
    ]);
  const loan: Loan = {
    loanId,
    enterprise: sheet.enterprise,
    applicationId,
    sheetDigest: offer.digest,
    terms,
    termsDigest: digestOf(terms),
    directDebit,
    paidTo,
    disbursedOn: books.date,
  };
  await createLoan(ctx, loan, position, { source: 'DISBURSEMENT', reference: proposalId });
  await markDisbursed(ctx, application, loanId);
  await books.flush({ entryId: `disbursement.${loanId}`, kind: 'DISBURSEMENT', reference: loanId });
  emit(ctx, 'LoanDisbursed', { loanId });
}

/** A payee's deposit at this bank, or money on its way to another bank. */
async function accountOrClearing(ctx: Context, account: string, isPayee: boolean): Promise<BookTo> {
  if (await exists(ctx, bookKeys.account(account))) return { deposit: account };
  if (!isPayee) throw new ContractError('NOT_FOUND', "the borrower's account does not exist", 'account');
  return { code: 'PAYEE_CLEARING' };
}
