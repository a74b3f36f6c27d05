import { dayOf, toMillis } from '../ledger/calendar';
import { digestOf } from '../ledger/canonical';
import { ContractError } from '../ledger/errors';
import { jsonIn } from '../ledger/json';
import { peekHeader, signsCanonical, verifyJws } from '../ledger/jws';
import { check } from '../ledger/parse';
import { isBindingOffice, type Enterprise, type Signatory } from '../registry/model';
import {
  ConsentStatement,
  statementType,
  type ConsentRecord,
  type Grant,
  type LodgedStatement,
  type Stop,
  type StopThrough,
} from './model';

/** A statement whose signature, signatory and subject hold. */
export interface VerifiedStatement {
  readonly statement: ConsentStatement;
  /** As it was lodged. */
  readonly jws: string;
  /** When it was lodged, in milliseconds since the epoch. */
  readonly at: number;
  readonly where: 'grant' | StopThrough;
  /** Whether the signatory's office binds the enterprise; a person's own signature does not. */
  readonly binds: boolean;
}

/** A statement that holds, and whether it counts towards the mandate. */
export interface OpenedStatement {
  readonly statement: ConsentStatement;
  readonly binds: boolean;
}

const statementCheck = check(ConsentStatement);

/** Whether a signatory may sign about this consent on a day: for the enterprise, or a person for what is the person's own. */
function maySign(signatory: Signatory, { persons }: ConsentRecord, day: string): boolean {
  return (
    (isBindingOffice(signatory.office) || persons.includes(signatory.id)) &&
    signatory.from <= day &&
    (signatory.to === undefined || day <= signatory.to)
  );
}

function aboutThis(statement: ConsentStatement, record: ConsentRecord): boolean {
  const { artefact } = record;
  return (
    statement.channel === artefact.channel &&
    statement.consentId === artefact.consentId &&
    statement.enterprise === artefact.enterprise &&
    // Not the digest that the record states: two organisations can write a record, the signatories signed the artefact.
    statement.artefactDigest === digestOf(artefact)
  );
}

/**
 * Verifies one signed statement about a consent.
 *
 * @param day calendar date on which it is or was lodged: the signatory's authority has to hold then.
 * @throws ContractError SIGNATORY_UNKNOWN, SIGNATURE_INVALID, STATEMENT_MISMATCH, SIGNATORY_NOT_AUTHORISED.
 */
export async function openStatement(
  jws: string,
  record: ConsentRecord,
  enterprise: Enterprise,
  day: string,
): Promise<OpenedStatement> {
  const kid = peekHeader(jws)?.kid;
  const signatory = enterprise.signatories.find(({ id }) => id === kid);
  if (!signatory) {
    throw new ContractError('SIGNATORY_UNKNOWN', 'the key is of no signatory of the enterprise', 'statement');
  }
  const verified = await verifyJws(jws, signatory.jwk, statementType);
  if (!verified) throw new ContractError('SIGNATURE_INVALID', 'the signature does not hold', 'statement');
  const statement = statementCheck.accept(jsonIn(verified.payload));
  if (!statement || !signsCanonical(verified, statement)) {
    throw new ContractError(
      'STATEMENT_MISMATCH',
      'what is signed is no statement in canonical form',
      'statement',
    );
  }
  if (statement.signatory !== signatory.id || !aboutThis(statement, record)) {
    throw new ContractError('STATEMENT_MISMATCH', 'what is signed is not this consent', 'statement');
  }
  if (!maySign(signatory, record, day)) {
    throw new ContractError(
      'SIGNATORY_NOT_AUTHORISED',
      'the signatory may not bind the enterprise on this day',
      'statement',
    );
  }
  return { statement, binds: isBindingOffice(signatory.office) };
}

async function openLodged(
  lodged: LodgedStatement,
  where: VerifiedStatement['where'],
  record: ConsentRecord,
  enterprise: Enterprise,
): Promise<VerifiedStatement | undefined> {
  const at = toMillis(lodged.at);
  // The one who endorses the key states the time: nothing was signed about a consent before it was asked for, so a
  // signatory who was removed earlier cannot be brought back by dating a statement back.
  if (at < toMillis(record.requestedAt)) return undefined;
  try {
    return {
      ...(await openStatement(lodged.jws, record, enterprise, dayOf(at))),
      jws: lodged.jws,
      at,
      where,
    };
  } catch (error) {
    if (error instanceof ContractError) return undefined;
    throw error;
  }
}

/**
 * Verifies all that is lodged about a consent, again, at each use: who endorsed a key proves nothing. What does not hold
 * is left out, and so is a nonce that comes twice. The order is that of lodging within a key.
 */
export async function verifyStatements(
  record: ConsentRecord,
  grant: Grant | undefined,
  stops: readonly Stop[],
  enterprise: Enterprise,
): Promise<readonly VerifiedStatement[]> {
  const lodged = [
    ...(grant?.statements ?? []).map((statement) => ({ statement, where: 'grant' as const })),
    ...stops.flatMap((stop) => stop.statements.map((statement) => ({ statement, where: stop.through }))),
  ];
  const opened = await Promise.all(
    lodged.map(({ statement, where }) => openLodged(statement, where, record, enterprise)),
  );
  const seen = new Set<string>();
  const held: VerifiedStatement[] = [];
  for (const verified of opened) {
    if (!verified) continue;
    // A copy in a second stop key stands for itself there: the first key may be emptied by its owner later.
    const identity = `${verified.where} ${verified.statement.nonce}`;
    if (seen.has(identity)) continue;
    seen.add(identity);
    held.push(verified);
  }
  return held;
}
