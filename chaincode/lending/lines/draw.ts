import type { Context } from 'fabric-contract-api';
import { emit } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import { activeEnterpriseOf, situationOf, type Situation } from '../../registry/situation';
import { signedLoan } from '../applications/loan';
import { publishedFor } from '../applications/published';
import { requireLiveConsent } from '../applications/shared-evidence';
import { costOf } from '../applications/sheet';
import type { Proposal } from '../approvals/model';
import { Books } from '../books/books';
import { acceptOrder, requireOwner } from '../books/orders';
import type { DrawOrder } from '../books/payment-order';
import { payOut, type PayOut } from '../loans/disburse';
import type { StoredPosition } from '../loans/model';
import { findPosition } from '../loans/store';
import { loadProduct, requireOpen } from '../products/store';
import type { CreditLine, DrawContent } from './model';
import { drawTerms, requireCollectable, requireDrawable } from './rules';
import { createDrawdown, loadDrawdown, loadLine, moveDrawdown, writeLine } from './store';

/**
 * The borrower's signatories order a drawdown; two persons of the bank pay it out. What could not be paid out today is
 * refused here already. Event DrawdownOrdered.
 *
 * @throws ContractError NOT_YOUR_RECORD, ALREADY_EXISTS, and what {@link acceptOrder} and {@link prepare} throw.
 */
export async function orderDrawdown(
  ctx: Context,
  order: DrawOrder,
  signatures: readonly string[],
): Promise<void> {
  const { lineId, loanId, enterprise } = order;
  const situation = await situationOf(ctx, { uscc: enterprise });
  requireOwner(situation, enterprise);
  await acceptOrder(ctx, situation, order, signatures);
  await prepare(ctx, situation, order, await Books.today(ctx));
  const orderedAt = situation.time.instant;
  await createDrawdown(ctx, { loanId, lineId, enterprise, order, state: 'ORDERED', orderedAt });
  emit(ctx, 'DrawdownOrdered', { lineId, loanId });
}

/** The borrower takes back what is not paid out yet. @throws ContractError NOT_FOUND, NOT_YOUR_RECORD, STATE_CONFLICT. */
export async function withdrawDrawdown(ctx: Context, lineId: string, loanId: string): Promise<void> {
  const drawdown = await loadDrawdown(ctx, lineId, loanId);
  requireOwner(await situationOf(ctx), drawdown.enterprise);
  await moveDrawdown(ctx, drawdown, 'BORROWER_WITHDREW');
  emit(ctx, 'DrawdownWithdrawn', { lineId, loanId });
}

/**
 * Pays out what was ordered, as a loan of its own under the line's signed terms.
 *
 * The limit holds whatever happens at once: the loans' positions are in the read set, and every drawdown writes the line.
 *
 * @throws ContractError NOT_FOUND, TERMS_MISMATCH, STATE_CONFLICT, ORDER_EXPIRED, and what {@link prepare} and
 * {@link payOut} throw.
 */
export async function drawDown(
  ctx: Context,
  situation: Situation,
  { lineId, loanId, enterprise }: DrawContent,
  { proposalId }: Proposal,
): Promise<void> {
  const drawdown = await loadDrawdown(ctx, lineId, loanId);
  const { order } = drawdown;
  if (drawdown.enterprise !== enterprise)
    throw new ContractError('TERMS_MISMATCH', 'it is of another enterprise', 'content.enterprise');
  if (situation.time.day > order.expires)
    throw new ContractError('ORDER_EXPIRED', `it could be paid out until ${order.expires}`, 'content.loanId');
  activeEnterpriseOf(situation.evidence);
  await moveDrawdown(ctx, drawdown, 'BANK_PAID');
  const books = await Books.today(ctx);
  const { line, owed, payment } = await prepare(ctx, situation, order, books);
  await payOut(ctx, books, payment, proposalId);
  await writeLine(ctx, { ...line, loans: [...owed, loanId], drawdowns: line.drawdowns + 1 });
}

/** Where the loans of a line stand, repaid ones among them. */
export async function positionsOf(ctx: Context, { loans }: CreditLine): Promise<readonly StoredPosition[]> {
  const found: StoredPosition[] = [];
  for (const loanId of loans) found.push(await findPosition(ctx, loanId));
  return found;
}

/**
 * A drawdown as it would be paid out today, with the line and those of its loans that are not repaid.
 *
 * @throws ContractError NOT_FOUND, OFFER_EXPIRED, PRODUCT_NOT_OPEN, CONSENT_NOT_ACTIVE, RATE_CEILING_EXCEEDED,
 * REFERENCE_MISSING and what {@link requireDrawable} and {@link requireCollectable} throw.
 */
async function prepare(
  ctx: Context,
  situation: Situation,
  order: DrawOrder,
  books: Books,
): Promise<{ readonly line: CreditLine; readonly owed: readonly string[]; readonly payment: PayOut }> {
  const { lineId, loanId, payee } = order;
  const line = await loadLine(ctx, lineId);
  const { application, offer, directDebit } = await signedLoan(ctx, lineId, 'ACTIVE', books.date);
  const { sheet } = offer;
  const { product } = await loadProduct(ctx, sheet.product);
  await requireOpen(ctx, product);
  await requireLiveConsent(ctx, situation, application, product);
  const owed = (await positionsOf(ctx, line)).filter(({ position }) => position.status !== 'REPAID');
  requireDrawable({ order, line, positions: owed.map(({ position }) => position), sheet, product });
  const terms = drawTerms(sheet, order, books.date);
  const cost = costOf(product, terms, await publishedFor(ctx, product));
  requireCollectable(cost, directDebit);
  const payment = { loanId, offer, directDebit, terms, fees: cost.fees, payee, on: { lineId } };
  return { line, owed: owed.map((stored) => stored.loanId), payment };
}
