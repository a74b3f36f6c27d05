import { compactVerify, decodeProtectedHeader, importJWK } from 'jose';
import { canonicalJson } from './canonical';
import { jsonIn } from './json';
import type { PublicJwk } from './schemas';

/** A signature that held. */
export interface VerifiedJws {
  /** Name of the key, as the signer states it under the signature. */
  readonly kid: string;
  readonly payload: Uint8Array;
}

/** What a JWS says before anything is verified; only to find the key with. */
export interface JwsHeader {
  readonly kid: string;
  readonly typ: string;
}

/** The `kid` and `typ` of a compact JWS, unverified; undefined where it has none or is no JWS of algorithm ES256. */
export function peekHeader(jws: string): JwsHeader | undefined {
  try {
    const { alg, kid, typ, crit } = decodeProtectedHeader(jws);
    // Nothing here needs an extension, and one of them (`b64`) would change what the payload is.
    if (alg !== 'ES256' || crit !== undefined) return undefined;
    return typeof kid === 'string' && typeof typ === 'string' ? { kid, typ } : undefined;
  } catch {
    // jose throws TypeError for every malformed token; to us it is simply no signature.
    return undefined;
  }
}

/** What a JWS says, unverified; undefined where that is no JSON. Only to know what to verify it against. */
export function peekPayload(jws: string): unknown {
  return jsonIn(Buffer.from(jws.split('.')[1] ?? '', 'base64url'));
}

/**
 * Verifies a compact JWS with one key: ES256 only, whatever the header says, and of the type given, so that a signature
 * made for one purpose is worth nothing for another. Looks at no clock.
 *
 * Do not take the signature's bytes for an identifier: anyone can turn a valid ES256 signature into another valid one.
 *
 * @param typ the `typ` that the protected header must have.
 * @returns undefined where the signature does not hold.
 */
export async function verifyJws(jws: string, jwk: PublicJwk, typ: string): Promise<VerifiedJws | undefined> {
  const header = peekHeader(jws);
  if (header?.typ !== typ) return undefined;
  try {
    const key = await importJWK({ ...jwk, alg: 'ES256' }, 'ES256');
    const { payload, protectedHeader } = await compactVerify(jws, key, { algorithms: ['ES256'] });
    return protectedHeader.kid === undefined ? undefined : { kid: protectedHeader.kid, payload };
  } catch {
    // A bad signature, a point not on the curve, a critical header that is not understood: none is a signature here.
    return undefined;
  }
}

/** Whether the payload of a verified JWS is exactly the canonical form of a value. */
export function signsCanonical(verified: VerifiedJws, value: unknown): boolean {
  return Buffer.from(canonicalJson(value), 'utf8').equals(verified.payload);
}
