import { createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { msp } from '@hyperledger/fabric-protos';

/** An identity of a peer or orderer with the key that it signs with. */
export interface Signer {
  readonly mspId: string;
  /** `msp.SerializedIdentity`. */
  readonly serialized: Uint8Array;
  /** ECDSA P-256 over SHA-256 of the message, DER coded, low S. */
  sign(message: Uint8Array): Uint8Array;
}

/**
 * Reads the signing identity of an MSP directory, `signcerts` and `keystore`.
 * @throws where a file is missing or is not what it should be.
 */
export function loadSigner(mspId: string, mspDirectory: string): Signer {
  const identity = new msp.SerializedIdentity();
  identity.setMspid(mspId);
  identity.setIdBytes(readFileSync(onlyFile(path.join(mspDirectory, 'signcerts'))));
  const serialized = identity.serializeBinary();
  const key = createPrivateKey(readFileSync(onlyFile(path.join(mspDirectory, 'keystore'))));
  return { mspId, serialized, sign: (message) => signLowS(key, message) };
}

function onlyFile(directory: string): string {
  const [file] = readdirSync(directory);
  if (file === undefined) {
    throw new Error(`${directory} is empty`);
  }
  return path.join(directory, file);
}

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const HALF_ORDER = Buffer.from((ORDER >> 1n).toString(16).padStart(64, '0'), 'hex');

/** Fabric refuses a signature with S above half the order: either of the two values is valid ECDSA. */
function signLowS(key: KeyObject, message: Uint8Array): Uint8Array {
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
