import type { Context } from 'fabric-contract-api';
import type { Static } from 'typebox';
import { pageOfIndex, type Paged, readPrivate, requireDocument } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import { situationOf } from '../../registry/situation';
import { isEnterprise, listedFor, requireBankStaff, requireSight } from '../situation';
import type {
  ApplicationView,
  ListApplicationsInput,
  Mandate,
  Notice,
  OfferView,
  PrivateDecision,
  ReadInput,
} from './model';
import { sheetText } from './sheet-words';
import {
  applicationIndex,
  checks,
  keys,
  loadApplication,
  loadDecision,
  loadOffer,
  privateKeys,
} from './store';

/** What is evaluated and never submitted; each answers only what its caller may see. */

/** @throws ContractError `NOT_FOUND`, `NOT_YOUR_RECORD`. */
export async function getApplication(ctx: Context, applicationId: string): Promise<ApplicationView> {
  const application = await loadApplication(ctx, applicationId);
  requireSight(await situationOf(ctx), application.enterprise);
  return { application, decision: await loadDecision(ctx, applicationId) };
}

/** An enterprise sees its own; the bank's staff and the supervisor all, or one enterprise's. */
export async function listApplications(
  ctx: Context,
  { enterprise, ...page }: Static<typeof ListApplicationsInput>,
): Promise<Paged<ApplicationView>> {
  const situation = await situationOf(ctx);
  const { keys: found, bookmark } = await pageOfIndex(
    ctx,
    applicationIndex,
    listedFor(situation, enterprise),
    page,
  );
  const items: ApplicationView[] = [];
  for (const [, applicationId = ''] of found)
    items.push({
      application: await loadApplication(ctx, applicationId),
      decision: await loadDecision(ctx, applicationId),
    });
  return { items, bookmark };
}

/** An offer with its sheet in words. @throws ContractError `NOT_FOUND`, `NOT_YOUR_RECORD`. */
export async function getOffer(ctx: Context, offerId: string): Promise<OfferView> {
  const offer = await loadOffer(ctx, offerId);
  requireSight(await situationOf(ctx), offer.sheet.enterprise);
  return { offer, text: [...sheetText(offer.sheet)] };
}

/** The signed acceptance. @throws ContractError `NOT_FOUND`, `NOT_YOUR_RECORD`. */
export async function getMandate(ctx: Context, applicationId: string): Promise<Mandate> {
  const mandate = await requireDocument(ctx, keys.mandate(applicationId), checks.mandate);
  requireSight(await situationOf(ctx), mandate.enterprise);
  return mandate;
}

/**
 * The notice as it was given, for the applicant on its organisation's peer.
 *
 * @throws ContractError NOT_YOUR_RECORD, PRIVATE_READ_REFUSED, NOT_FOUND.
 */
export async function readNotice(
  ctx: Context,
  { applicationId, round }: Static<typeof ReadInput>,
): Promise<Notice> {
  const application = await loadApplication(ctx, applicationId);
  const situation = await situationOf(ctx);
  if (!isEnterprise(situation, application.enterprise))
    throw new ContractError('NOT_YOUR_RECORD', 'this takes the enterprise itself');
  if (situation.caller.msp !== application.organisation)
    throw new ContractError('PRIVATE_READ_REFUSED', 'the collection is of another organisation');
  const key = privateKeys.notice(applicationId, round ?? application.round);
  const notice = await readPrivate(ctx, application.organisation, key, checks.notice);
  if (notice === undefined) throw new ContractError('NOT_FOUND', 'no notice was given yet', 'applicationId');
  return notice;
}

/**
 * Decision and notice, for the bank's officers on its own peer.
 *
 * @throws ContractError UNAUTHORISED_ROLE, NOT_FOUND.
 */
export async function readDecision(
  ctx: Context,
  { applicationId, round }: Static<typeof ReadInput>,
): Promise<{ readonly decision: PrivateDecision; readonly notice: Notice }> {
  const application = await loadApplication(ctx, applicationId);
  const situation = await situationOf(ctx);
  requireBankStaff(situation, 'credit-officer', 'approver');
  const asked = round ?? application.round;
  const { bank } = situation;
  const decision = await readPrivate(
    ctx,
    bank,
    privateKeys.decision(applicationId, asked),
    checks.privateDecision,
  );
  const notice = await readPrivate(ctx, bank, privateKeys.notice(applicationId, asked), checks.notice);
  if (decision === undefined || notice === undefined)
    throw new ContractError('NOT_FOUND', 'the application is not decided', 'applicationId');
  return { decision, notice };
}
