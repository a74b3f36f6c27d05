import { addDays, addLength, dayOf, startOfDay, toInstant, toMillis } from '../ledger/calendar';
import { ContractError } from '../ledger/errors';
import { credentialKeyId, openCredential, type OpenedCredential } from '../ledger/credential';
import type { PublicJwk } from '../ledger/schemas';
import type { Evidence, EvidenceInput } from '../registry/model';
import type { Purpose } from '../registry/purpose-model';
import { checkCompleteness, openCompleteness, peekCompleteness, type Delivered } from './completeness';
import { firstDuplicate, isWithinPeriod } from './limits';
import type { ConsentArtefact, DataRequest, Delivery, RequestDataInput } from './model';
import type { ConsentQuestion } from './questions/model';
import { checkAnswers, openAnswers } from './questions/statement';
import { endsQuarter, spanOf } from './questions/windows';

/** Most records that one statement of completeness may account for: what the registry answers in one call. */
const maxRecords = 500;

/**
 * Refuses a request for data beyond the consent: another record type or field of this issuer, or another range.
 *
 * @throws ContractError `BEYOND_CONSENT` naming what is too much; `INVALID_INPUT` where an item or field comes twice.
 */
export function checkScope(artefact: ConsentArtefact, asked: RequestDataInput): void {
  checkQuestionsAsked(artefact, asked);
  const twice = firstDuplicate(asked.items.map(({ recordType }) => recordType));
  if (twice !== undefined) throw new ContractError('INVALID_INPUT', `${twice} is named twice`, 'items');
  asked.items.forEach((item, index) => {
    const field = `items.${index}`;
    const consented = artefact.items.find(
      ({ issuer, recordType }) => issuer === asked.issuer && recordType === item.recordType,
    );
    if (!consented) {
      throw new ContractError(
        'BEYOND_CONSENT',
        `${item.recordType} of ${asked.issuer} is not in the consent`,
        `${field}.recordType`,
      );
    }
    const repeated = firstDuplicate(item.fields);
    if (repeated !== undefined) {
      throw new ContractError('INVALID_INPUT', `${repeated} is named twice`, `${field}.fields`);
    }
    const beyond = item.fields.find((name) => !consented.fields.includes(name));
    if (beyond !== undefined) {
      throw new ContractError('BEYOND_CONSENT', `${beyond} is not in the consent`, `${field}.fields`);
    }
  });
  if (!isWithinPeriod(asked.range, artefact.DataRange)) {
    throw new ContractError('BEYOND_CONSENT', 'the range is not within the consent', 'range');
  }
}

/** The questions that a request asks, as the consent has them. */
export function questionsOf(
  artefact: Pick<ConsentArtefact, 'questions'>,
  asked: Pick<RequestDataInput, 'questions'>,
): readonly ConsentQuestion[] {
  return (artefact.questions ?? []).filter(({ id }) => asked.questions?.includes(id) === true);
}

/** Record types of which a request asks nothing but questions. */
export function withheldTypesOf(
  asked: Pick<RequestDataInput, 'items'>,
  questions: readonly ConsentQuestion[],
): readonly string[] {
  const types = new Set(questions.map(({ recordType }) => recordType));
  for (const { recordType } of asked.items) types.delete(recordType);
  return [...types];
}

function checkQuestionsAsked(artefact: ConsentArtefact, asked: RequestDataInput): void {
  const ids = asked.questions ?? [];
  if (asked.items.length === 0 && ids.length === 0)
    throw new ContractError('INVALID_INPUT', 'asks for nothing', 'items');
  const twice = firstDuplicate(ids);
  if (twice !== undefined) throw new ContractError('INVALID_INPUT', `${twice} is asked twice`, 'questions');
  const consented = questionsOf(artefact, asked).filter(({ issuer }) => issuer === asked.issuer);
  const beyond = ids.find((id) => !consented.some((question) => question.id === id));
  if (beyond !== undefined)
    throw new ContractError('BEYOND_CONSENT', `${beyond} is no question to ${asked.issuer}`, 'questions');
  if (consented.length === 0) return;
  if (!endsQuarter(asked.range.to))
    throw new ContractError('INVALID_INPUT', 'ends with a quarter where questions are asked', 'range.to');
  for (const question of consented)
    if (!isWithinPeriod(spanOf(question, asked.range.to), asked.range))
      throw new ContractError('INVALID_INPUT', `is shorter than what ${question.id} looks at`, 'range');
}

