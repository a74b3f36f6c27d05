import type { Context } from 'fabric-contract-api';
import { digestOf } from '../ledger/canonical';
import { addToIndex, emit, exists, findDocument, requireDocument, writeDocument } from '../ledger/documents';
import { ContractError } from '../ledger/errors';
import { setKeyPolicy } from '../ledger/policies';
import { activeEnterpriseOf, enterpriseOf, mspsOf, situationOf, type Situation } from '../registry/situation';
import { mattersOf, requireBank, requireEnterprise, requireWay } from './access';
import { checkCeilings } from './ceilings';
import type {
  Allowance,
  ConsentArtefact,
  ConsentRecord,
  CounterProposal,
  Grant,
  LodgedStatement,
  Replacements,
  Stop,
  StopThrough,
} from './model';
import { personsOf } from './persons';
import { consentStanding, requireLodgeable } from './standing';
import { hasEnded, stopWays } from './states';
import { openStatement, verifyStatements } from './statements';
import { checks, indexes, keys, loadConsent, loadRecord } from './store';

/** Most statements that a pause may fill a stop key up to; the rest is kept for revocations. */
const maxPauses = 60;
const maxGrantStatements = 200;
const mostReplacements = 20;

/** The bank asks. Creates every key that a later act of another party will write, under that party's own policy. */
export async function requestConsent(ctx: Context, artefact: ConsentArtefact): Promise<void> {
  const situation = await situationOf(ctx, {
    uscc: artefact.enterprise,
    issuers: [...new Set(mattersOf(artefact).map(({ issuer }) => issuer))],
    recordTypes: [...new Set(mattersOf(artefact).map(({ recordType }) => recordType))],
  });
  const { evidence, time, bank, channel } = situation;
  requireBank(situation, 'credit-officer');
  if (artefact.bank !== bank)
    throw new ContractError('INVALID_INPUT', 'is not the bank of this channel', 'bank');
  if (artefact.channel !== channel)
    throw new ContractError('INVALID_INPUT', 'is not this channel', 'channel');
  const enterprise = activeEnterpriseOf(situation.evidence);
  checkCeilings(artefact, evidence, time.millis);
  const { consentId } = artefact;
  if (await exists(ctx, keys.consent(consentId))) {
    throw new ContractError('ALREADY_EXISTS', 'a consent of this id was asked for', 'consentId');
  }
  const record: ConsentRecord = {
    artefact,
    digest: digestOf(artefact),
    requestedAt: time.instant,
    required: enterprise.mandate.required,
    persons: [...personsOf(artefact, enterprise, evidence.recordTypes, time.day)],
  };
  if (artefact.replaces !== undefined) await notePlace(ctx, artefact, artefact.replaces, situation);
  await writeDocument(ctx, keys.consent(consentId), record);
  const allowance: Allowance = { consentId, uses: {} };
  await writeDocument(ctx, keys.allowance(consentId), allowance);
  await writeDocument(ctx, keys.replacements(consentId), { consentId, by: [] } satisfies Replacements);
  const grant: Grant = { consentId, statements: [] };
  await prepare(ctx, keys.grant(consentId), grant, mspsOf(evidence, 'enterprise'));
  const counter: CounterProposal = { consentId };
  await prepare(ctx, keys.counter(consentId), counter, mspsOf(evidence, 'enterprise'));
  for (const way of stopWays) {
    const stop: Stop = { consentId, through: way, statements: [] };
    await prepare(ctx, keys.stop(consentId, way), stop, mspsOf(evidence, way));
  }
  await addToIndex(ctx, indexes.consentBy, [artefact.enterprise, consentId]);
  emit(ctx, 'ConsentRequested', { consentId });
}

/**
 * Keeps that a consent is asked for in the place of another, of the same enterprise, which has not ended.
 *
 * @throws ContractError `NOT_FOUND`, `STATEMENT_MISMATCH`, `STATE_CONFLICT`.
 */
async function notePlace(
  ctx: Context,
  artefact: ConsentArtefact,
  { consentId: earlierId, digest }: NonNullable<ConsentArtefact['replaces']>,
  situation: Situation,
): Promise<void> {
  const earlier = await loadRecord(ctx, earlierId);
  if (earlier.digest !== digest || earlier.artefact.enterprise !== artefact.enterprise)
    throw new ContractError('STATEMENT_MISMATCH', 'is not that consent of this enterprise', 'replaces');
  const { standing } = await loadConsent(ctx, earlier, situation);
  if (hasEnded(standing.state))
    throw new ContractError('STATE_CONFLICT', `that consent is ${standing.state}: ask anew`, 'replaces');
  const { by } = await requireDocument(ctx, keys.replacements(earlierId), checks.replacements);
  if (by.length >= mostReplacements)
    throw new ContractError('STATE_CONFLICT', 'too many were asked for in its place', 'replaces');
  const noted: Replacements = { consentId: earlierId, by: [...by, artefact.consentId] };
  await writeDocument(ctx, keys.replacements(earlierId), noted);
}

