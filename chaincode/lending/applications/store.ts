import type { Context } from 'fabric-contract-api';
import { requireDocument, writeDocument } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import { check } from '../../ledger/parse';
import {
  Application,
  Mandate,
  Notice,
  Offer,
  PrivateDecision,
  PublicDecision,
  type SignedDebit,
} from './model';
import { next, type ApplicationEvent } from './states';

/** Keys of the channel's public state. */
export const keys = {
  application: (id: string) => `application~${id}`,
  decision: (id: string) => `decision~${id}`,
  offer: (id: string) => `offer~${id}`,
  mandate: (id: string) => `mandate~${id}`,
} as const;

/** Keys of implicit collections. */
export const privateKeys = {
  decision: (id: string, round: number) => `decision~${id}~${round}`,
  notice: (id: string, round: number) => `notice~${id}~${round}`,
} as const;

/** Index of composite keys: enterprise, application. */
export const applicationIndex = 'applicationBy';
/** Index of composite keys: data request, application whose signed loan cites it. */
export const citedIndex = 'citedBy';

export const checks = {
  application: check(Application),
  decision: check(PublicDecision),
  offer: check(Offer),
  mandate: check(Mandate),
  privateDecision: check(PrivateDecision),
  notice: check(Notice),
} as const;

/** @throws ContractError `NOT_FOUND`; `STATE_INVALID` where it lies under another's key. */
export async function loadApplication(ctx: Context, applicationId: string): Promise<Application> {
  const found = await requireDocument(ctx, keys.application(applicationId), checks.application);
  if (found.applicationId !== applicationId)
    throw new ContractError('STATE_INVALID', 'the stored application contradicts itself', 'application');
  return found;
}

/** @throws ContractError `NOT_FOUND`; `STATE_INVALID` where it lies under another's key. */
export async function loadOffer(ctx: Context, offerId: string): Promise<Offer> {
  const found = await requireDocument(ctx, keys.offer(offerId), checks.offer);
  if (found.offerId !== offerId)
    throw new ContractError('STATE_INVALID', 'the stored offer contradicts itself', 'offer');
  return found;
}

/** The public part of a decision. @throws ContractError `NOT_FOUND`. */
export async function loadDecision(ctx: Context, applicationId: string): Promise<PublicDecision> {
  const found = await requireDocument(ctx, keys.decision(applicationId), checks.decision);
  if (found.applicationId !== applicationId)
    throw new ContractError('STATE_INVALID', 'the stored decision contradicts itself', 'decision');
  return found;
}

/** Writes an application as it is after an event. @throws ContractError `STATE_CONFLICT`. */
export async function moveApplication(
  ctx: Context,
  application: Application,
  event: ApplicationEvent,
  changes: Partial<Application> = {},
): Promise<Application> {
  const moved: Application = { ...application, ...changes, state: next(application.state, event) };
  await writeDocument(ctx, keys.application(application.applicationId), moved);
  return moved;
}

/** An application on which money may be paid out: what was signed, and what the bank may debit. */
export interface SignedLoan {
  readonly application: Application;
  /** `offer.sheet.terms` are the signed terms, whose start is the day that the schedule of the sheet assumes. */
  readonly offer: Offer;
  readonly directDebit: SignedDebit;
}
