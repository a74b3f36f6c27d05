import type { Context } from 'fabric-contract-api';
import { digestOf } from '../ledger/canonical';
import { findDocument, readDocument } from '../ledger/documents';
import { ContractError } from '../ledger/errors';
import { check, compileJsonSchema } from '../ledger/parse';
import { Consortium, RecordType, type Department, type SetUpInput } from './model';
import { type Purpose } from './purpose-model';

/** Where the consortium's state lies: one key, so that its key-level policy covers all of it. */
export const consortiumKey = 'consortium';
export const recordTypeKey = (code: string) => `type~${code}`;

const consortiumCheck = check(Consortium);
const recordTypeCheck = check(RecordType);

export type Organisation = Consortium['organisations'][number];
export type OrganisationRole = Organisation['roles'][number];

/** A department and the organisation that it belongs to. */
export interface DepartmentPlace {
  readonly msp: string;
  readonly department: Department;
}

/** @throws ContractError `NOT_SET_UP` before `SetUp`. */
export async function loadConsortium(ctx: Context): Promise<Consortium> {
  const consortium = await readDocument(ctx, consortiumKey, consortiumCheck);
  if (consortium === undefined) throw new ContractError('NOT_SET_UP', 'the consortium has no state yet');
  return consortium;
}

/**
 * A record type, if the consortium's state names exactly this document: the key of its own has the same policy, but a
 * code that the consortium never took has none.
 */
export async function findRecordType(
  ctx: Context,
  consortium: Consortium,
  code: string,
): Promise<RecordType | undefined> {
  const digest = Object.hasOwn(consortium.recordTypes, code) ? consortium.recordTypes[code] : undefined;
  if (digest === undefined) return undefined;
  const recordType = await findDocument(ctx, recordTypeKey(code), recordTypeCheck);
  return recordType !== undefined && digestOf(recordType) === digest ? recordType : undefined;
}

/** @throws ContractError `UNKNOWN_RECORD_TYPE`. */
export async function requireRecordType(
  ctx: Context,
  consortium: Consortium,
  code: string,
): Promise<RecordType> {
  const found = await findRecordType(ctx, consortium, code);
  if (found === undefined) throw new ContractError('UNKNOWN_RECORD_TYPE', 'the consortium has no such type');
  return found;
}

/**
 * A record type, of all that are read. A transaction's read set is public: the one type that was read would tell what the
 * record is, and that somebody was fined.
 *
 * @throws ContractError `UNKNOWN_RECORD_TYPE`.
 */
export async function requireRecordTypeUnseen(
  ctx: Context,
  consortium: Consortium,
  code: string,
): Promise<RecordType> {
  let found: RecordType | undefined;
  for (const known of Object.keys(consortium.recordTypes).sort()) {
    const recordType = await findRecordType(ctx, consortium, known);
    if (known === code) found = recordType;
  }
  if (found === undefined) throw new ContractError('UNKNOWN_RECORD_TYPE', 'the consortium has no such type');
  return found;
}

export function mspsOfRole(consortium: Consortium, role: OrganisationRole): readonly string[] {
  return consortium.organisations.filter(({ roles }) => roles.includes(role)).map(({ msp }) => msp);
}

export function hasOrganisationRole(consortium: Consortium, msp: string, role: OrganisationRole): boolean {
  return mspsOfRole(consortium, role).includes(msp);
}

export function findDepartment(consortium: Consortium, id: string): DepartmentPlace | undefined {
  for (const { msp, departments } of consortium.organisations) {
    const department = departments.find((candidate) => candidate.id === id);
    if (department !== undefined) return { msp, department };
  }
  return undefined;
}

/** How far two clocks may be apart on a channel. @throws ContractError `STATE_INVALID` where it is not in the consortium. */
export function clockSkewOf(consortium: Consortium, channel: string): number {
  const found = consortium.channels.find(({ name }) => name === channel);
  if (found === undefined)
    throw new ContractError('STATE_INVALID', 'the consortium does not know this channel');
  return found.clockSkewSeconds;
}

/** Smallest number of organisations that is more than half. */
export function majorityOf(count: number): number {
  return Math.floor(count / 2) + 1;
}

/**
 * Checks that the state of a consortium holds together: names once, references that lead somewhere, schemas that compile.
 *
 * @throws ContractError `INVALID_INPUT` naming the member at fault.
 */
