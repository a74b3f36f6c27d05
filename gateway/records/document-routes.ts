import { digestOf } from '../../chaincode/ledger/canonical';
import type { DocumentTransient } from '../../chaincode/registry/model';
import { Problem } from '../http/problem';
import { requireSame } from '../http/repeats';
import { route, type Route, type User } from '../http/route';
import { LedgerError } from '../ledger/errors';
import type { RecordContext } from './context';
import type { Fact } from './facts';
import { DocumentBody, DocumentView, ExamineBody, IdParams } from './model';
import type { RegistryClient } from './registry';

/** Documents that enterprises hand to agencies, and what becomes of them. */
export function documentRoutes(context: RecordContext): readonly Route[] {
  const { roles } = context.services.organisation;
  const isAgency = roles.includes('government');
  const isEnterprise = roles.includes('enterprise');
  return [
    ...(isEnterprise ? [submitDocument(context)] : []),
    ...(isAgency || isEnterprise ? [getDocument(context)] : []),
    ...(isAgency ? [examineDocument(context)] : []),
  ];
}

function submitDocument(context: RecordContext): Route {
  return route({
    method: 'POST',
    path: '/v1/documents',
    id: 'submitDocument',
    tag: 'documents',
    summary: 'Hand a document to a department for examination',
    description: 'Its content goes to the department’s organisation and the enterprise’s own platform only.',
    scope: 'documents:write',
    body: DocumentBody,
    responses: { 201: { description: 'Submitted.', schema: DocumentView } },
    problems: ['UNKNOWN_DEPARTMENT', 'UNKNOWN_RECORD_TYPE', 'RECORD_SCHEMA_INVALID', 'NOT_YOUR_RECORD'],
    idempotency: 'required',
    async handler({ body: { department, recordType, period, fields }, user, idempotency }) {
      const registry = context.registry(user);
      const id = idempotency.id('document');
      const document: DocumentTransient = {
        // The same for each repetition, so that a repeated request has the same digest.
        salt: idempotency.id('salt'),
        uscc: uscc(user),
        recordType,
        period,
        fields,
      };
      try {
        await registry.submitDocument({ id, department }, document, mspOf(context, department));
      } catch (error) {
        await requireSame(error, async () => (await registry.submission(id)).digest === digestOf(document));
      }
      return {
        status: 201,
        body: await viewOf(registry, id, undefined),
        headers: { Location: `/v1/documents/${id}` },
      };
    },
  });
}

function getDocument(context: RecordContext): Route {
  return route({
    method: 'GET',
    path: '/v1/documents/{id}',
    id: 'getDocument',
    tag: 'documents',
    summary: 'What became of a document; its content for the department that examines it',
    scope: 'documents:read',
    params: IdParams,
    responses: { 200: { description: 'The document.', schema: DocumentView } },
    problems: ['NOT_FOUND'],
    idempotency: 'none',
    async handler({ params: { id }, user }) {
      const registry = context.registry(user);
      const content = user.department === undefined ? undefined : await documentOrNone(registry, id);
      return { status: 200, body: await viewOf(registry, id, content) };
    },
  });
}

function examineDocument(context: RecordContext): Route {
  return route({
    method: 'POST',
    path: '/v1/documents/{id}:examine',
    id: 'examineDocument',
    tag: 'documents',
    summary: 'Endorse a document, which attests a record of assurance VERIFIED, or reject it',
    scope: 'documents:examine',
    params: IdParams,
    body: ExamineBody,
    responses: { 200: { description: 'Examined.', schema: DocumentView } },
    problems: ['NOT_FOUND', 'STATE_CONFLICT', 'UNKNOWN_ISSUER', 'UNAUTHORISED_ROLE', 'UNPROCESSABLE'],
    idempotency: 'required',
    async handler({ params: { id }, body: { outcome, reason }, user }) {
      const registry = context.registry(user);
      if ((outcome === 'REJECTED') !== (reason !== undefined))
        throw new Problem('UNPROCESSABLE', 'A reason goes with REJECTED, and only with it', {
          errors: [{ field: 'reason', message: outcome === 'REJECTED' ? 'is missing' : 'is not expected' }],
        });
      const document = await registry.document(id);
      const submission = await registry.submission(id);
      // What this request would do may have been done by an earlier attempt at it. Answers are kept for repetitions of a
      // request, so the document's content stays out of them.
      if (submission.status === outcome && submission.reason === reason)
        return { status: 200, body: await viewOf(registry, id, undefined) };
      if (submission.status !== 'SUBMITTED')
        throw new Problem('STATE_CONFLICT', `The document is ${submission.status}`);
      const recordId = outcome === 'ENDORSED' ? await attest(context, user, id, document) : undefined;
      await registry.examine({
        id,
        outcome,
        ...(reason === undefined ? {} : { reason }),
        ...(recordId === undefined ? {} : { recordId }),
      });
      return { status: 200, body: await viewOf(registry, id, undefined) };
    },
  });
}

/** Attests what the document says as verified by the department. */
async function attest(
  context: RecordContext,
  user: User,
  documentId: string,
  document: DocumentTransient,
): Promise<string> {
  const { attester, registry } = context.issuingAsAttester(user);
  const recordType = await context.recordType(registry, document.recordType);
  const { uscc, period, fields } = document;
  const fact: Fact = { uscc, period, fields, assurance: 'VERIFIED', recordKey: `document:${documentId}` };
  const [outcome] = await attester.attest(registry, recordType, [fact]);
  if (outcome === undefined || outcome.status === 'DIFFERS' || outcome.status === 'REFUSED')
    throw new Problem('UNPROCESSABLE', 'The document cannot be attested as it stands');
  return outcome.id;
}

async function viewOf(registry: RegistryClient, id: string, document: DocumentTransient | undefined) {
  const { department, status, submittedAt, examinedAt, recordId, reason } = await registry.submission(id);
  return {
    id,
    department,
    status,
    submittedAt,
    ...(examinedAt === undefined ? {} : { examinedAt }),
    ...(recordId === undefined ? {} : { recordId }),
    ...(reason === undefined ? {} : { reason }),
    ...(document === undefined ? {} : { content: contentOf(document) }),
  };
}

function contentOf({ uscc, recordType, period, fields }: DocumentTransient) {
  return { uscc, recordType, period, fields };
}

async function documentOrNone(registry: RegistryClient, id: string): Promise<DocumentTransient | undefined> {
  try {
    return await registry.document(id);
  } catch (error) {
    if (error instanceof LedgerError && ['UNAUTHORISED_ROLE', 'PRIVATE_READ_REFUSED'].includes(error.code))
      return undefined;
    throw error;
  }
}

function mspOf({ services }: RecordContext, department: string): string {
  const found = services.topology.organisations.find(({ departments }) =>
    departments.some(({ id }) => id === department),
  );
  if (found === undefined) throw new Problem('UNKNOWN_DEPARTMENT', 'There is no such department');
  return found.msp;
}

function uscc(user: User): string {
  if (user.uscc === undefined)
    throw new Problem('NOT_YOUR_RECORD', 'Only a user of an enterprise submits its documents');
  return user.uscc;
}
