import path from 'node:path';
import { Type } from 'typebox';
import { Code } from '../../chaincode/ledger/schemas';
import { RecordType } from '../../chaincode/registry/model';
import { gatewayPath } from '../auth/users';
import { Problem } from '../http/problem';
import { route, type Route } from '../http/route';
import type { Services } from '../services';
import { RecordContext } from './context';
import { documentRoutes } from './document-routes';
import { FactCheck, type Fact } from './facts';
import { Import, Imports, mostBytes } from './imports';
import { IdParams, RecordOutcome, RecordsBody, type RecordDraftBody } from './model';
import { revisionRoutes } from './revision-routes';
import { issuerFor } from './viewing';

const strict = { additionalProperties: false } as const;

export interface RecordsResource {
  readonly routes: readonly Route[];
  /** Lets batches under way end. */
  stop(): Promise<void>;
}

/** Records and documents: attested by their holders, submitted by enterprises, examined by agencies. */
export function recordsResource(services: Services): RecordsResource {
  const context = new RecordContext(services);
  const folder = path.join(gatewayPath(services.directory, services.organisation.name), 'imports');
  const imports = new Imports(folder, services.store, services.logger);
  const { roles } = services.organisation;
  const holds = roles.includes('government') || roles.includes('enterprise');
  return {
    routes: [
      listRecordTypes(context),
      ...(holds
        ? [
            attestRecords(context),
            importRecords(context, imports),
            getImport(imports),
            ...revisionRoutes(context),
          ]
        : []),
      ...documentRoutes(context),
    ],
    stop: () => imports.stop(),
  };
}

function listRecordTypes(context: RecordContext): Route {
  return route({
    method: 'GET',
    path: '/v1/record-types',
    id: 'listRecordTypes',
    tag: 'records',
    summary: 'Kinds of records, each with the JSON Schema of its fields',
    scope: 'registry:read',
    responses: {
      200: {
        description: 'All of the consortium.',
        schema: Type.Object({ items: Type.Array(RecordType) }, strict),
      },
    },
    idempotency: 'none',
    async handler({ user }) {
      const registry = context.registry(user);
      const { recordTypes } = await registry.consortium();
      const codes = Object.keys(recordTypes).sort();
      return {
        status: 200,
        body: { items: await Promise.all(codes.map((code) => context.recordType(registry, code))) },
      };
    },
  });
}

function attestRecords(context: RecordContext): Route {
  return route({
    method: 'POST',
    path: '/v1/records',
    id: 'attestRecords',
    tag: 'records',
    summary: 'Attest up to 100 records of one type',
    description:
      'In the name of the department or enterprise that the user acts for. The same record is never attested twice: sent again, it is `ALREADY_ATTESTED`, and with other content `DIFFERS`.',
    scope: 'records:write',
    body: RecordsBody,
    maxBytes: 4 * 1024 * 1024,
    responses: {
      200: {
        description: 'What became of each, in order.',
        schema: Type.Object({ items: Type.Array(RecordOutcome) }, strict),
      },
    },
    problems: ['UNKNOWN_ISSUER', 'UNKNOWN_RECORD_TYPE', 'RECORD_SCHEMA_INVALID'],
    // The ids follow from the records: nothing more is needed to do it once.
    idempotency: 'none',
    async handler({ body: { records }, user }) {
      const { attester, registry } = context.issuing(user);
      const [code = '', ...others] = new Set(records.map(({ recordType }) => recordType));
      if (others.length > 0) throw new Problem('UNPROCESSABLE', 'Send records of one type at a time');
      const recordType = await context.recordType(registry, code);
      const facts = records.map(toFact);
      const check = new FactCheck(recordType);
      const errors = facts.flatMap((fact, index) =>
        check.errors(fact).map(({ field, message }) => ({ field: `records.${index}.${field}`, message })),
      );
      if (errors.length > 0)
        throw new Problem('RECORD_SCHEMA_INVALID', 'Some records are not of their type', {
          errors: errors.slice(0, 50),
        });
      return { status: 200, body: { items: await attester.attest(registry, recordType, facts) } };
    },
  });
}

function toFact({ uscc, period, assurance, cadence, recordKey, fields }: RecordDraftBody): Fact {
  return {
    uscc,
    period,
    fields,
    assurance: assurance ?? 'ISSUED',
    recordKey: recordKey ?? '',
    ...(cadence === undefined ? {} : { cadence }),
  };
}

function importRecords(context: RecordContext, imports: Imports): Route {
  return route({
    method: 'POST',
    path: '/v1/records:import',
    id: 'importRecords',
    tag: 'records',
    summary: 'Attest the records of a file, line by line',
    description:
      'CSV with a header: `uscc`, `period_from` and `period_to` (or `issued_on`), optionally `assurance`, `cadence` and `record_key`, and the fields of the type in snake_case; lists are JSON. A bad line is reported and stops no good one. Sent again, the same file goes on where it was, and no line is attested twice.',
    scope: 'records:write',
    query: Type.Object(
      {
        recordType: Code,
        wait: Type.Optional(
          Type.Boolean({ description: 'Answer when the whole file is done, instead of at once.' }),
        ),
      },
      strict,
    ),
    stream: { contentType: 'text/csv', maxBytes: mostBytes },
    responses: {
      200: { description: 'The import, done.', schema: Import },
      202: { description: 'The import, under way.', schema: Import },
    },
    problems: ['UNKNOWN_ISSUER', 'UNKNOWN_RECORD_TYPE', 'SHUTTING_DOWN'],
    idempotency: 'none',
    async handler({ query, stream, user }) {
      const issuing = context.issuing(user);
      const recordType = await context.recordType(issuing.registry, query.recordType);
      const { state, done } = await imports.start({ ...issuing, recordType }, stream);
      const headers = { Location: `/v1/imports/${state.id}` };
      return query.wait === true
        ? { status: 200, body: await done, headers }
        : { status: 202, body: { ...state }, headers };
    },
  });
}

function getImport(imports: Imports): Route {
  return route({
    method: 'GET',
    path: '/v1/imports/{id}',
    id: 'getImport',
    tag: 'records',
    summary: 'How far an import is, and which lines it refused',
    scope: 'records:write',
    params: IdParams,
    responses: { 200: { description: 'The import.', schema: Import } },
    problems: ['NOT_FOUND'],
    idempotency: 'none',
    async handler({ params, user }) {
      const found = await imports.find(params.id);
      if (found?.issuer !== issuerFor(user)) throw new Problem('NOT_FOUND', 'There is no such import');
      return { status: 200, body: found };
    },
  });
}
