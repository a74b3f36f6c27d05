import { spawnSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import { checkCharacter } from '../../chaincode/registry/uscc';
import type { ConsentAction, ConsentView } from '../../chaincode/sharing/model';
import { authorityPaths } from '../../network/identity/paths';
import type { DeliveryBundle } from '../../gateway/verify/bundle';
import { verdictCodes, verifyDelivery, type Trust } from '../../gateway/verify/verify';
import { departmentIdentity, enterpriseIdentity, issueEnterpriseUser } from '../../network/set-up/identities';
import { prepareStatement, signStatement } from '../../signer/statement';
import { testNetwork, type TestNetwork } from '../support/network';
import { RestUser, type Answer } from './support/rest';

jest.setTimeout(240_000);

let network: TestNetwork;
let bank: RestUser;
let otherBank: RestUser;
let registrar: RestUser;
let attester: RestUser;
let owner: RestUser;
let supervisor: RestUser;

const uscc = newUscc();
const fields = ['filingStatus', 'sales', 'taxPaid'];

beforeAll(async () => {
  network = await testNetwork({ gateways: true });
  const user = (organisation: string, subject: string) =>
    new RestUser(network.topology, organisation, subject);
  await issueEnterpriseUser(network.context, uscc);
  bank = user('bank-a', 'credit-officer');
  otherBank = user('bank-b', 'credit-officer');
  registrar = user('market-regulation', departmentIdentity('registrar', 'amr-shanghai'));
  attester = user('tax', departmentIdentity('attester', 'tax-shanghai'));
  owner = user('enterprise', enterpriseIdentity(uscc));
  supervisor = user('regulator', 'supervisor');
});

afterAll(async () => {
  await network.close();
});

function newUscc(): string {
  const digits = String(randomBytes(6).readUIntBE(0, 6) % 1_000_000_000).padStart(9, '0');
  const first = `91310115${digits}`;
  return first + (checkCharacter(first) ?? '');
}

async function newSignatory() {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const { kty, crv, x, y } = await exportJWK(publicKey);
  const signatory = randomBytes(24).toString('base64url');
  const jwk = { kty, crv, x, y } as { kty: 'EC'; crv: 'P-256'; x: string; y: string };
  const sign = (action: ConsentAction, view: ConsentView) =>
    signStatement(prepareStatement(view, action, signatory, new Date().toISOString()), view, {
      signatory,
      jwk,
      key: privateKey,
    });
  return { signatory, jwk, sign };
}

function filing(month: number) {
  const from = `2026-${String(month).padStart(2, '0')}-01`;
  const to = new Date(Date.UTC(2026, month, 0)).toISOString().slice(0, 10);
  return {
    uscc,
    recordType: 'vat-filing',
    period: { from, to },
    assurance: 'FILED',
    cadence: 'MONTHLY',
    fields: {
      filingStatus: 'FILED',
      sales: String(1_000_000_00 + month),
      outputTax: '1300000',
      inputTax: '900000',
      taxPayable: '400000',
      taxPaid: '400000',
      filedOn: `2026-${String(month + 1).padStart(2, '0')}-10`,
    },
  };
}

async function until(read: () => Promise<Answer>, done: (answer: Answer) => boolean): Promise<Answer> {
  const end = Date.now() + 60_000;
  for (;;) {
    const answer = await read();
    if (done(answer)) return answer;
    if (Date.now() > end) throw new Error(`it did not come to pass: ${JSON.stringify(answer.body)}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

const distribution = path.resolve(__dirname, '../../dist/gateway');

/** Runs one of the commands, as its user would; its exit code and what it printed. */
function command(
  file: string,
  ...args: readonly string[]
): { readonly status: number | null; readonly out: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(distribution, file), ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, out: stdout + stderr };
}

/** Exports with the ledger's proof, verifies, and sees each change found out. */
async function proves(requestId: string, officer: string): Promise<void> {
  const at = (name: string) => path.join(network.directory, name);
  const take = [
    '--directory',
    network.directory,
    '--organisation',
    'bank-a',
    '--output',
    at('delivery.json'),
  ];
  expect(command('deliveries/export/main.js', requestId, '--identity', officer, ...take)).toMatchObject({
    status: 0,
  });
  expect(
    command('deliveries/export/main.js', 'no-such-request-of-anyones', '--identity', officer, ...take),
  ).toMatchObject({
    status: 1,
    out: expect.stringContaining('NOT_FOUND') as string,
  });
  const bundle = JSON.parse(readFileSync(at('delivery.json'), 'utf8')) as DeliveryBundle;
  const { delivery, enterprise } = bundle;
  const consortium = (await bank.get('/v1/consortium')).body as Trust['consortium'];
  const holders = [...network.topology.organisations, network.topology.orderer];
  const roots = Object.fromEntries(
    holders.map(({ name, msp }) => [
      msp,
      readFileSync(authorityPaths(network.directory, name).signCertificate, 'utf8'),
    ]),
  );
  mkdirSync(at('roots'));
  for (const [msp, pem] of Object.entries(roots)) writeFileSync(path.join(at('roots'), `${msp}.pem`), pem);
  writeFileSync(at('consortium.json'), JSON.stringify(consortium));
  const verify = ['--roots', at('roots'), '--registry', at('consortium.json')];
  const verified = command('verify/main.js', at('delivery.json'), ...verify);
  expect(verified.status).toBe(0);
  expect(verified.out.trim().split('\n')).toEqual(verdictCodes.map((code) => `✓ ${code}`));
  const trust: Trust = { roots, orderer: network.topology.orderer.msp, consortium };
  const failing = async (changed: Partial<DeliveryBundle>, other: Partial<Trust> = {}) =>
    (await verifyDelivery({ ...bundle, ...changed }, { ...trust, ...other }))
      .filter(({ holds }) => !holds)
      .map(({ code }) => code);
  expect(await failing({})).toEqual([]);
  const [first, ...rest] = delivery.presentations;
  if (first === undefined) throw new Error('there is a record');
  const fewer = {
    ...delivery,
    presentations: [{ ...first, disclosures: first.disclosures.slice(1) }, ...rest],
  };
  expect(await failing({ delivery: fewer })).toEqual(['PRIVATE_HASH']);
  expect(await failing({ delivery: { ...delivery, presentations: rest } })).toEqual([
    'PRIVATE_HASH',
    'COMPLETENESS',
  ]);
  const renamed = { ...enterprise, entry: { ...enterprise.entry, name: 'Another' } };
  expect(await failing({ enterprise: renamed })).toEqual(['ENTERPRISE_ENTRY']);
  const { OrdererMSP: orderer = '', ...others } = roots;
  expect(await failing({}, { roots: others })).toEqual(['ORDERER_SIGNATURE']);
  expect(await failing({}, { roots: { ...roots, TaxMSP: orderer } })).toEqual([
    'CREATOR_SIGNATURE',
    'ENDORSEMENT_SIGNATURES',
    'ENDORSED_BY_PARTIES',
  ]);
}

it('shares what was consented, over HTTP from end to end, and ends it', async () => {
  const signatories = [await newSignatory(), await newSignatory(), await newSignatory()];
  const [legal, finance, director] = signatories;
  if (legal === undefined || finance === undefined || director === undefined)
    throw new Error('three signatories');
  const offices = ['LEGAL_REPRESENTATIVE', 'FINANCE', 'DIRECTOR'];
  const entry = {
    uscc,
    name: 'Pudong Precision Bearings Co., Ltd',
    status: 'ACTIVE',
    mandate: { required: 2 },
    signatories: signatories.map(({ signatory, jwk }, index) => ({
      id: signatory,
      office: offices[index],
      jwk,
      from: '2020-01-01',
    })),
    registeredBy: 'department:amr-shanghai',
    version: 1,
  };
  const registered = await registrar.post('/v1/enterprises', { entry });
  expect(registered).toMatchObject({ status: 201, body: { entry: { uscc, version: 1 } } });
  expect((await owner.get(`/v1/enterprises/${uscc}`)).body).toEqual(registered.body);

  // August is not filed: it will be missing, and said to be.
  const records = [6, 7, 9].map(filing);
  const attested = await attester.post('/v1/records', { records });
  expect(attested).toMatchObject({
    status: 200,
    body: { items: records.map(() => ({ status: 'ATTESTED' })) },
  });

  const asked = {
    enterprise: uscc,
    Purpose: { code: 'WORKING_CAPITAL_LOAN' },
    fetchType: 'PERIODIC',
    consentStart: new Date(Date.now() - 60_000).toISOString(),
    consentExpiry: new Date(Date.now() + 30 * 86_400_000).toISOString(),
    DataRange: { from: '2026-06-01', to: '2026-09-30' },
    DataLife: { unit: 'MONTH', value: 1 },
    Frequency: { unit: 'MONTH', value: 2 },
    items: [{ recordType: 'vat-filing', issuer: 'department:tax-shanghai', fields }],
    purgeWithinDays: 7,
    evidenceYears: 5,
  };
  const tooMuch = await bank.post('/v1/consents', { ...asked, evidenceYears: 30 });
  expect(tooMuch).toMatchObject({ status: 422, body: { code: 'PURPOSE_CEILING_EXCEEDED' } });
  const key = randomUUID();
  const consent = await bank.post('/v1/consents', asked, key);
  expect(consent).toMatchObject({ status: 201, body: { state: 'REQUESTED', required: 2 } });
  expect((await bank.post('/v1/consents', asked, key)).body).toEqual(consent.body);
  const view = consent.body as ConsentView;
  const { consentId } = view.artefact;
  expect((await owner.get('/v1/consents')).body).toMatchObject({
    items: [{ artefact: { consentId } }],
    bookmark: '',
  });
  expect((await otherBank.get(`/v1/consents/${consentId}`)).status).toBe(404);

  const ask = {
    consentId,
    issuer: 'department:tax-shanghai',
    items: [{ recordType: 'vat-filing', fields }],
    range: asked.DataRange,
  };
  expect(await bank.post('/v1/data-requests', ask)).toMatchObject({
    status: 409,
    body: { code: 'CONSENT_NOT_ACTIVE' },
  });

  const path = `/v1/consents/${consentId}`;
  const first = { statement: await legal.sign('GRANT', view) };
  expect(await owner.post(`${path}/statements`, first)).toMatchObject({
    status: 200,
    body: { state: 'REQUESTED', signedBy: [legal.signatory] },
  });
  expect(await owner.post(`${path}/statements`, first)).toMatchObject({
    status: 409,
    body: { code: 'SIGNATURE_REPLAYED' },
  });
  const second = { statement: await finance.sign('GRANT', view) };
  expect(await owner.post(`${path}/statements`, second)).toMatchObject({
    status: 200,
    body: { state: 'ACTIVE', version: 1 },
  });

  const wider = { ...ask, items: [{ recordType: 'vat-filing', fields: [...fields, 'inputTax'] }] };
  expect(await bank.post('/v1/data-requests', wider)).toMatchObject({
    status: 403,
    body: { code: 'BEYOND_CONSENT' },
  });
  const requested = await bank.post('/v1/data-requests', ask);
  expect(requested).toMatchObject({
    status: 201,
    body: { request: { status: 'REQUESTED' }, offer: { status: 'PENDING' } },
  });
  const { requestId } = (requested.body as { request: { requestId: string } }).request;
  await until(
    () => bank.get(`/v1/data-requests/${requestId}`),
    ({ body }) => (body as { request: { status: string } }).request.status === 'DELIVERED',
  );

  const delivery = await bank.get(`/v1/deliveries/${requestId}`);
  expect(delivery).toMatchObject({
    status: 200,
    body: {
      enterprise: { uscc, name: entry.name },
      source: { issuer: 'department:tax-shanghai', organisation: 'TaxMSP', region: 'Shanghai' },
      records: [6, 7, 9].map((month) => ({
        recordType: 'vat-filing',
        assurance: 'FILED',
        statusToday: 'ACTIVE',
        period: filing(month).period,
        fields: { filingStatus: 'FILED', sales: String(1_000_000_00 + month), taxPaid: '400000' },
      })),
      completeness: {
        complete: false,
        types: [
          { delivered: 3, expected: 4, missing: [{ period: filing(8).period, reason: 'NOT_ATTESTED' }] },
        ],
      },
    },
  });
  expect(JSON.stringify(delivery.body)).not.toContain('inputTax');
  const raw = await bank.get(`/v1/deliveries/${requestId}?format=sd-jwt`);
  expect((raw.body as { presentations: string[] }).presentations).toHaveLength(3);
  expect((await otherBank.get(`/v1/deliveries/${requestId}`)).status).toBe(404);

  await proves(requestId, 'credit-officer');

  const log = await owner.get('/v1/access-log');
  const events = (log.body as { items: { event: string }[] }).items.map(({ event }) => event).reverse();
  expect(events.slice(0, 3)).toEqual(['CONSENT_REQUESTED', 'CONSENT_SIGNED', 'CONSENT_SIGNED']);
  expect(events.slice(3).sort()).toEqual(['DATA_DELIVERED', 'DATA_OFFERED', 'DATA_REQUESTED']);
  expect((await supervisor.get(`/v1/access-log?enterprise=${uscc}`)).body).toEqual(log.body);

  const live = (await owner.get(path)).body as ConsentView;
  const revocation = { statement: await director.sign('REVOKE', live) };
  const revoked = await supervisor.post(`${path}/stops`, revocation);
  expect(revoked).toMatchObject({
    status: 200,
    body: { through: 'regulator', consent: { state: 'REVOKED' } },
  });
  expect(await bank.get(`/v1/deliveries/${requestId}`)).toMatchObject({
    status: expect.any(Number) as number,
  });
  const ended = await until(
    () => bank.get(`/v1/data-requests/${requestId}`),
    ({ body }) => (body as { purge: { status: string } }).purge.status === 'PURGED',
  );
  expect(ended.body).toMatchObject({ held: false });
  const refused = await bank.get(`/v1/deliveries/${requestId}`);
  expect(refused).toMatchObject({ status: 410, body: { code: 'PURGED' } });
});
