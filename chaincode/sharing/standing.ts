import { toInstant, toMillis } from '../ledger/calendar';
import { ContractError } from '../ledger/errors';
import type {
  ConsentAction,
  ConsentRecord,
  ConsentState,
  ConsentStatement,
  ConsentView,
  StopThrough,
} from './model';
import type { VerifiedStatement } from './statements';
import { admits, hasEnded, next, stopWays } from './states';

/** What holds of a consent at an instant, computed from the verified statements alone. */
export interface Standing {
  readonly state: ConsentState;
  /** The live version: 1 once the grant is complete, one more with every complete resumption; 0 before. */
  readonly version: number;
  /** The version that a resumption has to name: one more than the last that was live or paused. */
  readonly nextVersion: number;
  /** Signatures that bind the enterprise. */
  readonly required: number;
  /** Signatories whose statements count towards the next version. */
  readonly signedBy: readonly string[];
  /** When the grant became complete. */
  readonly grantedAt?: string;
  /** When it was rejected, revoked, replaced, or expired. */
  readonly endedAt?: string;
  /** The consent in force in the place of this one. */
  readonly replacedBy?: string;
  /** Through whom a stop that is in effect was lodged. */
  readonly stoppedThrough: readonly StopThrough[];
}

/** Statements of an action and version in the grant key, one for each signatory, in order of lodging. */
function signedFor(
  verified: readonly VerifiedStatement[],
  action: ConsentAction,
  version: number,
): readonly VerifiedStatement[] {
  const found = new Map<string, VerifiedStatement>();
  for (const entry of verified) {
    const { statement, where } = entry;
    if (where !== 'grant' || statement.action !== action || statement.version !== version) continue;
    if (!found.has(statement.signatory)) found.set(statement.signatory, entry);
  }
  return [...found.values()];
}

const forVersion = (verified: readonly VerifiedStatement[], version: number): readonly VerifiedStatement[] =>
  signedFor(verified, version === 1 ? 'GRANT' : 'RESUME', version);

/**
 * The statement with which a version became complete: enough signatories that bind the enterprise, and every person whose
 * own fields are asked for.
 */
function completing(
  verified: readonly VerifiedStatement[],
  version: number,
  { required, persons }: Pick<ConsentRecord, 'required' | 'persons'>,
): VerifiedStatement | undefined {
  const missing = new Set(persons);
  let binding = 0;
  for (const entry of forVersion(verified, version)) {
    if (entry.binds) binding += 1;
    missing.delete(entry.statement.signatory);
    if (binding >= required && missing.size === 0) return entry;
  }
  return undefined;
}

/** The highest version that is complete; none before the first grant is. */
function liveVersion(verified: readonly VerifiedStatement[], record: ConsentRecord): number {
  if (completing(verified, 1, record) === undefined) return 0;
  const versions = new Set(verified.map(({ statement }) => statement.version));
  return Math.max(
    1,
    ...[...versions].filter((version) => completing(verified, version, record) !== undefined),
  );
}

/** The first rejection, if it was lodged before the grant was complete. */
function rejection(
  verified: readonly VerifiedStatement[],
  granting: VerifiedStatement | undefined,
): VerifiedStatement | undefined {
  const inOrder = verified.filter(({ where }) => where === 'grant');
  const reject = inOrder.find(({ statement }) => statement.action === 'REJECT');
  if (!reject || !granting) return reject;
  return inOrder.indexOf(reject) < inOrder.indexOf(granting) ? reject : undefined;
}

/** A consent that was asked for in the place of another, with what holds of it. */
export interface Successor {
  readonly consentId: string;
  readonly consentStart: string;
  readonly standing: Standing;
}

/** The first successor that came into force, and when: its grant complete, its start reached, and not ended before that. */
function inForce(
  successors: readonly Successor[],
  millis: number,
): { readonly consentId: string; readonly at: number } | undefined {
  return successors
    .flatMap(({ consentId, consentStart, standing: { grantedAt, endedAt } }) => {
      if (grantedAt === undefined) return [];
      const at = Math.max(toMillis(grantedAt), toMillis(consentStart));
      const cut = endedAt !== undefined && toMillis(endedAt) < at;
      return cut || at > millis ? [] : [{ consentId, at }];
    })
    .sort((a, b) => a.at - b.at)[0];
}

const stopsOf = (verified: readonly VerifiedStatement[], action: ConsentAction): VerifiedStatement[] =>
  verified.filter(({ statement, where }) => where !== 'grant' && statement.action === action);

/**
 * The standing of a consent, by the table of transitions. Revocation is final and counts wherever it lies; pauses and
 * resumptions order by the version that was signed, never by when they were lodged.
 *
 * @param millis the instant asked about, since the epoch.
 * @param successors consents that were asked for in the place of this one, and name it.
 */
