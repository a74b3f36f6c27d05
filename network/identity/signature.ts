import { sign, type KeyObject } from 'node:crypto';

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const HALF_ORDER = Buffer.from((ORDER >> 1n).toString(16).padStart(64, '0'), 'hex');

/**
 * ECDSA over SHA-256 of the message, DER coded and with low S: Fabric refuses the other of the two values of S that are
 * valid for ECDSA. By the platform's own arithmetic, which is many times faster than any in JavaScript.
 *
 * @param key a private key on P-256, as all keys of a network's wallets are.
 * @throws where the key is on another curve.
 */
export function signLowS(key: KeyObject, message: Uint8Array): Uint8Array {
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new Error('only keys on P-256 sign');
  const signature = sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' });
  const r = signature.subarray(0, 32);
  let s = signature.subarray(32);
  if (Buffer.compare(s, HALF_ORDER) > 0) {
    const low = ORDER - BigInt(`0x${s.toString('hex')}`);
    s = Buffer.from(low.toString(16).padStart(64, '0'), 'hex');
  }
  const body = Buffer.concat([derInteger(r), derInteger(s)]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

function derInteger(value: Buffer): Buffer {
  let start = 0;
  while (start < value.length - 1 && value[start] === 0) {
    start += 1;
  }
  const digits = value.subarray(start);
  const padding = (digits[0] ?? 0) >= 0x80 ? [0] : [];
  return Buffer.concat([Buffer.from([0x02, digits.length + padding.length, ...padding]), digits]);
}
