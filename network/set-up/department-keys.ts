import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { calculateJwkThumbprint } from 'jose';
import { organisationPath } from '../identity/paths';
import type { PublicJwk } from '../../chaincode/ledger/schemas';

/** A department's public key, named by its thumbprint (RFC 7638). */
export interface DepartmentPublicKey {
  readonly kid: string;
  readonly jwk: PublicJwk;
}

interface PrivateJwk extends PublicJwk {
  readonly d: string;
}

/**
 * The signing key of a department: `departments/<id>.jwk` in its organisation's directory, private, mode 0600, made where
 * there is none; and beside it `<id>.handles.json` with the keys of its record ids and handles.
 *
 * @throws where the file is not a P-256 key.
 */
export async function departmentKey(
  directory: string,
  organisation: string,
  department: string,
): Promise<DepartmentPublicKey> {
  const folder = path.join(organisationPath(directory, organisation), 'departments');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, `${department}.jwk`);
  if (!existsSync(file)) await createKey(file);
  const handles = path.join(folder, `${department}.handles.json`);
  if (!existsSync(handles))
    writePrivately(handles, { recordIds: randomBytes(32).toString('base64url'), handles: {} });
  const { kty, crv, x, y } = JSON.parse(readFileSync(file, 'utf8')) as PrivateJwk;
  // Files are edited by people; the types are what they should be.
  if ((kty as string) !== 'EC' || (crv as string) !== 'P-256') throw new Error(`${file} is not a P-256 key`);
  const jwk: PublicJwk = { kty, crv, x, y };
  return { jwk, kid: await calculateJwkThumbprint(jwk) };
}

async function createKey(file: string): Promise<void> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y, d } = privateKey.export({ format: 'jwk' }) as { x: string; y: string; d: string };
  const jwk: PublicJwk = { kty: 'EC', crv: 'P-256', x, y };
  writePrivately(file, { ...jwk, d, alg: 'ES256', kid: await calculateJwkThumbprint(jwk) });
}

function writePrivately(file: string, content: unknown): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
