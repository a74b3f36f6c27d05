import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import { checkCharacter } from '../../chaincode/registry/uscc';
import type { ConsentView } from '../../chaincode/sharing/model';
import { entrustRecordsKey } from '../../gateway/issuer';
import { departmentIdentity, enterpriseIdentity, issueEnterpriseUser } from '../../network/set-up/identities';
import { createKeyFile, unlock } from '../../signer/keyfile';
import { prepareStatement, signStatement } from '../../signer/statement';
import { testNetwork, type TestNetwork } from '../support/network';
import { RestUser, type Answer } from './support/rest';

jest.setTimeout(240_000);

/** Orders and payments that a buyer attests about its supplier, and that a bank reads as the buyer's word. */

const supplier = newUscc();
const buyer = newUscc();
const stranger = newUscc();
const issuer = `enterprise:${buyer}`;
const items = [
  { recordType: 'purchase-order', fields: ['orderNumber', 'amount', 'dueOn', 'orderStatus'] },
  { recordType: 'payment', fields: ['orderNumber', 'amount', 'paidOn'] },
];
const range = { from: '2026-01-01', to: '2026-09-30' };

let network: TestNetwork;
let bank: RestUser;
let otherBank: RestUser;
let registrar: RestUser;
let attester: RestUser;
const of = (uscc: string) => new RestUser(network.topology, 'enterprise', enterpriseIdentity(uscc));

beforeAll(async () => {
  network = await testNetwork({ gateways: true });
  bank = new RestUser(network.topology, 'bank-a', 'credit-officer');
  otherBank = new RestUser(network.topology, 'bank-b', 'credit-officer');
  registrar = new RestUser(
    network.topology,
    'market-regulation',
    departmentIdentity('registrar', 'amr-shanghai'),
  );
  attester = new RestUser(network.topology, 'tax', departmentIdentity('attester', 'tax-shanghai'));
  for (const uscc of [supplier, buyer, stranger]) await issueEnterpriseUser(network.context, uscc);
});

afterAll(async () => {
  await network.close();
});

function newUscc(): string {
  const digits = String(randomBytes(6).readUIntBE(0, 6) % 1_000_000_000).padStart(9, '0');
  const first = `91310115${digits}`;
  return first + (checkCharacter(first) ?? '');
}

async function newSignatory(office: string) {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const { kty, crv, x, y } = await exportJWK(publicKey);
  const id = randomBytes(24).toString('base64url');
  const jwk = { kty, crv, x, y } as { kty: 'EC'; crv: 'P-256'; x: string; y: string };
  return { id, office, jwk, key: privateKey };
}

async function register(
  uscc: string,
  name: string,
  required: number,
  signatories: readonly { readonly id: string; readonly office: string; readonly jwk: object }[],
): Promise<void> {
  const entry = {
    ...{ uscc, name, status: 'ACTIVE', mandate: { required }, version: 1 },
    signatories: signatories.map(({ id, office, jwk }) => ({ id, office, jwk, from: '2020-01-01' })),
    registeredBy: 'department:amr-shanghai',
  };
  expect(await registrar.post('/v1/enterprises', { entry })).toMatchObject({ status: 201 });
}

function order(number: string, orderedOn: string, more: object = {}) {
  return {
    ...{ uscc: supplier, recordType: 'purchase-order', recordKey: number },
    period: { from: orderedOn, to: orderedOn },
    fields: {
      ...{ orderNumber: number, buyer, amount: '45000000', orderedOn, dueOn: '2026-09-20' },
      ...{ goods: 'Bearings', orderStatus: 'OPEN', ...more },
    },
  };
}

const payment = {
  ...{ uscc: supplier, recordType: 'payment', recordKey: 'PO-1' },
  period: { from: '2026-07-03', to: '2026-07-03' },
  fields: { orderNumber: 'PO-1', buyer, amount: '45000000', dueOn: '2026-07-05', paidOn: '2026-07-03' },
};

const attest = async (uscc: string, ...records: object[]): Promise<Answer> =>
  of(uscc).post('/v1/records', { records });

