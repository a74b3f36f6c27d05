import type { Context } from 'fabric-contract-api';
import type { Static } from 'typebox';
import { toMillis } from '../ledger/calendar';
import { findDocument, pageOfIndex, privateHash, readPrivate, type Paged } from '../ledger/documents';
import { ContractError } from '../ledger/errors';
import type { Check } from '../ledger/parse';
import { hasRole, requireRole } from '../ledger/caller';
import { isSupervisor, mspsOf, situationOf, type Situation } from '../registry/situation';
import { consentEntries, requestEntries } from './access-log';
import { maySeeConsent, maySeeRequest, requireBank, requireSight, seesAll } from './access';
import type {
  AccessLogEntry,
  AccessLogInput,
  ConsentView,
  DataDueEntry,
  Delivery,
  ListConsentsInput,
  ListRequestsInput,
  RequestView,
} from './model';
import { archiveDuty, deliveryDuty, endOf, type Holding } from './ending/duty';
import type { ArchiveOpening, Breach, PurgeDuty } from './ending/model';
import { purgeDeadline } from './release';
import { dataLifeEnded, withLifeOfToday } from './requests';
import { requireActive, viewOf } from './standing';
import {
  besides,
  checks,
  counterOf,
  indexes,
  keys,
  loadConsent,
  loadRecord,
  loadRequest,
  type Consent,
  type Request,
} from './store';

/** What is evaluated and never submitted; each answers only what its caller may see. */

interface Paging {
  readonly pageSize?: number;
  readonly bookmark?: string;
}

const pagingOf = ({ pageSize, bookmark }: Paging): Paging => ({
  ...(pageSize === undefined ? {} : { pageSize }),
  ...(bookmark === undefined ? {} : { bookmark }),
});

async function seen(
  ctx: Context,
  consentId: string,
): Promise<{ readonly situation: Situation; readonly consent: Consent; readonly sees: boolean }> {
  const record = await loadRecord(ctx, consentId);
  const situation = await situationOf(ctx, { uscc: record.artefact.enterprise });
  const consent = await loadConsent(ctx, record, situation);
  return { situation, consent, sees: maySeeConsent(situation, record.artefact) };
}

/** @throws ContractError `NOT_FOUND`, `NOT_YOUR_RECORD`. */
export async function getConsent(ctx: Context, consentId: string): Promise<ConsentView> {
  const { consent, sees } = await seen(ctx, consentId);
  requireSight(sees);
  return viewOf(consent.record, consent.standing, await besides(ctx, consentId));
}

/** A page may hold fewer consents than it looked at: those that the caller may not see are left out. */
export async function listConsents(
  ctx: Context,
  asked: Static<typeof ListConsentsInput>,
): Promise<Paged<ConsentView>> {
  const situation = await situationOf(ctx, {});
  const { uscc } = situation.caller;
  if (uscc !== undefined && asked.enterprise !== undefined && asked.enterprise !== uscc) requireSight(false);
  const enterprise = asked.enterprise ?? uscc;
  const page = await pageOfIndex(
    ctx,
    indexes.consentBy,
    enterprise === undefined ? [] : [enterprise],
    pagingOf(asked),
  );
  const items: ConsentView[] = [];
  for (const [, consentId = ''] of page.keys) {
    const { consent, sees } = await seen(ctx, consentId);
    if (!sees) continue;
    items.push(viewOf(consent.record, consent.standing, await besides(ctx, consentId)));
  }
  return { items, bookmark: page.bookmark };
}

async function holdingOf(
  ctx: Context,
  { request, purge, archive }: Request,
  { record, standing }: Consent,
  { bank, evidence }: Situation,
): Promise<Holding> {
  const { requestId } = request;
  const { artefact } = record;
  const delivery = (await privateHash(ctx, bank, keys.delivery(requestId))) !== undefined;
  const archived = (await privateHash(ctx, bank, keys.archive(requestId))) !== undefined;
  return {
    request: withLifeOfToday(request, artefact, evidence),
    artefact,
    standing,
    purge,
    archive,
    held: { delivery, archive: archived },
  };
}

async function requestView(
  ctx: Context,
  found: Request,
  consent: Consent,
  situation: Situation,
): Promise<RequestView> {
  const holding = await holdingOf(ctx, found, consent, situation);
  const duty = deliveryDuty(holding, situation.time.millis);
  const sealed = archiveDuty(holding, situation.time.millis);
  return {
    ...found,
    held: holding.held.delivery,
    ...(duty === undefined ? {} : { duty }),
    ...(sealed === undefined ? {} : { archiveDuty: sealed }),
  };
}

