import { Type, type TSchema } from 'typebox';
import { digestOf } from '../../chaincode/ledger/canonical';
import { CompactJws, strict } from '../../chaincode/ledger/schemas';
import type { ExecutedOrder } from '../../chaincode/lending/books/model';
import type { PaymentOrder } from '../../chaincode/lending/books/payment-order';
import type { ProblemCode } from '../http/codes';
import { Problem } from '../http/problem';
import type { IdempotencyContext, User } from '../http/route';
import type { LendingChannel } from '../ledger/channels';
import type { Committed } from '../ledger/client';
import { LedgerError } from '../ledger/errors';
import type { LendingContract } from '../ledger/lending';

/** A body with an order and what its signatories signed. The keys are in the signatories' own hands. */
export const SignedOrder = <T extends TSchema>(order: T) =>
  Type.Object(
    {
      order,
      signatures: Type.Array(CompactJws, {
        minItems: 1,
        maxItems: 20,
        description: 'Of as many signatories as bind the enterprise (see `enterprise-signer`).',
      }),
    },
    strict,
  );

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

interface Carrying {
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

async function orNone<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof LedgerError && ['NOT_FOUND', 'NOT_YOUR_RECORD'].includes(error.code))
      return undefined;
    throw error;
  }
}
