import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import request from 'supertest';
import { scopesOfRoles } from '../../../gateway/auth/scopes';
import { DeadLetters } from '../../../gateway/agents/dead-letters';
import { CloseOrders } from '../../../gateway/agents/close-orders';
import type { User } from '../../../gateway/http/route';
import type { LocalIssuers } from '../../../gateway/issuer';
import { recordsResource } from '../../../gateway/records/routes';
import { memoryStore } from '../../../gateway/store';
import { findOrganisation } from '../../../network/identity/paths';
import { loadTopology } from '../../../network/topology/load';
import { defaultConsortium } from '../../../network/topology/project';
import { usccOf, World } from '../../chaincode/registry/world';
import { testApplication, type TestApplication } from '../support/application';
import { ContractLedger, localIssuer } from './contract-ledger';

const uscc = usccOf(900);
const user = (role: string, of: Partial<User>): User => ({
  ...{ subject: role, identity: `${role}.${of.department ?? of.uscc ?? ''}`, roles: [role] },
  scopes: scopesOfRoles([role]),
  ...of,
});
const attester = user('attester', { department: 'tax-shanghai' });
const examiner = user('examiner', { department: 'tax-shanghai' });
const elsewhere = user('attester', { department: 'tax-zhejiang', subject: 'elsewhere' });
const owner = user('enterprise-user', { uscc });

let folder: string;
let tax: TestApplication;
let platform: TestApplication;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'records-'));
  const world = await World.setUp();
  // The resource stamps records with the real time.
  world.ledger.now = Date.now();
  const issuers: LocalIssuers = new Map([
    ['department:tax-shanghai', localIssuer(world, 'tax-shanghai', folder)],
  ]);
  const application = (name: string, users: readonly User[], keys: LocalIssuers) => {
    const topology = loadTopology(defaultConsortium);
    const organisation = findOrganisation(topology, name);
    const store = memoryStore();
    const { routes } = recordsResource({
      ...{ topology, organisation, directory: folder, issuers: keys, store },
      closeOrders: new CloseOrders(store),
      deadLetters: new DeadLetters(store),
      ledger: new ContractLedger(world, organisation.msp),
      users: { find: () => undefined },
      logger: pino({ level: 'silent' }),
    });
    return testApplication(name, users, { routes });
  };
  tax = await application('tax', [attester, examiner, elsewhere], issuers);
  platform = await application('enterprise', [owner], new Map());
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let keys = 0;
async function post(at: TestApplication, who: User, to: string, body: object, key = `test-key-${++keys}`) {
  return request(at.app)
    .post(to)
    .set('Authorization', `Bearer ${await at.token(who.subject)}`)
    .set('Idempotency-Key', key)
    .send(body);
}

async function get(at: TestApplication, who: User, from: string) {
  return request(at.app)
    .get(from)
    .set('Authorization', `Bearer ${await at.token(who.subject)}`);
}

interface Body {
  readonly id: string;
  readonly items: { readonly id: string; readonly status: string }[];
  readonly status: string;
  readonly content?: { readonly fields: Record<string, unknown>; readonly assurance: string };
  readonly supersededBy?: string;
  readonly recordId?: string;
  readonly code?: string;
}
const bodyOf = (answer: { readonly body: unknown }) => answer.body as Body;

const rating = (year: number, points: number, more: object = {}) => ({
  ...{ uscc, recordType: 'tax-credit-rating', period: { from: `${year}-01-01`, to: `${year}-12-31` } },
  fields: { rating: points >= 90 ? 'A' : 'B', year, points },
  ...more,
});

