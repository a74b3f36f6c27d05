import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sha256 } from '../../../chaincode/ledger/canonical';
import { openCredential } from '../../../chaincode/ledger/credential';
import { signsCanonical, verifyJws } from '../../../chaincode/ledger/jws';
import type { PublicJwk } from '../../../chaincode/ledger/schemas';
import { checkCharacter } from '../../../chaincode/registry/uscc';
import {
  IssuerSecrets,
  entrustRecordsKey,
  fieldsOf,
  issueRecord,
  loadIssuers,
  openIssuers,
  recordsKeyFile,
  signCompleteness,
  signEnterprise,
  signerOf,
} from '../../../gateway/issuer';

const uscc = '91310000MA1FL0000A';
const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const publicJwk = keys.publicKey.export({ format: 'jwk' }) as PublicJwk;
const signer = () => signerOf('department:tax-shanghai', { ...keys.privateKey.export({ format: 'jwk' }) });
const draft = {
  id: 'a'.repeat(43),
  uscc,
  recordType: 'vat-filing',
  typeVersion: 1,
  period: { from: '2026-09-01', to: '2026-09-30' },
  assurance: 'FILED' as const,
  fields: { sales: '120000', filingStatus: 'FILED', lines: [{ amount: '1' }] },
  handle: 'h'.repeat(43),
  seq: 3,
};

describe('issued records', () => {
  it('open with the contract code, each field disclosed on its own', async () => {
    const issued = await issueRecord(await signer(), draft, new Date('2026-10-08T01:02:03Z'));
    const all = await openCredential(issued.jwt, issued.disclosures, publicJwk);
    expect(all?.fields).toEqual(draft.fields);
    expect(all?.claims).toMatchObject({ iss: 'department:tax-shanghai', sub: uscc, jti: draft.id, seq: 3 });
    expect(all?.digest).toBe(issued.digest);
    expect(issued.digest).toBe(sha256(issued.jwt));
    const one = issued.disclosures.filter((disclosure) => 'sales' in fieldsOf([disclosure]));
    expect((await openCredential(issued.jwt, one, publicJwk))?.fields).toEqual({ sales: '120000' });
  });

  it('never repeat a salt or a digest, whatever the values', async () => {
    const [first, second] = await Promise.all([
      issueRecord(await signer(), draft, new Date(0)),
      issueRecord(await signer(), draft, new Date(0)),
    ]);
    expect(first.disclosures.some((disclosure) => second.disclosures.includes(disclosure))).toBe(false);
  });

  it('refuse a field that would hide a claim', async () => {
    const bad = { ...draft, fields: { period: 'always' } };
    await expect(issueRecord(await signer(), bad, new Date(0))).rejects.toThrow('"period"');
  });
});

describe('statements', () => {
  const statement = {
    requestId: 'r'.repeat(20),
    issuer: 'department:tax-shanghai',
    enterprise: uscc,
    range: draft.period,
    asOf: '2026-10-08T01:02:03Z',
    types: [],
  };

  it('are signed in the issuer’s own name only', async () => {
    const jws = await signCompleteness(await signer(), statement);
    const verified = await verifyJws(jws, publicJwk, 'completeness+jws');
    expect(verified !== undefined && signsCanonical(verified, statement)).toBe(true);
    await expect(
      signCompleteness(await signer(), { ...statement, issuer: 'department:other' }),
    ).rejects.toThrow('cannot sign');
  });

  it('of enterprises name the registering department', async () => {
    const entry = {
      uscc,
      name: 'Example',
      status: 'ACTIVE' as const,
      mandate: { required: 1 },
      signatories: [],
      registeredBy: 'department:amr-shanghai',
      version: 1,
    };
    await expect(signEnterprise(await signer(), entry)).rejects.toThrow('cannot register');
  });
});

describe('an issuer’s files', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(path.join(tmpdir(), 'issuer-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  it('give the same ids and handles after a restart, other ones for another year, type or issuer', () => {
    const file = path.join(directory, 'tax.handles.json');
    const secrets = IssuerSecrets.open(file);
    const handle = secrets.handle(uscc, 'vat-filing', 2026);
    const id = secrets.recordId({ ...draft, revision: 0, naturalKey: '' });
    const again = IssuerSecrets.open(file);
    expect(again.handle(uscc, 'vat-filing', 2026)).toBe(handle);
    expect(again.recordId({ ...draft, revision: 0, naturalKey: '' })).toBe(id);
    const others = [
      secrets.handle(uscc, 'vat-filing', 2025),
      secrets.handle(uscc, 'tax-arrears', 2026),
      IssuerSecrets.open(path.join(directory, 'other.json')).handle(uscc, 'vat-filing', 2026),
    ];
    expect(new Set([handle, ...others]).size).toBe(4);
    expect(secrets.recordId({ ...draft, revision: 1, naturalKey: '' })).not.toBe(id);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('take up a year that another process added', () => {
    const file = path.join(directory, 'tax.handles.json');
    const [one, two] = [IssuerSecrets.open(file), IssuerSecrets.open(file)];
    expect(one.handle(uscc, 'vat-filing', 2026)).toBe(two.handle(uscc, 'vat-filing', 2026));
  });

  it('load departments and entrusted enterprises, and name a bad file without its content', async () => {
    const organisation = path.join(directory, 'organisations', 'tax');
    for (const folder of ['departments', 'issuers'])
      mkdirSync(path.join(organisation, folder), { recursive: true });
    const jwk = JSON.stringify(keys.privateKey.export({ format: 'jwk' }));
    writeFileSync(path.join(organisation, 'departments', 'tax-shanghai.jwk'), jwk);
    writeFileSync(path.join(organisation, 'issuers', `${uscc}.jwk`), jwk);
    const issuers = await loadIssuers(directory, 'tax');
    expect([...issuers.keys()]).toEqual(['department:tax-shanghai', `enterprise:${uscc}`]);
    expect(readFileSync(path.join(organisation, 'departments', 'tax-shanghai.handles.json'))).toBeTruthy();
    writeFileSync(path.join(organisation, 'departments', 'bad.jwk'), 'SECRET');
    await expect(loadIssuers(directory, 'tax')).rejects.toThrow(/bad\.jwk is no JSON Web Key$/);
  });

  it('are found when an enterprise entrusts its key later, and never outside their folder', async () => {
    const buyer = `91310000MA1FL0000${checkCharacter('91310000MA1FL0000') ?? ''}`;
    const issuers = await openIssuers(directory, 'enterprise');
    expect(issuers.get(`enterprise:${buyer}`)).toBeUndefined();
    const enrolled = entrustRecordsKey(directory, 'enterprise', buyer);
    expect(entrustRecordsKey(directory, 'enterprise', buyer)).toEqual(enrolled);
    expect(statSync(recordsKeyFile(directory, 'enterprise', buyer)).mode & 0o777).toBe(0o600);
    const found = issuers.get(`enterprise:${buyer}`);
    expect(found?.signer).toMatchObject({ issuer: `enterprise:${buyer}`, kid: enrolled.id });
    expect(issuers.get(`enterprise:${buyer}`)).toBe(found);
    expect(issuers.get(`enterprise:../issuers/${buyer}`)).toBeUndefined();
    expect(issuers.get(`department:${buyer}`)).toBeUndefined();
  });
});
