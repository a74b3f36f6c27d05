import type { Context } from 'fabric-contract-api';
import type { Caller } from '../ledger/caller';
import { transactionTime } from '../ledger/clock';
import { ContractError } from '../ledger/errors';
import { findAnchor, findHead } from './anchors';
import { clockSkewOf, findRecordType, loadConsortium } from './consortium';
import { findEnterprise } from './enterprises';
import { findIssuer } from './issuers';
import type { Anchor, Evidence, EvidenceInput, RecordType } from './model';

/** Gathers what `sharing` decides on: everything verified here and now, and what does not hold left out. */
export async function gatherEvidence(ctx: Context, caller: Caller, input: EvidenceInput): Promise<Evidence> {
  const whole = await loadConsortium(ctx);
  const { name, version, organisations, channels, purposes } = whole;
  const today = transactionTime(ctx, clockSkewOf(whole, ctx.stub.getChannelID())).day;
  if (input.uscc !== undefined) requireOwnEnterprise(caller, input.uscc);
  const enterprise = input.uscc === undefined ? undefined : await findEnterprise(ctx, whole, input.uscc);
  const issuers: Record<string, Evidence['issuers'][string]> = {};
  for (const issuer of input.issuers ?? []) {
    const found = await findIssuer(ctx, whole, issuer);
    if (found === undefined) continue;
    const keys = Object.entries(found.keys);
    issuers[issuer] = {
      msp: found.msp,
      keys: Object.fromEntries(keys.map(([kid, { jwk }]) => [kid, jwk] as const)),
      inForce: keys.flatMap(([kid, { from, to }]) =>
        from <= today && (to === undefined || today <= to) ? [kid] : [],
      ),
    };
  }
  const recordTypes: Record<string, RecordType> = {};
  for (const code of input.recordTypes ?? []) {
    const found = await findRecordType(ctx, whole, code);
    if (found !== undefined) recordTypes[code] = found;
  }
  return {
    consortium: { name, version, organisations, channels, purposes },
    ...(enterprise === undefined ? {} : { enterprise: enterprise.entry }),
    issuers,
    recordTypes,
    anchors: await anchorsOf(ctx, input.records ?? []),
    heads: await headsOf(ctx, input.handles ?? []),
  };
}

/** Anchors that count, by record id. */
export async function anchorsOf(
  ctx: Context,
  ids: readonly string[],
): Promise<Readonly<Record<string, Anchor>>> {
  const anchors: Record<string, Anchor> = {};
  for (const id of ids) {
    const anchor = await findAnchor(ctx, id);
    if (anchor !== undefined) anchors[id] = anchor;
  }
  return anchors;
}

/** Last sequence numbers that hold, by handle. */
export async function headsOf(
  ctx: Context,
  handles: readonly string[],
): Promise<Readonly<Record<string, number>>> {
  const heads: Record<string, number> = {};
  for (const handle of handles) {
    const seq = await findHead(ctx, handle);
    if (seq !== undefined) heads[handle] = seq;
  }
  return heads;
}

/**
 * Enterprises are clients of one organisation and may not look each other up.
 *
 * @throws ContractError `NOT_YOUR_RECORD` where the caller belongs to another enterprise.
 */
export function requireOwnEnterprise(caller: Caller, uscc: string): void {
  if (caller.uscc !== undefined && caller.uscc !== uscc)
    throw new ContractError('NOT_YOUR_RECORD', 'this is about another enterprise', 'uscc');
}
