import { toInstant } from '../ledger/calendar';
import type { ArchiveOpening } from './ending/model';
import type { AccessLogEntry, ConsentRecord, CounterProposal, DataRequest, RequestView } from './model';
import type { Standing } from './standing';
import type { VerifiedStatement } from './statements';

/** What the enterprise reads of every access, computed from the keys that each party wrote under its own policy. */

const maxDetail = 2000;

const shortened = (text: string): string =>
  text.length > maxDetail ? `${text.slice(0, maxDetail - 1)}…` : text;

/** Entries of a consent: asked, signed, stopped. The detail names the action and the way, never a person. */
export function consentEntries(
  { artefact, requestedAt }: ConsentRecord,
  verified: readonly VerifiedStatement[],
  { replacedBy, endedAt }: Pick<Standing, 'replacedBy' | 'endedAt'>,
  counter: CounterProposal | undefined,
): AccessLogEntry[] {
  const of = { bank: artefact.bank, consentId: artefact.consentId };
  return [
    { ...of, at: requestedAt, event: 'CONSENT_REQUESTED', detail: shortened(artefact.Purpose.text) },
    ...verified.map(({ statement, at, where }): AccessLogEntry => {
      const signs = where === 'grant' && (statement.action === 'GRANT' || statement.action === 'RESUME');
      return {
        ...of,
        at: toInstant(at),
        event: signs ? 'CONSENT_SIGNED' : 'CONSENT_STOPPED',
        detail: `${statement.action} version ${statement.version}${where === 'grant' ? '' : ` through ${where}`}`,
      };
    }),
    ...(counter?.at === undefined ? [] : [{ ...of, at: counter.at, event: 'CONSENT_COUNTERED' as const }]),
    ...(replacedBy === undefined || endedAt === undefined
      ? []
      : [{ ...of, at: endedAt, event: 'CONSENT_REPLACED' as const, detail: `by ${replacedBy}` }]),
  ];
}

const scopeOf = ({ items, questions = [], range }: DataRequest): string =>
  shortened(
    [
      `${range.from}/${range.to}`,
      ...items.map((item) => `${item.recordType}(${item.fields.join(',')})`),
      ...questions.map((id) => `question ${id}`),
    ].join(' '),
  );

/** Entries of a data request: asked, offered or refused, delivered, purged. */
export function requestEntries(
  { request, offer, purge, archive, duty, archiveDuty }: RequestView,
  openings: readonly ArchiveOpening[],
  bank: string,
): AccessLogEntry[] {
  const of = { bank, consentId: request.consentId, requestId: request.requestId, issuer: request.issuer };
  const entries: AccessLogEntry[] = [
    { ...of, at: request.requestedAt, event: 'DATA_REQUESTED', detail: scopeOf(request) },
  ];
  if (offer.status === 'OFFERED' && offer.at !== undefined) {
    entries.push({ ...of, at: offer.at, event: 'DATA_OFFERED', detail: `digest ${offer.digest ?? ''}` });
  }
  if (offer.status === 'REFUSED' && offer.at !== undefined) {
    entries.push({ ...of, at: offer.at, event: 'DATA_REFUSED', detail: offer.reason ?? '' });
  }
  if (request.deliveredAt !== undefined) {
    const detail = `readable until ${request.readableUntil ?? request.deliveredAt}`;
    entries.push({ ...of, at: request.deliveredAt, event: 'DATA_DELIVERED', detail });
  }
  // What was never offered never lay anywhere: its purge says nothing.
  const lay = offer.status === 'OFFERED' || request.status === 'DELIVERED';
  if (lay && purge.status === 'PURGED' && purge.at !== undefined) {
    entries.push({ ...of, at: purge.at, event: 'DATA_PURGED' });
  }
  for (const owed of [duty, archiveDuty])
    if (owed?.breach === true)
      entries.push({ ...of, at: owed.purgeBy, event: 'PURGE_OVERDUE', detail: `ended ${owed.endedAt}` });
  if (purge.erasure !== undefined) {
    const detail = shortened(purge.erasure.systems.join(' '));
    entries.push({ ...of, at: purge.erasure.statedAt, event: 'ERASURE_STATED', detail });
  }
  if (archive.sealedAt !== undefined) {
    const detail = `cited by the loan ${archive.applicationId ?? ''}, until ${archive.until ?? ''}`;
    entries.push({ ...of, at: archive.sealedAt, event: 'DATA_ARCHIVED', detail });
  }
  for (const { at, reason } of openings)
    entries.push({ ...of, at, event: 'ARCHIVE_OPENED', detail: `by an auditor: ${reason}` });
  if (archive.endedAt !== undefined) entries.push({ ...of, at: archive.endedAt, event: 'ARCHIVE_ENDED' });
  return entries;
}
