import type { Context } from 'fabric-contract-api';
import { callChaincode } from '../../ledger/call';
import { canonicalJson, digestOf, sha256 } from '../../ledger/canonical';
import { emit, privateHash, writeDocument, writePrivate } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import { lesser, toFen } from '../../ledger/money';
import { check, parseTransient, transientText } from '../../ledger/parse';
import { Digest } from '../../ledger/schemas';
import { openResponse, responseKeyEntry, type SealedResponse } from '../../ledger/sealed';
import type { Evidence } from '../../registry/model';
import { Delivery } from '../../sharing/model';
import { executorOf, type Executors } from '../approvals/executor';
import type { Product } from '../products/model';
import { requireWithin } from '../products/rules';
import { loadProduct } from '../products/store';
import { mspsOf, situationOf, type Situation } from '../../registry/situation';
import { requireBankStaff } from '../situation';
import { decide } from './decide';
import { admissible, openDeliveries, recordIds, type OpenedDelivery } from './delivered-facts';
import {
  OverrideContent,
  type Application,
  type Approval,
  type Notice,
  type PrivateDecision,
  type PublicDecision,
} from './model';
import { evidenceOf, sharingChannel } from './shared-evidence';
import { checks, keys, loadApplication, loadDecision, moveApplication, privateKeys } from './store';

const deliveryCheck = check(Delivery);
const saltCheck = check(Digest);

/** Most records that the registry answers for at once. */
const recordsAtOnce = 500;

/**
 * Decides on an application, on the bank's peer alone: reads the deliveries there, computes facts, measures and outcome,
 * and keeps decision and notice in the bank's collection; hashes and cited digests are public.
 *
 * Transient: `responseKey`, with which sharing seals the deliveries for this one transaction, and `salt`, without which the
 * public hashes could be searched for the decision. The sealed deliveries share key and IV; they never leave the peer.
 *
 * @throws ContractError UNAUTHORISED_ROLE, STATE_CONFLICT, ALREADY_EXISTS, RESPONSE_KEY_REQUIRED, INVALID_INPUT for the salt,
 * and what reading, opening and admitting evidence throw.
 */
export async function decideApplication(ctx: Context, applicationId: string): Promise<void> {
  const application = await loadApplication(ctx, applicationId);
  const { round } = application;
  const evidence = evidenceOf(application);
  const issuers = [...new Set(evidence.deliveries.map(({ issuer }) => issuer))];
  const situation = await situationOf(ctx, { issuers });
  requireBankStaff(situation, 'credit-officer');
  if (application.state !== 'EVIDENCE_COMPLETE')
    throw new ContractError('STATE_CONFLICT', `the application is ${application.state}`, 'applicationId');
  const pending = await loadDecision(ctx, applicationId);
  if (pending.round >= round)
    throw new ContractError('ALREADY_EXISTS', 'this application is decided', 'applicationId');
  const salt = saltCheck.require(transientText(ctx, 'salt'), 'INVALID_INPUT', 'salt');
  const { product, digest: productDigest } = await loadProduct(ctx, application.product);

  const opened = await readDeliveries(ctx, situation, application);
  const anchors = await anchorsOf(ctx, recordIds(opened));
  const facts = await openDeliveries(
    opened,
    { issuers: situation.evidence.issuers, anchors },
    application.enterprise,
    situation.time.day,
  );
  const admitted = admissible(product, facts);
  const asked = { amount: BigInt(application.amount), termMonths: application.termMonths };
  const result = decide(product, asked, admitted);

  const decision: PrivateDecision = {
    salt,
    applicationId,
    round,
    product: application.product,
    productDigest,
    day: situation.time.day,
    deliveries: evidence.deliveries,
    records: admitted.records.map(({ id, recordType, digest }) => ({ id, recordType, digest })),
    result,
  };
  const notice: Notice = {
    // Its own: who is given the notice is not given what the decision's hash is salted with.
    salt: sha256(`notice ${salt}`),
    applicationId,
    round,
    outcome: result.outcome,
    reasons: result.reasons,
    // No more than was asked for: a limit is a share of the turnover, and would tell it to whoever may see what is approved.
    limit: toFen(lesser(BigInt(result.limit), asked.amount)),
    ...(result.grade === undefined ? {} : { grade: result.grade }),
    ...(result.spread === undefined ? {} : { spread: result.spread }),
    decision: digestOf(decision),
  };
  const decided: PublicDecision = {
    applicationId,
    status: 'DECIDED',
    round,
    decision: digestOf(decision),
    notice: digestOf(notice),
    deliveries: evidence.deliveries,
    decidedAt: situation.time.instant,
  };
  await writePrivate(ctx, situation.bank, privateKeys.decision(applicationId, round), decision);
  await writePrivate(ctx, situation.bank, privateKeys.notice(applicationId, round), notice);
  await writeDocument(ctx, keys.decision(applicationId), decided);
  emit(ctx, 'ApplicationDecided', { applicationId });
}

