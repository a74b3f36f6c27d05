import request from 'supertest';
import { digestOf } from '../../chaincode/ledger/canonical';
import type { ConsentArtefact, ConsentView, RequestView } from '../../chaincode/sharing/model';
import type { User } from '../../gateway/http/route';
import { LedgerError } from '../../gateway/ledger/errors';
import { creditOfficer, testApplication, type TestApplication } from './support/application';

const uscc = '91310115MA1H00000X'.slice(0, 18);
const statement = 'eyJh.eyJi.c2ln';

const asked = {
  enterprise: uscc,
  Purpose: { code: 'WORKING_CAPITAL_LOAN', text: 'A loan for stock' },
  fetchType: 'PERIODIC' as const,
  consentStart: '2026-11-01T00:00:00Z',
  consentExpiry: '2027-11-01T00:00:00Z',
  DataRange: { from: '2025-01-01', to: '2026-10-31' },
  DataLife: { unit: 'MONTH' as const, value: 3 },
  Frequency: { unit: 'MONTH' as const, value: 2 },
  items: [{ recordType: 'vat-filing', issuer: 'department:tax-shanghai', fields: ['sales'] }],
  purgeWithinDays: 7,
  evidenceYears: 5,
};

function viewOf(artefact: ConsentArtefact): ConsentView {
  return {
    artefact,
    digest: digestOf(artefact),
    state: 'REQUESTED',
    version: 0,
    requestedAt: '2026-11-23T00:00:00.000Z',
    required: 2,
    nextVersion: 1,
    persons: [],
    replacements: [],
    signedBy: [],
    stoppedThrough: [],
  };
}

const exists = () => new LedgerError('ALREADY_EXISTS', 'exists', { stage: 'endorse', fromContract: true });
const missing = () => new LedgerError('NOT_FOUND', 'none', { stage: 'evaluate', fromContract: true });

const owner: User = {
  subject: 'owner',
  identity: `enterprise-user.${uscc}`,
  roles: ['enterprise-user'],
  scopes: ['consents:read', 'consents:sign', 'consents:stop', 'access-log:read', 'data-requests:read'],
  uscc,
};
const registrar: User = {
  subject: 'registrar',
  identity: 'registrar.amr-shanghai',
  roles: ['registrar'],
  scopes: ['consents:stop', 'enterprises:write', 'enterprises:read'],
  department: 'amr-shanghai',
};

async function post(
  application: TestApplication,
  subject: string,
  path: string,
  body: object,
  key = 'key-12345',
) {
  return request(application.app)
    .post(path)
    .set('Authorization', `Bearer ${await application.token(subject)}`)
    .set('Idempotency-Key', key)
    .send(body);
}

async function get(application: TestApplication, subject: string, path: string) {
  return request(application.app)
    .get(path)
    .set('Authorization', `Bearer ${await application.token(subject)}`);
}

describe('a bank that asks for consent', () => {
  it('has its name, channel and an id added, and the endorsers named', async () => {
    const application = await testApplication('bank-a', [creditOfficer]);
    let stored: ConsentArtefact = { consentId: '', channel: '', bank: '', ...asked };
    application.ledger.answers.RequestConsent = ({ input }) => void (stored = input as ConsentArtefact);
    application.ledger.answers.GetConsent = () => viewOf(stored);
    const response = await post(application, 'officer', '/v1/consents', asked);
    expect(response.status).toBe(201);
    expect(stored).toMatchObject({ bank: 'BankAMSP', channel: 'sharing-bank-a', ...asked });
    expect(stored.consentId).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(response.headers.location).toBe(`/v1/consents/${stored.consentId}`);
    expect(application.ledger.calls[0]).toMatchObject({
      kind: 'submit',
      identity: 'credit-officer',
      channel: 'sharing-bank-a',
      endorsers: ['EnterpriseMSP', 'BankAMSP'],
    });
  });

  it('gets the consent that an attempt before a crash made, and nobody else’s of that id', async () => {
    const application = await testApplication('bank-a', [creditOfficer]);
    const consentId = 'consent-0123456789';
    application.ledger.answers.RequestConsent = () => Promise.reject(exists());
    application.ledger.answers.GetConsent = () =>
      viewOf({ consentId, channel: 'sharing-bank-a', bank: 'BankAMSP', ...asked });
    const same = await post(application, 'officer', '/v1/consents', { ...asked, consentId });
    expect(same.status).toBe(201);
    const other = await post(
      application,
      'officer',
      '/v1/consents',
      { ...asked, consentId, evidenceYears: 4 },
      'key-other',
    );
    expect(other.body).toMatchObject({ status: 409, code: 'ALREADY_EXISTS' });
  });
});

