import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type FlattenedJWSInput,
  type JSONWebKeySet,
  type JWTHeaderParameters,
} from 'jose';
import type { Logger } from 'pino';
import { Type } from 'typebox';
import { check } from '../../chaincode/ledger/parse';
import { Problem } from '../http/problem';
import type { KeySource } from './tokens';

/** Where an organisation's own identity provider is, and how far it is trusted. */
export interface OidcOptions {
  /** Issuer identifier, exactly as the tokens name it: an https URL, http on loopback only. */
  readonly issuer: string;
  readonly logger: Logger;
  /** Milliseconds after which keys are fetched anew; a key that the provider withdrew counts no longer than that. */
  readonly maxAge?: number;
  /** Least milliseconds between two fetches for keys that are not known. */
  readonly cooldown?: number;
  /** Milliseconds for which known keys go on while the provider cannot be reached. */
  readonly maxStale?: number;
}

const deadline = 5000;
const defaults = { maxAge: 10 * 60_000, cooldown: 30_000, maxStale: 60 * 60_000 } as const;

const metadataCheck = check(
  Type.Object({ issuer: Type.String(), jwks_uri: Type.String({ maxLength: 2048 }) }),
);

type Remote = ReturnType<typeof createRemoteJWKSet>;

const unavailable = (): Problem =>
  new Problem('IDENTITY_PROVIDER_UNAVAILABLE', 'The identity provider cannot be reached; try again', {
    headers: { 'Retry-After': '10' },
  });

/** Whether an address may be asked in clear. */
function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}

/** @throws Error where an address is neither https nor on loopback. */
export function requireSecure(address: string): URL {
  const url = new URL(address);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))) return url;
  throw new Error(`${address} is neither https nor on loopback`);
}

/**
 * Keys of an OpenID Connect issuer: found by its discovery document (OpenID Connect Discovery 1.0, section 4), fetched when a
 * token names one that is not known, and anew when they are old. While the provider cannot be reached, known keys go on for
 * a bounded time; what nobody can judge is answered 503, never 401.
 */
export class OidcKeys {
  readonly source: KeySource;
  readonly #options: Required<OidcOptions>;
  #remote: Remote | undefined;
  #known: { readonly keys: JSONWebKeySet; readonly at: number } | undefined;
  #failedAt = -Infinity;

  /** @throws Error where the issuer's address is neither https nor on loopback. */
  constructor(options: OidcOptions) {
    requireSecure(options.issuer);
    this.#options = { ...defaults, ...options };
    this.source = (header, token) => this.#key(header, token);
  }

  async #key(header: JWTHeaderParameters | undefined, token: FlattenedJWSInput | undefined) {
    try {
      const remote = await this.#discovered();
      const key = await remote(header, token);
      const keys = remote.jwks();
      if (keys !== undefined) this.#known = { keys, at: Date.now() };
      return key;
    } catch (error) {
      if (isAboutTheToken(error)) throw error;
      this.#options.logger.warn({ err: error }, 'the identity provider cannot be reached');
      return this.#stale(header, token);
    }
  }

  /** The key as it was last seen. @throws Problem where it was not, or too long ago. */
  async #stale(header: JWTHeaderParameters | undefined, token: FlattenedJWSInput | undefined) {
    const known = this.#known;
    if (known === undefined || Date.now() - known.at > this.#options.maxStale) throw unavailable();
    try {
      return await createLocalJWKSet(known.keys)(header, token);
    } catch (error) {
      // A key that is not among them may be a new one.
      if (error instanceof errors.JWKSNoMatchingKey) throw unavailable();
      throw error;
    }
  }

  async #discovered(): Promise<Remote> {
    if (this.#remote !== undefined) return this.#remote;
    const { issuer, maxAge, cooldown } = this.#options;
    // Each request would wait for a provider that is down.
    if (Date.now() - this.#failedAt < Math.min(cooldown, 5000))
      throw new Error('discovery failed a moment ago');
    try {
      const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
      const response = await fetch(address, { signal: AbortSignal.timeout(deadline), redirect: 'error' });
      if (!response.ok) throw new Error(`discovery answers ${response.status}`);
      const metadata = metadataCheck.accept(await response.json());
      if (metadata?.issuer !== issuer) throw new Error('the discovery document is of another issuer');
      this.#remote = createRemoteJWKSet(requireSecure(metadata.jwks_uri), {
        timeoutDuration: deadline,
        cooldownDuration: cooldown,
        cacheMaxAge: maxAge,
      });
      return this.#remote;
    } catch (error) {
      this.#failedAt = Date.now();
      throw error;
    }
  }
}

/** Whether the token is at fault, and not the way to its keys. */
function isAboutTheToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}
