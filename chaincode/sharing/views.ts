import type { Context } from 'fabric-contract-api';
import type { Static } from 'typebox';
import { toMillis } from '../ledger/calendar';
import { pageOfIndex, privateHash, readPrivate, type Paged } from '../ledger/documents';
import { ContractError } from '../ledger/errors';
import type { Check } from '../ledger/parse';
import { hasRole, requireRole } from '../ledger/caller';
import { isSupervisor, mspsOf, situationOf, type Situation } from '../registry/situation';
import { consentEntries, requestEntries } from './access-log';
import { maySeeConsent, maySeeRequest, requireBank, requireSight } from './access';
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
import { purgeDeadline } from './release';
import { dataLifeEnded, withLifeOfToday } from './requests';
import { requireActive, viewOf } from './standing';
import { hasEnded } from './states';
import {
  besides,
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

async function requestView(ctx: Context, found: Request, { bank }: Situation): Promise<RequestView> {
  const hash = await privateHash(ctx, bank, keys.delivery(found.request.requestId));
  return { ...found, held: hash !== undefined };
}

/** @throws ContractError `NOT_FOUND`, `NOT_YOUR_RECORD`. */
export async function getRequest(ctx: Context, requestId: string): Promise<RequestView> {
  const situation = await situationOf(ctx, {});
  const found = await loadRequest(ctx, requestId);
  requireSight(maySeeRequest(situation, found.request));
  return requestView(ctx, found, situation);
}

/** The requests under a consent that the caller may see. */
export async function listRequests(
  ctx: Context,
  asked: Static<typeof ListRequestsInput>,
): Promise<Paged<RequestView>> {
  const situation = await situationOf(ctx, {});
  const { artefact } = await loadRecord(ctx, asked.consentId);
  requireSight(maySeeConsent(situation, artefact));
  const page = await pageOfIndex(
    ctx,
    indexes.requestBy,
    [artefact.enterprise, asked.consentId],
    pagingOf(asked),
  );
  const items: RequestView[] = [];
  for (const [, , requestId = ''] of page.keys) {
    const found = await loadRequest(ctx, requestId);
    if (maySeeRequest(situation, found.request)) items.push(await requestView(ctx, found, situation));
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
  for (const [, , requestId = ''] of page.keys) {
    items.push(...requestEntries(await loadRequest(ctx, requestId), situation.bank));
  }
  return {
    items: byTime(items),
    bookmark: page.bookmark === '' ? '' : `${phases.requests}${page.bookmark}`,
  };
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

/**
 * The purge agent's work: requests that were not purged though consent or data life ended. A page may be empty and have a
 * bookmark all the same.
 */
export async function dataDue(ctx: Context, asked: Paging): Promise<Paged<DataDueEntry>> {
  const situation = await situationOf(ctx, {});
  requireBank(situation, 'purge-agent');
  const page = await pageOfIndex(ctx, indexes.unpurged, [], pagingOf(asked));
  const items: DataDueEntry[] = [];
  const consents = new Map<string, Consent>();
  for (const [requestId = ''] of page.keys) {
    const { request: asDelivered } = await loadRequest(ctx, requestId);
    const consent = consents.get(asDelivered.consentId) ?? (await seen(ctx, asDelivered.consentId)).consent;
    const request = withLifeOfToday(asDelivered, consent.record.artefact, situation.evidence);
    consents.set(request.consentId, consent);
    const endedAt = endOf(request, consent, situation.time.millis);
    if (endedAt === undefined) continue;
    const purgeBy = purgeDeadline(consent.record.artefact, endedAt);
    items.push({ requestId, consentId: request.consentId, endedAt, purgeBy });
  }
  return { items, bookmark: page.bookmark };
}

/** When the right to hold a request's data ended: with the consent or with the data life, whichever came first. */
function endOf(request: Request['request'], { standing }: Consent, millis: number): string | undefined {
  const ends: string[] = [];
  if (hasEnded(standing.state) && standing.endedAt !== undefined) ends.push(standing.endedAt);
  if (request.readableUntil !== undefined && dataLifeEnded(request, millis)) ends.push(request.readableUntil);
  return ends.sort((a, b) => toMillis(a) - toMillis(b))[0];
}
