import type { Context } from 'fabric-contract-api';
import { dayOf, yearOf } from '../ledger/calendar';
import type { Caller } from '../ledger/caller';
import { credentialKeyId, openCredential, type OpenedCredential } from '../ledger/credential';
import { implicitCollection, privateHash, readPrivate, writePrivate, exists } from '../ledger/documents';
import { ContractError } from '../ledger/errors';
import { check, type Check } from '../ledger/parse';
import { anchorKey } from './anchors';
import { compileFields, fieldsOf, requireRecordTypeUnseen } from './consortium';
import { actsFor, findIssuer, type IssuerPlace } from './issuers';
import { HandleIndex, type Consortium, type RecordType, type StoreRecordsTransient } from './model';
import { isPeriodOf } from './periods';
import { isUscc } from './uscc';
import type { TransactionTime } from '../ledger/clock';

export const disclosuresKey = (id: string) => `disclosures~${id}`;
export const indexKey = (handle: string) => `index~${handle}`;
export const indexCheck = check(HandleIndex);

type GivenRecord = StoreRecordsTransient['records'][number];

/** What a batch of records is checked against. */
export interface Attestation {
  readonly ctx: Context;
  readonly consortium: Consortium;
  readonly caller: Caller;
  readonly time: TransactionTime;
  readonly skewSeconds: number;
}

interface KnownType {
  readonly recordType: RecordType;
  readonly fields: Check<unknown>;
}

/** A record that holds, and the type that it is of. */
export interface AttestedRecord {
  readonly credential: OpenedCredential;
  readonly recordType: string;
  readonly year: number;
}

/**
 * Verifies a batch, stores every record alone under its id, its disclosures beside it, and the handles' indexes, in the
 * collection of the caller's organisation. Private writes only: the issuer's organisation endorses it alone.
 */
export async function storeRecords(attestation: Attestation, given: StoreRecordsTransient): Promise<void> {
  const { ctx, caller } = attestation;
  const verify = verifier(attestation);
  const indexes = new Map<string, HandleIndex>();
  const ids = new Set<string>();
  for (const [position, record] of given.records.entries()) {
    const field = `records.${position}`;
    const attested = await verify(record, field);
    const { jti } = attested.credential.claims;
    if (ids.has(jti) || (await isUsed(ctx, caller.msp, jti)))
      throw new ContractError('ALREADY_EXISTS', 'a record of this id is stored', `${field}.jwt`);
    ids.add(jti);
    const { handle } = attested.credential.claims;
    const index = indexes.get(handle) ?? (await readPrivate(ctx, caller.msp, indexKey(handle), indexCheck));
    indexes.set(handle, extendIndex(index, attested, given.salt, field));
    // The bytes of the JWT alone, so that their hash, which every member has, is the anchor's digest.
    await ctx.stub.putPrivateData(implicitCollection(caller.msp), jti, Buffer.from(record.jwt, 'utf8'));
    await writePrivate(ctx, caller.msp, disclosuresKey(jti), record.disclosures);
  }
  for (const [handle, index] of indexes) await writePrivate(ctx, caller.msp, indexKey(handle), index);
}

/**
 * The index with one more record at its end.
 *
 * @throws ContractError `SEQUENCE_GAP`, or `NOT_YOUR_RECORD` where the handle belongs to something else.
 */
export function extendIndex(
  index: HandleIndex | undefined,
  { credential: { claims }, recordType, year }: AttestedRecord,
  salt: string,
  field: string,
): HandleIndex {
  const current = index ?? {
    salt,
    handle: claims.handle,
    issuer: claims.iss,
    subject: claims.sub,
    recordType,
    year,
    entries: [],
  };
  const same =
    current.issuer === claims.iss &&
    current.subject === claims.sub &&
    current.recordType === recordType &&
    current.year === year;
  if (!same)
    throw new ContractError(
      'NOT_YOUR_RECORD',
      'the handle is of another subject, type or year',
      `${field}.jwt`,
    );
  const expected = (current.entries.at(-1)?.seq ?? 0) + 1;
  if (claims.seq !== expected)
    throw new ContractError('SEQUENCE_GAP', `the next is ${expected}`, `${field}.jwt`);
  const entry = { seq: claims.seq, id: claims.jti, period: claims.period };
  return { ...current, salt, entries: [...current.entries, entry] };
}

/** Verifies records one by one, remembering what they have in common. */
function verifier(attestation: Attestation): (given: GivenRecord, field: string) => Promise<AttestedRecord> {
  const issuers = new Map<string, IssuerPlace>();
  const types = new Map<string, KnownType>();
  return async ({ jwt, disclosures }, field) => {
    const at = `${field}.jwt`;
    const peeked = peekClaims(jwt);
    const issuer = issuers.get(peeked.iss) ?? (await issuerOf(attestation, peeked.iss, at));
    issuers.set(peeked.iss, issuer);
    const [code = '', version = ''] = peeked.vct.replace(/^urn:sme-credit:record:/, '').split(':');
    const known = types.get(code) ?? (await typeOf(attestation, code));
    types.set(code, known);
    const credential = await openWith(issuer, jwt, disclosures, field);
    checkClaims(credential, issuer, known.recordType, Number(version), attestation, at);
    known.fields.require(credential.fields, 'RECORD_SCHEMA_INVALID', `${field}.fields`);
    return { credential, recordType: code, year: yearOf(credential.claims.period.to) };
  };
}

