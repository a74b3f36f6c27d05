import {
  createLocalJWKSet,
  errors,
  exportJWK,
  generateKeyPair,
  importJWK,
  jwtVerify,
  SignJWT,
  type CryptoKey,
  type JSONWebKeySet,
  type JWK,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** What a valid token says. */
export interface TokenClaims {
  readonly subject: string;
  /** Scopes that the issuer granted; absent where the issuer leaves it to the user's roles. */
  readonly scopes: readonly string[] | undefined;
  /** Application that the token was issued to, where it says so. */
  readonly client?: string;
}

/** Finds the key that a token names. */
export type KeySource = JWTVerifyGetKey;

/** Whose tokens a gateway takes: name and public keys, by hand or wherever they are found. */
export interface TrustedIssuer {
  readonly issuer: string;
  readonly keys: JSONWebKeySet | KeySource;
}

/** What else a token has to be. */
export interface TokenRules {
  /** For whom it is made out. */
  readonly audience: string;
  /** Seconds by which the issuer's clock may differ; 5 unless given. */
  readonly clockTolerance?: number;
  /** Header `typ`; `at+jwt` (RFC 9068) unless given. */
  readonly type?: string;
  /** Claim that names the user; `sub` unless given. */
  readonly subjectClaim?: string;
}

/** Signatures that are taken: asymmetric ones, so that no verifier could issue. A key fits only the one it is made for. */
const algorithms = ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA'];
/** Oldest token that is taken, whatever end it names; with it `iat` is checked, which may not lie in the future. */
const maxTokenAge = '24h';
/** Most milliseconds for which a verified token is not verified again: so long may a withdrawn key count. */
const rememberFor = 5 * 60_000;
/** Tokens remembered as verified; each saves a signature check per request. */
const mostRemembered = 2000;

/** Checks bearer tokens: signed by one issuer, made out for this organisation, in date. */
export class TokenVerifier {
  readonly #issuer: string;
  readonly #rules: Required<TokenRules>;
  readonly #keys: KeySource;
  readonly #remembered = new Map<string, { readonly claims: TokenClaims; readonly until: number }>();

  constructor({ issuer, keys }: TrustedIssuer, rules: TokenRules) {
    this.#issuer = issuer;
    this.#rules = { clockTolerance: 5, type: 'at+jwt', subjectClaim: 'sub', ...rules };
    this.#keys = typeof keys === 'function' ? keys : createLocalJWKSet(keys);
  }

  /**
   * @returns undefined where the token is not valid here; why is nobody's business.
   * @throws Problem `IDENTITY_PROVIDER_UNAVAILABLE` where nobody can tell.
   */
  async verify(token: string): Promise<TokenClaims | undefined> {
    const remembered = this.#remembered.get(token);
    if (remembered !== undefined && remembered.until > Date.now()) return remembered.claims;
    this.#remembered.delete(token);
    const { audience, clockTolerance, type, subjectClaim } = this.#rules;
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        algorithms,
        issuer: this.#issuer,
        audience,
        requiredClaims: [subjectClaim, 'exp', 'iat'],
        typ: type,
        clockTolerance,
        maxTokenAge,
      });
      const subject = payload[subjectClaim];
      const { exp = 0 } = payload;
      if (typeof subject !== 'string') return undefined;
      const client = payload.client_id ?? payload.azp;
      const claims: TokenClaims = {
        subject,
        scopes: scopesOf(payload),
        ...(typeof client === 'string' ? { client } : {}),
      };
      this.#remember(token, claims, Math.min((exp + clockTolerance) * 1000, Date.now() + rememberFor));
      return claims;
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }

  #remember(token: string, claims: TokenClaims, until: number): void {
    if (this.#remembered.size >= mostRemembered) {
      const [oldest] = this.#remembered.keys();
      if (oldest !== undefined) this.#remembered.delete(oldest);
    }
    this.#remembered.set(token, { claims, until });
  }
}

/** Scopes as `scope` (RFC 9068, one text) or `scp` (a list) has them; undefined where the issuer says nothing of any. */
function scopesOf({ scope, scp }: JWTPayload): readonly string[] | undefined {
  const given = scope ?? scp;
  if (typeof given === 'string') return given.split(' ');
  return Array.isArray(given) ? given.filter((name) => typeof name === 'string') : undefined;
}

/** Seconds that a token of the development issuer is good for. */
export const developmentTokenLife = 12 * 3600;

/** Issues tokens to whoever asks on this machine. For development only. */
export interface DevelopmentIssuer {
  readonly trusted: TrustedIssuer;
  /** A token for a subject of the organisation, good for {@link developmentTokenLife}. */
  issue(subject: string, scopes?: readonly string[]): Promise<string>;
}

/**
 * Opens the development issuer of an organisation; its key is made at the first start and kept, so that tokens survive a
 * restart.
 *
 * @throws with `NODE_ENV=production`: there, name an issuer of your own.
 */
export async function openDevelopmentIssuer(
  directory: string,
  organisation: string,
  environment: string | undefined,
): Promise<DevelopmentIssuer> {
  if (environment === 'production')
    throw new Error(
      'the development token issuer does not start with NODE_ENV=production; name the keys of your issuer with --token-issuer FILE',
    );
  const issuer = `urn:sme-credit:development:${organisation}`;
  const jwk = await developmentKey(directory);
  const { kty, crv, x, y, alg, kid } = jwk;
  const publicJwk = { kty, crv, x, y, alg, kid } as JWK;
  const key = (await importJWK(jwk, 'ES256')) as CryptoKey;
  return {
    trusted: { issuer, keys: { keys: [publicJwk] } },
    issue(subject, scopes) {
      return new SignJWT(scopes === undefined ? {} : { scope: scopes.join(' ') })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'development' })
        .setIssuer(issuer)
        .setAudience(organisation)
        .setSubject(subject)
        .setIssuedAt()
        .setExpirationTime(`${developmentTokenLife}s`)
        .sign(key);
    },
  };
}

async function developmentKey(directory: string): Promise<JWK> {
  const file = path.join(directory, 'development-issuer.jwk');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as JWK;
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), alg: 'ES256', kid: 'development' };
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(file, JSON.stringify(jwk), { mode: 0o600 });
  return jwk;
}

/**
 * Reads the trusted issuer of an organisation from a file `{"issuer": "https://…", "keys": {"keys": [ JWK… ]}}`.
 *
 * @throws where the file is not of that form.
 */
export function readTrustedIssuer(file: string): TrustedIssuer {
  const { issuer, keys } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly issuer?: unknown;
    readonly keys?: Partial<JSONWebKeySet>;
  };
  if (typeof issuer !== 'string' || !Array.isArray(keys?.keys))
    throw new Error(`${file} does not name an issuer and its keys`);
  return { issuer, keys: { ...keys, keys: keys.keys } };
}
