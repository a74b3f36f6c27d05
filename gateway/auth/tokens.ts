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
  type JWTVerifyGetKey,
} from 'jose';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** What a valid token says. */
export interface TokenClaims {
  readonly subject: string;
  /** Scopes that the issuer granted; absent where the issuer leaves it to the user's roles. */
  readonly scopes: readonly string[] | undefined;
}

/** Whose tokens a gateway takes: name, public keys, and for whom they must be made out. */
export interface TrustedIssuer {
  readonly issuer: string;
  readonly keys: JSONWebKeySet;
}

/** Seconds by which the issuer's clock may differ. */
const clockTolerance = 5;
/** Tokens remembered as verified; each saves a signature check per request. */
const mostRemembered = 2000;

/** Checks bearer tokens: ES256 only, one issuer, made out for this organisation, in date. */
export class TokenVerifier {
  readonly #issuer: string;
  readonly #audience: string;
  readonly #keys: JWTVerifyGetKey;
  readonly #remembered = new Map<string, { readonly claims: TokenClaims; readonly until: number }>();

  /** @param audience name of the organisation. */
  constructor({ issuer, keys }: TrustedIssuer, audience: string) {
    this.#issuer = issuer;
    this.#audience = audience;
    this.#keys = createLocalJWKSet(keys);
  }

  /** @returns undefined where the token is not valid here; why is nobody's business. */
  async verify(token: string): Promise<TokenClaims | undefined> {
    const remembered = this.#remembered.get(token);
    if (remembered !== undefined && remembered.until > Date.now()) return remembered.claims;
    this.#remembered.delete(token);
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        algorithms: ['ES256'],
        issuer: this.#issuer,
        audience: this.#audience,
        requiredClaims: ['sub', 'exp', 'iat'],
        typ: 'at+jwt',
        clockTolerance,
      });
      const { sub = '', exp = 0, scope } = payload;
      const claims = { subject: sub, scopes: typeof scope === 'string' ? scope.split(' ') : undefined };
      this.#remember(token, claims, (exp + clockTolerance) * 1000);
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
  const { issuer, keys } = JSON.parse(readFileSync(file, 'utf8')) as Partial<TrustedIssuer>;
  if (typeof issuer !== 'string' || !Array.isArray(keys?.keys))
    throw new Error(`${file} does not name an issuer and its keys`);
  return { issuer, keys };
}