async function issuerOf(
  { ctx, consortium, caller }: Attestation,
  issuer: string,
  field: string,
): Promise<IssuerPlace> {
  if (!actsFor(consortium, caller, issuer, ['attester']))
    throw new ContractError('NOT_YOUR_RECORD', 'you do not attest in the name of this issuer', field);
  const found = await findIssuer(ctx, consortium, issuer);
  if (found === undefined)
    throw new ContractError('UNKNOWN_ISSUER', 'the consortium does not know it', field);
  return found;
}

async function typeOf({ ctx, consortium }: Attestation, code: string): Promise<KnownType> {
  const recordType = await requireRecordTypeUnseen(ctx, consortium, code);
  return { recordType, fields: compileFields(recordType) };
}

/** Opens a record with the key of its issuer that it names, with every one of its fields disclosed. */
async function openWith(
  issuer: IssuerPlace,
  jwt: string,
  disclosures: readonly string[],
  field: string,
): Promise<OpenedCredential> {
  const kid = credentialKeyId(jwt) ?? '';
  const key = Object.hasOwn(issuer.keys, kid) ? issuer.keys[kid] : undefined;
  if (key === undefined || (await openCredential(jwt, [], key.jwk)) === undefined)
    throw new ContractError(
      'RECORD_SIGNATURE_INVALID',
      'is not signed by a key of its issuer',
      `${field}.jwt`,
    );
  const credential = await openCredential(jwt, disclosures, key.jwk);
  if (credential === undefined)
    throw new ContractError('RECORD_TAMPERED', 'a disclosure does not belong to it', `${field}.disclosures`);
  const signedOn = dayOf(credential.claims.iat * 1000);
  if (signedOn < key.from || (key.to !== undefined && signedOn > key.to))
    throw new ContractError('RECORD_SIGNATURE_INVALID', 'the key may not sign on that day', `${field}.jwt`);
  return credential;
}

function checkClaims(
  { claims, fields }: OpenedCredential,
  issuer: IssuerPlace,
  recordType: RecordType,
  version: number,
  { time, skewSeconds }: Attestation,
  field: string,
): void {
  const refuse = (reason: string): never => {
    throw new ContractError('RECORD_SCHEMA_INVALID', reason, field);
  };
  if (issuer.attestedBy !== recordType.attestedBy) refuse('this kind of issuer does not attest the type');
  if (issuer.recordTypes !== undefined && !issuer.recordTypes.includes(recordType.code))
    refuse('the department may not attest this type');
  // An enterprise vouches for what it owes or has received itself, and nobody is a buyer of his own.
  const own = issuer.attestedBy === 'enterprise' ? issuer.issuer.slice('enterprise:'.length) : undefined;
  if (own !== undefined && claims.sub === own) refuse('an enterprise does not attest about itself');
  if (own !== undefined && fields.buyer !== undefined && fields.buyer !== own) refuse('the buyer attests');
  if (version !== recordType.version) refuse(`the type's version is ${recordType.version}`);
  if (Object.keys(fields).length !== claims._sd.length)
    refuse('every field is disclosed to the one who keeps it');
  if (!fieldsOf(recordType).length) refuse('the type has no fields');
  if (!isUscc(claims.sub)) refuse('the subject has a wrong check character');
  if (claims.iat * 1000 > time.millis + skewSeconds * 1000) refuse('is issued in the future');
  if (!recordType.cadences.some((cadence) => isPeriodOf(claims.period, cadence)))
    refuse('the period is none of the type');
}

/** Issuer and type as a JWT states them, unverified: what to verify it with. */
function peekClaims(jwt: string): { readonly iss: string; readonly vct: string } {
  const text = Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8');
  try {
    const { iss, vct } = JSON.parse(text) as { iss?: unknown; vct?: unknown };
    return { iss: typeof iss === 'string' ? iss : '', vct: typeof vct === 'string' ? vct : '' };
  } catch (error) {
    if (error instanceof SyntaxError) return { iss: '', vct: '' };
    throw error;
  }
}

async function isUsed(ctx: Context, msp: string, id: string): Promise<boolean> {
  return (await privateHash(ctx, msp, id)) !== undefined || (await exists(ctx, anchorKey(id)));
}

/** Issuer and subject of a stored record, read on its holder's peer. */
export interface HeldClaims {
  readonly iss: string;
  readonly sub: string;
  readonly vct: string;
  readonly assurance: string;
}

/** Claims of a record that the organisation holds; undefined where it holds none of that id. */
export async function heldClaims(
  ctx: Context,
  msp: string,
  id: string,
): Promise<{ readonly jwt: string; readonly claims: HeldClaims } | undefined> {
  const bytes = await ctx.stub.getPrivateData(implicitCollection(msp), id);
  if (bytes.length === 0) return undefined;
  const jwt = Buffer.from(bytes).toString('utf8');
  // Verified when it was stored, on this organisation's own peer, in a collection that nobody else can write.
  const text = Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8');
  return { jwt, claims: JSON.parse(text) as HeldClaims };
}
