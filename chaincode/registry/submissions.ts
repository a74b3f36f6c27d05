import type { Context } from 'fabric-contract-api';
import { digestOf } from '../ledger/canonical';
import { hasRole, type Caller } from '../ledger/caller';
import type { TransactionTime } from '../ledger/clock';
import { exists, requireDocument } from '../ledger/documents';
import { ContractError } from '../ledger/errors';
import { check } from '../ledger/parse';
import { findAnchor } from './anchors';
import {
  compileFields,
  findDepartment,
  hasOrganisationRole,
  requireRecordTypeUnseen,
  type DepartmentPlace,
} from './consortium';
import {
  DocumentTransient,
  Submission,
  type Consortium,
  type ExamineDocumentInput,
  type SubmitDocumentInput,
} from './model';
import { isPeriodOf } from './periods';
import { heldClaims } from './records';

export const submissionKey = (id: string) => `submission~${id}`;
export const documentKey = (id: string) => `document~${id}`;
export const submissionCheck = check(Submission);
export const documentCheck = check(DocumentTransient);

/** The document goes to the department's organisation and to the enterprise's own, whose peers both endorse. */
export async function submitDocument(
  ctx: Context,
  consortium: Consortium,
  caller: Caller,
  input: SubmitDocumentInput,
  document: DocumentTransient,
  time: TransactionTime,
): Promise<Submission> {
  if (!hasOrganisationRole(consortium, caller.msp, 'enterprise') || !hasRole(caller, 'enterprise-user'))
    throw new ContractError('UNAUTHORISED_ROLE', 'a user of the enterprise submits its documents');
  if (caller.uscc !== document.uscc)
    throw new ContractError('NOT_YOUR_RECORD', 'is about another enterprise', 'document.uscc');
  const place = findDepartment(consortium, input.department);
  if (place?.department.recordTypes.includes(document.recordType) !== true)
    throw new ContractError('UNKNOWN_DEPARTMENT', 'no such department attests that type', 'department');
  const recordType = await requireRecordTypeUnseen(ctx, consortium, document.recordType);
  if (!recordType.cadences.some((cadence) => isPeriodOf(document.period, cadence)))
    throw new ContractError('RECORD_SCHEMA_INVALID', 'is no period of the type', 'document.period');
  compileFields(recordType).require(document.fields, 'RECORD_SCHEMA_INVALID', 'document.fields');
  if (await exists(ctx, submissionKey(input.id)))
    throw new ContractError('ALREADY_EXISTS', 'a submission has this id', 'id');
  return {
    id: input.id,
    department: input.department,
    msp: place.msp,
    digest: digestOf(document),
    status: 'SUBMITTED',
    submittedAt: time.instant,
  };
}

/**
 * Decides an examination, by the department addressed. Endorsing links the record that the department attested from it.
 *
 * @throws ContractError `NOT_FOUND`, `NOT_YOUR_RECORD`, `STATE_CONFLICT`, `INVALID_INPUT`, `RECORD_NOT_ANCHORED`.
 */
export async function examineDocument(
  ctx: Context,
  consortium: Consortium,
  caller: Caller,
  input: ExamineDocumentInput,
  document: DocumentTransient | undefined,
  time: TransactionTime,
): Promise<Submission> {
  const submission = await requireDocument(ctx, submissionKey(input.id), submissionCheck);
  departmentOf(consortium, caller, submission.department);
  if (submission.status !== 'SUBMITTED')
    throw new ContractError('STATE_CONFLICT', `the document is ${submission.status}`, 'id');
  if (document === undefined || digestOf(document) !== submission.digest)
    throw new ContractError('PRIVATE_DATA_MISMATCH', 'the document is not the one submitted', 'id');
  const endorsed = input.outcome === 'ENDORSED';
  if (endorsed !== (input.recordId !== undefined))
    throw new ContractError('INVALID_INPUT', 'goes with ENDORSED, and only with it', 'recordId');
  if (endorsed === (input.reason !== undefined))
    throw new ContractError('INVALID_INPUT', 'goes with REJECTED, and only with it', 'reason');
  if (input.recordId !== undefined) await checkRecord(ctx, submission, document, input.recordId);
  return {
    ...submission,
    status: input.outcome,
    examinedAt: time.instant,
    ...(input.recordId === undefined ? {} : { recordId: input.recordId }),
    ...(input.reason === undefined ? {} : { reason: input.reason }),
  };
}

/** The department that an examiner works for. @throws ContractError `UNAUTHORISED_ROLE` where it is another. */
export function departmentOf(consortium: Consortium, caller: Caller, id: string): DepartmentPlace {
  const place = findDepartment(consortium, id);
  if (!hasRole(caller, 'examiner') || caller.department !== id || place?.msp !== caller.msp)
    throw new ContractError('UNAUTHORISED_ROLE', 'an examiner of that department does this');
  return place;
}

async function checkRecord(
  ctx: Context,
  submission: Submission,
  document: DocumentTransient,
  recordId: string,
): Promise<void> {
  const anchor = await findAnchor(ctx, recordId);
  if (anchor?.msp !== submission.msp || anchor.status !== 'ACTIVE')
    throw new ContractError('RECORD_NOT_ANCHORED', 'is no active record of yours', 'recordId');
  const held = await heldClaims(ctx, submission.msp, recordId);
  const agrees =
    held?.claims.sub === document.uscc &&
    held.claims.iss === `department:${submission.department}` &&
    held.claims.vct.startsWith(`urn:sme-credit:record:${document.recordType}:`) &&
    held.claims.assurance === 'VERIFIED';
  if (!agrees) throw new ContractError('NOT_YOUR_RECORD', 'is not what was submitted, verified', 'recordId');
}
