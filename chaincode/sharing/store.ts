import type { Context } from 'fabric-contract-api';
import { digestOf } from '../ledger/canonical';
import { findDocument, requireDocument } from '../ledger/documents';
import { ContractError } from '../ledger/errors';
import { check } from '../ledger/parse';
import type { Enterprise } from '../registry/model';
import { enterpriseOf, type Situation } from '../registry/situation';
import {
  Allowance,
  ConsentRecord,
  CounterProposal,
  DataRequest,
  Grant,
  Offer,
  PurgeStatement,
  Replacements,
  Stop,
  type ConsentView,
  type StopThrough,
} from './model';
import { Archive, ArchiveOpening } from './ending/model';
import { AskedBefore } from './questions/model';
import { consentStanding, type Standing, type Successor } from './standing';
import { stopWays } from './states';
import { verifyStatements, type VerifiedStatement } from './statements';

/** Keys of the channel's public state, and of the bank's collection. */
export const keys = {
  consent: (id: string) => `consent~${id}`,
  grant: (id: string) => `grant~${id}`,
  stop: (id: string, through: StopThrough) => `stop~${id}~${through}`,
  counter: (id: string) => `counter~${id}`,
  replacements: (id: string) => `replacements~${id}`,
  allowance: (id: string) => `use~${id}`,
  request: (id: string) => `request~${id}`,
  offer: (id: string) => `offer~${id}`,
  purge: (id: string) => `purge~${id}`,
  /** Public; and private, in the bank's implicit collection. */
  archive: (id: string) => `archive~${id}`,
  opening: (id: string, openingId: string) => `opening~${id}~${openingId}`,
  asked: (enterprise: string, issuer: string) => `asked~${enterprise}~${issuer}`,
  /** Private, in the bank's implicit collection. */
  delivery: (id: string) => `delivery~${id}`,
} as const;

/** Indexes of composite keys. */
export const indexes = {
  /** Enterprise, consent. */
  consentBy: 'consentBy',
  /** Enterprise, consent, request. */
  requestBy: 'requestBy',
  /** Request: what the bank has not purged yet; its own work list, under its own policy. */
  unpurged: 'unpurged',
  /** Request, opening. */
  openings: 'openings',
} as const;

export const checks = {
  record: check(ConsentRecord),
  grant: check(Grant),
  stop: check(Stop),
  counter: check(CounterProposal),
  replacements: check(Replacements),
  allowance: check(Allowance),
  request: check(DataRequest),
  offer: check(Offer),
  purge: check(PurgeStatement),
  archive: check(Archive),
  opening: check(ArchiveOpening),
  asked: check(AskedBefore),
} as const;

/** The consent as the bank asked for it. @throws ContractError `NOT_FOUND`; `STATE_INVALID` where it contradicts itself. */
export async function loadRecord(ctx: Context, consentId: string): Promise<ConsentRecord> {
  const record = await requireDocument(ctx, keys.consent(consentId), checks.record);
  const { artefact, digest } = record;
  if (
    artefact.consentId !== consentId ||
    artefact.channel !== ctx.stub.getChannelID() ||
    digestOf(artefact) !== digest
  ) {
    throw new ContractError('STATE_INVALID', 'the stored consent contradicts itself', 'consent');
  }
  return record;
}

/** What the enterprise last proposed instead; undefined before it did. */
export async function counterOf(ctx: Context, consentId: string): Promise<CounterProposal | undefined> {
  return findDocument(ctx, keys.counter(consentId), checks.counter);
}

/** What was said beside a consent: what the enterprise would agree to, and what was asked for in its place. */
export async function besides(
  ctx: Context,
  consentId: string,
): Promise<Pick<ConsentView, 'replacements' | 'counterProposal'>> {
  const counter = await counterOf(ctx, consentId);
  return {
    replacements: [...(await placesOf(ctx, consentId))],
    ...(counter?.terms === undefined ? {} : { counterProposal: counter.terms }),
  };
}

/** A consent with what was lodged about it and what holds of it now. */
export interface Consent {
  readonly record: ConsentRecord;
  readonly grant: Grant;
  readonly verified: readonly VerifiedStatement[];
  readonly standing: Standing;
}

/**
 * Loads all that was lodged about a consent, verifies every signature again and computes what holds now. Reading the stop
 * keys here puts them into the read set: a stop that commits first makes the transaction invalid.
 *
 * @throws ContractError `ENTERPRISE_SIGNATURE_INVALID` where the registry does not vouch for the enterprise.
 */
