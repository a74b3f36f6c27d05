import type { Context } from 'fabric-contract-api';
import { Type, type Static } from 'typebox';
import { hasRole } from '../../ledger/caller';
import { pageOfIndex, requireDocument } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import { OpaqueId, strict } from '../../ledger/schemas';
import { isSupervisor, situationOf } from '../../registry/situation';
import { checks, citedIndex, keys, loadApplication } from './store';

export const CitationInput = Type.Object({ applicationId: OpaqueId, requestId: OpaqueId }, strict);
export const CitingInput = Type.Object({ requestId: OpaqueId }, strict);

/** That a signed loan cites a delivery. */
export interface Citation {
  readonly applicationId: string;
  readonly requestId: string;
  /** SHA-256 of the delivery's bytes, as the evidence names it. */
  readonly digest: string;
  /** When the signatories' acceptance was taken. */
  readonly acceptedAt: string;
}

async function requireAsker(ctx: Context): Promise<void> {
  const situation = await situationOf(ctx);
  const { caller, bank } = situation;
  const staff = caller.msp === bank && hasRole(caller, 'purge-agent', 'auditor', 'credit-officer');
  if (!staff && !isSupervisor(situation))
    throw new ContractError('NOT_YOUR_RECORD', 'this is for the bank and the supervisor');
}

/**
 * What a signed loan cites of a delivery: what its bank may keep as evidence rests on it.
 *
 * @throws ContractError `EVIDENCE_NOT_CITED` where nothing was signed, or the evidence is another; `NOT_FOUND`,
 * `NOT_YOUR_RECORD`.
 */
export async function getCitation(
  ctx: Context,
  { applicationId, requestId }: Static<typeof CitationInput>,
): Promise<Citation> {
  await requireAsker(ctx);
  const application = await loadApplication(ctx, applicationId);
  const cited = application.evidence?.deliveries.find((delivery) => delivery.requestId === requestId);
  const bytes = await ctx.stub.getState(keys.mandate(applicationId));
  if (cited === undefined || bytes.length === 0)
    throw new ContractError('EVIDENCE_NOT_CITED', 'no signed loan cites this delivery', 'requestId');
  const mandate = await requireDocument(ctx, keys.mandate(applicationId), checks.mandate);
  return { applicationId, requestId, digest: cited.digest, acceptedAt: mandate.acceptedAt };
}

/** Ids of the signed loans that cite a delivery. @throws ContractError `NOT_YOUR_RECORD`. */
export async function listCiting(ctx: Context, requestId: string): Promise<readonly string[]> {
  await requireAsker(ctx);
  const { keys: found } = await pageOfIndex(ctx, citedIndex, [requestId], { pageSize: 20 });
  return found.flatMap(([, applicationId]) => applicationId ?? []);
}
