import { Type } from 'typebox';
import { OpaqueId, strict } from '../../chaincode/ledger/schemas';
import { ApplicationView } from '../../chaincode/lending/applications/model';
import { requireDone } from '../http/repeats';
import type { IdempotencyContext, Reply, User } from '../http/route';
import type { LendingChannel } from '../ledger/channels';
import type { Committed } from '../ledger/client';
import type { LendingContract } from '../ledger/lending';
import { OfBank, ofBank } from '../lending/banks';

export const ApplicationParams = Type.Object({ applicationId: OpaqueId }, strict);

/** An application with the public part of its decision, and the bank. */
export const ApplicationOfBank = OfBank(ApplicationView);

/** An application by its id alone, on whichever bank's channel it lies. @throws Problem `NOT_FOUND`. */
export function findApplication(contract: LendingContract, { identity }: User, applicationId: string) {
  return contract.find(identity, `application ${applicationId}`, 'applications:Get', { applicationId });
}

interface Move {
  readonly contract: LendingContract;
  readonly user: User;
  readonly idempotency: IdempotencyContext;
  readonly submit: (channel: LendingChannel, before: ApplicationView) => Promise<Committed>;
  /** Whether the application shows that this was done, for a request that was cut off. */
  readonly done: (view: ApplicationView) => boolean;
}

/** Moves an application and answers it as it is then; nothing private is in the answer, which is kept for repetitions. */
export async function moveApplication(applicationId: string, move: Move): Promise<Reply> {
  const { contract, user, idempotency, submit, done } = move;
  const { channel, found } = await findApplication(contract, user, applicationId);
  const find = () => contract.evaluate(user.identity, channel, 'applications:Get', { applicationId });
  try {
    await submit(channel, found);
  } catch (error) {
    await requireDone(error, idempotency, async () => done(await find()));
  }
  return { status: 200, body: ofBank(channel, await find()) };
}
