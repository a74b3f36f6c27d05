import { canonicalJson, digestOf } from '../../chaincode/ledger/canonical';
import { decide } from '../../chaincode/lending/applications/decide';
import {
  admissible,
  openDeliveries,
  recordIds,
  type OpenedDelivery,
} from '../../chaincode/lending/applications/delivered-facts';
import type { ApplicationView, Notice, PrivateDecision } from '../../chaincode/lending/applications/model';
import type { ProductView } from '../../chaincode/lending/products/model';
import type { Evidence } from '../../chaincode/registry/model';
import type { Delivery } from '../../chaincode/sharing/model';
import type { Peer } from '../../network/client/own-peer';

/** Recomputing a decision outside the chaincode, from what the bank's own peer still holds. */

/** What a recomputation gave. */
export interface Explanation {
  readonly decision: PrivateDecision;
  /** The same computed here. */
  readonly recomputed: PrivateDecision;
  /** Whether both are the same to the byte, and are what the ledger has the hash of. */
  readonly agrees: boolean;
  /** What differs, by name; empty where they agree. */
  readonly differences: readonly string[];
  /** Records that their issuer took back after the decision. */
  readonly revisedSince: readonly string[];
}

const recordsAtOnce = 500;

/**
 * Recomputes a decision from the delivered records.
 *
 * @param lending the bank's lending channel.
 * @param sharing the bank's channel for sharing.
 * @param round which decision; the application's last by default.
 * @throws what the contracts refuse: above all CONSENT_NOT_ACTIVE, PURGED or DATA_LIFE_ENDED where the records may no
 * longer be read; the decision then stands by its digests alone.
 */
export async function explain(
  peer: Peer,
  lending: string,
  sharing: string,
  applicationId: string,
  round?: number,
): Promise<Explanation> {
  const asked = { applicationId, ...(round === undefined ? {} : { round }) };
  const { application, decision: published } = (await peer.evaluate(lending, 'lending', 'applications:Get', {
    applicationId,
  })) as ApplicationView;
  const { decision, notice } = (await peer.readPrivate(
    lending,
    'lending',
    'applications:ReadDecision',
    asked,
  )) as {
    decision: PrivateDecision;
    notice: Notice;
  };
  const { product, digest: productDigest } = (await peer.evaluate(
    lending,
    'lending',
    'products:Get',
    decision.product,
  )) as ProductView;
  const opened: OpenedDelivery[] = [];
  for (const cited of decision.deliveries) {
    const { requestId } = cited;
    const delivery = await peer.readPrivate(sharing, 'sharing', 'ReadDelivery', { requestId });
    opened.push({ cited, delivery: delivery as Delivery });
  }
  const evidence = await evidenceNow(peer, opened);
  const { anchors, revised } = asAtDecision(evidence.anchors);
  const facts = await openDeliveries(
    opened,
    { issuers: evidence.issuers, anchors },
    application.enterprise,
    decision.day,
  );
  const admitted = admissible(product, facts);
  const recomputed: PrivateDecision = {
    ...decision,
    productDigest,
    records: admitted.records.map(({ id, recordType, digest }) => ({ id, recordType, digest })),
    result: decide(
      product,
      { amount: BigInt(application.amount), termMonths: application.termMonths },
      admitted,
    ),
  };
  const differences = [
    ...differencesOf(decision, recomputed),
    ...(published.round === decision.round && published.decision !== digestOf(decision)
      ? ['the hash on the ledger']
      : []),
    ...(notice.decision === digestOf(decision) ? [] : ["the notice's decision"]),
    ...(notice.outcome === recomputed.result.outcome &&
    canonicalJson(notice.reasons) === canonicalJson(recomputed.result.reasons)
      ? []
      : ['what the applicant was told']),
  ];
  return { decision, recomputed, agrees: differences.length === 0, differences, revisedSince: revised };
}

async function evidenceNow(
  peer: Peer,
  opened: readonly OpenedDelivery[],
): Promise<Pick<Evidence, 'issuers' | 'anchors'>> {
  const issuers = [...new Set(opened.map(({ cited }) => cited.issuer))];
  const ids = recordIds(opened);
  const anchors: Record<string, Evidence['anchors'][string]> = {};
  let found: Evidence['issuers'] = {};
  for (let from = 0; from === 0 || from < ids.length; from += recordsAtOnce) {
    const records = ids.slice(from, from + recordsAtOnce);
    const answer = (await peer.evaluate('registry', 'registry', 'Evidence', {
      issuers,
      records,
    })) as Evidence;
    found = answer.issuers;
    Object.assign(anchors, answer.anchors);
  }
  return { issuers: found, anchors };
}

/** Anchors as if what was taken back since still stood: the decision did not know. */
function asAtDecision(now: Evidence['anchors']): {
  readonly anchors: Evidence['anchors'];
  readonly revised: readonly string[];
} {
  const revised = Object.values(now)
    .filter(({ status }) => status !== 'ACTIVE')
    .map(({ id }) => id)
    .sort();
  const anchors = Object.fromEntries(
    Object.entries(now).map(([id, anchor]) => [id, { ...anchor, status: 'ACTIVE' as const }]),
  );
  return { anchors, revised };
}

function differencesOf(decision: PrivateDecision, recomputed: PrivateDecision): readonly string[] {
  const same = (a: unknown, b: unknown) => canonicalJson(a) === canonicalJson(b);
  const named: readonly (readonly [string, unknown, unknown])[] = [
    ['the product', decision.productDigest, recomputed.productDigest],
    ['the records', decision.records, recomputed.records],
    ['the measures', decision.result.metrics, recomputed.result.metrics],
    ['the scores', decision.result.scores, recomputed.result.scores],
    ['the result', decision.result, recomputed.result],
  ];
  return named.filter(([, a, b]) => !same(a, b)).map(([name]) => name);
}

/** An explanation as officers read it. */
export function renderExplanation({ decision, agrees, differences, revisedSince }: Explanation): string {
  const { result, product } = decision;
  const points = new Map(result.scores.map(({ metric, points: given }) => [metric, given]));
  return [
    `${result.outcome} in round ${decision.round} on ${decision.day}, by ${product.code} version ${product.version}`,
    `${decision.records.length} records in ${decision.deliveries.length} deliveries`,
    ...result.metrics.map(
      ({ metric, value }) =>
        `  ${metric.padEnd(24)}${(value ?? 'not available').padStart(22)}${String(points.get(metric) ?? '').padStart(6)}`,
    ),
    `Points: ${result.points}${result.grade === undefined ? '' : `, grade ${result.grade}, spread ${result.spread ?? ''}`}`,
    `Limit:  ${result.limit} fen`,
    `Reasons: ${result.reasons.length === 0 ? 'none' : result.reasons.join(', ')}`,
    ...(revisedSince.length === 0
      ? []
      : [`Taken back since by their issuer: ${revisedSince.length} records`]),
    agrees
      ? 'AGREES: recomputed from the delivered records, the same to the byte'
      : `DIFFERS: ${differences.join(', ')}`,
  ].join('\n');
}
