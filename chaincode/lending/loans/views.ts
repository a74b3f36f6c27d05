import type { Context } from 'fabric-contract-api';
import type { Static } from 'typebox';
import { addDays } from '../../ledger/calendar';
import { pageOfIndex, type Paged } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import { fen, toFen } from '../../ledger/money';
import { businessDateOf, valueDateOf } from '../days/business-date';
import { planOf, quote, startDay, type Instalment } from '../engine/loan';
import { situationOf } from '../../registry/situation';
import { listedFor, requireSight } from '../situation';
import { marketFor } from './market';
import type { ListLoansInput, LoanView, QuoteInput, QuoteView, StoredFact } from './model';
import { findPosition, loadFacts, loadLoan, loadPosition, loanIndex } from './store';

/** What is evaluated and never submitted: for the borrower, the bank's staff and the supervisor. */

async function seen(ctx: Context, loanId: string) {
  const loan = await loadLoan(ctx, loanId);
  requireSight(await situationOf(ctx), loan.enterprise);
  return loan;
}

/** @throws ContractError `NOT_FOUND`, `NOT_YOUR_RECORD`. */
export async function getLoan(ctx: Context, loanId: string): Promise<LoanView> {
  const loan = await seen(ctx, loanId);
  const { position, facts } = await findPosition(ctx, loanId);
  return { loan, position, facts };
}

/**
 * A page of an enterprise's loans, by default the caller's own; of all loans for the bank's staff and the supervisor.
 *
 * @throws ContractError `NOT_YOUR_RECORD`.
 */
export async function listLoans(
  ctx: Context,
  { enterprise, ...page }: Static<typeof ListLoansInput>,
): Promise<Paged<LoanView>> {
  const situation = await situationOf(ctx);
  const { keys, bookmark } = await pageOfIndex(ctx, loanIndex, listedFor(situation, enterprise), page);
  const items: LoanView[] = [];
  for (const [, loanId = ''] of keys) {
    const { position, facts } = await findPosition(ctx, loanId);
    items.push({ loan: await loadLoan(ctx, loanId), position, facts });
  }
  return { items, bookmark };
}

/** What happened to a loan, in the ledger's order. */
export async function factsOf(ctx: Context, loanId: string): Promise<readonly StoredFact[]> {
  await seen(ctx, loanId);
  return loadFacts(ctx, await findPosition(ctx, loanId));
}

/** The schedule as the terms give it on the day of the disbursement. */
export async function scheduleOf(ctx: Context, loanId: string): Promise<readonly Instalment[]> {
  const { terms } = await seen(ctx, loanId);
  return planOf(terms, (await marketFor(ctx, [terms]))(terms));
}

/**
 * What a prepayment would pay today: of a part, or of all where no amount is given.
 *
 * @throws ContractError `LOAN_NOT_ACTIVE`, `PREPAYMENT_REFUSED`; `LOANS_NOT_CLOSED` while the day close has not come to the
 * loan: its debit of that day is still to come.
 */
export async function quoteOf(
  ctx: Context,
  { loanId, amount }: Static<typeof QuoteInput>,
): Promise<QuoteView> {
  const { terms } = await seen(ctx, loanId);
  const { position } = await loadPosition(ctx, loanId);
  const day = valueDateOf(await businessDateOf(ctx));
  if (position.closedThrough !== addDays(day, -1))
    throw new ContractError('LOANS_NOT_CLOSED', 'an earlier day of this loan is not closed yet');
  const market = (await marketFor(ctx, [terms]))(terms);
  const started = startDay(terms, position, day, market).position;
  const quoted = quote(terms, started, day, amount === undefined ? { full: true } : { amount: fen(amount) });
  return {
    loanId,
    validOn: day,
    principal: toFen(quoted.principal),
    interest: toFen(quoted.interest),
    penalty: toFen(quoted.penalty),
    costs: toFen(quoted.costs),
    fee: toFen(quoted.fee),
    total: toFen(quoted.total),
  };
}