describe('records', () => {
  it('are attested once, shown with content to their holder, and to no other department', async () => {
    const first = await post(tax, attester, '/v1/records', { records: [rating(2020, 91), rating(2021, 80)] });
    expect(first.status).toBe(200);
    expect(bodyOf(first).items.map(({ status }) => status)).toEqual(['ATTESTED', 'ATTESTED']);
    const again = await post(tax, attester, '/v1/records', { records: [rating(2020, 91), rating(2021, 70)] });
    expect(bodyOf(again).items.map(({ status }) => status)).toEqual(['ALREADY_ATTESTED', 'DIFFERS']);
    const id = bodyOf(first).items[0]?.id ?? '';
    const own = await get(tax, attester, `/v1/records/${id}`);
    expect(bodyOf(own)).toMatchObject({ status: 'ACTIVE', content: { fields: { points: 91 } } });
    const other = await get(tax, elsewhere, `/v1/records/${id}`);
    expect(other.status).toBe(200);
    expect(bodyOf(other).content).toBeUndefined();
    expect((await get(tax, attester, `/v1/records/${'x'.repeat(43)}`)).status).toBe(404);
  });

  it('are refused where they are not of their type, naming record and field', async () => {
    const bad = { records: [rating(2019, 91), rating(2018, 101)] };
    const answer = await post(tax, attester, '/v1/records', bad);
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({
      code: 'RECORD_SCHEMA_INVALID',
      errors: [{ field: 'records.1.points' }],
    });
    expect((await post(tax, elsewhere, '/v1/records', { records: [rating(2019, 91)] })).status).toBe(422);
  });

  it('are corrected by one successor, and revoked once', async () => {
    const attested = await post(tax, attester, '/v1/records', { records: [rating(2022, 70)] });
    const id = bodyOf(attested).items[0]?.id ?? '';
    const correction = { reason: 'CLERICAL_ERROR', fields: { rating: 'A', year: 2022, points: 95 } };
    const superseded = await post(tax, attester, `/v1/records/${id}:supersede`, correction);
    expect(bodyOf(superseded)).toMatchObject({ status: 'SUPERSEDED' });
    const successor = bodyOf(superseded).supersededBy ?? '';
    expect(bodyOf(await get(tax, attester, `/v1/records/${successor}`)).content?.fields).toEqual(
      correction.fields,
    );
    // Under another key: an attempt whose answer was lost, repeated by a client that lost its key too.
    const repeated = await post(tax, attester, `/v1/records/${id}:supersede`, correction);
    expect(repeated.status).toBe(200);
    const other = { ...correction, fields: { ...correction.fields, points: 96 } };
    expect((await post(tax, attester, `/v1/records/${id}:supersede`, other)).status).toBe(409);
    const revoked = await post(tax, attester, `/v1/records/${successor}:revoke`, {
      reason: 'ISSUED_IN_ERROR',
    });
    expect(bodyOf(revoked).status).toBe('REVOKED');
    const twice = await post(tax, attester, `/v1/records/${successor}:revoke`, { reason: 'OTHER' });
    expect(bodyOf(twice).code).toBe('RECORD_NOT_ACTIVE');
    expect((await post(tax, elsewhere, `/v1/records/${id}:revoke`, { reason: 'MALICE' })).status).toBe(403);
  });

  it('come by file, and the import is there to look at', async () => {
    const csv = `uscc,period_from,period_to,rating,year,points\n${uscc},2017-01-01,2017-12-31,B,2017,75\n${uscc},2016-01-01,2016-12-31,E,2016,75\n`;
    const send = async (query: string) =>
      request(tax.app)
        .post(`/v1/records:import?recordType=tax-credit-rating${query}`)
        .set('Authorization', `Bearer ${await tax.token('attester')}`)
        .set('Content-Type', 'text/csv')
        .send(csv);
    const done = await send('&wait=true');
    expect(done.status).toBe(200);
    expect(done.body).toMatchObject({ status: 'COMPLETED', attested: 1, refused: 1, errors: [{ line: 3 }] });
    const found = await get(tax, attester, `/v1/imports/${bodyOf(done).id}`);
    expect(found.body).toEqual(done.body);
    expect((await get(tax, elsewhere, `/v1/imports/${bodyOf(done).id}`)).status).toBe(404);
    expect((await send('')).status).toBe(202);
    expect((await send('&recordType=nothing')).status).toBe(400);
  });

  it('have types that everybody can look up', async () => {
    const answer = await get(platform, owner, '/v1/record-types');
    expect((answer.body as { items: unknown[] }).items).toHaveLength(10);
  });
});

describe('documents', () => {
  const document = {
    department: 'tax-shanghai',
    recordType: 'tax-credit-rating',
    period: { from: '2023-01-01', to: '2023-12-31' },
    fields: { rating: 'B', year: 2023, points: 77 },
  };

  it('are submitted once, examined by the department, and become a verified record', async () => {
    const submitted = await post(platform, owner, '/v1/documents', document, 'one-document');
    expect(submitted.status).toBe(201);
    const { id } = bodyOf(submitted);
    expect(bodyOf(await get(platform, owner, `/v1/documents/${id}`)).content).toBeUndefined();
    const seen = await get(tax, examiner, `/v1/documents/${id}`);
    expect(bodyOf(seen).content?.fields).toEqual(document.fields);
    const endorsed = await post(tax, examiner, `/v1/documents/${id}:examine`, { outcome: 'ENDORSED' });
    expect(bodyOf(endorsed)).toMatchObject({ status: 'ENDORSED' });
    const record = await get(tax, attester, `/v1/records/${bodyOf(endorsed).recordId ?? ''}`);
    expect(bodyOf(record).content).toMatchObject({ assurance: 'VERIFIED', fields: document.fields });
    const repeated = await post(tax, examiner, `/v1/documents/${id}:examine`, { outcome: 'ENDORSED' });
    expect(bodyOf(repeated).recordId).toBe(bodyOf(endorsed).recordId);
    const turned = { outcome: 'REJECTED', reason: 'ILLEGIBLE' };
    expect((await post(tax, examiner, `/v1/documents/${id}:examine`, turned)).status).toBe(409);
  });

  it('are rejected with a reason only', async () => {
    const { id } = bodyOf(await post(platform, owner, '/v1/documents', document));
    const without = await post(tax, examiner, `/v1/documents/${id}:examine`, { outcome: 'REJECTED' });
    expect(without.status).toBe(422);
    const body = { outcome: 'REJECTED', reason: 'NOT_PROVEN' };
    const rejected = await post(tax, examiner, `/v1/documents/${id}:examine`, body);
    expect(bodyOf(rejected)).toMatchObject({ status: 'REJECTED', reason: 'NOT_PROVEN' });
  });
});
