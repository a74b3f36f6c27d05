import { readFileSync } from 'node:fs';
import path from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import request from 'supertest';
import { problemKinds } from '../../../gateway/http/codes';
import type { Route } from '../../../gateway/http/route';
import { pathPattern } from '../../../gateway/http/router';
import { errorCodes } from '../../../chaincode/ledger/errors';
import { creditOfficer, testApplication } from '../support/application';

interface Operation {
  readonly operationId: string;
  readonly security: readonly object[];
  readonly parameters: readonly { readonly name?: string; readonly in?: string; readonly schema?: object }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: object }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { schema?: object }>> }>
  >;
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const organisations = ['market-regulation', 'tax', 'enterprise', 'bank-a', 'regulator'];

async function documentOf(organisation: string) {
  const { app, routes } = await testApplication(organisation, [creditOfficer]);
  const response = await request(app).get('/openapi.json');
  expect(response.status).toBe(200);
  return { app, routes, document: response.body as Document };
}

const operationsOf = (document: Document) =>
  Object.entries(document.paths).flatMap(([route, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      route,
      method: method.toUpperCase(),
      operation,
    })),
  );

describe.each(organisations)('the document of %s', (organisation) => {
  it('has exactly the routes that are served', async () => {
    const { app, routes, document } = await documentOf(organisation);
    const named = (list: readonly Route[]) =>
      list.map(({ method, path: route }) => `${method} ${route}`).sort();
    const documented = operationsOf(document).map(({ method, route }) => `${method} ${route}`);
    expect(documented.sort()).toEqual(named(routes));
    for (const { route, method } of operationsOf(document)) {
      const url = route.replaceAll(/\{[a-zA-Z]+\}/g, 'abcdefghijklmnop');
      const response = await (method === 'GET' ? request(app).get(url) : request(app).post(url));
      expect([url, (response.body as { code?: string }).code]).not.toEqual([url, 'ROUTE_NOT_FOUND']);
      expect(response.status).not.toBe(405);
    }
  });

  it('has schemas that compile, and a problem for what may fail', async () => {
    const { document } = await documentOf(organisation);
    expect(document.openapi).toBe('3.1.0');
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const ids = new Set<string>();
    for (const { operation } of operationsOf(document)) {
      expect(ids.has(operation.operationId)).toBe(false);
      ids.add(operation.operationId);
      for (const { schema } of operation.parameters) if (schema !== undefined) ajv.compile(schema);
      for (const { schema } of Object.values(operation.requestBody?.content ?? {}))
        if (schema !== undefined) ajv.compile(schema);
      for (const [status, { content = {} }] of Object.entries(operation.responses))
        for (const [type, { schema }] of Object.entries(content)) {
          if (type === 'application/problem+json') expect(Number(status)).toBeGreaterThanOrEqual(400);
          else if (schema !== undefined) ajv.compile(schema);
        }
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['500']));
      if (operation.security.length > 0)
        expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['401', '403']));
    }
  });

  it('declares every parameter of its paths', async () => {
    const { document } = await documentOf(organisation);
    for (const { route, operation } of operationsOf(document)) {
      const inPath = [...route.matchAll(/\{([a-zA-Z]+)\}/g)].map(([, name]) => name);
      const declared = operation.parameters
        .filter((parameter) => parameter.in === 'path')
        .map(({ name }) => name);
      expect(declared.sort()).toEqual(inPath.sort());
    }
  });
});

it('gives each role its resources and no others', async () => {
  const ids: Record<string, string[]> = {};
  for (const organisation of organisations) {
    const { document } = await documentOf(organisation);
    ids[organisation] = operationsOf(document).map(({ operation }) => operation.operationId);
  }
  const where = (id: string) => organisations.filter((organisation) => ids[organisation]?.includes(id));
  expect(where('requestConsent')).toEqual(['bank-a']);
  expect(where('requestData')).toEqual(['bank-a']);
  expect(where('readDelivery')).toEqual(['bank-a']);
  expect(where('putEnterprise')).toEqual(['market-regulation']);
  expect(where('lodgeConsentStatement')).toEqual(['enterprise']);
  expect(where('lodgeConsentStop')).toEqual(['market-regulation', 'tax', 'enterprise', 'regulator']);
  expect(where('readAccessLog')).toEqual(['enterprise', 'regulator']);
  expect(where('issueDevelopmentToken')).toEqual([]);
  for (const id of [
    'openAccount',
    'propose',
    'decideApplication',
    'readDecision',
    'makeOffer',
    'closeBusinessDays',
  ])
    expect([id, where(id)]).toEqual([id, ['bank-a']]);
  for (const id of ['apply', 'readNotice', 'acceptOffer', 'transfer', 'placeHold', 'repayLoan'])
    expect([id, where(id)]).toEqual([id, ['enterprise']]);
  expect(where('suspendProduct')).toEqual(['regulator']);
  for (const id of ['getEntry', 'getProposal', 'getBusinessDay'])
    expect([id, where(id)]).toEqual([id, ['bank-a', 'regulator']]);
  expect(where('getLoan')).toEqual(['enterprise', 'bank-a', 'regulator']);
});

it('has no other place where a route could be mounted', () => {
  const sources = ['application.ts', 'gateway.ts', 'main.ts', 'http/router.ts'].map((file) =>
    readFileSync(path.join(__dirname, '../../../gateway', file), 'utf8'),
  );
  const mounts = sources.join('\n').match(/\b(app|router)\.(get|post|put|patch|delete|all|route)\(/g);
  expect(mounts).toEqual(['router.all(']);
});

it('shows itself as a page that loads nothing', async () => {
  const { app } = await documentOf('bank-a');
  const page = await request(app).get('/docs');
  expect(page.status).toBe(200);
  expect(page.headers['content-type']).toMatch(/^text\/html/);
  expect(page.text).toContain('CONSENT_NOT_ACTIVE');
  expect(page.text).toContain('/v1/deliveries/{requestId}');
  expect(page.text).not.toMatch(/<script|src=|url\(|@import|https?:\/\/(?!127\.0\.0\.1)/);
});

it('gives every code of the contracts an HTTP status of its own choosing, never a success', () => {
  for (const code of errorCodes) {
    expect(problemKinds[code].status).toBeGreaterThanOrEqual(400);
    expect(problemKinds[code].title.length).toBeGreaterThan(5);
  }
});

it('matches parameters that contain neither slash nor colon', () => {
  const pattern = pathPattern('/v1/records/{id}:revoke');
  expect(pattern.exec('/v1/records/abc:revoke')?.groups).toEqual({ id: 'abc' });
  for (const path of [
    '/v1/records/a/b:revoke',
    '/v1/records/:revoke',
    '/v1/records/a:b:revoke',
    '/v1/recordsXabc:revoke',
  ])
    expect(pattern.test(path)).toBe(false);
  expect(pathPattern('/v1/records.x').test('/v1/recordsyx')).toBe(false);
});
