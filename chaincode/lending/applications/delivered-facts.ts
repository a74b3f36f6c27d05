import { canonicalJson, sha256 } from '../../ledger/canonical';
import { credentialKeyId, openCredential } from '../../ledger/credential';
import { ContractError } from '../../ledger/errors';
import { daysBetween } from '../../ledger/calendar';
import type { Evidence } from '../../registry/model';
import { openCompleteness } from '../../sharing/completeness';
import type { Delivery } from '../../sharing/model';
import type { EvidenceRequirement, Product } from '../products/model';
import { latestEnd, recordsOf, windowOf, type Facts, type RecordFact } from './metrics/facts';
import type { CitedDelivery } from './model';

/** From deliveries to facts: pure, on the bank's peer and again in the bank's own process (`lending explain`). */

/** A delivery with what the application cites of it. */
export interface OpenedDelivery {
  readonly cited: CitedDelivery;
  readonly delivery: Delivery;
}

/** Ids of the records in deliveries, before anything is verified: only to know what to ask the registry. */
export function recordIds(deliveries: readonly OpenedDelivery[]): readonly string[] {
  const ids = deliveries.flatMap(({ delivery }) =>
    delivery.presentations.map(({ jwt }) => {
      const text = Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8');
      const jti = /"jti":"([A-Za-z0-9_-]{16,64})"/.exec(text)?.[1];
      return jti ?? '';
    }),
  );
  return [...new Set(ids.filter((id) => id !== ''))];
}

/**
 * Opens deliveries: the digest that provider and bank endorsed, each record's signature, subject and issuer, and today's
 * status of its anchor; the issuer's statement of what there is.
 *
 * @param evidence what the registry vouches for now: the issuers' keys and the records' anchors.
 * @throws ContractError PRIVATE_DATA_MISMATCH, UNKNOWN_ISSUER, RECORD_SIGNATURE_INVALID, RECORD_TAMPERED,
 * NOT_YOUR_RECORD, RECORD_NOT_ANCHORED, EVIDENCE_SUPERSEDED, COMPLETENESS_INVALID.
 */
export async function openDeliveries(
  deliveries: readonly OpenedDelivery[],
  evidence: Pick<Evidence, 'issuers' | 'anchors'>,
  enterprise: string,
  day: string,
): Promise<Facts> {
  const records: RecordFact[] = [];
  const delivered = new Set<string>();
  for (const { cited, delivery } of deliveries) {
    if (sha256(canonicalJson(delivery)) !== cited.digest || delivery.requestId !== cited.requestId)
      throw new ContractError(
        'PRIVATE_DATA_MISMATCH',
        'is not what was delivered',
        `evidence.${cited.requestId}`,
      );
    const issuer = Object.hasOwn(evidence.issuers, cited.issuer) ? evidence.issuers[cited.issuer] : undefined;
    if (issuer === undefined)
      throw new ContractError(
        'UNKNOWN_ISSUER',
        'nobody vouches for the issuer',
        `evidence.${cited.requestId}`,
      );
    const statement = await openCompleteness(delivery.completeness, issuer.keys);
    for (const { recordType } of statement.types) delivered.add(recordType);
    for (const presentation of delivery.presentations)
      records.push(await openRecord(presentation, cited, issuer, evidence, enterprise));
  }
  return { day, records, delivered: [...delivered].sort() };
}

async function openRecord(
  { jwt, disclosures }: Delivery['presentations'][number],
  cited: CitedDelivery,
  issuer: Evidence['issuers'][string],
  { anchors }: Pick<Evidence, 'anchors'>,
  enterprise: string,
): Promise<RecordFact> {
  const kid = credentialKeyId(jwt) ?? '';
  const jwk = Object.hasOwn(issuer.keys, kid) ? issuer.keys[kid] : undefined;
  const opened = jwk === undefined ? undefined : await openCredential(jwt, disclosures, jwk);
  if (opened === undefined)
    throw new ContractError(
      'RECORD_SIGNATURE_INVALID',
      "the issuer's signature does not hold",
      `evidence.${cited.requestId}`,
    );
  const { claims, fields, digest } = opened;
  const recordType = claims.vct.split(':')[3] ?? '';
  const field = `evidence.${recordType}`;
  if (claims.sub !== enterprise || claims.iss !== cited.issuer)
    throw new ContractError('NOT_YOUR_RECORD', 'a record is about another enterprise', field);
  const anchor = Object.hasOwn(anchors, claims.jti) ? anchors[claims.jti] : undefined;
  if (anchor?.msp !== issuer.msp)
    throw new ContractError('RECORD_NOT_ANCHORED', 'a record has no anchor that counts', field);
  if (anchor.digest !== digest)
    throw new ContractError('RECORD_TAMPERED', 'a record is not what was anchored', field);
  if (anchor.status !== 'ACTIVE')
    throw new ContractError('EVIDENCE_SUPERSEDED', `a record is ${anchor.status} by now`, field);
  return {
    id: claims.jti,
    requestId: cited.requestId,
    digest,
    recordType,
    issuer: claims.iss,
    period: claims.period,
    assurance: claims.assurance,
    fields,
  };
}

/** What is wrong with the records of a requirement; undefined where nothing is. */
function fault(requirement: EvidenceRequirement, facts: Facts): ContractError | undefined {
  const { recordType, minimumRecords, months, maxAgeDays, assurance } = requirement;
  const field = `evidence.${recordType}`;
  const records = recordsOf(facts, recordType);
  if (!facts.delivered.includes(recordType))
    return new ContractError('EVIDENCE_MISSING', 'was not delivered', field);
  if (records.some((record) => !assurance.includes(record.assurance)))
    return new ContractError('EVIDENCE_WEAK', `has to be ${assurance.join(' or ')}`, field);
  if (records.length < minimumRecords)
    return new ContractError('EVIDENCE_INCOMPLETE', `takes ${minimumRecords} records`, field);
  const end = latestEnd(records);
  if (end === undefined) return undefined;
  if (maxAgeDays > 0 && daysBetween(end, facts.day) > maxAgeDays)
    return new ContractError('EVIDENCE_STALE', `ends more than ${maxAgeDays} days ago`, field);
  if (months > 0 && windowOf(records, end, months) === undefined)
    return new ContractError('EVIDENCE_INCOMPLETE', `takes ${months} months without a gap`, field);
  return undefined;
}

/**
 * The facts that a product decides on. What it requires has to be there, strong, complete and fresh; what it does not
 * require and is not so counts as not delivered; and what it does not ask for is left out.
 *
 * @throws ContractError EVIDENCE_MISSING, EVIDENCE_WEAK, EVIDENCE_INCOMPLETE, EVIDENCE_STALE; the field names the type.
 */
export function admissible(product: Product, facts: Facts): Facts {
  const admitted = new Set<string>();
  for (const requirement of product.evidence) {
    const found = fault(requirement, facts);
    if (found !== undefined && requirement.required) throw found;
    if (found === undefined) admitted.add(requirement.recordType);
  }
  return {
    day: facts.day,
    records: facts.records.filter(({ recordType }) => admitted.has(recordType)),
    delivered: facts.delivered.filter((recordType) => admitted.has(recordType)),
  };
}
