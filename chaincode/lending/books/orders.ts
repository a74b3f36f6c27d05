import type { Context } from 'fabric-contract-api';
import { digestOf } from '../../ledger/canonical';
import { exists, writeDocument } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import { activeEnterpriseOf, enterpriseOf, type Situation } from '../../registry/situation';
import { isEnterprise } from '../situation';
import { verifyQuorum } from '../signatures';
import type { Account, ExecutedOrder } from './model';
import { paymentOrderType, type PaymentOrder } from './payment-order';
import { keys } from './store';

/** Id of the journal entry that books an order. */
export const orderEntryId = (orderId: string) => `order.${orderId}`;

/**
 * Takes an order that enough signatories of the enterprise signed, and uses its id up: an order is carried out once, in
 * this transaction. It looks at the real calendar day, as signatories do, even where the business date is simulated.
 *
 * @param situation with the evidence about the order's enterprise.
 * @throws ContractError STATEMENT_MISMATCH, ORDER_EXPIRED, ALREADY_EXISTS, ENTERPRISE_NOT_ACTIVE, and what
 * {@link verifyQuorum} throws.
 */
export async function acceptOrder(
  ctx: Context,
  situation: Situation,
  order: PaymentOrder,
  signatures: readonly string[],
): Promise<void> {
  const { time, channel, evidence } = situation;
  if (enterpriseOf(evidence).uscc !== order.enterprise || order.channel !== channel)
    throw new ContractError('STATEMENT_MISMATCH', 'the order is of another channel or enterprise', 'order');
  const enterprise = activeEnterpriseOf(evidence);
  if (time.day > order.expires)
    throw new ContractError('ORDER_EXPIRED', 'the order could be carried out until an earlier day', 'order');
  if (await exists(ctx, keys.order(order.orderId)))
    throw new ContractError('ALREADY_EXISTS', 'an order of this id was carried out', 'order.orderId');
  const signed = await verifyQuorum(signatures, {
    enterprise,
    typ: paymentOrderType,
    common: order,
    day: time.day,
    field: 'signatures',
  });
  const executed: ExecutedOrder = {
    orderId: order.orderId,
    action: order.action,
    enterprise: order.enterprise,
    digest: digestOf(order),
    signatories: signed.map(({ signatory }) => signatory),
    at: time.instant,
  };
  await writeDocument(ctx, keys.order(order.orderId), executed);
}

/**
 * An order is brought by the enterprise's own user. The signatures carry it; this keeps others from choosing the moment.
 *
 * @throws ContractError `NOT_YOUR_RECORD`.
 */
export function requireOwner(situation: Situation, uscc: string): void {
  if (!isEnterprise(situation, uscc))
    throw new ContractError('NOT_YOUR_RECORD', 'this is for the enterprise whose money it is');
}

/** An enterprise orders about its own deposits. @throws ContractError `NOT_YOUR_RECORD`. */
export function requireOwnDeposit({ owner }: Account, order: PaymentOrder): void {
  if (owner !== order.enterprise)
    throw new ContractError('NOT_YOUR_RECORD', 'the deposit is of another enterprise', 'order.from');
}