export async function loadConsent(
  ctx: Context,
  record: ConsentRecord,
  { evidence, time }: Situation,
): Promise<Consent> {
  const enterprise = enterpriseOf(evidence);
  const { grant, verified } = await lodged(ctx, record, enterprise);
  const successors = await successorsOf(ctx, record, enterprise, time.millis);
  return { record, grant, verified, standing: consentStanding(record, verified, time.millis, successors) };
}

/** What was lodged about a consent, with every signature verified again. */
async function lodged(
  ctx: Context,
  record: ConsentRecord,
  enterprise: Enterprise,
): Promise<Pick<Consent, 'grant' | 'verified'>> {
  const { consentId } = record.artefact;
  // What its owner made unreadable counts as absent, as what it emptied does.
  const grant = (await findDocument(ctx, keys.grant(consentId), checks.grant)) ?? {
    consentId,
    statements: [],
  };
  const stops: Stop[] = [];
  for (const way of stopWays) {
    const stop = await findDocument(ctx, keys.stop(consentId, way), checks.stop);
    // The key says through whom it was lodged, not the document.
    if (stop) stops.push({ ...stop, through: way });
  }
  return { grant, verified: await verifyStatements(record, grant, stops, enterprise) };
}

/** Ids of the consents asked for in the place of one, as the list on the ledger has them. */
async function placesOf(ctx: Context, consentId: string): Promise<readonly string[]> {
  const found = await findDocument(ctx, keys.replacements(consentId), checks.replacements);
  return found?.by ?? [];
}

/**
 * The consents asked for in the place of one, with what holds of each by itself. One that does not name this very consent,
 * by its digest, is none: two organisations can write the list, the signatories signed the artefact.
 */
async function successorsOf(
  ctx: Context,
  { artefact, digest }: ConsentRecord,
  enterprise: Enterprise,
  millis: number,
): Promise<readonly Successor[]> {
  const successors: Successor[] = [];
  for (const id of await placesOf(ctx, artefact.consentId)) {
    const record = await findDocument(ctx, keys.consent(id), checks.record);
    const named = record?.artefact.replaces;
    if (
      named?.consentId !== artefact.consentId ||
      named.digest !== digest ||
      record?.artefact.consentId !== id
    )
      continue;
    if (record.artefact.enterprise !== artefact.enterprise || record.artefact.channel !== artefact.channel)
      continue;
    const { verified } = await lodged(ctx, record, enterprise);
    const { consentStart } = record.artefact;
    successors.push({ consentId: id, consentStart, standing: consentStanding(record, verified, millis) });
  }
  return successors;
}

/** A data request with what its provider and the bank said of it. */
export interface Request {
  readonly request: DataRequest;
  readonly offer: Offer;
  readonly purge: PurgeStatement;
  readonly archive: Archive;
}

/**
 * What the bank says it sealed of a request. Where that cannot be read it sealed nothing: a bank that fills its own key with
 * rubbish must not keep others from looking at the request.
 */
export async function loadArchive(ctx: Context, requestId: string): Promise<Archive> {
  const found = await findDocument(ctx, keys.archive(requestId), checks.archive);
  return found?.requestId === requestId ? found : { requestId, status: 'NONE' };
}

/** What the bank says of its purge, in the same way: what cannot be read says nothing. */
export async function loadPurge(ctx: Context, requestId: string): Promise<PurgeStatement> {
  const found = await findDocument(ctx, keys.purge(requestId), checks.purge);
  return found?.requestId === requestId ? found : { requestId, status: 'HELD' };
}

/** @throws ContractError `NOT_FOUND`, `STATE_INVALID`. */
export async function loadRequest(ctx: Context, requestId: string): Promise<Request> {
  const request = await requireDocument(ctx, keys.request(requestId), checks.request);
  const offer = await requireDocument(ctx, keys.offer(requestId), checks.offer);
  const purge = await loadPurge(ctx, requestId);
  const archive = await loadArchive(ctx, requestId);
  for (const document of [request, offer]) {
    if (document.requestId !== requestId) {
      throw new ContractError('STATE_INVALID', 'the stored request contradicts itself', 'request');
    }
  }
  return { request, offer, purge, archive };
}
