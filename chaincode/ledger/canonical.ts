import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/**
 * The canonical form of a JSON value (RFC 8785): what is stored on the ledger, signed, and compared.
 *
 * @throws TypeError where the value is not JSON (a function, `undefined` at the top, NaN).
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('only JSON has a canonical form');
  return text;
}

/** SHA-256 of bytes, or of a text in UTF-8, in base64url without padding. */
export function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('base64url');
}

/** SHA-256 of a value's canonical form, in base64url without padding. */
export function digestOf(value: unknown): string {
  return sha256(canonicalJson(value));
}
