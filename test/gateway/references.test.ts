import { readFileSync } from 'node:fs';
import path from 'node:path';
import request from 'supertest';
import type { Reference } from '../../chaincode/registry/reference-model';
import type { LedgerSubmission } from '../../gateway/ledger/client';
import { LedgerError } from '../../gateway/ledger/errors';
import { person } from './lending/gateways';
import { testApplication, type TestApplication } from './support/application';

const supervisor = person('supervisor');
const officer = person('credit-officer');
const calendar = JSON.parse(
  readFileSync(path.join(__dirname, '../../chaincode/registry/reference-data/CN.json'), 'utf8'),
) as Reference;
const refused = (code: string) =>
  new LedgerError(code as 'NOT_FOUND', 'no', { stage: 'endorse', fromContract: true });

/** A gateway over a registry that has what `published` has and refuses what is not the next version. */
async function gatewayOf(organisation: string) {
  const published = new Map<string, Reference>();
  const application = await testApplication(organisation, [supervisor, officer]);
  application.ledger.answers.PublishReference = ({ input }) => {
    const given = input as Reference;
    if (given.version !== (published.get(given.code)?.version ?? 0) + 1)
      return Promise.reject(refused('VERSION_CONFLICT'));
    published.set(given.code, given);
    return undefined;
  };
  application.ledger.answers.GetReference = ({ input }) => {
    const found = (input as { codes: string[] }).codes.map((code) => published.get(code));
    return found.includes(undefined) ? Promise.reject(refused('REFERENCE_MISSING')) : found;
  };
  return application;
}

async function publish(
  application: TestApplication,
  subject: string,
  body: object,
  code = 'CN',
  key = 'key-1',
) {
  return request(application.app)
    .post(`/v1/references/${code}:publish`)
    .set('Authorization', `Bearer ${await application.token(subject)}`)
    .set('Idempotency-Key', `publish-${key}`)
    .send(body);
}

async function read(application: TestApplication, subject: string) {
  return request(application.app)
    .get('/v1/references/CN')
    .set('Authorization', `Bearer ${await application.token(subject)}`);
}

it('lets the regulator publish, with a government first and alone afterwards, and everybody read', async () => {
  const application = await gatewayOf('regulator');
  expect((await read(application, 'credit-officer')).body).toMatchObject({ status: 404, code: 'NOT_FOUND' });
  expect((await publish(application, 'supervisor', calendar)).status).toBe(201);
  const next = { ...calendar, version: 2, to: '2027-12-31' };
  const second = await publish(application, 'supervisor', next, 'CN', 'key-2');
  expect([second.status, second.headers.location]).toEqual([200, '/v1/references/CN']);
  const endorsers = application.ledger.calls
    .filter(({ kind }) => kind === 'submit')
    .map((call) => (call as unknown as LedgerSubmission).endorsers?.length);
  expect(endorsers).toEqual([2, 1]);
  expect((await read(application, 'credit-officer')).body).toEqual(next);
});

it('publishes once what is sent twice, and refuses another content in the same version', async () => {
  const application = await gatewayOf('regulator');
  await publish(application, 'supervisor', calendar);
  expect((await publish(application, 'supervisor', calendar, 'CN', 'key-2')).status).toBe(201);
  const other = { ...calendar, holidays: ['2026-01-01'] };
  expect((await publish(application, 'supervisor', other, 'CN', 'key-3')).body).toMatchObject({
    ...{ status: 409, code: 'VERSION_CONFLICT' },
  });
});

it('refuses other roles, other codes than the path names, and what is neither rate nor calendar', async () => {
  const application = await gatewayOf('regulator');
  expect((await publish(application, 'credit-officer', calendar)).body).toMatchObject({
    ...{ status: 403, code: 'INSUFFICIENT_SCOPE' },
  });
  expect((await publish(application, 'supervisor', calendar, 'LPR-1Y')).body).toMatchObject({
    errors: [{ field: 'code' }],
  });
  expect((await publish(application, 'supervisor', { ...calendar, kind: 'TABLE' })).body).toMatchObject({
    code: 'VALIDATION_FAILED',
  });
  expect(application.ledger.calls.some(({ kind }) => kind === 'submit')).toBe(false);
  expect((await publish(await gatewayOf('bank-a'), 'supervisor', calendar)).status).toBe(404);
});