/**
 * What was delivered, as sharing reads it to the bank's officer. The answers are not in the read set; that is safe: sharing
 * refuses what has ended by now, and a delivery is the one of its digest or none.
 */
async function readDeliveries(
  ctx: Context,
  situation: Situation,
  application: Application,
): Promise<readonly OpenedDelivery[]> {
  const channel = sharingChannel(situation);
  const opened: OpenedDelivery[] = [];
  for (const cited of evidenceOf(application).deliveries) {
    const { requestId } = cited;
    const sealed = await callChaincode<SealedResponse>(
      ctx,
      'sharing',
      'ReadDelivery',
      { requestId },
      channel,
    );
    const answer = openResponse(canonicalJson(sealed), transientText(ctx, responseKeyEntry));
    opened.push({ cited, delivery: deliveryCheck.require(answer, 'STATE_INVALID', 'delivery') });
  }
  return opened;
}

/** The anchors of records now; not in the read set: a record that is revoked in these seconds was valid when decided on. */
async function anchorsOf(ctx: Context, ids: readonly string[]): Promise<Evidence['anchors']> {
  const anchors: Record<string, Evidence['anchors'][string]> = {};
  for (let from = 0; from < ids.length; from += recordsAtOnce) {
    const records = ids.slice(from, from + recordsAtOnce);
    const found = await callChaincode<Evidence>(ctx, 'registry', 'Evidence', { records }, 'registry');
    Object.assign(anchors, found.anchors);
  }
  return anchors;
}

/**
 * The bank gives the applicant the notice, transient `notice`: endorsed by the bank and the applicant's organisation, whose
 * peer holds it against the hash in the bank's collection and keeps it. From here on the application is decided or declined.
 *
 * @throws ContractError UNAUTHORISED_ROLE, DECISION_MISSING, DECISION_MISMATCH, STATE_CONFLICT, INVALID_INPUT.
 */
export async function notify(ctx: Context, applicationId: string): Promise<void> {
  const notice = parseTransient(ctx, 'notice', checks.notice);
  const application = await loadApplication(ctx, applicationId);
  const situation = await situationOf(ctx);
  requireBankStaff(situation, 'credit-officer');
  if (!mspsOf(situation.evidence, 'enterprise').includes(application.organisation))
    throw new ContractError('UNKNOWN_ORGANISATION', "the applicant's organisation is none of enterprises");
  const decision = await requireDecision(ctx, situation, application);
  const key = privateKeys.notice(applicationId, application.round);
  const hash = await privateHash(ctx, situation.bank, key);
  if (hash === undefined || hash !== decision.notice || digestOf(notice) !== hash)
    throw new ContractError('DECISION_MISMATCH', 'is not the notice of this decision', 'notice');
  if (
    notice.applicationId !== applicationId ||
    notice.round !== application.round ||
    notice.decision !== decision.decision
  )
    throw new ContractError('DECISION_MISMATCH', 'is the notice of another decision', 'notice');
  const { product } = await loadProduct(ctx, application.product);
  await writePrivate(ctx, application.organisation, key, notice);
  await (notice.outcome === 'APPROVED'
    ? moveApplication(ctx, application, 'APPROVED', { approval: approvalOf(product, notice) })
    : moveApplication(ctx, application, 'DECLINED'));
  emit(ctx, 'ApplicationChanged', { applicationId });
}

