import { Decimal } from '../decimal';
import { toLocalDateTime } from '../time/moment';
import { TermsError } from './terms';

/** One observation of a market object, such as a published rate. */
export interface Observation {
  readonly timestamp: string;
  readonly value: Decimal;
}

/** Something that happened to a contract outside its schedule: a prepayment, a credit event, a wish to see its state. */
export interface ObservedEvent {
  readonly type: 'PP' | 'CE' | 'AD';
  readonly time: string;
  /** What was paid, with the contract's sign; nothing for `CE` and `AD`. */
  readonly amount: Decimal;
}

/** What a contract depends on and does not itself determine (technical specification 5). */
export interface RiskFactors {
  /** Observations of each market object, ascending by time. */
  readonly observations: Readonly<Record<string, readonly Observation[]>>;
  readonly events: readonly ObservedEvent[];
}

/** No market objects and no events. */
export const noRiskFactors: RiskFactors = Object.freeze({
  observations: Object.freeze({}),
  events: Object.freeze([]),
});

/**
 * Risk factors from texts or numbers; observations may come in any order.
 *
 * @throws RangeError where a time or value is malformed.
 */
export function riskFactors(
  observed: Readonly<
    Record<string, readonly { readonly timestamp: string; readonly value: string | number }[]>
  >,
  events: readonly ObservedEvent[] = [],
): RiskFactors {
  const observations = Object.entries(observed).map(([code, points]) => [
    code,
    points
      .map(({ timestamp, value }) => ({
        timestamp: toLocalDateTime(timestamp),
        value: new Decimal(String(value).trim()),
      }))
      .sort((a, b) => (a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : 0)),
  ]);
  return { observations: Object.fromEntries(observations) as RiskFactors['observations'], events };
}

/**
 * The value of a market object in force at a time: the last one observed at or before it. Published rates apply until the
 * next publication.
 *
 * @throws TermsError where nothing has been observed by then.
 */
export function observe({ observations }: RiskFactors, code: string | undefined, time: string): Decimal {
  const found = (observations[code ?? ''] ?? []).findLast(({ timestamp }) => timestamp <= time);
  if (found === undefined) throw new TermsError(`${code ?? 'market object'}: not observed by ${time}`);
  return found.value;
}
