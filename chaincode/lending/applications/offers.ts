import type { Context } from 'fabric-contract-api';
import { digestOf } from '../../ledger/canonical';
import { addToIndex, emit, exists, writeDocument } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import { addDays, daysBetween } from '../../ledger/calendar';
import { peekPayload } from '../../ledger/jws';
import { check } from '../../ledger/parse';
import { requireOpenDeposit } from '../books/store';
import { businessDateOf, valueDateOf } from '../days/business-date';
import { openLine } from '../lines/store';
import { requireWithin } from '../products/rules';
import { loadProduct, requireOpen } from '../products/store';
import { verifyQuorum } from '../signatures';
import { activeEnterpriseOf, situationOf } from '../../registry/situation';
import { requireBankStaff } from '../situation';
import { closeOffer, requireApplicant } from './apply';
import { requireDecision } from './decision';
import {
  AcceptanceStatement,
  acceptanceType,
  type AcceptInput,
  type LoanSheet,
  type MakeOfferInput,
  type Mandate,
  type Offer,
  type SignedDebit,
} from './model';
import { publishedFor } from './published';
import { evidenceOf, recheckEvidence } from './shared-evidence';
import { sheetOf } from './sheet';
import { admits } from './states';
import { citedIndex, keys, loadApplication, loadOffer, moveApplication } from './store';

const statementCheck = check(AcceptanceStatement);

/**
 * The bank offers a loan; another offer than was asked for, or than stands, is a counter-offer. The second endorser checks
 * what it can without the decision's content: that the decision exists by its hash, on these deliveries; that consent and
 * deliveries hold now; that amount, term and rate are within decision and product; that the regulator has not stopped it;
 * and it computes the same sheet from published rates.
 *
 * @throws ContractError UNAUTHORISED_ROLE, STATE_CONFLICT, ALREADY_EXISTS, PRODUCT_NOT_OPEN, PRODUCT_LIMIT_EXCEEDED,
 * DECISION_MISSING, DECISION_MISMATCH, CONSENT_NOT_ACTIVE, EVIDENCE_…, RATE_CEILING_EXCEEDED, REFERENCE_MISSING.
 */
export async function makeOffer(ctx: Context, given: MakeOfferInput): Promise<void> {
  const application = await loadApplication(ctx, given.applicationId);
  const situation = await situationOf(ctx);
  requireBankStaff(situation, 'credit-officer');
  const { approval } = application;
  if (!admits(application.state, 'OFFER_MADE') || approval === undefined)
    throw new ContractError('STATE_CONFLICT', `the application is ${application.state}`, 'applicationId');
  if (await exists(ctx, keys.offer(given.offerId)))
    throw new ContractError('ALREADY_EXISTS', 'there is an offer of this id', 'offerId');
  const { product, digest: productDigest } = await loadProduct(ctx, application.product);
  if (productDigest !== application.productDigest)
    throw new ContractError('TERMS_MISMATCH', 'the product is not the one applied for', 'applicationId');
  await requireOpen(ctx, product);
  requireWithin(product, given);
  if (BigInt(given.amount) > BigInt(approval.limit))
    throw new ContractError('DECISION_MISMATCH', 'is above what was decided', 'amount');
  if (BigInt(given.amount) > BigInt(application.amount))
    throw new ContractError('DECISION_MISMATCH', 'is above what was asked for', 'amount');
  const decision = await requireDecision(ctx, situation, application);
  const evidence = await recheckEvidence(ctx, situation, application, product);
  const references = await publishedFor(ctx, product);
  const sheet = sheetOf({
    channel: situation.channel,
    bank: situation.bank,
    application,
    approval,
    product,
    productDigest,
    evidence,
    offerId: given.offerId,
    amount: given.amount,
    termMonths: given.termMonths,
    date: valueDateOf(await businessDateOf(ctx)),
    references,
  });
  const offer: Offer = {
    offerId: given.offerId,
    applicationId: application.applicationId,
    sheet,
    digest: digestOf(sheet),
    decision: decision.decision,
    state: 'OPEN',
    madeAt: situation.time.instant,
  };
  await closeOffer(ctx, application, 'REPLACED');
  await writeDocument(ctx, keys.offer(given.offerId), offer);
  await moveApplication(ctx, application, 'OFFER_MADE', { offerId: given.offerId });
  emit(ctx, 'ApplicationChanged', { applicationId: application.applicationId });
}