describe('an enterprise with several banks', () => {
  const artefact: ConsentArtefact = {
    consentId: 'consent-of-bank-b-1',
    channel: 'sharing-bank-b',
    bank: 'BankBMSP',
    ...asked,
  };

  async function enterprise() {
    const application = await testApplication('enterprise', [owner]);
    const { answers } = application.ledger;
    answers.GetConsent = ({ channel }) =>
      channel === 'sharing-bank-b' ? viewOf(artefact) : Promise.reject(missing());
    answers.LodgeStatement = () => undefined;
    answers.LodgeStop = () => undefined;
    return application;
  }

  it('finds a consent by its id alone, and lodges with its own endorsement only', async () => {
    const application = await enterprise();
    const response = await post(application, 'owner', `/v1/consents/${artefact.consentId}/statements`, {
      statement,
    });
    expect(response.status).toBe(200);
    expect(application.ledger.calls.find(({ kind }) => kind === 'submit')).toMatchObject({
      name: 'LodgeStatement',
      channel: 'sharing-bank-b',
      input: { consentId: artefact.consentId, statement },
      endorsers: ['EnterpriseMSP'],
    });
    const stop = await post(
      application,
      'owner',
      `/v1/consents/${artefact.consentId}/stops`,
      { statement },
      'key-stop1',
    );
    expect(stop.body).toMatchObject({ consentId: artefact.consentId, through: 'enterprise' });
  });

  it('is told that a replayed statement is one, unless it repeats a request that was cut off', async () => {
    const application = await enterprise();
    const replayed = () =>
      new LedgerError('SIGNATURE_REPLAYED', 'was lodged', { stage: 'endorse', fromContract: true });
    const path = `/v1/consents/${artefact.consentId}/statements`;
    application.ledger.answers.LodgeStatement = () => Promise.reject(replayed());
    expect((await post(application, 'owner', path, { statement })).body).toMatchObject({
      code: 'SIGNATURE_REPLAYED',
    });
    application.ledger.answers.LodgeStatement = () => Promise.reject(new Error('killed'));
    expect((await post(application, 'owner', path, { statement }, 'key-resume')).status).toBe(500);
    application.ledger.answers.LodgeStatement = () => Promise.reject(replayed());
    expect((await post(application, 'owner', path, { statement }, 'key-resume')).status).toBe(200);
  });

  it('lists consents of all banks, page by page', async () => {
    const application = await enterprise();
    const all = new Map(
      ['sharing-bank-a', 'sharing-bank-b'].map((channel) => [
        channel,
        [1, 2, 3].map((n) => ({ ...artefact, channel, consentId: `consent-${channel}-${n}` })),
      ]),
    );
    application.ledger.answers.ListConsents = ({ channel, input }) => {
      const { pageSize, bookmark = '0' } = input as { pageSize: number; bookmark?: string };
      const rest = (all.get(channel) ?? []).slice(Number(bookmark));
      return {
        items: rest.slice(0, pageSize).map(viewOf),
        bookmark: rest.length > pageSize ? String(Number(bookmark) + pageSize) : '',
      };
    };
    const seen: string[] = [];
    let bookmark = '';
    do {
      const query = `pageSize=2${bookmark === '' ? '' : `&bookmark=${bookmark}`}`;
      const { body } = (await get(application, 'owner', `/v1/consents?${query}`)) as {
        body: { items: ConsentView[]; bookmark: string };
      };
      seen.push(...body.items.map((item) => item.artefact.consentId));
      bookmark = body.bookmark;
    } while (bookmark !== '');
    expect(seen).toEqual([...all.values()].flat().map(({ consentId }) => consentId));
    for (const bad of ['x', 'W10', 'WzksIiJd'])
      expect((await get(application, 'owner', `/v1/consents?bookmark=${bad}`)).body).toMatchObject({
        code: 'VALIDATION_FAILED',
      });
  });

  it('reads one log over all banks, newest first, in stable pages', async () => {
    const application = await enterprise();
    const entry = (bank: string, minute: number) => ({
      at: `2026-11-23T00:${String(minute).padStart(2, '0')}:00.000Z`,
      event: 'DATA_REQUESTED',
      bank,
      consentId: artefact.consentId,
      requestId: `request-${bank}-${minute}`,
    });
    const logs: Record<string, object[]> = {
      'sharing-bank-a': [entry('BankAMSP', 1), entry('BankAMSP', 5)],
      'sharing-bank-b': [entry('BankBMSP', 3)],
    };
    application.ledger.answers.AccessLog = ({ channel, input }) => {
      expect(input).toMatchObject({ enterprise: uscc });
      return { items: logs[channel], bookmark: '' };
    };
    const first = await get(application, 'owner', '/v1/access-log?pageSize=2');
    const body = first.body as { items: { at: string }[]; bookmark: string };
    expect(body.items.map(({ at }) => at.slice(14, 16))).toEqual(['05', '03']);
    logs['sharing-bank-b']?.push(entry('BankBMSP', 9));
    const second = await get(application, 'owner', `/v1/access-log?pageSize=2&bookmark=${body.bookmark}`);
    expect((second.body as typeof body).items.map(({ at }) => at.slice(14, 16))).toEqual(['01']);
  });
});

