import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { JWK } from 'jose';
import type { PublicJwk } from '../../chaincode/ledger/schemas';
import { organisationPath } from '../../network/identity/paths';

/** What the registering department enrols with the office `RECORDS`: no secret. */
export interface RecordsKey {
  /** Id of the signatory, and `kid` of what is signed with the key. */
  readonly id: string;
  readonly jwk: PublicJwk;
}

/** File of the records key that an enterprise entrusted to an organisation. */
export function recordsKeyFile(directory: string, organisation: string, uscc: string): string {
  return path.join(organisationPath(directory, organisation), 'issuers', `${uscc}.jwk`);
}

/**
 * Makes the key with which an organisation's service attests records in an enterprise's name, mode 0600; where there is
 * one, that one is kept. It counts from the day on which the enterprise's entry names it with the office `RECORDS`, and
 * binds the enterprise to nothing else.
 *
 * @throws where the file exists and is no P-256 key with an id.
 */
export function entrustRecordsKey(directory: string, organisation: string, uscc: string): RecordsKey {
  const file = recordsKeyFile(directory, organisation, uscc);
  if (!existsSync(file)) {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const made = { ...privateKey.export({ format: 'jwk' }), kid: randomBytes(16).toString('base64url') };
    writeFileSync(file, `${JSON.stringify({ ...made, alg: 'ES256' }, null, 2)}\n`, {
      mode: 0o600,
      flag: 'wx',
    });
  }
  const { kid, kty, crv, x, y } = JSON.parse(readFileSync(file, 'utf8')) as JWK;
  if (kid === undefined || kty !== 'EC' || crv !== 'P-256' || x === undefined || y === undefined)
    throw new Error(`${file} is not a P-256 key with an id`);
  return { id: kid, jwk: { kty: 'EC', crv: 'P-256', x, y } };
}
