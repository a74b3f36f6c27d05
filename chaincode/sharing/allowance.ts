import { toMillis, windowOf } from '../ledger/calendar';
import { ContractError } from '../ledger/errors';
import type { Limit } from '../registry/purpose-model';
import type { Allowance, ConsentArtefact } from './model';

/** A request that is to be spent, and what limits it. */
export interface Spending {
  readonly artefact: Pick<ConsentArtefact, 'fetchType' | 'Frequency'>;
  /** What the purpose allows today; the consent may have been given under a higher ceiling. */
  readonly ceiling: Limit;
  readonly issuer: string;
  readonly requestId: string;
  /** Instant of the transaction. */
  readonly at: string;
}

type Use = Allowance['uses'][string][number];

const unitsBySize: readonly Limit['unit'][] = ['DAY', 'MONTH', 'YEAR'];

/** The limits that hold together: none is spent beyond its own window. */
const limitsOf = ({ artefact, ceiling }: Spending): readonly Limit[] => [artefact.Frequency, ceiling];

/** Those of the uses that fall into the window of now; all of them for a consent that is for one delivery only. */
function within(uses: readonly Use[], unit: Limit['unit'], { artefact, at }: Spending): readonly Use[] {
  if (artefact.fetchType === 'ONETIME') return uses;
  const now = windowOf(toMillis(at), unit);
  return uses.filter((use) => windowOf(toMillis(use.at), unit) === now);
}

const most = (limit: Limit, { artefact }: Spending): number =>
  artefact.fetchType === 'ONETIME' ? 1 : limit.value;

const usesOf = (allowance: Allowance, { issuer }: Spending): readonly Use[] => allowance.uses[issuer] ?? [];

/** Requests that stand in the way of one more; none where it fits without looking which of them were refused. */
export function inTheWay(allowance: Allowance, spending: Spending): readonly string[] {
  const uses = usesOf(allowance, spending);
  const full = limitsOf(spending).flatMap((limit) => {
    const counted = within(uses, limit.unit, spending);
    return counted.length >= most(limit, spending) ? counted : [];
  });
  return [...new Set(full.map(({ requestId }) => requestId))];
}

/**
 * Spends one request of the consent's frequency, and of the purpose's as it is today: the lower one holds.
 *
 * @param refused those of {@link inTheWay} that were refused before they were offered: only they are refunded.
 * @throws ContractError `FREQUENCY_EXCEEDED`.
 */
export function spend(allowance: Allowance, spending: Spending, refused: ReadonlySet<string>): Allowance {
  const uses = usesOf(allowance, spending).filter(({ requestId }) => !refused.has(requestId));
  for (const limit of limitsOf(spending)) {
    if (within(uses, limit.unit, spending).length < most(limit, spending)) continue;
    throw new ContractError(
      'FREQUENCY_EXCEEDED',
      `${most(limit, spending)} to this issuer are allowed, ${spending.artefact.fetchType === 'ONETIME' ? 'once for all' : `in a ${limit.unit}`}`,
      'issuer',
    );
  }
  const { requestId, at, issuer } = spending;
  // What is beyond the window of the longer limit counts no more.
  const longest = limitsOf(spending)
    .map(({ unit }) => unit)
    .reduce((a, b) => (unitsBySize.indexOf(a) > unitsBySize.indexOf(b) ? a : b));
  const kept = within(uses, longest, spending);
  return { ...allowance, uses: { ...allowance.uses, [issuer]: [...kept, { requestId, at }] } };
}
