import { toMillis } from '../../ledger/calendar';
import type { ConsentArtefact, DataRequest, PurgeStatement } from '../model';
import { purgeDeadline } from '../release';
import type { Standing } from '../standing';
import { hasEnded } from '../states';
import type { Archive, PurgeDuty } from './model';

/** What is known of a request whose data may have to be purged. */
export interface Holding {
  /** With the data life as it is today. */
  readonly request: DataRequest;
  readonly artefact: ConsentArtefact;
  readonly standing: Standing;
  readonly purge: PurgeStatement;
  readonly archive: Archive;
  /** Whether the private hashes of delivery and archive are on the ledger. */
  readonly held: { readonly delivery: boolean; readonly archive: boolean };
}

/** When the right to hold a delivery ended: with the consent or with the data life, whichever came first. */
export function endOf(request: DataRequest, standing: Standing, millis: number): string | undefined {
  const ends: string[] = [];
  if (hasEnded(standing.state) && standing.endedAt !== undefined) ends.push(standing.endedAt);
  const { readableUntil } = request;
  if (readableUntil !== undefined && millis >= toMillis(readableUntil)) ends.push(readableUntil);
  return ends.sort((a, b) => toMillis(a) - toMillis(b))[0];
}

function duty(
  endedAt: string | undefined,
  artefact: ConsentArtefact,
  heldUntil: number | undefined,
): PurgeDuty | undefined {
  if (endedAt === undefined) return undefined;
  const purgeBy = purgeDeadline(artefact, endedAt);
  return { endedAt, purgeBy, breach: heldUntil !== undefined && heldUntil > toMillis(purgeBy) };
}

/**
 * The duty to purge a delivery, once there is one. What was never delivered, or was purged in time, breaches nothing.
 *
 * @param millis the instant asked about, since the epoch.
 */
export function deliveryDuty(holding: Holding, millis: number): PurgeDuty | undefined {
  const { request, artefact, standing, purge, held } = holding;
  const purgedAt = purge.at === undefined ? undefined : toMillis(purge.at);
  // A purge before the end was no breach, and one after it shows for how long the data was held.
  const heldUntil =
    request.status !== 'DELIVERED' ? undefined : held.delivery ? millis : (purgedAt ?? undefined);
  return duty(endOf(request, standing, millis), artefact, heldUntil);
}

/** The duty to purge a sealed archive, once its retention is over. */
export function archiveDuty({ artefact, archive, held }: Holding, millis: number): PurgeDuty | undefined {
  const { until, endedAt } = archive;
  if (until === undefined || millis < toMillis(until)) return undefined;
  const ended = endedAt === undefined ? undefined : toMillis(endedAt);
  return duty(until, artefact, held.archive ? millis : ended);
}
