import type { Context } from 'fabric-contract-api';
import { addDays, addMonths, dayOf, daysBetween, toMillis } from '../../ledger/calendar';
import { callChaincode } from '../../ledger/call';
import { emit } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import type { ConsentView, RequestView } from '../../sharing/model';
import type { EvidenceRequirement, Product } from '../products/model';
import { loadProduct } from '../products/store';
import { situationOf, type Situation } from '../../registry/situation';
import { requireBankStaff } from '../situation';
import type { Application, AttachedEvidence, AttachEvidenceInput } from './model';
import { loadApplication, moveApplication } from './store';

/** Evidence as every endorser can check it: what the sharing channel says of consent and deliveries, never their content. */

/** The channel on which this bank is given data. @throws ContractError `NOT_SET_UP`. */
export function sharingChannel({ evidence, bank }: Situation): string {
  const found = evidence.consortium.channels.find(
    (channel) => channel.bank === bank && channel.name.startsWith('sharing-'),
  );
  if (found === undefined) throw new ContractError('NOT_SET_UP', 'the bank has no channel for sharing');
  return found.name;
}

/** A consent and deliveries under it, as the sharing channel has them now. */
export interface SharedEvidence {
  readonly consent: ConsentView;
  readonly requests: readonly RequestView[];
}

/**
 * Asks sharing for a consent and deliveries under it.
 *
 * The answers are not in the read set. That is safe: what was delivered and its digest never change; and a consent that
 * ends in these seconds stops every later use, while this one counts as before it, which order of blocks on two channels
 * could not tell apart anyway.
 */
export async function askSharing(
  ctx: Context,
  situation: Situation,
  consentId: string,
  requestIds: readonly string[],
): Promise<SharedEvidence> {
  const channel = sharingChannel(situation);
  const consent = await callChaincode<ConsentView>(ctx, 'sharing', 'GetConsent', { consentId }, channel);
  const requests: RequestView[] = [];
  for (const requestId of requestIds)
    requests.push(await callChaincode<RequestView>(ctx, 'sharing', 'GetRequest', { requestId }, channel));
  return { consent, requests };
}

/** What evidence is held against. */
export interface EvidenceFor {
  readonly enterprise: string;
  readonly bank: string;
  readonly product: Product;
  /** Time of the transaction, since the epoch. */
  readonly millis: number;
}

/**
 * Checks consent and deliveries for an application: live, for a purpose of the product, of this enterprise, delivered, held,
 * readable, and of the types, fields, range and freshness that the product asks for.
 *
 * @throws ContractError NOT_YOUR_RECORD, CONSENT_NOT_ACTIVE, BEYOND_CONSENT, EVIDENCE_MISSING, EVIDENCE_STALE,
 * EVIDENCE_INCOMPLETE; the field names the delivery, or the record type below `evidence`.
 */
export function checkShared({ consent, requests }: SharedEvidence, about: EvidenceFor): void {
  checkConsent(consent, about);
  for (const [index, view] of requests.entries()) checkRequest(view, consent, about, `requestIds.${index}`);
  for (const requirement of about.product.evidence)
    if (requirement.required) checkRequirement(requirement, requests, about);
}

function checkConsent({ artefact, state }: ConsentView, about: EvidenceFor): void {
  if (artefact.enterprise !== about.enterprise || artefact.bank !== about.bank)
    throw new ContractError('NOT_YOUR_RECORD', 'the consent is of another enterprise or bank', 'consentId');
  if (state !== 'ACTIVE')
    throw new ContractError('CONSENT_NOT_ACTIVE', `the consent is ${state}`, 'consentId');
  if (!about.product.consentPurposes.includes(artefact.Purpose.code))
    throw new ContractError('BEYOND_CONSENT', 'the consent is for another purpose', 'consentId');
}

function checkRequest(
  { request, purge, held }: RequestView,
  { artefact }: ConsentView,
  about: EvidenceFor,
  field: string,
): void {
  if (request.consentId !== artefact.consentId || request.enterprise !== about.enterprise)
    throw new ContractError('NOT_YOUR_RECORD', 'the delivery is under another consent', field);
  if (request.status !== 'DELIVERED' || request.digest === undefined || request.deliveredAt === undefined)
    throw new ContractError('EVIDENCE_MISSING', 'nothing was delivered yet', field);
  if (!held || purge.status === 'PURGED')
    throw new ContractError('EVIDENCE_MISSING', 'the delivery is not held', field);
  if (request.readableUntil !== undefined && about.millis >= toMillis(request.readableUntil))
    throw new ContractError('EVIDENCE_STALE', 'the data life of the delivery has ended', field);
}

