import type { Context } from 'fabric-contract-api';
import { toMillis } from '../ledger/calendar';
import { canonicalJson, sha256 } from '../ledger/canonical';
import {
  addToIndex,
  emit,
  exists,
  findDocument,
  implicitCollection,
  requireDocument,
  writeDocument,
} from '../ledger/documents';
import { ContractError } from '../ledger/errors';
import { parseTransient, transientText, type Check } from '../ledger/parse';
import { setKeyPolicy } from '../ledger/policies';
import type { Evidence } from '../registry/model';
import { situationOf, type Situation } from '../registry/situation';
import { requireBank, requireProvider } from './access';
import { inTheWay, spend, type Spending } from './allowance';
import { checkCeilingsToday, purposeOf } from './ceilings';
import type {
  Allowance,
  ConsentArtefact,
  DataRequest,
  Delivery,
  Offer,
  PurgeStatement,
  RequestDataInput,
} from './model';
import type { Archive } from './ending/model';
import { requirePersons } from './persons';
import { askedAfter } from './questions/narrowing';
import { requireComputed } from './questions/offering';
import { checkDelivery, checkScope, evidenceFor, questionsOf, readableUntil } from './release';
import { requireActive } from './standing';
import {
  checks,
  indexes,
  keys,
  loadArchive,
  loadConsent,
  loadPurge,
  loadRecord,
  loadRequest,
  type Request,
} from './store';

/** The bank asks for data, which spends the allowance and prepares the keys of the offer, the release and the purge. */
export async function requestData(ctx: Context, asked: RequestDataInput): Promise<void> {
  const record = await loadRecord(ctx, asked.consentId);
  const { artefact } = record;
  const situation = await situationOf(ctx, { uscc: artefact.enterprise, issuers: [asked.issuer] });
  const { evidence, time, bank } = situation;
  requireBank(situation, 'credit-officer');
  const { standing } = await loadConsent(ctx, record, situation);
  requireActive(standing);
  checkScope(artefact, asked);
  const purpose = purposeOf(artefact, evidence);
  checkCeilingsToday(purpose, artefact, asked);
  const provider = evidence.issuers[asked.issuer]?.msp;
  if (provider === undefined) {
    throw new ContractError('UNKNOWN_ISSUER', `${asked.issuer} is not registered`, 'issuer');
  }
  const { requestId, consentId } = asked;
  if (await exists(ctx, keys.request(requestId))) {
    throw new ContractError('ALREADY_EXISTS', 'data was requested under this id', 'requestId');
  }
  const allowance = await requireDocument(ctx, keys.allowance(consentId), checks.allowance);
  const spending: Spending = {
    artefact,
    ceiling: purpose.maxFrequency,
    issuer: asked.issuer,
    requestId,
    at: time.instant,
  };
  // Only a request that would be refused looks which of the others never came to an offer.
  const refunded = await neverOffered(ctx, inTheWay(allowance, spending));
  const after: Allowance = spend(allowance, spending, refunded);
  await noteQuestions(ctx, artefact, asked);

  const request: DataRequest = {
    ...asked,
    enterprise: artefact.enterprise,
    provider,
    consentVersion: standing.version,
    requestedAt: time.instant,
    status: 'REQUESTED',
  };
  await writeDocument(ctx, keys.allowance(consentId), after);
  await writeDocument(ctx, keys.request(requestId), request);
  await setKeyPolicy(ctx, keys.request(requestId), [[provider, bank]]);
  await writeDocument(ctx, keys.offer(requestId), { requestId, status: 'PENDING' } satisfies Offer);
  await setKeyPolicy(ctx, keys.offer(requestId), [[provider]]);
  await writeDocument(ctx, keys.purge(requestId), { requestId, status: 'HELD' } satisfies PurgeStatement);
  await setKeyPolicy(ctx, keys.purge(requestId), [[bank]]);
  await writeDocument(ctx, keys.archive(requestId), { requestId, status: 'NONE' } satisfies Archive);
  await setKeyPolicy(ctx, keys.archive(requestId), [[bank]]);
  await addToIndex(ctx, indexes.unpurged, [requestId]);
  await setKeyPolicy(ctx, ctx.stub.createCompositeKey(indexes.unpurged, [requestId]), [[bank]]);
  await addToIndex(ctx, indexes.requestBy, [artefact.enterprise, consentId, requestId]);
  emit(ctx, 'DataRequested', { requestId });
}

