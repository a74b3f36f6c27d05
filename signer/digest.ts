import canonicalize from 'canonicalize';

/** Canonical form and digest as the ledger has them, on Web Crypto alone: the same lines run in a browser. */

/** The canonical form of a JSON value (RFC 8785) in UTF-8. @throws TypeError where the value is not JSON. */
export function canonicalBytes(value: unknown): Uint8Array<ArrayBuffer> {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('only JSON has a canonical form');
  return new TextEncoder().encode(text);
}

/** SHA-256 of a value's canonical form, base64url without padding. */
export async function canonicalDigest(value: unknown): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', canonicalBytes(value)));
  return base64url(digest);
}

/** Base64url without padding (RFC 4648, section 5). */
export function base64url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
