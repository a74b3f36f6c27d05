import { sha256 } from './canonical';
import { jsonIn } from './json';
import { peekHeader, verifyJws } from './jws';
import { check } from './parse';
import { RecordClaims } from '../registry/model';
import type { PublicJwk } from './schemas';

/** `typ` of a record's issuer-signed JWT (SD-JWT VC). */
export const credentialType = 'dc+sd-jwt';

/** A record that was opened: who signed what, and the fields that were disclosed. */
export interface OpenedCredential {
  readonly kid: string;
  readonly claims: RecordClaims;
  readonly fields: Readonly<Record<string, unknown>>;
  /** SHA-256 of the issuer-signed JWT: the anchor's digest. */
  readonly digest: string;
}

const claimsCheck = check(RecordClaims);
const reserved = ['_sd', '_sd_alg', '...'];

/** `kid` of a record's JWT, unverified; undefined where it is no such JWT. */
export function credentialKeyId(jwt: string): string | undefined {
  const header = peekHeader(jwt);
  return header?.typ === credentialType ? header.kid : undefined;
}

/**
 * Opens an SD-JWT VC (RFC 9901) of the flat form that records have: every field is disclosed on its own and stands as a
 * digest in `_sd`. Verifies the issuer's signature, that each disclosure belongs to one digest, and that none comes
 * twice. Pure: no clock, no network, no randomness.
 *
 * `@sd-jwt/core` does the issuing and presenting; its verification looks at the clock (`exp`, `nbf`), so these few lines
 * stand here instead.
 *
 * @returns undefined where anything does not hold.
 */
export async function openCredential(
  jwt: string,
  disclosures: readonly string[],
  jwk: PublicJwk,
): Promise<OpenedCredential | undefined> {
  const verified = await verifyJws(jwt, jwk, credentialType);
  if (verified === undefined) return undefined;
  const claims = claimsCheck.accept(jsonIn(verified.payload));
  if (claims === undefined) return undefined;
  if (new Set(claims._sd).size !== claims._sd.length) return undefined;
  const fields = new Map<string, unknown>();
  const seen = new Set<string>();
  for (const disclosure of disclosures) {
    const digest = sha256(disclosure);
    if (!claims._sd.includes(digest) || seen.has(digest)) return undefined;
    seen.add(digest);
    const opened = openDisclosure(disclosure);
    if (opened === undefined || fields.has(opened.name) || Object.hasOwn(claims, opened.name))
      return undefined;
    fields.set(opened.name, opened.value);
  }
  return { kid: verified.kid, claims, fields: Object.fromEntries(fields), digest: sha256(jwt) };
}

/** Name and value of one disclosure; undefined where it is malformed or names what SD-JWT reserves. */
export function openDisclosure(
  disclosure: string,
): { readonly name: string; readonly value: unknown } | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(disclosure)) return undefined;
  const parts = jsonIn(Buffer.from(disclosure, 'base64url'));
  if (!Array.isArray(parts) || parts.length !== 3) return undefined;
  const [salt, name, value] = parts as unknown[];
  // 16 bytes, the least that keeps a guessable value from being found by its digest, are 22 characters.
  if (typeof salt !== 'string' || salt.length < 22) return undefined;
  if (typeof name !== 'string' || reserved.includes(name) || name === '__proto__') return undefined;
  return { name, value };
}
