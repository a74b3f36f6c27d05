import { digestOf } from '../../chaincode/ledger/canonical';
import type { ExecutedOrder } from '../../chaincode/lending/books/model';
import type { PaymentOrder } from '../../chaincode/lending/books/payment-order';
import type { ProblemCode } from '../http/codes';
import { Problem } from '../http/problem';
import type { IdempotencyContext, User } from '../http/route';
import type { LendingChannel } from '../ledger/channels';
import type { Committed } from '../ledger/client';
import { LedgerError } from '../ledger/errors';
import type { LendingContract } from '../ledger/lending';

/** What an order may be refused for, whatever it orders. */
export const orderProblems = [
  'STATEMENT_MISMATCH',
  'NOT_YOUR_RECORD',
  'ORDER_EXPIRED',
  'ALREADY_EXISTS',
  'ENTERPRISE_NOT_ACTIVE',
  'ENTERPRISE_SIGNATURE_INVALID',
  'SIGNATURE_INVALID',
  'SIGNATURE_REPLAYED',
  'SIGNATORY_UNKNOWN',
  'SIGNATORY_NOT_AUTHORISED',
  'QUORUM_MISSING',
  'ACCOUNT_NOT_OPEN',
  'INSUFFICIENT_FUNDS',
  'BUSINESS_DAY_NOT_OPEN',
  'NOT_FOUND',
] as const satisfies readonly ProblemCode[];

/** How an order is carried out. */
export interface Carrying {
  readonly contract: LendingContract;
  readonly user: User;
  readonly idempotency: IdempotencyContext;
  readonly submit: (channel: LendingChannel) => Promise<Committed>;
}

/** An order that was carried out, and on which bank's channel. */
export interface CarriedOut {
  readonly channel: LendingChannel;
  readonly executed: ExecutedOrder;
}

/**
 * Has an order carried out. Its id is used up once, so that the same order brought again finds itself carried out; another
 * one under its id is refused.
 *
 * @throws Problem `ALREADY_EXISTS` where the id served another order.
 */
export async function carryOut(order: PaymentOrder, carrying: Carrying): Promise<CarriedOut> {
  const { contract, user, idempotency, submit } = carrying;
  const channel = contract.channelNamed(order.channel);
  const executed = () =>
    contract.evaluate(user.identity, channel, 'books:GetOrder', { orderId: order.orderId });
  try {
    await submit(channel);
  } catch (error) {
    if (!(error instanceof LedgerError) || !error.fromContract) throw error;
    const mayBeDone = error.code === 'ALREADY_EXISTS' || idempotency.resumed;
    const found = mayBeDone ? await orNone(executed()) : undefined;
    if (found === undefined) throw error;
    if (found.digest !== digestOf(order))
      throw new Problem('ALREADY_EXISTS', 'The id is in use for another order', {
        cause: error,
        errors: [{ field: 'order.orderId', message: 'is in use' }],
      });
    return { channel, executed: found };
  }
  return { channel, executed: await executed() };
}

/** Holds what a path names against what is signed. @throws Problem `STATEMENT_MISMATCH`. */
export function requireAbout(kind: 'hold' | 'loan' | 'line', named: string, signed: string): void {
  if (named !== signed)
    throw new Problem('STATEMENT_MISMATCH', `The order is about another ${kind}`, {
      errors: [{ field: `order.${kind}Id`, message: `is not the ${kind} of the path` }],
    });
}

async function orNone<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof LedgerError && ['NOT_FOUND', 'NOT_YOUR_RECORD'].includes(error.code))
      return undefined;
    throw error;
  }
}
