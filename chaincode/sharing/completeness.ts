import { toMillis, yearsOf } from '../ledger/calendar';
import { ContractError } from '../ledger/errors';
import { peekHeader, peekPayload, signsCanonical, verifyJws } from '../ledger/jws';
import { check } from '../ledger/parse';
import type { Period, PublicJwk } from '../ledger/schemas';
import type { Anchor, CadenceHistory, Evidence, HandleIndex } from '../registry/model';
import { firstDuplicate, isWithinPeriod } from './limits';
import { Completeness, type CompletenessEntry, type DataRequest } from './model';

/** `typ` of an issuer's signed statement of completeness. */
export const completenessType = 'completeness+jws';

const completenessCheck = check(Completeness);

const invalid = (reason: string, field?: string): ContractError =>
  new ContractError('COMPLETENESS_INVALID', reason, `completeness${field === undefined ? '' : `.${field}`}`);
const gap = (reason: string, field: string): ContractError =>
  new ContractError('COMPLETENESS_GAP', reason, `completeness.${field}`);

/** What a statement says, before its signature is verified: only to know what to ask the registry. */
export function peekCompleteness(jws: string): Completeness {
  const statement = completenessCheck.accept(peekPayload(jws));
  if (!statement) throw invalid('is no statement of completeness');
  return statement;
}

/**
 * Verifies who signed a statement of completeness.
 *
 * @param keys the issuer's keys by `kid`.
 * @throws ContractError `COMPLETENESS_INVALID`.
 */
export async function openCompleteness(
  jws: string,
  keys: Readonly<Record<string, PublicJwk>>,
): Promise<Completeness> {
  const kid = peekHeader(jws)?.kid ?? '';
  const jwk = Object.hasOwn(keys, kid) ? keys[kid] : undefined;
  const verified = jwk && (await verifyJws(jws, jwk, completenessType));
  const statement = peekCompleteness(jws);
  if (!verified || !signsCanonical(verified, statement)) throw invalid('is not signed by the issuer');
  return statement;
}

/** A record that is delivered, as its issuer-signed claims place it. */
export interface Delivered {
  readonly id: string;
  readonly recordType: string;
  readonly handle: string;
  readonly seq: number;
  readonly period: Period;
}

export interface Claimed {
  readonly request: DataRequest;
  readonly delivered: readonly Delivered[];
  readonly evidence: Pick<Evidence, 'anchors' | 'heads'>;
  /** Record types that only questions are asked of: nothing of them is handed over. */
  readonly withheldTypes: readonly string[];
  /** Time of the release, since the epoch. */
  readonly millis: number;
  /** Widest difference between two machines' clocks on this channel. */
  readonly skewSeconds: number;
}

/** Holds the statement against the anchors: which state an entry must have. */
function checkEntry(
  entry: CompletenessEntry,
  handle: string,
  claimed: Claimed,
  delivered: ReadonlyMap<string, Delivered>,
  withheld: boolean,
  field: string,
): void {
  const anchor = Object.hasOwn(claimed.evidence.anchors, entry.id)
    ? claimed.evidence.anchors[entry.id]
    : undefined;
  if (anchor?.handle !== handle || anchor.seq !== entry.seq || anchor.msp !== claimed.request.provider) {
    throw gap('names a record that is not anchored there', field);
  }
  const here = delivered.get(entry.id);
  const holds =
    entry.state === 'SUPERSEDED' || entry.state === 'REVOKED'
      ? anchor.status === entry.state && !here
      : anchor.status === 'ACTIVE' &&
        (entry.state === 'DELIVERED') === (here !== undefined) &&
        (entry.state !== 'WITHHELD' || withheld);
  if (!holds) throw gap(`says ${entry.state}, which the ledger or the delivery contradicts`, field);
  if (here && (here.handle !== handle || here.seq !== entry.seq)) {
    throw gap('places a record where its issuer did not', field);
  }
}

function checkHandles(
  stated: Completeness['types'][number],
  claimed: Claimed,
  delivered: ReadonlyMap<string, Delivered>,
  field: string,
): void {
  const years = stated.handles.map(({ year }) => year);
  const touched = yearsOf(claimed.request.range);
  if (years.length !== touched.length || touched.some((year) => !years.includes(year))) {
    throw gap('does not account for every year of the range', `${field}.handles`);
  }
  stated.handles.forEach((handle, index) => {
    const at = `${field}.handles.${index}`;
    const head = Object.hasOwn(claimed.evidence.heads, handle.handle)
      ? claimed.evidence.heads[handle.handle]
      : undefined;
    if (head !== handle.last || handle.first !== (handle.last === 0 ? 0 : 1)) {
      throw gap('does not reach from the first record to the last', at);
    }
    if (
      handle.entries.length !== handle.last ||
      handle.entries.some((entry, position) => entry.seq !== position + 1)
    ) {
      throw gap('leaves out a sequence number', at);
    }
    const withheld = claimed.withheldTypes.includes(stated.recordType);
    for (const entry of handle.entries) checkEntry(entry, handle.handle, claimed, delivered, withheld, at);
  });
}

