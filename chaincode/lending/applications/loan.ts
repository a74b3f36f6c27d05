import type { Context } from 'fabric-contract-api';
import { digestOf } from '../../ledger/canonical';
import { requireDocument } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import type { LoanTerms } from '../engine/loan/model';
import type { Application, LoanSheet } from './model';
import { checks, keys, loadApplication, loadOffer, moveApplication, type SignedLoan } from './store';

/** What loans take from applications, and tell them. */

/**
 * What was signed of an application that is in a state: sheet and acceptance, held against each other, and whether money may
 * still be drawn on it (`offer.sheet.drawBy`).
 *
 * @param state `ACCEPTED` of a loan that was not paid out yet, `ACTIVE` of a credit line.
 * @param date the date of the bank that the money would be paid out on.
 * @throws ContractError `NOT_FOUND`, `STATE_CONFLICT`, `OFFER_EXPIRED`; `TERMS_MISMATCH` where offer and acceptance do not
 * belong together.
 */
export async function signedLoan(
  ctx: Context,
  applicationId: string,
  state: 'ACCEPTED' | 'ACTIVE',
  date: string,
): Promise<SignedLoan> {
  const application = await loadApplication(ctx, applicationId);
  if (application.state !== state || application.offerId === undefined)
    throw new ContractError('STATE_CONFLICT', `the application is ${application.state}`, 'applicationId');
  const offer = await loadOffer(ctx, application.offerId);
  const mandate = await requireDocument(ctx, keys.mandate(applicationId), checks.mandate);
  const digest = digestOf(offer.sheet);
  if (
    offer.applicationId !== applicationId ||
    offer.digest !== digest ||
    mandate.sheetDigest !== digest ||
    mandate.applicationId !== applicationId ||
    digestOf(offer.sheet.terms) !== offer.sheet.termsDigest
  )
    throw new ContractError('TERMS_MISMATCH', 'what was accepted is not this offer', 'applicationId');
  if (date > offer.sheet.drawBy)
    throw new ContractError('OFFER_EXPIRED', 'the time to draw money has run out', 'applicationId');
  return { application, offer, directDebit: mandate.directDebit };
}

/** The signed terms, counted from the day that the money is really paid out. */
export function termsFrom(sheet: LoanSheet, startDate: string): LoanTerms {
  return { ...sheet.terms, startDate };
}

/** The money was paid out: `ACCEPTED` → `DISBURSED`. @throws ContractError `STATE_CONFLICT`. */
export async function markDisbursed(ctx: Context, application: Application, loanId: string): Promise<void> {
  await moveApplication(ctx, application, 'MONEY_PAID_OUT', { loanId });
}

/** The loan's first day is closed: `DISBURSED` → `ACTIVE`. @throws ContractError `STATE_CONFLICT`. */
export async function markActive(ctx: Context, applicationId: string): Promise<void> {
  await moveApplication(ctx, await loadApplication(ctx, applicationId), 'LOAN_RUNS');
}

/** The last fen is repaid, or a line is closed with nothing owed: → `REPAID`. @throws ContractError `STATE_CONFLICT`. */
export async function markRepaid(ctx: Context, applicationId: string): Promise<void> {
  await moveApplication(ctx, await loadApplication(ctx, applicationId), 'LOAN_REPAID');
}

/** A payment was taken back with which all was repaid: `REPAID` → `ACTIVE`. @throws ContractError `STATE_CONFLICT`. */
export async function markUnpaid(ctx: Context, applicationId: string): Promise<void> {
  await moveApplication(ctx, await loadApplication(ctx, applicationId), 'PAYMENT_TAKEN_BACK');
}
