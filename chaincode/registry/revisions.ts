import type { Context } from 'fabric-contract-api';
import type { Caller } from '../ledger/caller';
import type { TransactionTime } from '../ledger/clock';
import { ContractError } from '../ledger/errors';
import { findAnchor } from './anchors';
import { actsFor } from './issuers';
import type { Anchor, Consortium, ReviseRecordInput } from './model';
import { heldClaims, type HeldClaims } from './records';

/**
 * Decides how an anchor changes: only from `ACTIVE`, finally, and a superseding record is one of the same fact.
 *
 * @throws ContractError `NOT_FOUND`, `NOT_YOUR_RECORD`, `RECORD_NOT_ACTIVE`, `RECORD_NOT_ANCHORED`, `INVALID_INPUT`.
 */
export async function reviseAnchor(
  ctx: Context,
  consortium: Consortium,
  caller: Caller,
  input: ReviseRecordInput,
  time: TransactionTime,
): Promise<Anchor> {
  const anchor = await findAnchor(ctx, input.id);
  if (anchor === undefined) throw new ContractError('NOT_FOUND', 'there is no such record', 'id');
  // The issuer's organisation endorses this alone (key-level policy), so its own collection is at hand.
  const held = anchor.msp === caller.msp ? await heldClaims(ctx, caller.msp, input.id) : undefined;
  if (held === undefined || !actsFor(consortium, caller, held.claims.iss, ['attester']))
    throw new ContractError('NOT_YOUR_RECORD', 'only its issuer changes a record', 'id');
  if (anchor.status !== 'ACTIVE')
    throw new ContractError('RECORD_NOT_ACTIVE', `the record is ${anchor.status}`, 'id');
  if ((input.status === 'SUPERSEDED') !== (input.supersededBy !== undefined))
    throw new ContractError('INVALID_INPUT', 'goes with SUPERSEDED, and only with it', 'supersededBy');
  if (input.supersededBy !== undefined)
    await checkSuccessor(ctx, caller.msp, input.id, input.supersededBy, held.claims);
  return {
    ...anchor,
    status: input.status,
    reason: input.reason,
    changedAt: time.instant,
    ...(input.supersededBy === undefined ? {} : { supersededBy: input.supersededBy }),
  };
}

async function checkSuccessor(
  ctx: Context,
  msp: string,
  id: string,
  successor: string,
  claims: HeldClaims,
): Promise<void> {
  const anchor = successor === id ? undefined : await findAnchor(ctx, successor);
  if (anchor?.msp !== msp || anchor.status !== 'ACTIVE')
    throw new ContractError('RECORD_NOT_ANCHORED', 'is no active record of yours', 'supersededBy');
  const held = await heldClaims(ctx, msp, successor);
  if (held?.claims.iss !== claims.iss || held.claims.sub !== claims.sub || held.claims.vct !== claims.vct)
    throw new ContractError('NOT_YOUR_RECORD', 'is about something else', 'supersededBy');
}