/** @throws ContractError `NOT_FOUND`, `NOT_YOUR_RECORD`. */
export async function getRequest(ctx: Context, requestId: string): Promise<RequestView> {
  const found = await loadRequest(ctx, requestId);
  requireSight(maySeeRequest(await situationOf(ctx, {}), found.request));
  const { consent, situation } = await seen(ctx, found.request.consentId);
  return requestView(ctx, found, consent, situation);
}

/** The requests under a consent that the caller may see. */
export async function listRequests(
  ctx: Context,
  asked: Static<typeof ListRequestsInput>,
): Promise<Paged<RequestView>> {
  const { situation, consent, sees } = await seen(ctx, asked.consentId);
  requireSight(sees);
  const { artefact } = consent.record;
  const page = await pageOfIndex(
    ctx,
    indexes.requestBy,
    [artefact.enterprise, asked.consentId],
    pagingOf(asked),
  );
  const items: RequestView[] = [];
  for (const [, , requestId = ''] of page.keys) {
    const found = await loadRequest(ctx, requestId);
    if (maySeeRequest(situation, found.request))
      items.push(await requestView(ctx, found, consent, situation));
  }
  return { items, bookmark: page.bookmark };
}

/** The bookmark of the log goes through the consents first, then through the requests. */
const phases = { consents: 'c', requests: 'r' } as const;

/**
 * Everything that happened to an enterprise's data on this channel, a page of matters at a time; entries are in order of
 * time within a matter only.
 *
 * @throws ContractError `NOT_YOUR_RECORD` unless the enterprise itself or the supervisor asks.
 */
export async function accessLog(
  ctx: Context,
  asked: Static<typeof AccessLogInput>,
): Promise<Paged<AccessLogEntry>> {
  const situation = await situationOf(ctx, { uscc: asked.enterprise });
  requireSight(readsLog(situation, asked.enterprise));
  const given = asked.bookmark === undefined || asked.bookmark === '' ? phases.consents : asked.bookmark;
  const [phase, inner] = [given.slice(0, 1), given.slice(1)];
  if (phase !== phases.consents && phase !== phases.requests) {
    throw new ContractError('INVALID_INPUT', 'is not of this list', 'bookmark');
  }
  const paging = pagingOf({ ...pagingOf(asked), bookmark: inner });
  const items: AccessLogEntry[] = [];
  if (phase === phases.consents) {
    const page = await pageOfIndex(ctx, indexes.consentBy, [asked.enterprise], paging);
    for (const [, consentId = ''] of page.keys) {
      const record = await loadRecord(ctx, consentId);
      const { verified, standing } = await loadConsent(ctx, record, situation);
      items.push(...consentEntries(record, verified, standing, await counterOf(ctx, consentId)));
    }
    const bookmark = page.bookmark === '' ? phases.requests : `${phases.consents}${page.bookmark}`;
    return { items: byTime(items), bookmark };
  }
  const page = await pageOfIndex(ctx, indexes.requestBy, [asked.enterprise], paging);
  const consents = new Map<string, Consent>();
  for (const [, , requestId = ''] of page.keys) {
    const found = await loadRequest(ctx, requestId);
    const { consentId } = found.request;
    const consent = consents.get(consentId) ?? (await seen(ctx, consentId)).consent;
    consents.set(consentId, consent);
    const view = await requestView(ctx, found, consent, situation);
    items.push(...requestEntries(view, await openingsOf(ctx, requestId), situation.bank));
  }
  return {
    items: byTime(items),
    bookmark: page.bookmark === '' ? '' : `${phases.requests}${page.bookmark}`,
  };
}

/** Most openings of one archive that the log shows. */
const mostOpenings = 100;

async function openingsOf(ctx: Context, requestId: string): Promise<readonly ArchiveOpening[]> {
  const page = await pageOfIndex(ctx, indexes.openings, [requestId], { pageSize: mostOpenings });
  const openings: ArchiveOpening[] = [];
  for (const [, openingId = ''] of page.keys) {
    const opening = await findDocument(ctx, keys.opening(requestId, openingId), checks.opening);
    if (opening !== undefined) openings.push(opening);
  }
  return openings;
}

const byTime = (entries: AccessLogEntry[]): AccessLogEntry[] =>
  entries.sort((a, b) => toMillis(a.at) - toMillis(b.at));

function readsLog(situation: Situation, enterprise: string): boolean {
  const { caller, evidence } = situation;
  const own = hasRole(caller, 'enterprise-user') && caller.uscc === enterprise;
  if (own && mspsOf(evidence, 'enterprise').includes(caller.msp)) return true;
  return isSupervisor(situation);
}