export function checkSetUp({ consortium, recordTypes }: SetUpInput): void {
  const { organisations, channels, purposes } = consortium;
  unique(
    organisations.map(({ msp }) => msp),
    'consortium.organisations',
  );
  unique(
    channels.map(({ name }) => name),
    'consortium.channels',
  );
  unique(
    purposes.map(({ code }) => code),
    'consortium.purposes',
  );
  unique(
    recordTypes.map(({ code }) => code),
    'recordTypes',
  );
  const departments = organisations.flatMap((organisation) => organisation.departments);
  unique(
    departments.map(({ id }) => id),
    'consortium.organisations.departments',
  );
  unique(
    departments.flatMap(({ keys }) => keys.map(({ kid }) => kid)),
    'consortium.organisations.departments.keys',
  );
  checkRecordTypes(consortium, recordTypes);
  for (const { name, departments: own, roles } of organisations)
    if (own.length > 0 && !roles.includes('government'))
      invalid(`${name} has departments and is no government`, 'consortium.organisations');
  for (const department of departments)
    for (const code of department.recordTypes)
      if (recordTypes.find((type) => type.code === code)?.attestedBy !== 'department')
        invalid(`department ${department.id} cannot attest ${code}`, 'consortium.organisations.departments');
  for (const { name, bank } of channels)
    if (bank !== undefined && !hasOrganisationRole(consortium, bank, 'bank'))
      invalid(`${name} is for an organisation that is no bank`, 'consortium.channels');
  for (const purpose of purposes) checkTemplate(purpose);
  for (const purpose of purposes)
    for (const item of [...purpose.items, ...(purpose.questions ?? [])]) {
      const known = fieldsOf(recordTypes.find((type) => type.code === item.recordType));
      if (!item.fields.every((field) => known.includes(field)))
        invalid(`${purpose.code} names a field that ${item.recordType} does not have`, 'consortium.purposes');
    }
}

/** A template that asks for more than its purpose allows would be refused each time it is used. */
function checkTemplate({ code, template, ...purpose }: Purpose): void {
  if (template === undefined) return;
  const beyond = template.items?.some(({ recordType, fields }) => {
    const ceiling = purpose.items.find((item) => item.recordType === recordType);
    return ceiling === undefined || fields.some((field) => !ceiling.fields.includes(field));
  });
  const within =
    template.rangeMonths <= purpose.maxRangeMonths &&
    template.validityDays <= purpose.maxValidityDays &&
    template.purgeDays <= purpose.maxPurgeDays &&
    template.evidenceYears <= purpose.maxEvidenceYears;
  if (beyond === true || !within)
    invalid(`the template of ${code} is beyond its ceilings`, 'consortium.purposes');
}

/** Names of a record type's fields; none where there is no type. */
export function fieldsOf(recordType: RecordType | undefined): readonly string[] {
  const properties: unknown = recordType?.schema.properties;
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}

function checkRecordTypes(consortium: Consortium, recordTypes: readonly RecordType[]): void {
  if (Object.keys(consortium.recordTypes).length !== recordTypes.length)
    invalid('lists other record types than are given', 'consortium.recordTypes');
  for (const recordType of recordTypes) {
    if (consortium.recordTypes[recordType.code] !== digestOf(recordType))
      invalid(`is not the digest of ${recordType.code}`, 'consortium.recordTypes');
    const fields = fieldsOf(recordType);
    if (fields.length === 0) invalid(`${recordType.code} has no fields`, 'recordTypes');
    if (recordType.personal?.every((field) => fields.includes(field)) === false)
      invalid(`${recordType.code} calls a field personal that it does not have`, 'recordTypes');
    compileFields(recordType);
  }
}

/** The check of a record type's fields. @throws ContractError `INVALID_INPUT` where its schema is none. */
export function compileFields(recordType: RecordType) {
  try {
    return compileJsonSchema(recordType.schema);
  } catch (error) {
    if (error instanceof Error) return invalid(`${recordType.code} has no valid schema`, 'recordTypes');
    throw error;
  }
}

function unique(names: readonly string[], field: string): void {
  if (new Set(names).size !== names.length) invalid('has a name twice', field);
}

function invalid(reason: string, field: string): never {
  throw new ContractError('INVALID_INPUT', reason, field);
}
