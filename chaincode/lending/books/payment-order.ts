import { Type, type Static, type TSchema } from 'typebox';
import { PositiveFen } from '../../ledger/money';
import { CalendarDate, CompactJws, OpaqueId, ReasonCode, Uscc, strict } from '../../ledger/schemas';
import { signatureMembers } from '../signatures';
import { Payee } from './model';

/** `typ` of a signatory's signature over a payment order. */
export const paymentOrderType = 'payment-order+jws';

const shared = {
  /** The lending channel, so that an order is worth nothing at another bank. */
  channel: Type.String({ minLength: 1, maxLength: 64 }),
  /** Chosen by the enterprise; an order is carried out once. For a hold it is the hold's id as well. */
  orderId: OpaqueId,
  enterprise: Uscc,
  /** The deposit that pays. */
  from: OpaqueId,
  /** Last calendar day, UTC+8, on which the order may be carried out. */
  expires: CalendarDate,
};

const to = OpaqueId;
const amount = PositiveFen;
const order = <A extends string, M extends Record<string, ReturnType<typeof Type.String>>>(
  action: A,
  members: M,
) => Type.Object({ action: Type.Literal(action), ...shared, ...members }, strict);

/** Moves money to another deposit. */
export const TransferOrder = order('TRANSFER', { to, amount });
/** Reserves money for another deposit, up to a last business date. */
export const HoldOrder = order('HOLD', { to, amount, until: CalendarDate });
/** Pays what was reserved, or a part of it; the rest is free again. */
export const PostOrder = order('POST_HOLD', { to, amount, holdId: OpaqueId });
/** Gives what was reserved free. */
export const VoidOrder = order('VOID_HOLD', { holdId: OpaqueId });
/** Pays money out to the enterprise's account in the bank's core system. */
export const RedeemOrder = order('REDEEM', { amount });
/** Pays what is due of a loan. */
export const RepayOrder = order('REPAY', { amount, loanId: OpaqueId });
/** Pays principal before it is due: a part, or all (`FULL`), as quoted for a day. */
export const PrepayOrder = Type.Object(
  {
    action: Type.Literal('PREPAY'),
    ...shared,
    amount,
    loanId: OpaqueId,
    extent: Type.Union([Type.Literal('PART'), Type.Literal('FULL')]),
    quotedFor: CalendarDate,
  },
  strict,
);

/**
 * Draws money on a credit line, as a loan of its own under the line's signed terms. It goes to the account that the line is
 * debited from, or to the payee; fees are taken from that account.
 */
export const DrawOrder = Type.Object(
  {
    action: Type.Literal('DRAW_DOWN'),
    ...shared,
    amount,
    lineId: OpaqueId,
    /** Of the loan that it becomes. */
    loanId: OpaqueId,
    termMonths: Type.Integer({ minimum: 1, maximum: 360 }),
    purpose: ReasonCode,
    payee: Type.Optional(Payee),
  },
  strict,
);
export type DrawOrder = Static<typeof DrawOrder>;

/** What an enterprise's signatories order to be done with its money. */
export const PaymentOrder = Type.Union([
  TransferOrder,
  HoldOrder,
  PostOrder,
  VoidOrder,
  RedeemOrder,
  RepayOrder,
  PrepayOrder,
  DrawOrder,
]);
export type PaymentOrder = Static<typeof PaymentOrder>;
export type PaymentAction = PaymentOrder['action'];

/** What a signatory signs: the order with the signatory, a nonce and the time of signing; RFC 8785, JWS ES256. */
export type SignedPaymentOrder = PaymentOrder & {
  readonly [Member in keyof typeof signatureMembers]: string;
};

/** A quorum's compact JWS over the same statement. */
export const Signatures = Type.Array(CompactJws, {
  minItems: 1,
  maxItems: 20,
  description: 'Of as many signatories as bind the enterprise (see `enterprise-signer`).',
});

/** An order with what its signatories signed. */
export const SignedOrder = <T extends TSchema>(order: T) =>
  Type.Object({ order, signatures: Signatures }, strict);