/**
 * The bank reads what was delivered, on its own peer, while the consent is active and the data life runs.
 *
 * @throws ContractError PRIVATE_READ_REFUSED, UNAUTHORISED_ROLE, REQUEST_NOT_OPEN, PURGED, CONSENT_NOT_ACTIVE,
 * DATA_LIFE_ENDED.
 */
export async function readDelivery(
  ctx: Context,
  requestId: string,
  against: Check<Delivery>,
): Promise<Delivery> {
  const { request, purge } = await loadRequest(ctx, requestId);
  const record = await loadRecord(ctx, request.consentId);
  const situation = await situationOf(ctx, { uscc: record.artefact.enterprise });
  const { caller, bank, time } = situation;
  if (caller.msp !== bank) {
    throw new ContractError('PRIVATE_READ_REFUSED', 'the collection is of another organisation');
  }
  requireRole(caller, 'credit-officer');
  if (purge.status === 'PURGED') throw new ContractError('PURGED', 'the delivery was purged', 'requestId');
  const { standing } = await loadConsent(ctx, record, situation);
  requireActive(standing);
  if (request.status !== 'DELIVERED') {
    throw new ContractError('REQUEST_NOT_OPEN', 'nothing was delivered yet', 'requestId');
  }
  if (dataLifeEnded(withLifeOfToday(request, record.artefact, situation.evidence), time.millis)) {
    throw new ContractError('DATA_LIFE_ENDED', 'the data life has ended', 'requestId');
  }
  const delivery = await readPrivate(ctx, bank, keys.delivery(requestId), against);
  if (!delivery) throw new ContractError('PURGED', 'the delivery is not held', 'requestId');
  return delivery;
}

/** Everything that the bank has not purged, a page at a time, with what is known of it. */
async function unpurged(
  ctx: Context,
  asked: Paging,
): Promise<{ readonly holdings: readonly Holding[]; readonly bookmark: string; readonly millis: number }> {
  const page = await pageOfIndex(ctx, indexes.unpurged, [], pagingOf(asked));
  const situation = await situationOf(ctx, {});
  const consents = new Map<string, Consent>();
  const holdings: Holding[] = [];
  for (const [requestId = ''] of page.keys) {
    const found = await loadRequest(ctx, requestId);
    const { consentId } = found.request;
    const consent = consents.get(consentId) ?? (await seen(ctx, consentId)).consent;
    consents.set(consentId, consent);
    holdings.push(await holdingOf(ctx, found, consent, situation));
  }
  return { holdings, bookmark: page.bookmark, millis: situation.time.millis };
}

/**
 * The purge agent's work: requests that were not purged though consent, data life or retention ended. A page may be empty
 * and have a bookmark all the same.
 */
export async function dataDue(ctx: Context, asked: Paging): Promise<Paged<DataDueEntry>> {
  requireBank(await situationOf(ctx, {}), 'purge-agent');
  const { holdings, bookmark, millis } = await unpurged(ctx, asked);
  const items = holdings.flatMap((holding): DataDueEntry[] => {
    const { request, purge, archive, artefact } = holding;
    const { requestId, consentId } = request;
    if (archive.status === 'SEALED' && purge.status === 'PURGED') {
      const ended = archiveDuty(holding, millis);
      if (ended === undefined) return [];
      return [{ requestId, consentId, ...dueOf(ended), what: 'ARCHIVE', archivable: false }];
    }
    const endedAt = endOf(request, holding.standing, millis);
    if (endedAt === undefined) return [];
    const purgeBy = purgeDeadline(artefact, endedAt);
    const archivable =
      artefact.evidenceYears > 0 && archive.status === 'NONE' && request.status === 'DELIVERED';
    return [{ requestId, consentId, endedAt, purgeBy, what: 'DELIVERY', archivable }];
  });
  return { items, bookmark };
}

const dueOf = ({ endedAt, purgeBy }: PurgeDuty) => ({ endedAt, purgeBy });

/** What is held beyond its deadline, for the bank itself and the supervisor. @throws ContractError `NOT_YOUR_RECORD`. */
export async function breaches(ctx: Context, asked: Paging): Promise<Paged<Breach>> {
  requireSight(seesAll(await situationOf(ctx, {})));
  const { holdings, bookmark, millis } = await unpurged(ctx, asked);
  const items = holdings.flatMap((holding): Breach[] => {
    const { requestId, consentId, enterprise } = holding.request;
    const about = { requestId, consentId, enterprise };
    const duties = [
      { what: 'DELIVERY' as const, duty: deliveryDuty(holding, millis) },
      { what: 'ARCHIVE' as const, duty: archiveDuty(holding, millis) },
    ];
    return duties.flatMap(({ what, duty }) =>
      duty?.breach === true ? [{ ...about, what, ...dueOf(duty) }] : [],
    );
  });
  return { items, bookmark };
}