export function consentStanding(
  record: ConsentRecord,
  verified: readonly VerifiedStatement[],
  millis: number,
  successors: readonly Successor[] = [],
): Standing {
  const { artefact, required } = record;
  const version = liveVersion(verified, record);
  const granting = completing(verified, 1, record);
  const reject = rejection(verified, granting);
  const pauses = stopsOf(verified, 'PAUSE').filter(({ statement }) => statement.version >= version);
  const replaced = inForce(successors, millis);
  const revocations = stopsOf(verified, 'REVOKE');
  const expiry = toMillis(artefact.consentExpiry);

  let state: ConsentState = 'REQUESTED';
  let endedAt: number | undefined;
  const end = (event: Parameters<typeof next>[1], at: number): void => {
    if (hasEnded(state)) return;
    state = next(state, event);
    endedAt = at;
  };
  if (reject) end('REJECT_SIGNED', reject.at);
  // A grant takes effect when the consent starts; until then nothing can be asked under it.
  if (version > 0 && millis >= toMillis(artefact.consentStart)) {
    state = next(state, 'GRANT_COMPLETED');
    if (pauses.length > 0) state = next(state, 'PAUSE_SIGNED');
  }
  const revokedAt = Math.min(...revocations.map(({ at }) => at));
  if (revocations.length > 0 && (replaced === undefined || revokedAt <= replaced.at))
    end('REVOKE_SIGNED', revokedAt);
  if (replaced !== undefined && replaced.at < expiry) end('SUCCESSOR_IN_FORCE', replaced.at);
  if (millis >= expiry) end('EXPIRY_REACHED', expiry);

  // Before the grant a pause waits for it, and the grant is version 1 whatever was paused.
  const nextVersion =
    version === 0 ? 1 : Math.max(version, ...pauses.map(({ statement }) => statement.version)) + 1;
  const inEffect = state === 'REVOKED' ? revocations : state === 'PAUSED' ? pauses : [];
  return {
    state,
    version,
    nextVersion,
    required,
    signedBy: forVersion(verified, nextVersion).map(({ statement }) => statement.signatory),
    ...(granting ? { grantedAt: toInstant(granting.at) } : {}),
    ...(state === 'REPLACED' && replaced ? { replacedBy: replaced.consentId } : {}),
    ...(endedAt === undefined ? {} : { endedAt: toInstant(endedAt) }),
    stoppedThrough: stopWays.filter((way) => inEffect.some(({ where }) => where === way)),
  };
}

/** @throws ContractError `CONSENT_NOT_ACTIVE` unless data may be asked for, offered, released and read. */
export function requireActive(standing: Standing): void {
  if (standing.state !== 'ACTIVE') {
    throw new ContractError('CONSENT_NOT_ACTIVE', `the consent is ${standing.state}`);
  }
}

/** The version that a statement of an action has to be about. */
function versionFits(standing: Standing, statement: ConsentStatement): boolean {
  const { action, version } = statement;
  switch (action) {
    case 'GRANT':
    case 'REJECT':
      return version === 1 && standing.version === 0;
    case 'RESUME':
      return standing.version > 0 && version === standing.nextVersion;
    case 'PAUSE':
      // A later version than the live one that this peer sees: the grant key may hide resumptions for a while.
      return version >= Math.max(standing.version, 1);
    case 'REVOKE':
      return true;
  }
}

/**
 * Refuses a statement that the table does not allow now, or that was lodged before.
 *
 * @param where the key in which it would be kept. The same stop may be lodged once through each way.
 * @throws ContractError SIGNATURE_REPLAYED, STATE_CONFLICT, STATEMENT_MISMATCH.
 */
export function requireLodgeable(
  statement: ConsentStatement,
  where: VerifiedStatement['where'],
  standing: Standing,
  verified: readonly VerifiedStatement[],
): void {
  const sameNonce = verified.filter((entry) => entry.statement.nonce === statement.nonce);
  if (sameNonce.some((entry) => entry.where === where || where === 'grant')) {
    throw new ContractError('SIGNATURE_REPLAYED', 'this statement is lodged already', 'statement');
  }
  // Adding a revocation to another key makes it hold though the first key's owner should undo it.
  const again = statement.action === 'REVOKE' && standing.state === 'REVOKED';
  if (!again && !admits(standing.state, statement.action)) {
    throw new ContractError('STATE_CONFLICT', `the consent is ${standing.state}`, 'statement');
  }
  if (!versionFits(standing, statement)) {
    throw new ContractError(
      'STATEMENT_MISMATCH',
      `the consent's version is ${standing.version}`,
      'statement.version',
    );
  }
  const counts = statement.action === 'GRANT' || statement.action === 'RESUME';
  if (counts && standing.signedBy.includes(statement.signatory)) {
    throw new ContractError('SIGNATURE_REPLAYED', 'this signatory has signed already', 'statement');
  }
}

/** A consent as a caller sees it. */
export function viewOf(
  record: ConsentRecord,
  standing: Standing,
  besides: Pick<ConsentView, 'replacements' | 'counterProposal'>,
): ConsentView {
  return {
    ...besides,
    artefact: record.artefact,
    digest: record.digest,
    requestedAt: record.requestedAt,
    state: standing.state,
    version: standing.version,
    nextVersion: standing.nextVersion,
    required: standing.required,
    persons: record.persons,
    signedBy: [...standing.signedBy],
    stoppedThrough: [...standing.stoppedThrough],
    ...(standing.grantedAt === undefined ? {} : { grantedAt: standing.grantedAt }),
    ...(standing.endedAt === undefined ? {} : { endedAt: standing.endedAt }),
    ...(standing.replacedBy === undefined ? {} : { replacedBy: standing.replacedBy }),
  };
}