it('lets a department lodge a stop for a consent that it may not see', async () => {
  const application = await testApplication('market-regulation', [registrar]);
  const unseen = () =>
    new LedgerError('NOT_YOUR_RECORD', 'not yours', { stage: 'evaluate', fromContract: true });
  application.ledger.answers.GetConsent = ({ channel }) =>
    Promise.reject(channel === 'sharing-bank-b' ? unseen() : missing());
  application.ledger.answers.LodgeStop = () => undefined;
  const response = await post(application, 'registrar', '/v1/consents/consent-0123456789/stops', {
    statement,
  });
  expect(response.body).toEqual({ consentId: 'consent-0123456789', through: 'government' });
  expect(application.ledger.calls.find(({ kind }) => kind === 'submit')).toMatchObject({
    channel: 'sharing-bank-b',
    endorsers: ['MarketRegulationMSP'],
  });
});

it('answers a data request that exists already with the same content, and no other', async () => {
  const application = await testApplication('bank-a', [creditOfficer]);
  const input = {
    requestId: 'request-0123456789',
    consentId: 'consent-0123456789',
    issuer: 'department:tax-shanghai',
    items: [{ recordType: 'vat-filing', fields: ['sales'] }],
    range: { from: '2026-01-01', to: '2026-06-30' },
  };
  const view: RequestView = {
    request: {
      ...input,
      enterprise: uscc,
      provider: 'TaxMSP',
      consentVersion: 1,
      requestedAt: '2026-11-23T00:00:00.000Z',
      status: 'REQUESTED',
    },
    offer: { requestId: input.requestId, status: 'PENDING' },
    purge: { requestId: input.requestId, status: 'HELD' },
    archive: { requestId: input.requestId, status: 'NONE' },
    held: false,
  };
  application.ledger.answers.RequestData = () => Promise.reject(exists());
  application.ledger.answers.GetRequest = () => view;
  const same = await post(application, 'officer', '/v1/data-requests', input);
  expect([same.status, same.body]).toEqual([201, view]);
  const wider = { ...input, range: { from: '2025-01-01', to: '2026-06-30' } };
  expect((await post(application, 'officer', '/v1/data-requests', wider, 'key-wider')).status).toBe(409);
});

it('says ready only where the peer answers', async () => {
  const application = await testApplication('bank-a', []);
  application.ledger.answers.GetConsortium = () => ({});
  expect((await request(application.app).get('/v1/health')).body).toMatchObject({
    status: 'ready',
    msp: 'BankAMSP',
  });
  application.ledger.answers.GetConsortium = () =>
    Promise.reject(new LedgerError('LEDGER_UNAVAILABLE', 'down', { stage: 'evaluate' }));
  const waiting = await request(application.app).get('/v1/health');
  expect([waiting.status, waiting.body]).toEqual([
    503,
    expect.objectContaining({ status: 'waiting', detail: 'LEDGER_UNAVAILABLE' }),
  ]);
  expect((await request(application.app).get('/health')).status).toBe(200);
});