/** Keeps what is asked, for all consents of the enterprise with this bank: refused where it would narrow a number down. */
async function noteQuestions(
  ctx: Context,
  artefact: ConsentArtefact,
  asked: RequestDataInput,
): Promise<void> {
  const questions = questionsOf(artefact, asked);
  if (questions.length === 0) return;
  const { enterprise } = artefact;
  const { issuer, range } = asked;
  const key = keys.asked(enterprise, issuer);
  const before = (await findDocument(ctx, key, checks.asked)) ?? {
    enterprise,
    issuer,
    thresholds: {},
  };
  await writeDocument(ctx, key, askedAfter(before, questions, range.to));
}

async function neverOffered(ctx: Context, requestIds: readonly string[]): Promise<ReadonlySet<string>> {
  const refused = new Set<string>();
  for (const id of requestIds) {
    const { request, offer } = await loadRequest(ctx, id);
    if (offer.status === 'REFUSED' && request.status === 'REQUESTED') refused.add(id);
  }
  return refused;
}

/** A request whose provider calls, with the consent it rests on. */
async function asProvider(
  ctx: Context,
  requestId: string,
): Promise<
  Request & { readonly situation: Situation; readonly record: Awaited<ReturnType<typeof loadRecord>> }
> {
  const found = await loadRequest(ctx, requestId);
  const record = await loadRecord(ctx, found.request.consentId);
  const situation = await situationOf(ctx, { uscc: record.artefact.enterprise });
  requireProvider(situation, found.request);
  return { ...found, situation, record };
}

function requireStatus({ offer }: Request, status: Offer['status']): void {
  if (offer.status === status) return;
  const code = status === 'OFFERED' ? 'OFFER_MISSING' : 'REQUEST_NOT_OPEN';
  throw new ContractError(code, `the request's offer is ${offer.status}`, 'requestId');
}

function requireUnpurged({ purge }: Request): void {
  if (purge.status === 'PURGED')
    throw new ContractError('PURGED', 'the bank has purged this request', 'requestId');
}

/**
 * The provider commits, alone, to the digest of what it will send: from here on the request counts, whatever the bank does.
 * Where questions are asked its peer gets the delivery too, and computes the answers itself.
 */
export async function offerData(
  ctx: Context,
  requestId: string,
  digest: string,
  against: Check<Delivery>,
): Promise<void> {
  const { situation, record, ...found } = await asProvider(ctx, requestId);
  requireStatus(found, 'PENDING');
  requireUnpurged(found);
  const { standing } = await loadConsent(ctx, record, situation);
  requireActive(standing);
  const questions = questionsOf(record.artefact, found.request);
  if (questions.length > 0) {
    const { delivery, text } = givenDelivery(ctx, requestId, against);
    if (sha256(text) !== digest)
      throw new ContractError('OFFER_MISMATCH', 'is not what is offered', 'delivery');
    const { evidence } = await situationOf(ctx, evidenceFor(found.request, delivery));
    await requireComputed(ctx, found.request, questions, delivery, evidence);
  }
  const offer: Offer = { requestId, status: 'OFFERED', at: situation.time.instant, digest };
  await writeDocument(ctx, keys.offer(requestId), offer);
  emit(ctx, 'DataOffered', { requestId });
}

/** The provider refuses, alone. Only what was never offered can be refused, and only that is refunded. */
export async function refuseData(ctx: Context, requestId: string, reason: string): Promise<void> {
  const { situation, ...found } = await asProvider(ctx, requestId);
  requireStatus(found, 'PENDING');
  const offer: Offer = { requestId, status: 'REFUSED', at: situation.time.instant, reason };
  await writeDocument(ctx, keys.offer(requestId), offer);
  emit(ctx, 'DataRefused', { requestId });
}

function givenDelivery(
  ctx: Context,
  requestId: string,
  against: Check<Delivery>,
): { readonly delivery: Delivery; readonly text: string } {
  const delivery = parseTransient(ctx, 'delivery', against);
  const text = transientText(ctx, 'delivery');
  if (delivery.requestId !== requestId || canonicalJson(delivery) !== text) {
    throw new ContractError(
      'INVALID_INPUT',
      'is not the canonical form of a delivery for this request',
      'delivery',
    );
  }
  return { delivery, text };
}

/**
 * The provider delivers into the bank's collection, endorsed by both. It writes the request's key and that collection and
 * nothing else: a new key would need the enterprise's endorsement, and so show its peer the data.
 */
