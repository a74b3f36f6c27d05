import { openCredential, credentialKeyId, type OpenedCredential } from '../../chaincode/ledger/credential';
import { digestOf } from '../../chaincode/ledger/canonical';
import { peekHeader, verifyJws } from '../../chaincode/ledger/jws';
import type { PublicJwk } from '../../chaincode/ledger/schemas';
import { check } from '../../chaincode/ledger/parse';
import type { Evidence } from '../../chaincode/registry/model';
import { Completeness, type Delivery, type RequestView } from '../../chaincode/sharing/model';
import { openAnswers } from '../../chaincode/sharing/questions/statement';
import { ContractError } from '../../chaincode/ledger/errors';
import { Problem } from '../http/problem';
import type { DeliveredRecord, DeliveryView, MissingPeriod, TypeCompleteness } from './model';
import { expectedPeriods } from './periods';

type StatedType = Completeness['types'][number];

/** `typ` of a statement of completeness. */
const completenessType = 'completeness+jws';
const completenessCheck = check(Completeness);

/** Ids of the records in a delivery, unverified: to ask the registry about them. */
export function recordIds(delivery: Delivery): readonly string[] {
  return delivery.presentations.map(({ jwt }) => {
    const [, payload = ''] = jwt.split('.');
    const { jti } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as {
      readonly jti: string;
    };
    return jti;
  });
}

/**
 * What an analyst reads of a delivery. Both endorsers verified it when it was released; it is verified again, since what
 * is shown comes from the store of one peer.
 *
 * @param evidence the registry's, for the request's issuer and the records delivered, as of now.
 * @throws Problem `DELIVERY_UNPROVEN` where a signature or digest does not hold.
 */
export async function deliveryView(
  view: RequestView,
  delivery: Delivery,
  evidence: Evidence,
): Promise<DeliveryView> {
  const { request } = view;
  const issuer = evidence.issuers[request.issuer];
  if (issuer === undefined) throw unproven('the keys of the issuer are not known');
  const { digest, deliveredAt, readableUntil } = request;
  if (digest === undefined || deliveredAt === undefined || readableUntil === undefined)
    throw new Problem('REQUEST_NOT_OPEN', 'Nothing was delivered yet');
  if (digestOf(delivery) !== digest) throw unproven('its digest is not the one on the ledger');
  const opened = await Promise.all(
    delivery.presentations.map((presentation) => open(presentation, issuer.keys)),
  );
  const stated = await openCompleteness(delivery.completeness, request.requestId, issuer.keys);
  const types = stated.types.map((type) => typeCompleteness(type, stated, opened, evidence));
  return {
    requestId: request.requestId,
    consentId: request.consentId,
    enterprise: {
      uscc: request.enterprise,
      ...(evidence.enterprise === undefined ? {} : { name: evidence.enterprise.name }),
    },
    source: sourceOf(request.issuer, issuer.msp, evidence),
    range: request.range,
    deliveredAt,
    readableUntil,
    digest,
    answers: await answersOf(delivery, request.requestId, issuer.keys),
    records: opened.map((record) => recordOf(record, evidence)).sort(byTypeAndPeriod),
    completeness: {
      asOf: stated.asOf,
      complete: types.every(({ missing }) => missing.every(({ reason }) => reason === 'NOT_DUE')),
      types,
    },
  };
}

/** The answers as their issuer signed them. Endorsers held them against consent and records; the digest covers them. */
async function answersOf(
  { answers }: Delivery,
  requestId: string,
  keys: Keys,
): Promise<DeliveryView['answers']> {
  if (answers === undefined) return [];
  try {
    const opened = await openAnswers(answers, keys);
    if (opened.requestId === requestId) return opened.answers;
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
  }
  throw unproven('the answers are not signed by the issuer for this request');
}

type Keys = Readonly<Record<string, PublicJwk>>;

async function open(
  { jwt, disclosures }: Delivery['presentations'][number],
  keys: Keys,
): Promise<OpenedCredential> {
  const key = keys[credentialKeyId(jwt) ?? ''];
  const opened = key === undefined ? undefined : await openCredential(jwt, disclosures, key);
  if (opened === undefined) throw unproven('a record is not signed by its issuer');
  return opened;
}

