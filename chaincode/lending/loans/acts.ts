import type { Context } from 'fabric-contract-api';
import type { Static } from 'typebox';
import { emit } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import { fen, lesser, toFen } from '../../ledger/money';
import { Books } from '../books/books';
import { acceptOrder, orderEntryId, requireOwnDeposit, requireOwner } from '../books/orders';
import type { PaymentOrder, PrepayOrder, RepayOrder } from '../books/payment-order';
import type { LoanFact } from '../engine/loan';
import { situationOf } from '../../registry/situation';
import { marketFor } from './market';
import { loadLoan, loadPosition } from './store';
import { LoanWork } from './work';

/**
 * A running loan and the books at the value date, the loan brought to that day's morning.
 *
 * @throws ContractError `LOAN_NOT_ACTIVE`, `NOT_FOUND`, `BUSINESS_DAY_NOT_OPEN`.
 */
export async function openWork(
  ctx: Context,
  loanId: string,
): Promise<{ readonly work: LoanWork; readonly books: Books }> {
  const loan = await loadLoan(ctx, loanId);
  const stored = await loadPosition(ctx, loanId);
  const books = await Books.today(ctx);
  const market = await marketFor(ctx, [loan.terms]);
  const work = new LoanWork(ctx, books, market(loan.terms), loan, stored);
  await work.bringTo(books.date);
  return { work, books };
}

/**
 * The borrower pays what is due, or a part of it. Since penalty may have grown since the order was signed, its amount is the
 * most that is taken: never more than is due. Event LoanPaid.
 *
 * @throws ContractError `STATE_CONFLICT` where nothing is due.
 */
export async function repay(
  ctx: Context,
  order: Static<typeof RepayOrder>,
  signatures: readonly string[],
): Promise<void> {
  await pay(ctx, order, signatures, (valueDate, due) => {
    if (due === 0n) throw new ContractError('STATE_CONFLICT', 'nothing is due', 'order.amount');
    return { type: 'PAID', valueDate, amount: toFen(lesser(fen(order.amount), due)) };
  });
}

/**
 * The borrower pays principal before it is due. A quote holds for the day that it was made for.
 *
 * @throws ContractError `QUOTE_EXPIRED`, `PREPAYMENT_REFUSED`.
 */
export async function prepay(
  ctx: Context,
  order: Static<typeof PrepayOrder>,
  signatures: readonly string[],
): Promise<void> {
  await pay(ctx, order, signatures, (valueDate) => {
    if (order.quotedFor !== valueDate)
      throw new ContractError('QUOTE_EXPIRED', `the business date is ${valueDate}`, 'order.quotedFor');
    return { type: 'PREPAID', valueDate, amount: order.amount, full: order.extent === 'FULL' };
  });
}

async function pay(
  ctx: Context,
  order: PaymentOrder & { readonly loanId: string },
  signatures: readonly string[],
  factOn: (valueDate: string, due: bigint) => LoanFact,
): Promise<void> {
  const situation = await situationOf(ctx, { uscc: order.enterprise });
  requireOwner(situation, order.enterprise);
  await acceptOrder(ctx, situation, order, signatures);
  const { work, books } = await openWork(ctx, order.loanId);
  if (work.loan.enterprise !== order.enterprise)
    throw new ContractError('NOT_YOUR_RECORD', 'the loan is of another enterprise', 'order.loanId');
  requireOwnDeposit(await books.account(order.from), order);
  await work.record(
    factOn(books.date, work.due().total),
    { source: 'ORDER', reference: order.orderId },
    order.from,
  );
  await work.flush();
  const entryId = orderEntryId(order.orderId);
  await books.flush({ entryId, kind: order.action, reference: order.loanId });
  emit(ctx, 'LoanPaid', { loanId: order.loanId });
}
