import { Type } from 'typebox';
import { canonicalJson } from '../ledger/canonical';
import { ContractError } from '../ledger/errors';
import { jsonIn } from '../ledger/json';
import { peekHeader, signsCanonical, verifyJws } from '../ledger/jws';
import { check } from '../ledger/parse';
import { Instant, OpaqueId } from '../ledger/schemas';
import { isBindingOffice, type Enterprise, type Signatory } from '../registry/model';

/** What each signatory adds to the common part of what all sign. */
export interface SignatureOf {
  readonly signatory: string;
  /** Random; no two signatures of one statement share it. */
  readonly nonce: string;
  /** Instant, by the signatory's own clock; nothing is decided by it. */
  readonly signedAt: string;
}

/** Members that {@link SignatureOf} adds, for the schemas of what is signed. */
export const signatureMembers = { signatory: OpaqueId, nonce: OpaqueId, signedAt: Instant } as const;

const memberCheck = check(Type.Object(signatureMembers, { additionalProperties: true }));

/** What is to be signed, and for whom it has to hold. */
export interface Quorum {
  /** The enterprise's entry, as the registry vouches for it now. */
  readonly enterprise: Enterprise;
  /** `typ` that the signatures must have, so that a signature made for one purpose is worth nothing for another. */
  readonly typ: string;
  /** What all of them sign, without the members of {@link SignatureOf}; it names channel, enterprise, action and subject. */
  readonly common: Readonly<Record<string, unknown>>;
  /** Calendar date of the transaction, UTC+8: every signatory's authority has to hold on it. */
  readonly day: string;
  /** Name of the input's member, for refusals. */
  readonly field: string;
}

/**
 * Verifies that enough signatories of an enterprise signed a statement: compact JWS (ES256), each over the canonical form
 * of the common part with its own signatory, nonce and time. Every signature given has to hold: one that does not is an
 * attempt, not a surplus. One signatory counts once, by the registry's id, whatever number of signatures it made (ES256
 * signatures can be altered and stay valid). Office `RECORDS` attests and does not bind.
 *
 * This says nothing about replay: the caller uses the statement's id up, in the transaction that acts on it.
 *
 * @returns who signed, sorted by id.
 * @throws ContractError SIGNATORY_UNKNOWN, SIGNATURE_INVALID, STATEMENT_MISMATCH, SIGNATORY_NOT_AUTHORISED,
 * SIGNATURE_REPLAYED where a nonce comes twice, QUORUM_MISSING.
 */
export async function verifyQuorum(
  signatures: readonly string[],
  quorum: Quorum,
): Promise<readonly SignatureOf[]> {
  const verified: SignatureOf[] = [];
  for (const [index, jws] of signatures.entries())
    verified.push(await verifyOne(jws, quorum, `${quorum.field}.${index}`));
  if (new Set(verified.map(({ nonce }) => nonce)).size !== verified.length)
    throw new ContractError('SIGNATURE_REPLAYED', 'two signatures have the same nonce', quorum.field);
  const distinct = new Map(verified.map((signature) => [signature.signatory, signature]));
  const { required } = quorum.enterprise.mandate;
  if (distinct.size < required)
    throw new ContractError(
      'QUORUM_MISSING',
      `signed by ${distinct.size} signatories, the mandate asks for ${required}`,
      quorum.field,
    );
  return [...distinct.values()].sort((a, b) => (a.signatory < b.signatory ? -1 : 1));
}

async function verifyOne(jws: string, quorum: Quorum, field: string): Promise<SignatureOf> {
  const kid = peekHeader(jws)?.kid;
  const signatory = quorum.enterprise.signatories.find(({ id }) => id === kid);
  if (signatory === undefined)
    throw new ContractError('SIGNATORY_UNKNOWN', 'the key is of no signatory of the enterprise', field);
  const verified = await verifyJws(jws, signatory.jwk, quorum.typ);
  if (verified === undefined)
    throw new ContractError('SIGNATURE_INVALID', 'the signature does not hold', field);
  const payload = memberCheck.accept(jsonIn(verified.payload));
  if (payload === undefined || !signsCanonical(verified, payload))
    throw new ContractError('STATEMENT_MISMATCH', 'what is signed is no statement in canonical form', field);
  const { signatory: named, nonce, signedAt, ...common } = payload;
  if (named !== signatory.id || canonicalJson(common) !== canonicalJson(quorum.common))
    throw new ContractError('STATEMENT_MISMATCH', 'what is signed is something else', field);
  if (!mayBind(signatory, quorum.day))
    throw new ContractError(
      'SIGNATORY_NOT_AUTHORISED',
      'the signatory may not bind the enterprise on this day',
      field,
    );
  return { signatory: named, nonce, signedAt };
}

function mayBind({ office, from, to }: Signatory, day: string): boolean {
  return isBindingOffice(office) && from <= day && (to === undefined || day <= to);
}
