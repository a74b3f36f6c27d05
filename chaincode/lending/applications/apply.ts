import type { Context } from 'fabric-contract-api';
import { addToIndex, emit, exists, writeDocument } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import { setKeyPolicy } from '../../ledger/policies';
import { hasRole } from '../../ledger/caller';
import { requireOpenDeposit } from '../books/store';
import { businessDateOf, valueDateOf } from '../days/business-date';
import { loadProduct, latestProduct, requireOpen } from '../products/store';
import { requirePayee, requirePurpose, requireWithin } from '../products/rules';
import { activeEnterpriseOf, situationOf, type Situation } from '../../registry/situation';
import { isBankStaff, isEnterprise } from '../situation';
import type { Application, ApplyInput, Offer, PublicDecision } from './model';
import { applicationIndex, keys, loadApplication, loadOffer, moveApplication } from './store';

/** What an applicant does with an application of its own. */

/** @throws ContractError `NOT_YOUR_RECORD` unless the enterprise itself calls. */
export function requireApplicant(situation: Situation, application: Pick<Application, 'enterprise'>): void {
  if (!isEnterprise(situation, application.enterprise))
    throw new ContractError('NOT_YOUR_RECORD', 'this takes the enterprise itself');
}

/**
 * An enterprise applies for a loan of a product's latest version. Creates the key that the bank's decision goes into,
 * under the bank's own policy.
 *
 * @throws ContractError UNAUTHORISED_ROLE, ENTERPRISE_NOT_ACTIVE, PRODUCT_NOT_OPEN, PRODUCT_LIMIT_EXCEEDED,
 * VERSION_CONFLICT, INVALID_INPUT, ALREADY_EXISTS; and what {@link requireOpenDeposit} throws.
 */
export async function apply(ctx: Context, given: ApplyInput, enterprise: string | undefined): Promise<void> {
  const situation = await situationOf(ctx, enterprise === undefined ? {} : { uscc: enterprise });
  const { caller, time, bank } = situation;
  if (enterprise === undefined || !hasRole(caller, 'enterprise-user') || !isEnterprise(situation, enterprise))
    throw new ContractError('UNAUTHORISED_ROLE', 'this takes an enterprise');
  activeEnterpriseOf(situation.evidence);
  const { applicationId } = given;
  if (await exists(ctx, keys.application(applicationId)))
    throw new ContractError('ALREADY_EXISTS', 'there is an application of this id', 'applicationId');
  const { product, digest } = await loadProduct(ctx, given.product);
  if ((await latestProduct(ctx, product.code)).product.version !== product.version)
    throw new ContractError('VERSION_CONFLICT', 'there is a later version of the product', 'product.version');
  await requireOpen(ctx, product);
  requireWithin(product, given);
  requirePurpose(product, given.purpose);
  if (product.line === undefined) requirePayee(product, given);
  else if (given.payee !== undefined)
    throw new ContractError('INVALID_INPUT', 'each drawdown of a credit line names its own payee', 'payee');
  // What is granted later is debited from this deposit, and paid into it.
  await requireOpenDeposit(ctx, given.account, enterprise);
  const application: Application = {
    ...given,
    enterprise,
    organisation: caller.msp,
    productDigest: digest,
    state: 'APPLIED',
    appliedAt: time.instant,
    round: 1,
  };
  await writeDocument(ctx, keys.application(applicationId), application);
  const decision: PublicDecision = { applicationId, status: 'PENDING', round: 0, deliveries: [] };
  await writeDocument(ctx, keys.decision(applicationId), decision);
  await setKeyPolicy(ctx, keys.decision(applicationId), [[bank]]);
  await addToIndex(ctx, applicationIndex, [enterprise, applicationId]);
  emit(ctx, 'ApplicationMade', { applicationId });
}

/** The applicant withdraws, as long as nothing is accepted. @throws ContractError NOT_YOUR_RECORD, STATE_CONFLICT. */
export async function withdraw(ctx: Context, applicationId: string): Promise<void> {
  const application = await loadApplication(ctx, applicationId);
  requireApplicant(await situationOf(ctx), application);
  await closeOffer(ctx, application, 'WITHDRAWN');
  await moveApplication(ctx, application, 'APPLICANT_WITHDREW');
  emit(ctx, 'ApplicationChanged', { applicationId });
}

/**
 * The applicant asks for a declined application to be decided anew, once; the bank may attach further evidence first.
 *
 * @throws ContractError NOT_YOUR_RECORD, STATE_CONFLICT.
 */
export async function requestReview(ctx: Context, applicationId: string): Promise<void> {
  const application = await loadApplication(ctx, applicationId);
  requireApplicant(await situationOf(ctx), application);
  if (application.round > 1)
    throw new ContractError('STATE_CONFLICT', 'a review was asked for already', 'applicationId');
  await moveApplication(ctx, application, 'REVIEW_REQUESTED', { round: 2 });
  emit(ctx, 'ApplicationChanged', { applicationId });
}

/**
 * Ends an application whose offer was not accepted, or whose loan was not drawn, in time. Bank or applicant may say so.
 *
 * @throws ContractError NOT_YOUR_RECORD; STATE_CONFLICT while there is time.
 */
export async function lapse(ctx: Context, applicationId: string): Promise<void> {
  const application = await loadApplication(ctx, applicationId);
  const situation = await situationOf(ctx);
  if (!isBankStaff(situation, 'credit-officer', 'servicer')) requireApplicant(situation, application);
  const offer = application.offerId === undefined ? undefined : await loadOffer(ctx, application.offerId);
  const last = application.state === 'ACCEPTED' ? offer?.sheet.drawBy : offer?.sheet.expires;
  const date = valueDateOf(await businessDateOf(ctx));
  if (last !== undefined && date <= last)
    throw new ContractError('STATE_CONFLICT', 'the time has not run out', 'applicationId');
  await closeOffer(ctx, application, 'LAPSED');
  await moveApplication(ctx, application, 'TIME_RAN_OUT');
  emit(ctx, 'ApplicationChanged', { applicationId });
}

/** Marks the offer that stands, where there is one. */
export async function closeOffer(
  ctx: Context,
  application: Application,
  state: Exclude<Offer['state'], 'OPEN'>,
): Promise<void> {
  if (application.offerId === undefined) return;
  const offer = await loadOffer(ctx, application.offerId);
  await writeDocument(ctx, keys.offer(offer.offerId), { ...offer, state } satisfies Offer);
}