function checkSubject(statement: Completeness, claimed: Claimed): void {
  const { request, millis, skewSeconds } = claimed;
  if (
    statement.requestId !== request.requestId ||
    statement.issuer !== request.issuer ||
    statement.enterprise !== request.enterprise ||
    statement.range.from !== request.range.from ||
    statement.range.to !== request.range.to
  ) {
    throw invalid('is about another request');
  }
  const asOf = toMillis(statement.asOf);
  const skew = skewSeconds * 1000;
  if (asOf < toMillis(request.requestedAt) - skew || asOf > millis + skew) {
    throw invalid('was not made between request and release', 'asOf');
  }
}

/**
 * Holds a statement of completeness against anchors, heads and what is delivered: every requested type, every year that
 * the range touches, every sequence number from 1 to the head. A withheld tail, a missing month and "nil" where there is
 * something differ from "nothing".
 *
 * What it cannot see: whether a handle is the enterprise's, or a period outside the range, since neither is public. Both
 * are the issuer's signed word, and who has the records can prove it false.
 *
 * @throws ContractError `COMPLETENESS_INVALID`, `COMPLETENESS_GAP`.
 */
export function checkCompleteness(statement: Completeness, claimed: Claimed): void {
  checkSubject(statement, claimed);
  const asked = [...claimed.request.items.map(({ recordType }) => recordType), ...claimed.withheldTypes];
  const stated = statement.types.map(({ recordType }) => recordType);
  if (asked.length !== stated.length || asked.some((type) => !stated.includes(type))) {
    throw gap('does not account for every record type of the request', 'types');
  }
  const handles = statement.types.flatMap((type) => type.handles);
  if (firstDuplicate(handles.map(({ handle }) => handle)) !== undefined) {
    throw invalid('names a handle twice', 'types');
  }
  const entries = handles.flatMap((handle) => handle.entries);
  if (firstDuplicate(entries.map(({ id }) => id)) !== undefined) {
    throw invalid('names a record twice', 'types');
  }
  const delivered = new Map(claimed.delivered.map((record) => [record.id, record]));
  statement.types.forEach((type, index) => {
    const field = `types.${index}`;
    checkHandles(type, claimed, delivered, field);
    const listed = type.handles.flatMap((handle) =>
      handle.entries.filter(({ state }) => state === 'DELIVERED').map(({ id }) => id),
    );
    const withheld = type.handles.some(({ entries }) => entries.some(({ state }) => state === 'WITHHELD'));
    if (type.nil !== (listed.length === 0 && !withheld))
      throw gap('says nil against its own entries', `${field}.nil`);
    for (const record of claimed.delivered.filter(({ recordType }) => recordType === type.recordType)) {
      if (!listed.includes(record.id)) throw gap('leaves out a record that is delivered', field);
    }
    if (listed.length !== claimed.delivered.filter((r) => r.recordType === type.recordType).length) {
      throw gap('lists a record of another type', field);
    }
  });
}

/** What the holder of records knows about one requested type. */
export interface HeldType {
  readonly recordType: string;
  readonly cadences: CadenceHistory['cadences'];
  /** One for every year that the range touches; no entries where nothing was ever attested. */
  readonly indexes: readonly Pick<HandleIndex, 'handle' | 'year' | 'entries'>[];
}

/**
 * The statement that answers a request, from the holder's private indexes and its public anchors. Its `DELIVERED` entries
 * are exactly the records to deliver.
 *
 * @param anchors by record id.
 * @param asOf instant of the statement.
 * @throws ContractError `RECORD_NOT_ANCHORED` where an index names a record that has no anchor yet.
 */
export function completenessOf(
  request: DataRequest,
  held: readonly HeldType[],
  anchors: Readonly<Record<string, Pick<Anchor, 'status'>>>,
  asOf: string,
): Completeness {
  const stateOf = (
    { id, period }: HandleIndex['entries'][number],
    handedOver: boolean,
  ): CompletenessEntry['state'] => {
    const status = Object.hasOwn(anchors, id) ? anchors[id]?.status : undefined;
    if (status === undefined) {
      throw new ContractError('RECORD_NOT_ANCHORED', 'an index names a record without anchor');
    }
    if (status !== 'ACTIVE') return status;
    if (!isWithinPeriod(period, request.range)) return 'OUT_OF_RANGE';
    return handedOver ? 'DELIVERED' : 'WITHHELD';
  };
  return {
    requestId: request.requestId,
    issuer: request.issuer,
    enterprise: request.enterprise,
    range: request.range,
    asOf,
    types: held.map(({ recordType, cadences, indexes }) => {
      const handedOver = request.items.some((item) => item.recordType === recordType);
      const handles = indexes.map(({ handle, year, entries }) => ({
        handle,
        year,
        first: entries.length === 0 ? 0 : 1,
        last: entries.length,
        entries: [...entries]
          .sort((a, b) => a.seq - b.seq)
          .map((entry) => ({ seq: entry.seq, id: entry.id, state: stateOf(entry, handedOver) })),
      }));
      const nil = handles.every(({ entries }) =>
        entries.every(({ state }) => state !== 'DELIVERED' && state !== 'WITHHELD'),
      );
      return { recordType, cadences, nil, handles };
    }),
  };
}
