import type { Context } from 'fabric-contract-api';
import type { Caller } from '../ledger/caller';
import { readPrivate } from '../ledger/documents';
import { ContractError } from '../ledger/errors';
import { check } from '../ledger/parse';
import { cadenceCheck, cadenceKey } from './cadences';
import { actsFor } from './issuers';
import { HeldRecord, type CadenceHistory, type Consortium, type HandleIndex } from './model';
import { disclosuresKey, heldClaims, indexCheck, indexKey } from './records';

/**
 * Private reads go to the collection of the caller's own organisation, whichever peer they are sent to: another's peer
 * does not hold it and refuses. Within an organisation they go to the issuer alone: all enterprises are clients of one.
 */
const readers = ['attester', 'examiner', 'release-agent'] as const;

const disclosuresCheck = check(HeldRecord.properties.disclosures);

/** Records that the caller's issuer holds; those that do not exist are left out. @throws ContractError `PRIVATE_READ_REFUSED`. */
export async function readRecords(
  ctx: Context,
  consortium: Consortium,
  caller: Caller,
  ids: readonly string[],
): Promise<HeldRecord[]> {
  const records: HeldRecord[] = [];
  for (const id of ids) {
    const held = await heldClaims(ctx, caller.msp, id);
    if (held === undefined) continue;
    refuseOthers(consortium, caller, held.claims.iss);
    const disclosures = await readPrivate(ctx, caller.msp, disclosuresKey(id), disclosuresCheck);
    records.push({ id, jwt: held.jwt, disclosures: disclosures ?? [] });
  }
  return records;
}

/** Indexes of the caller's issuer; those that do not exist are left out. @throws ContractError `PRIVATE_READ_REFUSED`. */
export async function readIndexes(
  ctx: Context,
  consortium: Consortium,
  caller: Caller,
  handles: readonly string[],
): Promise<HandleIndex[]> {
  const indexes: HandleIndex[] = [];
  for (const handle of handles) {
    const index = await readPrivate(ctx, caller.msp, indexKey(handle), indexCheck);
    if (index === undefined) continue;
    refuseOthers(consortium, caller, index.issuer);
    indexes.push(index);
  }
  return indexes;
}

/** Cadences of the caller's issuer; those that do not exist are left out. @throws ContractError `PRIVATE_READ_REFUSED`. */
export async function readCadences(
  ctx: Context,
  consortium: Consortium,
  caller: Caller,
  ids: readonly string[],
): Promise<CadenceHistory[]> {
  const histories: CadenceHistory[] = [];
  for (const id of ids) {
    const history = await readPrivate(ctx, caller.msp, cadenceKey(id), cadenceCheck);
    if (history === undefined) continue;
    refuseOthers(consortium, caller, history.issuer);
    histories.push(history);
  }
  return histories;
}

function refuseOthers(consortium: Consortium, caller: Caller, issuer: string): void {
  if (!actsFor(consortium, caller, issuer, readers))
    throw new ContractError('PRIVATE_READ_REFUSED', 'only its issuer reads this');
}