async function until(read: () => Promise<Answer>, done: (answer: Answer) => boolean): Promise<Answer> {
  const end = Date.now() + 90_000;
  for (;;) {
    const answer = await read();
    if (done(answer)) return answer;
    if (Date.now() > end) throw new Error(`it did not come to pass: ${JSON.stringify(answer.body)}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** Asks for consent to a buyer's records about the supplier, has it granted, and requests them. */
async function requested(
  from: string,
  supplierSigns: (view: ConsentView) => Promise<string[]>,
): Promise<string> {
  const asked = await bank.post('/v1/consents', {
    enterprise: supplier,
    Purpose: { code: 'WORKING_CAPITAL_LOAN' },
    fetchType: 'ONETIME',
    consentStart: new Date(Date.now() - 60_000).toISOString(),
    consentExpiry: new Date(Date.now() + 30 * 86_400_000).toISOString(),
    DataRange: range,
    DataLife: { unit: 'MONTH', value: 1 },
    Frequency: { unit: 'MONTH', value: 2 },
    items: items.map((item) => ({ ...item, issuer: from })),
    ...{ purgeWithinDays: 7, evidenceYears: 5 },
  });
  expect(asked).toMatchObject({ status: 201, body: { state: 'REQUESTED', required: 2 } });
  const view = asked.body as ConsentView;
  const { consentId } = view.artefact;
  const path = `/v1/consents/${consentId}`;
  const request = { consentId, issuer: from, items, range };
  expect(await bank.post('/v1/data-requests', request)).toMatchObject({
    body: { code: 'CONSENT_NOT_ACTIVE' },
  });
  // Its records are asked for, and still it is not the buyer's to grant, nor to see.
  for (const uscc of [buyer, stranger])
    expect(await of(uscc).get(path)).toMatchObject({ status: 403, body: { code: 'NOT_YOUR_RECORD' } });
  const statements = await supplierSigns(view);
  for (const statement of statements)
    expect(await of(supplier).post(`${path}/statements`, { statement })).toMatchObject({ status: 200 });
  expect((await bank.get(path)).body).toMatchObject({ state: 'ACTIVE' });
  const answer = await bank.post('/v1/data-requests', request);
  expect(answer).toMatchObject({
    status: 201,
    body: { request: { status: 'REQUESTED', issuer: from, provider: 'EnterpriseMSP' } },
  });
  return (answer.body as { request: { requestId: string } }).request.requestId;
}

/** What both of the supplier's signatories sign. */
function grants(view: ConsentView): Promise<string[]> {
  const now = new Date().toISOString();
  return Promise.all(
    people.map(({ id, jwk, key }) =>
      signStatement(prepareStatement(view, 'GRANT', id, now), view, { signatory: id, jwk, key }),
    ),
  );
}

let orders: readonly { readonly id: string; readonly status: string }[] = [];
let requestId = '';
const people: Awaited<ReturnType<typeof newSignatory>>[] = [];

it('takes the buyer’s word in the buyer’s name only', async () => {
  people.push(...(await Promise.all(['LEGAL_REPRESENTATIVE', 'FINANCE'].map(newSignatory))));
  await register(supplier, 'Pudong Precision Bearings Co., Ltd', 2, people);
  // The buyer has signatories like everybody; its records are signed with a key that it entrusted to the platform.
  const director = await newSignatory('LEGAL_REPRESENTATIVE');
  const unentrusted = await attest(buyer, order('PO-1', '2026-05-06'));
  expect(unentrusted).toMatchObject({ body: { code: 'UNKNOWN_ISSUER' } });
  const records = entrustRecordsKey(network.directory, 'enterprise', buyer);
  await register(buyer, 'Yangtze Turbine Works Co., Ltd', 1, [director, { ...records, office: 'RECORDS' }]);
  await register(stranger, 'Hangzhou Trading Co., Ltd', 1, [await newSignatory('LEGAL_REPRESENTATIVE')]);

  const attested = await attest(
    buyer,
    order('PO-1', '2026-05-06', { orderStatus: 'DELIVERED' }),
    order('PO-2', '2026-08-12'),
    order('PO-0', '2025-11-03'),
  );
  expect(attested).toMatchObject({ status: 200 });
  orders = (attested.body as { items: typeof orders }).items;
  expect(orders.map(({ status }) => status)).toEqual(['ATTESTED', 'ATTESTED', 'ATTESTED']);
  expect(await attest(buyer, payment)).toMatchObject({ body: { items: [{ status: 'ATTESTED' }] } });
  expect(await attest(buyer, payment)).toMatchObject({ body: { items: [{ status: 'ALREADY_ATTESTED' }] } });

  // In another's name, about itself, of what an agency attests, or by one who entrusted no key.
  const refused = { items: [{ status: 'REFUSED', code: 'RECORD_SCHEMA_INVALID' }] };
  expect((await attest(buyer, order('PO-9', '2026-05-06', { buyer: stranger }))).body).toMatchObject(refused);
  expect((await attest(buyer, { ...order('PO-9', '2026-05-06'), uscc: buyer })).body).toMatchObject(refused);
  expect(
    (
      await attest(buyer, {
        ...{ uscc: supplier, recordType: 'tax-credit-rating' },
        period: { from: '2025-01-01', to: '2025-12-31' },
        fields: { rating: 'A', year: 2025, points: 95 },
      })
    ).body,
  ).toMatchObject(refused);
  expect(await attest(stranger, order('PO-1', '2026-05-06'))).toMatchObject({
    body: { code: 'UNKNOWN_ISSUER' },
  });
  const asAgency = await attester.post('/v1/records', { records: [payment] });
  expect(asAgency).toMatchObject({ body: refused });
});

it('refuses what is signed with a key that the buyer’s entry does not name', async () => {
  const { id } = entrustRecordsKey(network.directory, 'enterprise', stranger);
  const answer = await attest(stranger, order('PO-7', '2026-05-06', { buyer: stranger }));
  expect(id).not.toBe('');
  expect(answer).toMatchObject({ body: { items: [{ code: 'RECORD_SIGNATURE_INVALID' }] } });
});

it('shows a record to the one who attested it and to no other enterprise', async () => {
  const path = `/v1/records/${orders[0]?.id ?? ''}`;
  expect((await of(buyer).get(path)).body).toMatchObject({
    status: 'ACTIVE',
    content: { issuer, uscc: supplier, fields: { orderNumber: 'PO-1' } },
  });
  for (const uscc of [supplier, stranger]) {
    const other = await of(uscc).get(path);
    expect(other).toMatchObject({ status: 200, body: { status: 'ACTIVE' } });
    expect(other.body).not.toHaveProperty('content');
    const changed = await of(uscc).post(`${path}:revoke`, { reason: 'ENTERED_IN_ERROR' });
    expect(changed).toMatchObject({ status: 403, body: { code: 'NOT_YOUR_RECORD' } });
  }
});

it('is delivered by the platform’s release agent as the buyer’s, complete, and to that bank alone', async () => {
  // What was delivered is corrected by the buyer, as its orders go on.
  const fields = order('PO-2', '2026-08-12', { orderStatus: 'DELIVERED' }).fields;
  const corrected = await of(buyer).post(`/v1/records/${orders[1]?.id ?? ''}:supersede`, {
    ...{ reason: 'DELIVERED', fields },
  });
  expect(corrected).toMatchObject({ status: 200, body: { status: 'SUPERSEDED' } });

  requestId = await requested(issuer, async (view) => {
    const passphrase = randomBytes(12).toString('base64url');
    const outsider = await unlock(await createKeyFile(passphrase), passphrase);
    const now = new Date().toISOString();
    const forged = await signStatement(
      prepareStatement(view, 'GRANT', outsider.signatory, now),
      view,
      outsider,
    );
    const path = `/v1/consents/${view.artefact.consentId}/statements`;
    const refused = await of(supplier).post(path, { statement: forged });
    expect(refused.status).toBeGreaterThanOrEqual(400);
    return grants(view);
  });
  await until(
    () => bank.get(`/v1/data-requests/${requestId}`),
    ({ body }) => (body as { request: { status: string } }).request.status === 'DELIVERED',
  );
  const delivery = await bank.get(`/v1/deliveries/${requestId}`);
  expect(delivery).toMatchObject({
    status: 200,
    body: {
      enterprise: { uscc: supplier },
      source: { issuer, organisation: 'EnterpriseMSP' },
      records: [
        {
          ...{ recordType: 'payment', assurance: 'ISSUED', statusToday: 'ACTIVE', period: payment.period },
          fields: { orderNumber: 'PO-1', amount: '45000000', paidOn: '2026-07-03' },
        },
        {
          ...{ recordType: 'purchase-order', assurance: 'ISSUED', statusToday: 'ACTIVE' },
          fields: { orderNumber: 'PO-1', amount: '45000000', dueOn: '2026-09-20', orderStatus: 'DELIVERED' },
        },
        {
          recordType: 'purchase-order',
          fields: { orderNumber: 'PO-2', amount: '45000000', dueOn: '2026-09-20', orderStatus: 'DELIVERED' },
        },
      ],
      completeness: {
        complete: true,
        types: expect.arrayContaining([
          expect.objectContaining({ recordType: 'payment', nil: false, delivered: 1 }),
          expect.objectContaining({
            ...{ recordType: 'purchase-order', nil: false, delivered: 2 },
            withheld: { asked: 0, outOfRange: 0, superseded: 1, revoked: 0 },
          }),
        ]) as unknown,
      },
    },
  });
  expect(JSON.stringify(delivery.body)).not.toContain('Bearings"');
  expect(JSON.stringify(delivery.body)).not.toContain('goods');
  expect(await otherBank.get(`/v1/deliveries/${requestId}`)).toMatchObject({ status: 404 });

  const log = (await of(supplier).get('/v1/access-log')).body as { items: { event: string }[] };
  expect(log.items.map(({ event }) => event)).toEqual(
    expect.arrayContaining(['DATA_REQUESTED', 'DATA_OFFERED', 'DATA_DELIVERED']),
  );
  expect((await of(buyer).get('/v1/access-log')).body).toMatchObject({ items: [] });
  expect(await of(stranger).get(`/v1/data-requests/${requestId}`)).toMatchObject({
    status: 403,
    body: { code: 'NOT_YOUR_RECORD' },
  });
});

it('is refused, with the reason, where the enterprise that the bank names entrusted no key', async () => {
  const silent = newUscc();
  await register(silent, 'Ningbo Valve Works Co., Ltd', 1, [await newSignatory('LEGAL_REPRESENTATIVE')]);
  const asked = await requested(`enterprise:${silent}`, grants);
  const refused = await until(
    () => bank.get(`/v1/data-requests/${asked}`),
    ({ body }) => (body as { offer: { status: string } }).offer.status !== 'PENDING',
  );
  expect(refused).toMatchObject({ body: { offer: { status: 'REFUSED', reason: 'ISSUER_KEY_NOT_HELD' } } });
});
