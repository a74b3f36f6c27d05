import { createPrivateKey } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { msp } from '@hyperledger/fabric-protos';
import { signLowS } from '../../../identity/signature';

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