function checkRequirement(
  requirement: EvidenceRequirement,
  requests: readonly RequestView[],
  { millis }: EvidenceFor,
): void {
  const { recordType, fields, months, maxDeliveryDays } = requirement;
  const field = `evidence.${recordType}`;
  const matching = requests
    .map(({ request }) => request)
    .filter(({ items }) =>
      items.some(
        (item) => item.recordType === recordType && fields.every((name) => item.fields.includes(name)),
      ),
    );
  if (matching.length === 0)
    throw new ContractError('EVIDENCE_MISSING', 'no delivery has this type with the fields needed', field);
  const fresh = matching.filter(
    ({ deliveredAt = '' }) => daysBetween(dayOf(toMillis(deliveredAt)), dayOf(millis)) <= maxDeliveryDays,
  );
  if (fresh.length === 0)
    throw new ContractError('EVIDENCE_STALE', `was delivered more than ${maxDeliveryDays} days ago`, field);
  const covers = fresh.some(({ range }) => addMonths(addDays(range.to, 1), -months) >= range.from);
  if (!covers)
    throw new ContractError(
      'EVIDENCE_INCOMPLETE',
      `the range asked for is shorter than ${months} months`,
      field,
    );
}

/**
 * The bank attaches deliveries to an application; the second endorser asks the sharing channel itself.
 *
 * @throws ContractError UNAUTHORISED_ROLE, STATE_CONFLICT and what {@link checkShared} throws.
 */
export async function attachEvidence(ctx: Context, given: AttachEvidenceInput): Promise<void> {
  const application = await loadApplication(ctx, given.applicationId);
  const situation = await situationOf(ctx);
  requireBankStaff(situation, 'credit-officer');
  const { product } = await loadProduct(ctx, application.product);
  const shared = await askSharing(ctx, situation, given.consentId, given.requestIds);
  checkShared(shared, { ...about(application, situation), product });
  const { artefact, digest } = shared.consent;
  const evidence: AttachedEvidence = {
    consentId: artefact.consentId,
    consentDigest: digest,
    consentExpiry: artefact.consentExpiry,
    evidenceYears: artefact.evidenceYears,
    deliveries: shared.requests.map(({ request }) => ({
      requestId: request.requestId,
      issuer: request.issuer,
      digest: request.digest ?? '',
    })),
    attachedAt: situation.time.instant,
  };
  await moveApplication(ctx, application, 'EVIDENCE_ATTACHED', { evidence });
  emit(ctx, 'ApplicationChanged', { applicationId: application.applicationId });
}

/**
 * Checks the evidence of an application again, later: the same deliveries, by digest, under a consent that still lives.
 *
 * @throws ContractError as {@link checkShared}; `DECISION_MISMATCH` where a delivery is another one now.
 */
export async function recheckEvidence(
  ctx: Context,
  situation: Situation,
  application: Application,
  product: Product,
): Promise<AttachedEvidence> {
  const evidence = evidenceOf(application);
  const ids = evidence.deliveries.map(({ requestId }) => requestId);
  const shared = await askSharing(ctx, situation, evidence.consentId, ids);
  checkShared(shared, { ...about(application, situation), product });
  if (shared.consent.digest !== evidence.consentDigest)
    throw new ContractError('DECISION_MISMATCH', 'the consent is another one now', 'evidence');
  for (const [index, { digest }] of evidence.deliveries.entries())
    if (shared.requests[index]?.request.digest !== digest)
      throw new ContractError('DECISION_MISMATCH', 'a delivery is another one now', 'evidence');
  return evidence;
}

/** Most renewals of a consent that are followed. */
const mostRenewals = 10;

/**
 * Refuses to go on with a borrower whose consent has ended: what a credit line promises is lent on what the bank may see.
 * The deliveries may have aged since they were decided on; a consent that was renewed lives on in the one in its place.
 *
 * @throws ContractError `NOT_YOUR_RECORD`, `CONSENT_NOT_ACTIVE`, `BEYOND_CONSENT`.
 */
export async function requireLiveConsent(
  ctx: Context,
  situation: Situation,
  application: Application,
  product: Product,
): Promise<void> {
  let { consent } = await askSharing(ctx, situation, evidenceOf(application).consentId, []);
  for (let renewals = 0; renewals < mostRenewals && consent.replacedBy !== undefined; renewals += 1)
    ({ consent } = await askSharing(ctx, situation, consent.replacedBy, []));
  checkConsent(consent, { ...about(application, situation), product });
}

/** The evidence attached. @throws ContractError `EVIDENCE_MISSING`. */
export function evidenceOf({ evidence }: Application): AttachedEvidence {
  if (evidence === undefined)
    throw new ContractError('EVIDENCE_MISSING', 'no evidence is attached', 'applicationId');
  return evidence;
}

const about = ({ enterprise }: Application, { bank, time }: Situation) => ({
  enterprise,
  bank,
  millis: time.millis,
});
