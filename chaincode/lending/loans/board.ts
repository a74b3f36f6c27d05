import type { Context } from 'fabric-contract-api';
import { digestOf } from '../../ledger/canonical';
import { emit } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import type { Proposal } from '../approvals/model';
import { Books } from '../books/books';
import { openLoan } from '../engine/loan';
import { verifyQuorum } from '../signatures';
import { activeEnterpriseOf, type Situation } from '../../registry/situation';
import { marketFor } from './market';
import { boardingType, type BoardContent, type BoardingStatement, type Loan } from './model';
import { postEntries } from './postings';
import { createLoan } from './store';

/**
 * Brings loans onto the ledger that the bank made before: what is left of each runs on here. The borrower's signatories sign
 * terms and direct debit anew, so that the bank alone can neither invent a loan nor reach a deposit.
 *
 * @throws ContractError TERMS_MISMATCH, NOT_YOUR_RECORD, ALREADY_EXISTS, and what {@link verifyQuorum} throws.
 */
export async function boardLoans(
  ctx: Context,
  situation: Situation,
  { enterprise, loans }: BoardContent,
  { proposalId }: Proposal,
): Promise<void> {
  const borrower = activeEnterpriseOf(situation.evidence);
  const books = await Books.today(ctx);
  const market = await marketFor(
    ctx,
    loans.map(({ statement }) => statement.terms),
  );
  if (new Set(loans.map(({ statement }) => statement.loanId)).size !== loans.length)
    throw new ContractError('INVALID_INPUT', 'a loan is named twice', 'content.loans');
  for (const [index, { statement, signatures }] of loans.entries()) {
    const field = `content.loans.${index}`;
    await checkStatement(situation, enterprise, statement, books, field);
    await verifyQuorum(signatures, {
      enterprise: borrower,
      typ: boardingType,
      common: statement,
      day: situation.time.day,
      field: `${field}.signatures`,
    });
    const { loanId, terms, directDebit } = statement;
    const { position, entries } = openLoan(terms, market(terms));
    // The money was paid out by the core system, long ago.
    await postEntries(books, entries, () => ({ code: 'CASH_AT_CORE' }));
    const loan: Loan = {
      loanId,
      enterprise,
      sheetDigest: digestOf(statement),
      terms,
      termsDigest: digestOf(terms),
      directDebit,
      paidTo: directDebit.account,
      disbursedOn: books.date,
    };
    await createLoan(ctx, loan, position, { source: 'BOARDING', reference: proposalId });
  }
  await books.flush({ entryId: `proposal.${proposalId}`, kind: 'BOARDING', reference: proposalId });
  emit(ctx, 'LoansBoarded', { proposalId });
}

async function checkStatement(
  { channel }: Situation,
  enterprise: string,
  statement: BoardingStatement,
  books: Books,
  field: string,
): Promise<void> {
  if (statement.channel !== channel || statement.enterprise !== enterprise)
    throw new ContractError(
      'STATEMENT_MISMATCH',
      'is of another channel or enterprise',
      `${field}.statement`,
    );
  if (statement.terms.startDate !== books.date)
    throw new ContractError(
      'TERMS_MISMATCH',
      `the business date is ${books.date}`,
      `${field}.statement.terms.startDate`,
    );
  if ((await books.account(statement.directDebit.account)).owner !== enterprise)
    throw new ContractError(
      'NOT_YOUR_RECORD',
      'the deposit is of another enterprise',
      `${field}.statement.directDebit.account`,
    );
}