export async function releaseData(ctx: Context, requestId: string, against: Check<Delivery>): Promise<void> {
  const found = await loadRequest(ctx, requestId);
  const { request, offer } = found;
  const { delivery, text } = givenDelivery(ctx, requestId, against);
  const record = await loadRecord(ctx, request.consentId);
  const situation = await situationOf(ctx, evidenceFor(request, delivery));
  const { evidence, time, bank, skewSeconds } = situation;
  requireProvider(situation, request);
  if (request.status !== 'REQUESTED') {
    throw new ContractError('REQUEST_NOT_OPEN', `the request is ${request.status}`, 'requestId');
  }
  requireStatus(found, 'OFFERED');
  requireUnpurged(found);
  if (sha256(text) !== offer.digest) {
    throw new ContractError('OFFER_MISMATCH', 'is not what was offered', 'delivery');
  }
  const { standing } = await loadConsent(ctx, record, situation);
  requireActive(standing);
  // The request is state: what two organisations can write is held against what the signatories signed.
  checkScope(record.artefact, request);
  requirePersons(record, request, evidence);
  const purpose = purposeOf(record.artefact, evidence);
  checkCeilingsToday(purpose, record.artefact, request);
  const questions = questionsOf(record.artefact, request);
  await checkDelivery({ request, questions, delivery, evidence, millis: time.millis, skewSeconds });
  const delivered: DataRequest = {
    ...request,
    status: 'DELIVERED',
    deliveredAt: time.instant,
    digest: offer.digest,
    readableUntil: readableUntil(record.artefact, purpose, time.millis),
  };
  await writeDocument(ctx, keys.request(requestId), delivered);
  await ctx.stub.putPrivateData(
    implicitCollection(bank),
    keys.delivery(requestId),
    Buffer.from(text, 'utf8'),
  );
  emit(ctx, 'DataDelivered', { requestId });
}

/**
 * The bank purges, alone, at any time; also what was offered and never became valid, since a release that ended invalid
 * lies in the bank's private store all the same. Purging again is harmless and keeps the first date.
 */
export async function purgeData(ctx: Context, requestIds: readonly string[]): Promise<void> {
  const situation = await situationOf(ctx, {});
  requireBank(situation, 'purge-agent');
  for (const requestId of new Set(requestIds)) {
    // Only what was asked for has the key prepared: a new one would take the channel's policy.
    if (!(await exists(ctx, keys.purge(requestId))))
      throw new ContractError('NOT_FOUND', 'there is no such request', 'requestIds');
    const purge = await loadPurge(ctx, requestId);
    const archive = await loadArchive(ctx, requestId);
    const at = purge.at ?? situation.time.instant;
    await ctx.stub.purgePrivateData(implicitCollection(situation.bank), keys.delivery(requestId));
    const purged: PurgeStatement = { ...purge, requestId, status: 'PURGED', at };
    await writeDocument(ctx, keys.purge(requestId), purged);
    const sealed = archive.status === 'SEALED';
    const over = archive.until !== undefined && situation.time.millis >= toMillis(archive.until);
    if (sealed && over) await endArchive(ctx, archive, situation);
    // Deleting what is gone would fall back to the channel's policy; what is sealed is to be purged later.
    const listed = purge.status === 'HELD' || sealed;
    if (listed && (!sealed || over))
      await ctx.stub.deleteState(ctx.stub.createCompositeKey(indexes.unpurged, [requestId]));
  }
  emit(ctx, 'DataPurged', { requestIds: [...new Set(requestIds)] });
}

async function endArchive(ctx: Context, archive: Archive, { bank, time }: Situation): Promise<void> {
  const { requestId } = archive;
  await ctx.stub.purgePrivateData(implicitCollection(bank), keys.archive(requestId));
  const ended: Archive = { ...archive, status: 'ENDED', endedAt: time.instant };
  await writeDocument(ctx, keys.archive(requestId), ended);
}

/** Whether the data life of a delivery has ended. A delivery without an end was never readable. */
export function dataLifeEnded({ readableUntil: end }: DataRequest, millis: number): boolean {
  return end === undefined || millis >= toMillis(end);
}

/**
 * A delivered request with the end of its data life as it is today: a purpose whose ceiling was lowered since shortens it.
 */
export function withLifeOfToday(
  request: DataRequest,
  artefact: ConsentArtefact,
  evidence: Evidence,
): DataRequest {
  const { deliveredAt, readableUntil: end } = request;
  const purpose = evidence.consortium.purposes.find(({ code }) => code === artefact.Purpose.code);
  if (deliveredAt === undefined || end === undefined || purpose === undefined) return request;
  const today = readableUntil(artefact, purpose, toMillis(deliveredAt));
  return toMillis(today) < toMillis(end) ? { ...request, readableUntil: today } : request;
}
