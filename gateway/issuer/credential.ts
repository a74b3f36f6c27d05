import { createHash, randomBytes } from 'node:crypto';
import { SDJwtInstance } from '@sd-jwt/core';
import { sha256 } from '../../chaincode/ledger/canonical';
import { credentialType, openDisclosure } from '../../chaincode/ledger/credential';
import type { Assurance, RecordClaims } from '../../chaincode/registry/model';
import type { Period } from '../../chaincode/ledger/schemas';
import type { IssuerSigner } from './signer';

/** A record as its holder states it, before it is signed. */
export interface RecordDraft {
  readonly id: string;
  readonly uscc: string;
  readonly recordType: string;
  readonly typeVersion: number;
  readonly period: Period;
  readonly assurance: Assurance;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly handle: string;
  readonly seq: number;
}

/** A signed record: what `StoreRecords` takes, and what `AnchorRecords` says of it. */
export interface IssuedRecord {
  readonly id: string;
  readonly jwt: string;
  readonly disclosures: string[];
  /** SHA-256 of the compact JWT, base64url. */
  readonly digest: string;
  readonly handle: string;
  readonly seq: number;
}

type SdPayload = Record<string, unknown>;
// The library derives this type from the payload's literal type, which fields that are data do not have.
type DisclosureFrame = NonNullable<Parameters<SDJwtInstance<SdPayload>['issue']>[1]>;

/** Claims of the JWT itself: a field of the same name would be hidden, or would hide them. */
const reserved = new Set([
  ...[
    'iss',
    'sub',
    'jti',
    'vct',
    'iat',
    'nbf',
    'exp',
    'cnf',
    'status',
    'handle',
    'seq',
    'period',
    'assurance',
  ],
  ...['_sd', '_sd_alg', '...'],
]);

/**
 * Issues a record as an SD-JWT VC (RFC 9901): every top-level field is one disclosure with a salt of 128 random bits.
 *
 * @param issuedAt instant of issue, as a `Date`.
 * @throws where a field's name is reserved, or there is no field.
 */
export async function issueRecord(
  signer: IssuerSigner,
  draft: RecordDraft,
  issuedAt: Date,
): Promise<IssuedRecord> {
  const names = Object.keys(draft.fields);
  const clash = names.find((name) => reserved.has(name));
  if (clash !== undefined) throw new Error(`"${clash}" is a claim of every record and cannot name a field`);
  if (names.length === 0) throw new Error('a record without fields says nothing');
  const claims: Omit<RecordClaims, '_sd' | '_sd_alg'> = {
    iss: signer.issuer,
    sub: draft.uscc,
    jti: draft.id,
    vct: `urn:sme-credit:record:${draft.recordType}:${draft.typeVersion}`,
    iat: Math.floor(issuedAt.getTime() / 1000),
    handle: draft.handle,
    seq: draft.seq,
    period: draft.period,
    assurance: draft.assurance,
  };
  const frame = { _sd: names } as unknown as DisclosureFrame;
  const payload: SdPayload = { ...claims, ...draft.fields };
  const sdJwt = new SDJwtInstance<SdPayload>({
    signer: (input) => signer.sign(input),
    signAlg: 'ES256',
    hashAlg: 'sha-256',
    hasher: (data) => createHash('sha256').update(bytesOf(data)).digest(),
    saltGenerator: () => randomBytes(16).toString('base64url'),
  });
  const compact = await sdJwt.issue(payload, frame, { header: { typ: credentialType, kid: signer.kid } });
  const [jwt = '', ...rest] = compact.split('~');
  const disclosures = rest.filter((part) => part !== '');
  return { id: draft.id, jwt, disclosures, digest: sha256(jwt), handle: draft.handle, seq: draft.seq };
}

/** Claims of a JWT as its issuer wrote them; the signature is the contract's to verify. */
export function claimsOf(jwt: string): RecordClaims {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as RecordClaims;
}

/** Name and value that a disclosure reveals. @throws where it is none. */
export function disclosedField(disclosure: string): { readonly name: string; readonly value: unknown } {
  const opened = openDisclosure(disclosure);
  if (opened === undefined) throw new Error('a stored disclosure is malformed');
  return opened;
}

/** The fields that a record's disclosures reveal. */
export function fieldsOf(disclosures: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(disclosures.map(disclosedField).map(({ name, value }) => [name, value]));
}

/** Code of the record type in a `vct`. */
export function typeOf(vct: string): string {
  return vct.split(':')[3] ?? '';
}

function bytesOf(data: string | ArrayBuffer): string | Buffer {
  return typeof data === 'string' ? data : Buffer.from(data);
}