/** What a notice approves, held against the product. @throws ContractError `DECISION_MISMATCH`. */
function approvalOf(product: Product, { limit, grade, spread }: Notice): Approval {
  const graded = product.grades.find((candidate) => candidate.grade === grade);
  if (graded === undefined || graded.spread !== spread)
    throw new ContractError('DECISION_MISMATCH', 'is no grade of the product', 'notice.grade');
  if (BigInt(limit) > BigInt(product.maximumAmount) || BigInt(limit) < BigInt(product.minimumAmount))
    throw new ContractError('DECISION_MISMATCH', 'is outside what the product lends', 'notice.limit');
  return { limit, grade: graded.grade, spread: graded.spread };
}

/**
 * The public part of the decision that an application now rests on; the private hash in the bank's collection has to agree.
 *
 * @throws ContractError DECISION_MISSING, DECISION_MISMATCH.
 */
export async function requireDecision(
  ctx: Context,
  { bank }: Situation,
  application: Application,
): Promise<PublicDecision & { readonly decision: string }> {
  const { applicationId, round } = application;
  const found = await loadDecision(ctx, applicationId);
  const { decision } = found;
  if (found.status !== 'DECIDED' || found.round !== round || decision === undefined)
    throw new ContractError('DECISION_MISSING', 'the application is not decided', 'applicationId');
  if ((await privateHash(ctx, bank, privateKeys.decision(applicationId, round))) !== decision)
    throw new ContractError(
      'DECISION_MISSING',
      "the bank's collection holds no such decision",
      'applicationId',
    );
  if (digestOf(found.deliveries) !== digestOf(evidenceOf(application).deliveries))
    throw new ContractError('DECISION_MISMATCH', 'was decided on other evidence', 'applicationId');
  return { ...found, decision };
}

/** Holds an override against application and product. */
async function admitOverride(
  ctx: Context,
  situation: Situation,
  content: OverrideContent,
): Promise<{ readonly application: Application; readonly product: Product }> {
  const application = await loadApplication(ctx, content.applicationId);
  const { product } = await loadProduct(ctx, application.product);
  if (content.round !== application.round)
    throw new ContractError('STATE_CONFLICT', 'another decision counts by now', 'content.round');
  await requireDecision(ctx, situation, application);
  const approves = content.outcome === 'APPROVED';
  if (approves !== (content.limit !== undefined) || approves !== (content.grade !== undefined))
    throw new ContractError('INVALID_INPUT', 'limit and grade belong to an approval', 'content.limit');
  if (content.limit !== undefined)
    requireWithin(product, { amount: content.limit, termMonths: application.termMonths });
  if (approves && !product.grades.some(({ grade }) => grade === content.grade))
    throw new ContractError('INVALID_INPUT', 'is no grade of the product', 'content.grade');
  return { application, product };
}

async function override(
  ctx: Context,
  situation: Situation,
  content: OverrideContent,
  proposalId: string,
): Promise<void> {
  const { application, product } = await admitOverride(ctx, situation, content);
  const graded = product.grades.find(({ grade }) => grade === content.grade);
  if (content.outcome === 'DECLINED' || graded === undefined || content.limit === undefined) {
    await moveApplication(ctx, withoutApproval(application), 'OVERRIDDEN_TO_DECLINED');
    return;
  }
  const { grade, spread } = graded;
  const approval: Approval = { limit: content.limit, grade, spread, override: proposalId };
  await moveApplication(ctx, application, 'OVERRIDDEN_TO_APPROVED', { approval });
}

function withoutApproval(application: Application): Application {
  const entries = Object.entries(application).filter(([name]) => name !== 'approval');
  return Object.fromEntries(entries) as Application;
}

/** What two persons of the bank decide about applications. The proposal keeps their reason. */
export const executors: Executors = {
  OVERRIDE_DECISION: executorOf<OverrideContent>({
    makers: ['credit-officer'],
    checkers: ['approver'],
    content: check(OverrideContent),
    admit: async (ctx, situation, content) => {
      await admitOverride(ctx, situation, content);
    },
    execute: (ctx, situation, content, { proposalId }) => override(ctx, situation, content, proposalId),
  }),
};
