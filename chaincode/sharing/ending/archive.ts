import type { Context } from 'fabric-contract-api';
import { addLength, toInstant, toMillis } from '../../ledger/calendar';
import { callChaincode } from '../../ledger/call';
import { digestOf } from '../../ledger/canonical';
import { requireRole, type Caller } from '../../ledger/caller';
import {
  addToIndex,
  emit,
  exists,
  implicitCollection,
  readPrivate,
  requireDocument,
  writeDocument,
} from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import type { Check } from '../../ledger/parse';
import { situationOf, type Situation } from '../../registry/situation';
import type { Citation } from '../../lending/applications/citations';
import { requireBank } from '../access';
import type { Delivery } from '../model';
import { checks, indexes, keys, loadRecord, loadRequest } from '../store';
import type { Archive, ArchiveInput, ArchiveOpening, OpenArchiveInput, ReadArchiveInput } from './model';

/** How long an opened archive can be read, in milliseconds. */
const openFor = 15 * 60_000;

/** The lending channel of the bank that a sharing channel belongs to. @throws ContractError `NOT_SET_UP`. */
function lendingChannel({ evidence, bank }: Situation): string {
  const found = evidence.consortium.channels.find(
    (candidate) => candidate.bank === bank && candidate.name.startsWith('lending-'),
  );
  if (found === undefined) throw new ContractError('NOT_SET_UP', 'the bank has no lending channel');
  return found.name;
}

/**
 * The bank seals a delivery that a signed loan cites, as the consent said before it was signed. The bytes move within the
 * bank's collection, from where they are read under a consent to where they are read by an auditor alone.
 *
 * The read on the lending channel is not in the read set. That is safe: an acceptance, once written, never changes.
 *
 * @throws ContractError STATE_CONFLICT, EVIDENCE_NOT_CITED, BEYOND_CONSENT, PURGED, UNAUTHORISED_ROLE.
 */
export async function sealArchive(ctx: Context, { requestId, applicationId }: ArchiveInput): Promise<void> {
  const situation = await situationOf(ctx, {});
  requireBank(situation, 'purge-agent');
  const { request, purge } = await loadRequest(ctx, requestId);
  const { artefact } = await loadRecord(ctx, request.consentId);
  const archive = await requireDocument(ctx, keys.archive(requestId), checks.archive);
  if (archive.status !== 'NONE')
    throw new ContractError('STATE_CONFLICT', `the archive is ${archive.status}`, 'requestId');
  if (purge.status === 'PURGED') throw new ContractError('PURGED', 'the delivery was purged', 'requestId');
  if (artefact.evidenceYears === 0)
    throw new ContractError('BEYOND_CONSENT', 'the consent lets the bank keep nothing', 'requestId');
  const citation = await callChaincode<Citation>(
    ctx,
    'lending',
    'applications:GetCitation',
    { applicationId, requestId },
    lendingChannel(situation),
  );
  if (citation.digest !== request.digest)
    throw new ContractError('EVIDENCE_NOT_CITED', 'the loan cites another delivery', 'applicationId');
  const collection = implicitCollection(situation.bank);
  const bytes = await ctx.stub.getPrivateData(collection, keys.delivery(requestId));
  if (bytes.length === 0) throw new ContractError('PURGED', 'the delivery is not held', 'requestId');
  await ctx.stub.putPrivateData(collection, keys.archive(requestId), Buffer.from(bytes));
  const until = addLength(toMillis(citation.acceptedAt), { unit: 'YEAR', value: artefact.evidenceYears });
  const sealed: Archive = {
    requestId,
    status: 'SEALED',
    applicationId,
    sealedAt: situation.time.instant,
    until: toInstant(until),
  };
  await writeDocument(ctx, keys.archive(requestId), sealed);
  emit(ctx, 'ArchiveSealed', { requestId });
}

const personOf = ({ msp, person }: Caller): string => digestOf({ msp, person });

/**
 * An auditor of the bank opens a sealed archive. The entry is a new key, which the enterprises' organisation endorses as
 * well: the bank cannot read without leaving it.
 *
 * @throws ContractError UNAUTHORISED_ROLE, STATE_CONFLICT, ALREADY_EXISTS.
 */
export async function openArchive(
  ctx: Context,
  { requestId, openingId, reason }: OpenArchiveInput,
): Promise<void> {
  const situation = await situationOf(ctx, {});
  requireAuditor(situation);
  const archive = await requireDocument(ctx, keys.archive(requestId), checks.archive);
  requireSealed(archive, situation);
  const key = keys.opening(requestId, openingId);
  if (await exists(ctx, key))
    throw new ContractError('ALREADY_EXISTS', 'was opened under this id', 'openingId');
  const opening: ArchiveOpening = {
    requestId,
    openingId,
    at: situation.time.instant,
    reason,
    by: personOf(situation.caller),
  };
  await writeDocument(ctx, key, opening);
  await addToIndex(ctx, indexes.openings, [requestId, openingId]);
  emit(ctx, 'ArchiveOpened', { requestId });
}

/**
 * The auditor who opened an archive reads it, on the bank's own peer, for a quarter of an hour.
 *
 * @throws ContractError UNAUTHORISED_ROLE, NOT_FOUND, STATE_CONFLICT, ARCHIVE_NOT_OPEN, PURGED.
 */
export async function readArchive(
  ctx: Context,
  { requestId, openingId }: ReadArchiveInput,
  against: Check<Delivery>,
): Promise<Delivery> {
  const situation = await situationOf(ctx, {});
  requireAuditor(situation);
  const archive = await requireDocument(ctx, keys.archive(requestId), checks.archive);
  requireSealed(archive, situation);
  const opening = await requireDocument(ctx, keys.opening(requestId, openingId), checks.opening);
  const age = situation.time.millis - toMillis(opening.at);
  // A read may come before the opening by as much as clocks differ.
  const open = age <= openFor && age >= -situation.skewSeconds * 1000;
  if (opening.requestId !== requestId || opening.by !== personOf(situation.caller) || !open)
    throw new ContractError(
      'ARCHIVE_NOT_OPEN',
      'open it first; it is open for a quarter of an hour',
      'openingId',
    );
  const delivery = await readPrivate(ctx, situation.bank, keys.archive(requestId), against);
  if (!delivery) throw new ContractError('PURGED', 'the archive is not held', 'requestId');
  return delivery;
}

function requireAuditor({ caller, bank }: Situation): void {
  requireRole(caller, 'auditor');
  if (caller.msp !== bank)
    throw new ContractError('PRIVATE_READ_REFUSED', 'the archive is of another organisation');
}

function requireSealed({ status, until }: Archive, { time }: Situation): void {
  if (status !== 'SEALED') throw new ContractError('STATE_CONFLICT', `the archive is ${status}`, 'requestId');
  if (until !== undefined && time.millis >= toMillis(until))
    throw new ContractError('STATE_CONFLICT', 'the retention is over', 'requestId');
}
