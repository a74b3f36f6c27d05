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

/**
 * Makes the next key of a department, `departments/<id>/<kid>.jwk`, private, mode 0600; the first one where there is none.
 * It signs nothing until consortium state names it and its first day has come.
 */
export async function newDepartmentKey(
  directory: string,
  organisation: string,
  department: string,
): Promise<DepartmentPublicKey> {
  const departments = path.join(organisationPath(directory, organisation), 'departments');
  if (!existsSync(path.join(departments, `${department}.jwk`)))
    return departmentKey(directory, organisation, department);
  const folder = path.join(departments, department);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { kid, jwk, d } = await makeKey();
  writePrivately(path.join(folder, `${kid}.jwk`), { ...jwk, d, alg: 'ES256', kid });
  return { kid, jwk };
}

/**
 * The fingerprint that two persons read to each other: the key's thumbprint (RFC 7638, SHA-256) in hexadecimal digits,
 * four at a time.
 */
export function fingerprintOf({ kid }: Pick<DepartmentPublicKey, 'kid'>): string {
  const digits = Buffer.from(kid, 'base64url').toString('hex');
  return (digits.match(/.{4}/g) ?? []).join(' ');
}

async function makeKey(): Promise<DepartmentPublicKey & { readonly d: string }> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y, d } = privateKey.export({ format: 'jwk' }) as { x: string; y: string; d: string };
  const jwk: PublicJwk = { kty: 'EC', crv: 'P-256', x, y };
  return { jwk, d, kid: await calculateJwkThumbprint(jwk) };
}

async function createKey(file: string): Promise<void> {
  const { kid, jwk, d } = await makeKey();
  writePrivately(file, { ...jwk, d, alg: 'ES256', kid });
}

function writePrivately(file: string, content: unknown): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
