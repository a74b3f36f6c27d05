import { addDays, addMonths } from '../ledger/calendar';
import type { Cadence, Period } from '../ledger/schemas';

const months = { MONTHLY: 1, QUARTERLY: 3, ANNUAL: 12 } as const;

/**
 * Whether a period is one whole period of a cadence: a calendar month, quarter or year, or the one day of a record that
 * has no period. Completeness counts on it: two records cannot overlap by half.
 */
export function isPeriodOf(period: Period, cadence: Cadence): boolean {
  if (cadence === 'NONE') return period.from === period.to;
  const length = months[cadence];
  const month = Number(period.from.slice(5, 7));
  const starts = period.from.endsWith('-01') && (month - 1) % length === 0;
  return starts && period.to === addDays(addMonths(period.from, length), -1);
}