async function openCompleteness(jws: string, requestId: string, keys: Keys): Promise<Completeness> {
  const key = keys[peekHeader(jws)?.kid ?? ''];
  const verified = key === undefined ? undefined : await verifyJws(jws, key, completenessType);
  const payload =
    verified === undefined
      ? undefined
      : (JSON.parse(Buffer.from(verified.payload).toString('utf8')) as unknown);
  const statement = completenessCheck.accept(payload);
  if (statement?.requestId !== requestId)
    throw unproven('the statement of completeness is not signed by the issuer for this request');
  return statement;
}

function recordOf(record: OpenedCredential, evidence: Evidence): DeliveredRecord {
  const { claims, fields, digest } = record;
  const recordType = typeCodeOf(record);
  const anchor = evidence.anchors[claims.jti];
  return {
    id: claims.jti,
    recordType,
    title: titleOf(recordType, evidence),
    period: claims.period,
    assurance: claims.assurance,
    issuedAt: new Date(claims.iat * 1000).toISOString(),
    statusToday: anchor?.digest === digest ? anchor.status : 'NOT_ANCHORED',
    ...(anchor?.supersededBy === undefined ? {} : { supersededBy: anchor.supersededBy }),
    ...(anchor?.reason === undefined ? {} : { reason: anchor.reason }),
    digest,
    fields: { ...fields },
  };
}

/** `urn:sme-credit:record:<code>:<version>`. */
function typeCodeOf({ claims }: OpenedCredential): string {
  return claims.vct.split(':')[3] ?? '';
}

function titleOf(code: string, evidence: Evidence): string {
  return (evidence.recordTypes[code] as { readonly title: string } | undefined)?.title ?? code;
}

function typeCompleteness(
  type: StatedType,
  stated: Completeness,
  opened: readonly OpenedCredential[],
  evidence: Evidence,
): TypeCompleteness {
  const delivered = opened.filter((record) => typeCodeOf(record) === type.recordType);
  const covered = new Set(delivered.map(({ claims: { period } }) => `${period.from}/${period.to}`));
  const entries = type.handles.flatMap((handle) => handle.entries);
  const count = (state: string) => entries.filter((entry) => entry.state === state).length;
  // Which periods there are is not told of what is only asked about.
  const periodic = count('WITHHELD') === 0 && type.cadences.some(({ cadence }) => cadence !== 'NONE');
  const expected = periodic ? expectedPeriods(stated.range, type.cadences) : [];
  const missing = expected
    .filter(({ from, to }) => !covered.has(`${from}/${to}`))
    .map((period): MissingPeriod => ({ period, reason: reasonOf(period, type, stated.asOf) }));
  return {
    recordType: type.recordType,
    title: titleOf(type.recordType, evidence),
    nil: type.nil,
    delivered: delivered.length,
    ...(periodic ? { expected: expected.length } : {}),
    missing,
    withheld: {
      asked: count('WITHHELD'),
      outOfRange: count('OUT_OF_RANGE'),
      superseded: count('SUPERSEDED'),
      revoked: count('REVOKED'),
    },
  };
}

/** The statement names sequence numbers and no periods, so of a withdrawn record only the year is known. */
function reasonOf(period: MissingPeriod['period'], type: StatedType, asOf: string): MissingPeriod['reason'] {
  if (period.to >= chinaDate(asOf)) return 'NOT_DUE';
  const year = Number(period.to.slice(0, 4));
  const withdrawn = type.handles.some(
    (handle) => handle.year === year && handle.entries.some(({ state }) => state === 'REVOKED'),
  );
  return withdrawn ? 'WITHDRAWN' : 'NOT_ATTESTED';
}

/** Calendar date of an instant in UTC+8, where the periods are. */
function chinaDate(instant: string): string {
  return new Date(Date.parse(instant) + 8 * 3600 * 1000).toISOString().slice(0, 10);
}

function sourceOf(issuer: string, msp: string, evidence: Evidence): DeliveryView['source'] {
  const [kind, id = ''] = issuer.split(':');
  const department =
    kind === 'department'
      ? evidence.consortium.organisations
          .flatMap(({ departments }) => departments)
          .find((candidate) => candidate.id === id)
      : undefined;
  return {
    issuer,
    name: department?.name ?? id,
    ...(department === undefined ? {} : { region: department.region }),
    organisation: msp,
  };
}

function byTypeAndPeriod(a: DeliveredRecord, b: DeliveredRecord): number {
  return compare(a.recordType, b.recordType) || compare(a.period.from, b.period.from) || compare(a.id, b.id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function unproven(what: string): Problem {
  return new Problem('DELIVERY_UNPROVEN', `The delivery cannot be shown: ${what}`);
}
