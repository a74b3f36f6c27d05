import { lesser, toFen } from '../../ledger/money';
import { Decimal } from '../engine/decimal';
import type { Grade, KnockOut, MetricCode, Product, ScoreItem } from '../products/model';
import { measure } from './metrics';
import type { Facts } from './metrics/facts';
import { cashForDebt, serviceShare } from './metrics/standing';
import type { DecisionResult, MetricValue } from './model';

/** The decision as a pure function of the product, what was asked for, and the facts. It is recomputed by `lending explain`. */

/** What an applicant asks for. */
export interface Asked {
  readonly amount: bigint;
  readonly termMonths: number;
}

/** Part of a reason code: the metric in capitals. */
function stemOf(metric: MetricCode): string {
  return metric.toUpperCase().replaceAll('-', '_');
}

/** Points of a value: those of the last band whose lower bound it reaches. */
export function pointsOf(item: ScoreItem, value: string | null): number {
  if (value === null) return item.notAvailable;
  const reached = item.bands.filter(({ from }) => from === undefined || new Decimal(value).gte(from));
  return reached.at(-1)?.points ?? item.notAvailable;
}

/** Whether a rule knocks an applicant out. */
export function knocksOut(rule: KnockOut, value: string | null): boolean {
  if (value === null) return rule.notAvailable;
  return rule.when === 'BELOW' ? new Decimal(value).lt(rule.value) : new Decimal(value).gt(rule.value);
}

/** Largest principal whose service the cash covers; undefined where the statements do not tell. */
function coveredBy(product: Product, facts: Facts, { termMonths }: Asked): bigint | undefined {
  const found = cashForDebt(facts);
  if (found === undefined) return undefined;
  const { minimumCoverage, testRate } = product.limit;
  const free = new Decimal(found.cash.toString()).div(minimumCoverage).minus(found.interest.toString());
  if (free.lte(0)) return 0n;
  const most = free.div(serviceShare({ termMonths, testRate }));
  return BigInt(most.toDecimalPlaces(0, Decimal.ROUND_DOWN).toFixed());
}

/**
 * The limit: the grade's share of the annual revenue, what the cash flow covers where that is known, and the product's
 * maximum; the least of them, rounded down to the product's step.
 */
function limitOf(
  product: Product,
  grade: Grade,
  revenue: string,
  facts: Facts,
  asked: Asked,
): { readonly limit: bigint; readonly reason?: string } {
  const byRevenue = BigInt(
    new Decimal(revenue).times(grade.revenueShare).toDecimalPlaces(0, Decimal.ROUND_DOWN).toFixed(),
  );
  const byCash = coveredBy(product, facts, asked);
  const bounds: readonly (readonly [bigint, string])[] = [
    [BigInt(product.maximumAmount), 'LIMIT_BY_PRODUCT'],
    [byRevenue, 'LIMIT_BY_REVENUE'],
    ...(byCash === undefined ? [] : [[byCash, 'LIMIT_BY_CASH_FLOW'] as const]),
  ];
  const least = bounds.reduce((smallest, bound) => (bound[0] < smallest[0] ? bound : smallest));
  const step = BigInt(product.limit.step);
  const limit = least[0] < 0n ? 0n : (least[0] / step) * step;
  return limit < asked.amount ? { limit, reason: least[1] } : { limit };
}

/** Reasons from the scorecard: the metrics that cost most against their best band, at most four, the worst first. */
function weakPoints(product: Product, metrics: ReadonlyMap<MetricCode, string | null>): readonly string[] {
  return product.scorecard
    .map((item) => {
      const value = metrics.get(item.metric) ?? null;
      const best = Math.max(...item.bands.map(({ points }) => points));
      const missing = value === null;
      return { metric: item.metric, missing, lost: best - pointsOf(item, value) };
    })
    .filter(({ lost }) => lost > 0)
    .sort((a, b) => b.lost - a.lost)
    .slice(0, 4)
    .map(({ metric, missing }) => `${missing ? 'UNKNOWN' : 'WEAK'}_${stemOf(metric)}`);
}

/**
 * Decides on an application.
 *
 * Reason codes are stable: `KNOCK_OUT_<METRIC>`; `SCORE_BELOW_MINIMUM` with `WEAK_<METRIC>` or `UNKNOWN_<METRIC>` for what
 * cost most points; `REVENUE_UNKNOWN`; `LIMIT_BELOW_MINIMUM`; and `LIMIT_BY_PRODUCT`, `LIMIT_BY_REVENUE` or
 * `LIMIT_BY_CASH_FLOW` where less is approved than was asked for.
 */
export function decide(product: Product, asked: Asked, facts: Facts): DecisionResult {
  const { testRate } = product.limit;
  const metrics: readonly MetricValue[] = measure(facts, { ...asked, testRate });
  const values = new Map(metrics.map(({ metric, value }) => [metric, value]));
  const valueOf = (metric: MetricCode): string | null => values.get(metric) ?? null;
  const scores = product.scorecard.map((item) => ({
    metric: item.metric,
    points: pointsOf(item, valueOf(item.metric)),
  }));
  const points = scores.reduce((sum, score) => sum + score.points, 0);
  const measured = { metrics: [...metrics], scores, points };
  const declined = (reasons: readonly string[]): DecisionResult => ({
    outcome: 'DECLINED',
    ...measured,
    limit: '0',
    reasons: [...new Set(reasons)],
  });

  const knockedOut = product.knockOuts.filter((rule) => knocksOut(rule, valueOf(rule.metric)));
  if (knockedOut.length > 0) return declined(knockedOut.map(({ metric }) => `KNOCK_OUT_${stemOf(metric)}`));
  const grade = product.grades.find(({ minimumPoints }) => points >= minimumPoints);
  if (grade === undefined) return declined(['SCORE_BELOW_MINIMUM', ...weakPoints(product, values)]);
  const revenue = valueOf('annual-revenue');
  if (revenue === null) return declined(['REVENUE_UNKNOWN']);
  const { limit, reason } = limitOf(product, grade, revenue, facts, asked);
  const reasons = reason === undefined ? [] : [reason];
  if (limit < BigInt(product.minimumAmount)) return declined(['LIMIT_BELOW_MINIMUM', ...reasons]);
  return {
    outcome: 'APPROVED',
    ...measured,
    grade: grade.grade,
    spread: grade.spread,
    limit: toFen(lesser(limit, BigInt(product.maximumAmount))),
    reasons,
  };
}
