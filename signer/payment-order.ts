import { jsonIn } from '../chaincode/ledger/json';
import { check } from '../chaincode/ledger/parse';
import {
  PaymentOrder,
  paymentOrderType,
  type PaymentAction,
  type SignedPaymentOrder,
} from '../chaincode/lending/books/payment-order';
import type { SigningKey } from './keyfile';
import { Refusal } from './refusal';
import { newNonce, signCanonical } from './signing';
import { plain } from './words';

/** Payment orders: what a signatory orders to be done with the enterprise's money. */

const orderCheck = check(PaymentOrder);

/** @throws Refusal where the text is no payment order; what is not shown is not signed either, so nothing may be extra. */
export function parsePaymentOrder(text: string): PaymentOrder {
  const order = orderCheck.accept(jsonIn(text));
  if (!order) throw new Refusal('This is not a payment order as the gateway takes it.');
  return order;
}

/** An amount of fen as people read it, e.g. `CNY 12,345.67`. Pure, and by text: no number could lose a fen. */
export function yuan(fen: string): string {
  const digits = fen.padStart(3, '0');
  const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',');
  return `CNY ${whole}.${digits.slice(-2)}`;
}

const meanings: Readonly<Record<PaymentAction, string>> = {
  TRANSFER: 'You order the transfer. The money leaves at once and does not come back by itself.',
  HOLD: 'You reserve the money for that account. Nobody can spend it otherwise until it is paid, given free or the last day has passed.',
  POST_HOLD:
    'You order that reserved money is paid. The money leaves at once; what is left of the reservation is free again.',
  VOID_HOLD: 'You give reserved money free. Nothing is paid.',
  REDEEM:
    'You order a payout to the account in the core system of the bank. Two persons of the bank carry it out.',
  REPAY: 'You order a payment of what is due of the loan. The money leaves at once.',
  DRAW_DOWN:
    'You order a drawdown: a loan under the terms that you signed for the credit line, from the day of the payout. Two persons of the bank carry it out.',
  PREPAY: 'You order that principal is repaid before it is due. A fee may be part of the amount, as quoted.',
};

const titles: Readonly<Record<PaymentAction, string>> = {
  TRANSFER: 'transfer to another account of the bank',
  HOLD: 'reserve money for another account',
  POST_HOLD: 'pay reserved money',
  VOID_HOLD: 'give reserved money free',
  REDEEM: 'pay out to the core system of the bank',
  REPAY: 'pay what is due of a loan',
  PREPAY: 'repay a loan before it is due',
  DRAW_DOWN: 'draw money on a credit line',
};

/** An order in plain words, line by line: every member of it. Pure. */
export function describePaymentOrder(order: PaymentOrder): string[] {
  const lines = [
    `Order:         ${titles[order.action]}`,
    `At:            ${plain(order.channel)}`,
    `Whose money:   the enterprise ${order.enterprise}`,
    order.action === 'DRAW_DOWN'
      ? `Account:       ${order.from}, which fees and instalments are taken from`
      : `From account:  ${order.from}`,
  ];
  if (order.action === 'DRAW_DOWN')
    lines.push(
      `Credit line:   ${order.lineId}`,
      `Term:          ${order.termMonths} month${order.termMonths === 1 ? '' : 's'}`,
      `Purpose:       ${order.purpose}`,
      order.payee === undefined
        ? `Paid out to:   the account ${order.from}`
        : `Paid out to:   ${plain(order.payee.name)}, account ${order.payee.account}`,
    );
  if ('to' in order) lines.push(`To account:    ${order.to}`);
  if ('amount' in order) lines.push(`Amount:        ${yuan(order.amount)} (${order.amount} fen)`);
  if ('holdId' in order) lines.push(`Reservation:   ${order.holdId}`);
  if ('until' in order) lines.push(`Reserved:      up to and including the business day ${order.until}`);
  if ('loanId' in order) lines.push(`Loan:          ${order.loanId}`);
  if (order.action === 'PREPAY')
    lines.push(
      `Extent:        ${order.extent === 'FULL' ? 'all of the loan' : 'a part of the loan'}`,
      `Quoted for:    ${order.quotedFor}`,
    );
  return [
    ...lines,
    `Valid:         to be carried out by ${order.expires} at the latest, once`,
    `Order's id:    ${order.orderId}`,
  ];
}

/** What a signature under an order of this kind will do. */
export function describePaymentAction(action: PaymentAction): string {
  return meanings[action];
}

/**
 * Signs a payment order.
 *
 * @param signedAt instant of the signature, by the signatory's own clock.
 * @throws Refusal where the order has expired by that clock, or the bytes signed are not those shown.
 */
export async function signPaymentOrder(
  order: PaymentOrder,
  signer: SigningKey,
  signedAt: string,
): Promise<string> {
  // The ledger's day is that of UTC+8; an order that ended there by then cannot be carried out.
  const today = new Date(Date.parse(signedAt) + 8 * 3_600_000).toISOString().slice(0, 10);
  if (order.expires < today) throw new Refusal(`The order could be carried out until ${order.expires} only.`);
  const statement: SignedPaymentOrder = {
    ...order,
    signatory: signer.signatory,
    nonce: newNonce(),
    signedAt,
  };
  return signCanonical(statement, paymentOrderType, signer);
}