/** What a release has to ask the registry: the issuer's keys, and every record and handle that the statement names. */
export function evidenceFor(request: DataRequest, delivery: Delivery): EvidenceInput {
  const statement = peekCompleteness(delivery.completeness);
  const handles = statement.types.flatMap((type) => type.handles);
  const records = handles.flatMap((handle) => handle.entries.map(({ id }) => id));
  if (records.length > maxRecords) {
    throw new ContractError('INVALID_INPUT', `accounts for more than ${maxRecords} records`, 'delivery');
  }
  return {
    uscc: request.enterprise,
    issuers: [request.issuer],
    recordTypes: request.items.map(({ recordType }) => recordType),
    records: [...new Set(records)],
    handles: [...new Set(handles.map(({ handle }) => handle))],
  };
}

const recordTypeOf = (vct: string): string | undefined =>
  /^urn:sme-credit:record:([a-z][a-z0-9-]*):[0-9]+$/.exec(vct)?.[1];

function checkCredential(
  opened: OpenedCredential,
  request: DataRequest,
  evidence: Evidence,
  field: string,
): Delivered {
  const { claims, fields, digest } = opened;
  if (claims.iss !== request.issuer || claims.sub !== request.enterprise) {
    throw new ContractError(
      'RECORD_TAMPERED',
      'is not about this enterprise, or not of this issuer',
      `${field}.jwt`,
    );
  }
  const anchor = Object.hasOwn(evidence.anchors, claims.jti) ? evidence.anchors[claims.jti] : undefined;
  if (anchor?.msp !== request.provider) {
    throw new ContractError('RECORD_NOT_ANCHORED', 'has no anchor that counts', `${field}.jwt`);
  }
  if (anchor.digest !== digest || anchor.handle !== claims.handle || anchor.seq !== claims.seq) {
    throw new ContractError('RECORD_TAMPERED', 'is not what was anchored', `${field}.jwt`);
  }
  if (anchor.status !== 'ACTIVE') {
    throw new ContractError('RECORD_NOT_ACTIVE', `is ${anchor.status}`, `${field}.jwt`);
  }
  const recordType = recordTypeOf(claims.vct);
  const item = request.items.find((candidate) => candidate.recordType === recordType);
  if (!item) {
    throw new ContractError('BEYOND_CONSENT', 'is of a record type that was not asked for', `${field}.jwt`);
  }
  if (Object.keys(fields).some((name) => !item.fields.includes(name))) {
    throw new ContractError(
      'BEYOND_CONSENT',
      'discloses a field that was not asked for',
      `${field}.disclosures`,
    );
  }
  if (!isWithinPeriod(claims.period, request.range)) {
    throw new ContractError('BEYOND_CONSENT', 'is outside the range', `${field}.jwt`);
  }
  return {
    id: claims.jti,
    recordType: item.recordType,
    handle: claims.handle,
    seq: claims.seq,
    period: claims.period,
  };
}

/** Keys with which an issuer may sign today: what it states anew is not stated with a key that was ended. */
export function keysInForce({
  keys,
  inForce,
}: Evidence['issuers'][string]): Readonly<Record<string, PublicJwk>> {
  return Object.fromEntries(Object.entries(keys).filter(([kid]) => inForce.includes(kid)));
}

