import type { Context } from 'fabric-contract-api';
import type { Caller } from '../ledger/caller';
import { readPrivate, writePrivate } from '../ledger/documents';
import { ContractError } from '../ledger/errors';
import { check } from '../ledger/parse';
import { findDepartment, requireRecordType } from './consortium';
import { CadenceHistory, type Consortium, type StoreRecordsTransient } from './model';

export const cadenceKey = (id: string) => `cadence~${id}`;
export const cadenceCheck = check(CadenceHistory);

type GivenCadence = NonNullable<StoreRecordsTransient['cadences']>[number];

/** Stores how often enterprises have to file, in the collection of the caller's organisation. */
export async function storeCadences(
  ctx: Context,
  consortium: Consortium,
  caller: Caller,
  { salt, cadences = [] }: StoreRecordsTransient,
): Promise<void> {
  const changed = new Map<string, CadenceHistory>();
  for (const [position, given] of cadences.entries()) {
    const field = `cadences.${position}`;
    const place = findDepartment(consortium, caller.department ?? '');
    if (place?.msp !== caller.msp || !place.department.recordTypes.includes(given.recordType))
      throw new ContractError('NOT_YOUR_RECORD', 'your department does not attest this type', field);
    const { cadences: allowed } = await requireRecordType(ctx, consortium, given.recordType);
    if (!allowed.includes(given.cadence))
      throw new ContractError('RECORD_SCHEMA_INVALID', 'is none of the type', `${field}.cadence`);
    const stored =
      changed.get(given.id) ?? (await readPrivate(ctx, caller.msp, cadenceKey(given.id), cadenceCheck));
    const history = extendHistory(stored, given, `department:${place.department.id}`, salt, field);
    if (history !== stored) changed.set(given.id, history);
  }
  for (const [id, history] of changed) await writePrivate(ctx, caller.msp, cadenceKey(id), history);
}

/**
 * The history with one more change at its end; the history itself where it says so already.
 *
 * @throws ContractError `INVALID_INPUT` where the change is not after the last, `NOT_YOUR_RECORD` where the id is of
 * something else.
 */
export function extendHistory(
  stored: CadenceHistory | undefined,
  { id, uscc, recordType, cadence, from }: GivenCadence,
  issuer: string,
  salt: string,
  field: string,
): CadenceHistory {
  const current = stored ?? { salt, id, issuer, subject: uscc, recordType, cadences: [] };
  if (current.issuer !== issuer || current.subject !== uscc || current.recordType !== recordType)
    throw new ContractError('NOT_YOUR_RECORD', 'the id is of another issuer, subject or type', `${field}.id`);
  const last = current.cadences.at(-1);
  if (stored !== undefined && last?.cadence === cadence && from >= last.from) return stored;
  if (last !== undefined && from <= last.from)
    throw new ContractError('INVALID_INPUT', 'is not after the last change', `${field}.from`);
  return { ...current, salt, cadences: [...current.cadences, { cadence, from }] };
}
