/**
 * Half of the order of each curve that Fabric's MSP accepts, by OpenSSL's name. Of the two signatures (r, s) and
 * (r, n − s) Fabric accepts only the one with the smaller s, or anyone could make a second valid form of a signature.
 */
const halfOrders: Readonly<Record<string, bigint>> = {
  prime256v1: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n >> 1n,
  secp384r1:
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n >> 1n,
};

/** True when Fabric knows the curve (OpenSSL's name of it). */
export function isSupportedCurve(curve: string | undefined): curve is string {
  return curve !== undefined && curve in halfOrders;
}

/** Reads a DER INTEGER at `offset`: its bytes and where it ends; undefined where there is none. */
function readInteger(der: Uint8Array, offset: number): { value: Uint8Array; end: number } | undefined {
  const length = der[offset + 1];
  // No component of a P-256 or P-384 signature needs more than 49 bytes: a long form length is not DER.
  if (der[offset] !== 0x02 || length === undefined || length === 0 || length > 49) return undefined;
  const end = offset + 2 + length;
  return end > der.length ? undefined : { value: der.subarray(offset + 2, end), end };
}

/**
 * True when `signature` is a DER sequence of two integers whose second is at most half of the curve's order.
 * It says nothing of whether the signature verifies.
 */
export function hasLowS(signature: Uint8Array, curve: string): boolean {
  const half = halfOrders[curve];
  if (half === undefined || signature[0] !== 0x30 || signature[1] !== signature.length - 2) return false;
  const r = readInteger(signature, 2);
  const s = r === undefined ? undefined : readInteger(signature, r.end);
  if (s?.end !== signature.length) return false;
  return BigInt(`0x${Buffer.from(s.value).toString('hex')}`) <= half;
}
