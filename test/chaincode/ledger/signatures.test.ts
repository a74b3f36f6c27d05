import { generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { canonicalJson, digestOf, sha256 } from '../../../chaincode/ledger/canonical';
import { openCredential, openDisclosure } from '../../../chaincode/ledger/credential';
import { ContractError, parseErrorText } from '../../../chaincode/ledger/errors';
import { signsCanonical, verifyJws } from '../../../chaincode/ledger/jws';
import type { PublicJwk } from '../../../chaincode/ledger/schemas';

const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const exported = pair.publicKey.export({ format: 'jwk' }) as { x: string; y: string };
const jwk: PublicJwk = { kty: 'EC', crv: 'P-256', x: exported.x, y: exported.y };

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

function jwsOf(payload: unknown, header: object = {}, key = pair.privateKey): string {
  const input = `${encode({ alg: 'ES256', kid: 'k', typ: 'test+jws', ...header })}.${encode(payload)}`;
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

describe('signatures', () => {
  it('hold for the key and the type that they were made with, and for no other', async () => {
    const jws = jwsOf({ a: 1 });
    expect((await verifyJws(jws, jwk, 'test+jws'))?.kid).toBe('k');
    expect(await verifyJws(jws, jwk, 'other+jws')).toBeUndefined();
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    expect(await verifyJws(jwsOf({ a: 1 }, {}, stranger), jwk, 'test+jws')).toBeUndefined();
    expect(await verifyJws(jws, { ...jwk, x: jwk.y }, 'test+jws')).toBeUndefined();
  });

  it.each([
    ['alg none', { alg: 'none' }],
    ['alg HS256', { alg: 'HS256' }],
    ['no kid', { kid: undefined }],
    ['a critical header', { crit: ['exp'], exp: 1 }],
    ['an unencoded payload', { crit: ['b64'], b64: false }],
  ])('do not hold with %s', async (_, header) => {
    expect(await verifyJws(jwsOf({ a: 1 }, header), jwk, 'test+jws')).toBeUndefined();
  });

  it('can be turned into another that holds: their bytes identify nothing', async () => {
    const [head = '', payload = '', signature = ''] = jwsOf({ a: 1 }).split('.');
    const bytes = Buffer.from(signature, 'base64url');
    const s = BigInt(`0x${bytes.subarray(32).toString('hex')}`);
    const mirrored = Buffer.from((order - s).toString(16).padStart(64, '0'), 'hex');
    const other = Buffer.concat([bytes.subarray(0, 32), mirrored]).toString('base64url');
    expect(other).not.toBe(signature);
    expect(await verifyJws(`${head}.${payload}.${other}`, jwk, 'test+jws')).toBeDefined();
  });

  it('sign a value only in its canonical form', async () => {
    const value = { b: [1, 'é'], a: { y: null, x: true } };
    const canonical = await verifyJws(jwsOf(canonicalJson(value)), jwk, 'test+jws');
    const loose = await verifyJws(jwsOf(JSON.stringify(value)), jwk, 'test+jws');
    if (canonical === undefined || loose === undefined) throw new Error('both are signed');
    expect(signsCanonical(canonical, { a: { x: true, y: null }, b: [1, 'é'] })).toBe(true);
    expect(signsCanonical(loose, value)).toBe(false);
  });
});

describe('canonical JSON', () => {
  it('does not depend on the order of members', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(digestOf(reversed)).toBe(digestOf(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('sorts members by UTF-16 code units and refuses what is no JSON', () => {
    expect(canonicalJson({ '\u{1f600}': 1, '\ufb33': 2, a: 3 })).toBe('{"a":3,"\u{1f600}":1,"\ufb33":2}');
    expect(() => canonicalJson(undefined)).toThrow(TypeError);
  });
});

describe('SD-JWT', () => {
  const salt = 'A'.repeat(22);
  const disclosure = (name: unknown, value: unknown, saltOf: unknown = salt) => encode([saltOf, name, value]);
  const claims = (disclosures: readonly string[], more: object = {}) => ({
    iss: 'department:tax-shanghai',
    sub: '91350100M000100Y43',
    jti: 'a'.repeat(32),
    vct: 'urn:sme-credit:record:vat-filing:1',
    iat: 1_790_000_000,
    handle: 'h'.repeat(43),
    seq: 1,
    period: { from: '2026-01-01', to: '2026-01-31' },
    assurance: 'FILED',
    _sd: disclosures.map(sha256),
    _sd_alg: 'sha-256',
    ...more,
  });
  const credential = (payload: unknown) => jwsOf(payload, { typ: 'dc+sd-jwt' });

  it('opens to any subset of its fields', async () => {
    const all = [disclosure('a', 1), disclosure('b', 'x'), disclosure('c', [true])];
    const jwt = credential(claims(all));
    await fc.assert(
      fc.asyncProperty(fc.subarray(all), async (chosen) => {
        const opened = await openCredential(jwt, chosen, jwk);
        expect(Object.keys(opened?.fields ?? {})).toHaveLength(chosen.length);
        expect(opened?.digest).toBe(sha256(jwt));
      }),
    );
  });

  it('refuses a disclosure that is foreign, comes twice, or hides a claim or another', async () => {
    const one = disclosure('a', 1);
    const jwt = credential(claims([one]));
    expect(await openCredential(jwt, [disclosure('a', 2)], jwk)).toBeUndefined();
    expect(await openCredential(jwt, [one, one], jwk)).toBeUndefined();
    expect(await openCredential(jwt, [`${one}=`], jwk)).toBeUndefined();
    const twins = [one, disclosure('a', 2)];
    expect(await openCredential(credential(claims(twins)), twins, jwk)).toBeUndefined();
    for (const name of ['sub', '_sd', '__proto__', 7]) {
      const hiding = [disclosure(name, 1)];
      expect(await openCredential(credential(claims(hiding)), hiding, jwk)).toBeUndefined();
    }
    expect(await openCredential(credential(claims([one, one])), [one], jwk)).toBeUndefined();
  });

  it('refuses another algorithm of digests, a type of another JWS, and a salt that can be tried', async () => {
    expect(await openCredential(credential(claims([], { _sd_alg: 'sha-1' })), [], jwk)).toBeUndefined();
    expect(await openCredential(jwsOf(claims([])), [], jwk)).toBeUndefined();
    expect(openDisclosure(disclosure('a', 1, 'short'))).toBeUndefined();
    expect(openDisclosure(encode('no list'))).toBeUndefined();
  });
});

describe('contract errors', () => {
  it('are read back from text that others wrapped', () => {
    const error = new ContractError('BEYOND_CONSENT', 'is not in the consent', 'items.0.fields');
    expect(parseErrorText(`10 ABORTED: chaincode response 500, ${error.message}`)).toEqual({
      code: 'BEYOND_CONSENT',
      field: 'items.0.fields',
      reason: 'is not in the consent',
    });
    expect(parseErrorText('ABORTED: CONSENT_NOT_ACTIVE: is REVOKED')).toEqual({
      code: 'CONSENT_NOT_ACTIVE',
      reason: 'is REVOKED',
    });
    expect(parseErrorText('SOMETHING_ELSE: happened')).toBeUndefined();
  });
});