/**
 * The enterprise accepts with its signatories' own keys, as many as its mandate asks for, over the digest of the sheet and
 * one direct debit that all of them name. A credit line is open with that.
 *
 * @throws ContractError NOT_YOUR_RECORD, STATE_CONFLICT, OFFER_MISMATCH, OFFER_EXPIRED, PRODUCT_NOT_OPEN,
 * ENTERPRISE_NOT_ACTIVE, ACCOUNT_NOT_OPEN, ACCEPTANCE_INVALID, and what {@link verifyQuorum} throws.
 */
export async function accept(ctx: Context, given: AcceptInput): Promise<void> {
  const { applicationId } = given;
  const application = await loadApplication(ctx, applicationId);
  const situation = await situationOf(ctx, { uscc: application.enterprise });
  requireApplicant(situation, application);
  if (!admits(application.state, 'OFFER_ACCEPTED'))
    throw new ContractError('STATE_CONFLICT', `the application is ${application.state}`, 'applicationId');
  const enterprise = activeEnterpriseOf(situation.evidence);
  const offer = await loadOffer(ctx, given.offerId);
  const { sheet } = offer;
  if (
    application.offerId !== given.offerId ||
    offer.applicationId !== applicationId ||
    offer.state !== 'OPEN' ||
    digestOf(sheet) !== offer.digest
  )
    throw new ContractError('OFFER_MISMATCH', 'is not the offer that stands', 'offerId');
  if (valueDateOf(await businessDateOf(ctx)) > sheet.expires)
    throw new ContractError('OFFER_EXPIRED', 'the offer has run out', 'offerId');
  const { product } = await loadProduct(ctx, application.product);
  await requireOpen(ctx, product);
  await requireOpenDeposit(ctx, sheet.account, application.enterprise);
  const directDebit = debitOf(given.acceptances[0] ?? '');
  const common: Omit<AcceptanceStatement, 'signatory' | 'nonce' | 'signedAt'> = {
    action: 'ACCEPT_LOAN',
    channel: situation.channel,
    applicationId,
    offerId: offer.offerId,
    sheetDigest: offer.digest,
    directDebit,
    enterprise: application.enterprise,
  };
  const signed = await verifyQuorum(given.acceptances, {
    enterprise,
    typ: acceptanceType,
    common,
    day: situation.time.day,
    field: 'acceptances',
  });
  checkDebit(directDebit, sheet);
  const mandate: Mandate = {
    applicationId,
    enterprise: application.enterprise,
    offerId: offer.offerId,
    sheetDigest: offer.digest,
    directDebit,
    acceptances: given.acceptances,
    signatories: signed.map(({ signatory }) => signatory),
    acceptedAt: situation.time.instant,
  };
  await writeDocument(ctx, keys.mandate(applicationId), mandate);
  for (const { requestId } of evidenceOf(application).deliveries)
    await addToIndex(ctx, citedIndex, [requestId, applicationId]);
  await closeOffer(ctx, application, 'ACCEPTED');
  const { drawBy } = sheet;
  if (sheet.line === undefined) await moveApplication(ctx, application, 'OFFER_ACCEPTED', { drawBy });
  else {
    await moveApplication(ctx, application, 'LINE_ACCEPTED', { drawBy });
    await openLine(ctx, sheet);
  }
  emit(ctx, 'ApplicationChanged', { applicationId });
}

/** The direct debit that a signature names, before it is verified: all of them have to name the same. */
function debitOf(jws: string): SignedDebit {
  const statement = statementCheck.accept(peekPayload(jws));
  if (statement === undefined)
    throw new ContractError('STATEMENT_MISMATCH', 'what is signed is no acceptance', 'acceptances.0');
  return statement.directDebit;
}

/**
 * A direct debit that cannot collect the loan is no acceptance of its sheet: the account is the sheet's, the cap takes the
 * largest instalment, and it lasts until the last one falls due though the money be drawn on the last day.
 */
function checkDebit({ account, cap, expires }: SignedDebit, sheet: LoanSheet): void {
  if (account !== sheet.account)
    throw new ContractError(
      'ACCEPTANCE_INVALID',
      'the direct debit names another account',
      'directDebit.account',
    );
  if (BigInt(cap) < BigInt(sheet.leastDebitCap))
    throw new ContractError('ACCEPTANCE_INVALID', 'the cap is below an instalment', 'directDebit.cap');
  const due = sheet.schedule.at(-1)?.dueDate ?? sheet.drawBy;
  const last = addDays(due, daysBetween(sheet.terms.startDate, sheet.drawBy));
  if (expires < last)
    throw new ContractError(
      'ACCEPTANCE_INVALID',
      'it ends before the last instalment',
      'directDebit.expires',
    );
}
