import { jsonIn } from '../chaincode/ledger/json';
import { check } from '../chaincode/ledger/parse';
import {
  PaymentOrder,
  paymentOrderType,
  type PaymentAction,
  type SignedPaymentOrder,
} from '../chaincode/lending/books/payment-order';
import type { SigningKey } from './keyfile';
import type { Catalogue, OrderLabel } from './languages/catalogue';
import { en } from './languages/en';
import { Refusal } from './refusal';
import { newNonce, signCanonical } from './signing';
import { plain } from './plain';

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

/** An order in plain words, line by line: every member of it. Pure. */
export function describePaymentOrder(order: PaymentOrder, words: Catalogue = en): string[] {
  const { orders, line } = words;
  const said = (label: OrderLabel, value: string): string => line(orders.labels[label], value);
  const lines = [
    said('order', orders.titles[order.action]),
    said('at', plain(order.channel)),
    said('whose', words.enterprise(order.enterprise)),
    order.action === 'DRAW_DOWN'
      ? said('account', orders.debitedAccount(order.from))
      : said('from', order.from),
  ];
  if (order.action === 'DRAW_DOWN')
    lines.push(
      said('line', order.lineId),
      said('term', orders.months(order.termMonths)),
      said('purpose', order.purpose),
      said(
        'paidTo',
        order.payee === undefined
          ? orders.ownAccount(order.from)
          : orders.payee(plain(order.payee.name), order.payee.account),
      ),
    );
  if ('to' in order) lines.push(said('to', order.to));
  if ('amount' in order) lines.push(said('amount', `${yuan(order.amount)} (${order.amount} fen)`));
  if ('holdId' in order) lines.push(said('hold', order.holdId));
  if ('until' in order) lines.push(said('until', orders.lastDay(order.until)));
  if ('loanId' in order) lines.push(said('loan', order.loanId));
  if (order.action === 'PREPAY')
    lines.push(said('extent', orders.extents[order.extent]), said('quotedFor', order.quotedFor));
  return [...lines, said('valid', orders.once(order.expires)), said('id', order.orderId)];
}

/** What a signature under an order of this kind will do. */
export function describePaymentAction(action: PaymentAction, words: Catalogue = en): string {
  return words.orders.meanings[action];
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
