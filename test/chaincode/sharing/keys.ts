import { generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { CompactSign } from 'jose';
import { canonicalJson } from '../../../chaincode/ledger/canonical';
import type { PublicJwk } from '../../../chaincode/ledger/schemas';

export interface Signer {
  readonly id: string;
  readonly key: KeyObject;
  readonly jwk: PublicJwk;
}

export function newSigner(id: string): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  return { id, key: privateKey, jwk: { kty: 'EC', crv: 'P-256', x, y } };
}

export const randomId = (): string => randomBytes(18).toString('base64url');

export function signJws(payload: unknown, signer: Signer, typ: string): Promise<string> {
  return new CompactSign(Buffer.from(canonicalJson(payload)))
    .setProtectedHeader({ alg: 'ES256', kid: signer.id, typ })
    .sign(signer.key);
}

/** The other valid form of an ES256 signature: (r, n − s). */
export function malleated(jws: string): string {
  const [header = '', payload = '', signature = ''] = jws.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
  const s = BigInt(`0x${bytes.subarray(32).toString('hex')}`);
  const other = (order - s).toString(16).padStart(64, '0');
  return `${header}.${payload}.${Buffer.concat([bytes.subarray(0, 32), Buffer.from(other, 'hex')]).toString('base64url')}`;
}
