import type { Anchor, ReviseRecordInput } from '../../chaincode/registry/model';
import { Problem } from '../http/problem';
import { route, type Route } from '../http/route';
import { LedgerError } from '../ledger/errors';
import type { RecordContext } from './context';
import { FactCheck, type Fact } from './facts';
import { IdParams, RecordView, RevokeBody, SupersedeBody } from './model';
import type { RegistryClient } from './registry';
import { heldOrNone, viewOf } from './viewing';

/** One record: its view, and its two ends. */
export function revisionRoutes(context: RecordContext): readonly Route[] {
  return [getRecord(context), supersedeRecord(context), revokeRecord(context)];
}

function getRecord(context: RecordContext): Route {
  return route({
    method: 'GET',
    path: '/v1/records/{id}',
    id: 'getRecord',
    tag: 'records',
    summary: 'A record with its content for its holder, its status for others',
    scope: 'records:read',
    params: IdParams,
    responses: { 200: { description: 'The record.', schema: RecordView } },
    problems: ['NOT_FOUND'],
    idempotency: 'none',
    async handler({ params, user }) {
      return { status: 200, body: await currentView(context.registry(user), params.id) };
    },
  });
}

function supersedeRecord(context: RecordContext): Route {
  return route({
    method: 'POST',
    path: '/v1/records/{id}:supersede',
    id: 'supersedeRecord',
    tag: 'records',
    summary: 'Correct a record: attest its successor, and mark it as superseded',
    scope: 'records:write',
    params: IdParams,
    body: SupersedeBody,
    responses: { 200: { description: 'The superseded record, naming its successor.', schema: RecordView } },
    problems: [
      'NOT_FOUND',
      'NOT_YOUR_RECORD',
      'RECORD_NOT_ACTIVE',
      'RECORD_SCHEMA_INVALID',
      'UNKNOWN_ISSUER',
    ],
    idempotency: 'required',
    async handler({ params: { id }, body, user }) {
      const { attester, registry, issuer } = context.issuing(user);
      const before = await currentView(registry, id);
      if (before.content?.issuer !== issuer)
        throw new Problem('NOT_YOUR_RECORD', 'Only its issuer corrects a record');
      const recordType = await context.recordType(registry, before.content.recordType);
      const fact: Fact = {
        uscc: before.content.uscc,
        period: before.content.period,
        assurance: body.assurance ?? before.content.assurance,
        fields: body.fields,
        // A record has one successor: its id follows from the record's own.
        recordKey: `supersedes:${id}`,
      };
      const errors = new FactCheck(recordType).errors(fact);
      if (errors.length > 0)
        throw new Problem('RECORD_SCHEMA_INVALID', 'The fields do not match the record type', { errors });
      if (before.status !== 'ACTIVE' && before.supersededBy !== attester.recordId(recordType.code, fact))
        throw new Problem('RECORD_NOT_ACTIVE', `The record is ${before.status}`);
      const [outcome] = await attester.attest(registry, recordType, [fact]);
      if (outcome === undefined || outcome.status === 'REFUSED' || outcome.status === 'DIFFERS')
        throw new Problem('ALREADY_EXISTS', 'The record has a successor with other content');
      const revision = {
        id,
        status: 'SUPERSEDED' as const,
        reason: body.reason,
        supersededBy: outcome.id,
      };
      return { status: 200, body: await revise(registry, revision) };
    },
  });
}

function revokeRecord(context: RecordContext): Route {
  return route({
    method: 'POST',
    path: '/v1/records/{id}:revoke',
    id: 'revokeRecord',
    tag: 'records',
    summary: 'Revoke a record that should never have been attested',
    scope: 'records:write',
    params: IdParams,
    body: RevokeBody,
    responses: { 200: { description: 'The revoked record.', schema: RecordView } },
    problems: ['NOT_FOUND', 'NOT_YOUR_RECORD', 'RECORD_NOT_ACTIVE'],
    idempotency: 'required',
    async handler({ params: { id }, body: { reason }, user }) {
      const revision = { id, status: 'REVOKED' as const, reason };
      return { status: 200, body: await revise(context.registry(user), revision) };
    },
  });
}

/** Ends a record; where it already ended just so, an earlier attempt did it. */
async function revise(registry: RegistryClient, revision: ReviseRecordInput): Promise<RecordView> {
  try {
    await registry.revise(revision);
  } catch (error) {
    if (!(error instanceof LedgerError) || error.code !== 'RECORD_NOT_ACTIVE') throw error;
    const anchor = await anchorOf(registry, revision.id);
    const same =
      anchor.status === revision.status &&
      anchor.reason === revision.reason &&
      anchor.supersededBy === revision.supersededBy;
    if (!same) throw error;
  }
  return currentView(registry, revision.id);
}

async function currentView(registry: RegistryClient, id: string): Promise<RecordView> {
  const [anchor, held] = await Promise.all([anchorOf(registry, id), heldOrNone(registry, id)]);
  return viewOf(anchor, held);
}

async function anchorOf(registry: RegistryClient, id: string): Promise<Anchor> {
  const anchor = (await registry.anchors([id])).get(id);
  if (anchor === undefined) throw new Problem('NOT_FOUND', 'There is no such record');
  return anchor;
}