/** Creates a key that any one of these organisations alone writes later. */
async function prepare(ctx: Context, key: string, document: unknown, msps: readonly string[]): Promise<void> {
  // A consortium without an organisation of this role has nobody to write the key.
  if (msps.length === 0) return;
  await writeDocument(ctx, key, document);
  await setKeyPolicy(
    ctx,
    key,
    msps.map((msp) => [msp]),
  );
}

/** A signatory grants, rejects or resumes. Endorsed by the enterprise organisation alone, which proves nothing by it. */
export async function lodgeStatement(ctx: Context, consentId: string, jws: string): Promise<void> {
  const record = await loadRecord(ctx, consentId);
  const situation = await situationOf(ctx, { uscc: record.artefact.enterprise });
  requireEnterprise(situation, record.artefact.enterprise);
  const enterprise = enterpriseOf(situation.evidence);
  const { statement } = await openStatement(jws, record, enterprise, situation.time.day);
  const { action } = statement;
  if (action === 'PAUSE' || action === 'REVOKE') {
    throw new ContractError('STATEMENT_MISMATCH', 'a stop is lodged by LodgeStop', 'statement');
  }
  if (action !== 'REJECT') {
    const { mandate } = activeEnterpriseOf(situation.evidence);
    if (action === 'GRANT' && mandate.required > record.required) {
      throw new ContractError('STATE_CONFLICT', 'the mandate asks for more signatures since: ask again');
    }
  }
  const { grant, verified, standing } = await loadConsent(ctx, record, situation);
  requireLodgeable(statement, 'grant', standing, verified);
  const statements = kept(grant.statements, verified, 'grant', jws, situation);
  if (statements.length > maxGrantStatements) {
    throw new ContractError('STATE_CONFLICT', 'too many statements: ask for a new consent');
  }
  await writeDocument(ctx, keys.grant(consentId), { consentId, statements } satisfies Grant);
  emit(ctx, action === 'REJECT' ? 'ConsentStopped' : 'ConsentSigned', { consentId });
}

/** What was lodged in a key, with one more. */
function kept(
  lodged: readonly LodgedStatement[],
  verified: readonly { readonly jws: string; readonly where: string }[],
  where: string,
  jws: string,
  { time }: Situation,
): LodgedStatement[] {
  // What does not hold is dropped, and what comes twice: a key that its owner filled with rubbish must not leave no room
  // for a true statement.
  const holds = verified.filter((entry) => entry.where === where).map((entry) => entry.jws);
  const distinct = holds.flatMap((held) => lodged.find((entry) => entry.jws === held) ?? []);
  return [...distinct, { jws, at: time.instant }];
}

/**
 * A signatory pauses or revokes, through any organisation of a role that has a stop key. Endorsed by that organisation
 * alone. A revocation reads nothing that another organisation may write, so that nobody can hold it up by writing.
 */
export async function lodgeStop(
  ctx: Context,
  consentId: string,
  through: StopThrough,
  jws: string,
): Promise<void> {
  const record = await loadRecord(ctx, consentId);
  const situation = await situationOf(ctx, { uscc: record.artefact.enterprise });
  requireWay(situation, through, record.artefact.enterprise);
  const enterprise = enterpriseOf(situation.evidence);
  const { statement } = await openStatement(jws, record, enterprise, situation.time.day);
  if (statement.action !== 'PAUSE' && statement.action !== 'REVOKE') {
    throw new ContractError('STATEMENT_MISMATCH', 'only a pause or a revocation is a stop', 'statement');
  }
  const key = keys.stop(consentId, through);
  const stop = (await findDocument(ctx, key, checks.stop)) ?? { consentId, through, statements: [] };
  const own = await verifyStatements(record, undefined, [{ ...stop, through }], enterprise);
  if (statement.action === 'REVOKE') {
    requireLodgeable(statement, through, consentStanding(record, own, situation.time.millis), own);
    if (own.some((entry) => entry.statement.action === 'REVOKE')) {
      throw new ContractError('STATE_CONFLICT', 'a revocation is lodged here already', 'statement');
    }
  } else {
    const { verified, standing } = await loadConsent(ctx, record, situation);
    requireLodgeable(statement, through, standing, verified);
    if (own.length >= maxPauses) throw new ContractError('STATE_CONFLICT', 'too many pauses: revoke');
  }
  const statements = kept(stop.statements, own, through, jws, situation).slice(-maxPauses - 1);
  await writeDocument(ctx, key, { consentId, through, statements } satisfies Stop);
  emit(ctx, 'ConsentStopped', { consentId });
}
