import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey, type JWK } from 'jose';
import { pino } from 'pino';
import { OidcKeys } from '../../../gateway/auth/oidc';
import { TokenVerifier } from '../../../gateway/auth/tokens';

/** An identity provider on loopback, whose keys and health the test decides. */
class Provider {
  keys: JWK[] = [];
  down = false;
  fetches = 0;
  claimed: string | undefined;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      if (this.down) return void request.socket.destroy();
      const discovery = request.url === '/.well-known/openid-configuration';
      if (!discovery) this.fetches += 1;
      const body = discovery
        ? { issuer: this.claimed ?? this.issuer, jwks_uri: `${this.issuer}/keys` }
        : { keys: this.keys };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
    });
  }

  static async start(): Promise<Provider> {
    const provider = new Provider();
    provider.#server.listen(0, '127.0.0.1');
    await once(provider.#server, 'listening');
    return provider;
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** A new key, which the provider publishes. */
  async newKey(kid: string, alg = 'ES256'): Promise<CryptoKey> {
    const { publicKey, privateKey } = await generateKeyPair(alg);
    this.keys.push({ ...(await exportJWK(publicKey)), kid, alg });
    return privateKey;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

const logger = pino({ level: 'silent' });
const now = () => Math.floor(Date.now() / 1000);
let provider: Provider;
let key: CryptoKey;

beforeEach(async () => {
  provider = await Provider.start();
  key = await provider.newKey('first');
});
afterEach(() => provider.stop());

const verifier = (options: { maxAge?: number; cooldown?: number; maxStale?: number } = {}) => {
  const { source } = new OidcKeys({ issuer: provider.issuer, logger, cooldown: 0, ...options });
  return new TokenVerifier({ issuer: provider.issuer, keys: source }, { audience: 'bank-a' });
};

const token = (
  changes: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
  by: CryptoKey | Uint8Array = key,
) =>
  new SignJWT({
    iss: provider.issuer,
    aud: 'bank-a',
    sub: 'officer',
    iat: now(),
    exp: now() + 60,
    ...changes,
  })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'first', ...header })
    .sign(by);

describe('tokens of an OpenID Connect issuer', () => {
  it('are taken with what they say of user and scopes', async () => {
    const tokens = verifier();
    expect(await tokens.verify(await token())).toEqual({ subject: 'officer', scopes: undefined });
    const scoped = await token({ scope: 'consents:read deliveries:read' });
    expect(await tokens.verify(scoped)).toMatchObject({ scopes: ['consents:read', 'deliveries:read'] });
    expect(await tokens.verify(await token({ scp: ['consents:read'] }))).toMatchObject({
      scopes: ['consents:read'],
    });
    const rsa = await provider.newKey('rsa', 'RS256');
    expect(await tokens.verify(await token({}, { alg: 'RS256', kid: 'rsa' }, rsa))).toBeDefined();
  });

  it.each<[string, Record<string, unknown>]>([
    ['of another audience', { aud: 'bank-b' }],
    ['of another issuer', { iss: 'http://127.0.0.1:1' }],
    ['that expired', { exp: now() - 30 }],
    ['not yet valid', { nbf: now() + 30 }],
    ['issued in the future', { iat: now() + 30 }],
    ['without an end', { exp: undefined }],
    ['of nobody', { sub: undefined }],
  ])('%s are refused', async (_name, changes) => {
    expect(await verifier().verify(await token(changes))).toBeUndefined();
  });

  it('are taken with clocks a few seconds apart, either way', async () => {
    const tokens = verifier();
    expect(await tokens.verify(await token({ exp: now() - 3 }))).toBeDefined();
    expect(await tokens.verify(await token({ iat: now() + 3, nbf: now() + 3 }))).toBeDefined();
  });

  it('that are unsigned, signed with a public key as a secret, altered, or of another type are refused', async () => {
    const tokens = verifier();
    const claims = { iss: provider.issuer, aud: 'bank-a', sub: 'officer', iat: now(), exp: now() + 60 };
    expect(await tokens.verify(new UnsecuredJWT(claims).encode())).toBeUndefined();
    const secret = new TextEncoder().encode(JSON.stringify(provider.keys[0]));
    expect(await tokens.verify(await token({}, { alg: 'HS256' }, secret))).toBeUndefined();
    const [header = '', payload = '', signature = ''] = (await token()).split('.');
    const other = Buffer.from(JSON.stringify({ ...claims, sub: 'approver' })).toString('base64url');
    expect(payload).not.toBe(other);
    expect(await tokens.verify(`${header}.${other}.${signature}`)).toBeUndefined();
    expect(await tokens.verify(await token({}, { typ: 'JWT' }))).toBeUndefined();
    expect(await tokens.verify('not.a.token')).toBeUndefined();
  });
});

describe('the keys of an OpenID Connect issuer', () => {
  it('rotate: a new one is found at its first token, one that was withdrawn ends', async () => {
    const tokens = verifier({ maxAge: 50 });
    expect(await tokens.verify(await token())).toBeDefined();
    const second = await provider.newKey('second');
    expect(await tokens.verify(await token({}, { kid: 'second' }, second))).toBeDefined();
    provider.keys.shift();
    await sleep(60);
    expect(await tokens.verify(await token({ jti: 'anew' }))).toBeUndefined();
  });

  it('are not fetched for every unknown key: a cooldown holds between', async () => {
    const tokens = verifier({ cooldown: 60_000 });
    expect(await tokens.verify(await token())).toBeDefined();
    for (const jti of ['a', 'b', 'c'])
      expect(await tokens.verify(await token({ jti }, { kid: `unknown-${jti}` }))).toBeUndefined();
    expect(provider.fetches).toBe(1);
  });

  it('go on for a while where the provider is down; what nobody can judge is 503, not 401', async () => {
    const tokens = verifier({ maxAge: 1, maxStale: 400 });
    expect(await tokens.verify(await token())).toBeDefined();
    provider.down = true;
    await sleep(5);
    expect(await tokens.verify(await token({ jti: 'later' }))).toBeDefined();
    const stranger = (await generateKeyPair('ES256')).privateKey;
    await expect(tokens.verify(await token({}, { kid: 'new' }, stranger))).rejects.toMatchObject({
      code: 'IDENTITY_PROVIDER_UNAVAILABLE',
      status: 503,
    });
    await sleep(450);
    await expect(tokens.verify(await token({ jti: 'too late' }))).rejects.toMatchObject({ status: 503 });
    provider.down = false;
    expect(await tokens.verify(await token({ jti: 'back' }))).toBeDefined();
  });

  it('are not taken from a discovery document of another issuer, nor over an open line', async () => {
    provider.claimed = 'https://elsewhere.example';
    await expect(verifier().verify(await token())).rejects.toMatchObject({ status: 503 });
    expect(() => new OidcKeys({ issuer: 'http://issuer.example', logger })).toThrow(
      'neither https nor on loopback',
    );
  });
});