export interface ReleaseCheck {
  readonly request: DataRequest;
  /** The questions of the request, as the consent has them. */
  readonly questions: readonly ConsentQuestion[];
  readonly delivery: Delivery;
  readonly evidence: Evidence;
  /** Time of the release, since the epoch. */
  readonly millis: number;
  readonly skewSeconds: number;
}

/**
 * Verifies everything that a delivery claims: each record's signature, anchor, status, subject, type, disclosed fields and
 * period, and the statement of completeness. Both endorsers do it; the bank's trusts nothing that the provider says.
 *
 * @throws ContractError UNKNOWN_ISSUER, RECORD_SIGNATURE_INVALID, RECORD_TAMPERED, RECORD_NOT_ANCHORED,
 * RECORD_NOT_ACTIVE, BEYOND_CONSENT, COMPLETENESS_INVALID, COMPLETENESS_GAP, ANSWER_INVALID; the field names the
 * presentation.
 */
export async function checkDelivery(release: ReleaseCheck): Promise<void> {
  const { request, questions, delivery, evidence, millis, skewSeconds } = release;
  const issuer = Object.hasOwn(evidence.issuers, request.issuer)
    ? evidence.issuers[request.issuer]
    : undefined;
  if (issuer?.msp !== request.provider) {
    throw new ContractError('UNKNOWN_ISSUER', 'the issuer is not of the provider', 'delivery');
  }
  const delivered: Delivered[] = [];
  for (const [index, { jwt, disclosures }] of delivery.presentations.entries()) {
    const field = `delivery.presentations.${index}`;
    const kid = credentialKeyId(jwt) ?? '';
    const jwk = Object.hasOwn(issuer.keys, kid) ? issuer.keys[kid] : undefined;
    if (!jwk || !(await openCredential(jwt, [], jwk))) {
      throw new ContractError(
        'RECORD_SIGNATURE_INVALID',
        "the issuer's signature does not hold",
        `${field}.jwt`,
      );
    }
    const opened = await openCredential(jwt, disclosures, jwk);
    if (!opened) {
      throw new ContractError(
        'RECORD_TAMPERED',
        'a disclosure is not what was signed',
        `${field}.disclosures`,
      );
    }
    delivered.push(checkCredential(opened, request, evidence, field));
  }
  if (firstDuplicate(delivered.map(({ id }) => id)) !== undefined) {
    throw new ContractError('INVALID_INPUT', 'a record comes twice', 'delivery.presentations');
  }
  const inForce = keysInForce(issuer);
  const statement = await openCompleteness(delivery.completeness, inForce);
  const withheldTypes = withheldTypesOf(request, questions);
  checkCompleteness(statement, { request, delivered, evidence, withheldTypes, millis, skewSeconds });
  if ((delivery.answers !== undefined) !== questions.length > 0)
    throw new ContractError('ANSWER_INVALID', 'goes with questions, and only with them', 'delivery.answers');
  if (delivery.answers === undefined) return;
  const answers = await openAnswers(delivery.answers, inForce);
  checkAnswers(answers, { request, questions, completeness: statement, millis, skewSeconds });
}

/**
 * Until when a delivery may be read: its data life, never longer than the purpose allows today, and never beyond the consent.
 *
 * @param millis instant of the delivery, since the epoch.
 */
export function readableUntil(
  artefact: ConsentArtefact,
  { maxDataLife }: Pick<Purpose, 'maxDataLife'>,
  millis: number,
): string {
  const ends = [
    addLength(millis, artefact.DataLife),
    addLength(millis, maxDataLife),
    toMillis(artefact.consentExpiry),
  ];
  return toInstant(Math.min(...ends));
}

/** By when the bank has to have purged what was held under a consent or a data life that ended at an instant. */
export function purgeDeadline(artefact: ConsentArtefact, ended: string): string {
  const millis = toMillis(ended);
  const day = dayOf(millis);
  return toInstant(startOfDay(addDays(day, artefact.purgeWithinDays)) + millis - startOfDay(day));
}
