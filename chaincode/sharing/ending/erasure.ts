import type { Context } from 'fabric-contract-api';
import { requireRole } from '../../ledger/caller';
import { emit, requireDocument, writeDocument } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import { situationOf } from '../../registry/situation';
import type { PurgeStatement } from '../model';
import { checks, keys } from '../store';
import type { StateErasureInput } from './model';

/**
 * The bank states that its downstream systems hold nothing of a delivery any more. The ledger proves that the officer of the
 * bank said so, by the transaction's signature, and when; not that it is true.
 *
 * @throws ContractError UNAUTHORISED_ROLE, STATE_CONFLICT before the purge or where it was stated already.
 */
export async function stateErasure(ctx: Context, { requestId, systems }: StateErasureInput): Promise<void> {
  const { caller, bank, time } = await situationOf(ctx, {});
  requireRole(caller, 'auditor');
  if (caller.msp !== bank)
    throw new ContractError('UNAUTHORISED_ROLE', 'this takes the bank of this channel');
  const purge = await requireDocument(ctx, keys.purge(requestId), checks.purge);
  if (purge.status !== 'PURGED')
    throw new ContractError('STATE_CONFLICT', 'the ledger holds it still: purge first', 'requestId');
  if (purge.erasure !== undefined)
    throw new ContractError('STATE_CONFLICT', 'the erasure is stated already', 'requestId');
  const stated: PurgeStatement = { ...purge, erasure: { statedAt: time.instant, systems } };
  await writeDocument(ctx, keys.purge(requestId), stated);
  emit(ctx, 'ErasureStated', { requestId });
}
