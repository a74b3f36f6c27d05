import type { Context } from 'fabric-contract-api';
import { digestOf } from '../../ledger/canonical';
import { emit, exists } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import { fen } from '../../ledger/money';
import type { Proposal } from '../approvals/model';
import { markDisbursed, signedLoan, termsFrom } from '../applications/loan';
import type { Offer, SignedDebit } from '../applications/model';
import type { Payee } from '../books/model';
import { Books, type BookTo } from '../books/books';
import { keys as bookKeys, requireOpenDeposit } from '../books/store';
import { openLoan, type LoanTerms } from '../engine/loan';
import { activeEnterpriseOf, type Situation } from '../../registry/situation';
import { marketFor } from './market';
import type { DisburseContent, Loan } from './model';
import { postEntries } from './postings';
import { createLoan } from './store';

/** Money to be paid out on what the borrower signed. */
export interface PayOut {
  readonly loanId: string;
  /** What was signed: the borrower's account, and the terms that `terms` are derived from. */
  readonly offer: Offer;
  readonly directDebit: SignedDebit;
  readonly terms: LoanTerms;
  readonly fees: readonly { readonly amount: string }[];
  /** Whom it goes to instead of the borrower's account (entrusted payment). */
  readonly payee: Payee | undefined;
  /** What it is paid out on. */
  readonly on: { readonly applicationId: string } | { readonly lineId: string };
}

/**
 * Pays an accepted loan out, once: to the borrower's deposit, or to the payee of the signed sheet. Amounts come from the
 * signed sheet and nowhere else.
 *
 * @throws ContractError STATE_CONFLICT where it was paid out already, OFFER_EXPIRED, TERMS_MISMATCH, and what
 * {@link payOut} throws.
 */
export async function disburse(
  ctx: Context,
  situation: Situation,
  { applicationId, loanId, enterprise }: DisburseContent,
  { proposalId }: Proposal,
): Promise<void> {
  const books = await Books.today(ctx);
  const { application, offer, directDebit } = await signedLoan(ctx, applicationId, 'ACCEPTED', books.date);
  const { sheet } = offer;
  if (sheet.enterprise !== enterprise)
    throw new ContractError(
      'TERMS_MISMATCH',
      'the application is of another enterprise',
      'content.enterprise',
    );
  activeEnterpriseOf(situation.evidence);
  const terms = termsFrom(sheet, books.date);
  const { fees, payee } = sheet;
  const payment = { loanId, offer, directDebit, terms, fees, payee, on: { applicationId } };
  await payOut(ctx, books, payment, proposalId);
  await markDisbursed(ctx, application, loanId);
}

/**
 * Opens a loan and pays it out. Fees are debited to the borrower separately; nothing is taken off the principal (Civil Code
 * 670). Event LoanDisbursed.
 *
 * @param proposalId the proposal of two officers that it is paid out on.
 * @throws ContractError ALREADY_EXISTS; NOT_YOUR_RECORD where the borrower's account is another enterprise's,
 * INSUFFICIENT_FUNDS for the fees.
 */
export async function payOut(
  ctx: Context,
  books: Books,
  { loanId, offer, directDebit, terms, fees, payee, on }: PayOut,
  proposalId: string,
): Promise<void> {
  const { account, enterprise } = offer.sheet;
  // Fees and direct debits are taken from this deposit, and only its owner's signatories can allow that.
  await requireOpenDeposit(ctx, account, enterprise);
  const market = await marketFor(ctx, [terms]);
  const { position, entries } = openLoan(terms, market(terms));
  const paidTo = payee?.account ?? account;
  const to = await accountOrClearing(ctx, paidTo, payee !== undefined);
  await postEntries(books, entries, () => to);
  for (const { amount } of fees)
    await books.post(
      [
        { deposit: account, amount: fen(amount) },
        { code: 'FEE_INCOME', amount: -fen(amount) },
      ],
      { kind: 'FEE' },
    );
  const loan: Loan = {
    loanId,
    enterprise,
    ...on,
    sheetDigest: offer.digest,
    terms,
    termsDigest: digestOf(terms),
    directDebit,
    paidTo,
    disbursedOn: books.date,
  };
  await createLoan(ctx, loan, position, { source: 'DISBURSEMENT', reference: proposalId });
  await books.flush({ entryId: `disbursement.${loanId}`, kind: 'DISBURSEMENT', reference: loanId });
  emit(ctx, 'LoanDisbursed', { loanId });
}

/** A payee's deposit at this bank, or money on its way to another bank. */
async function accountOrClearing(ctx: Context, account: string, isPayee: boolean): Promise<BookTo> {
  if (await exists(ctx, bookKeys.account(account))) return { deposit: account };
  if (!isPayee) throw new ContractError('NOT_FOUND', "the borrower's account does not exist", 'account');
  return { code: 'PAYEE_CLEARING' };
}
