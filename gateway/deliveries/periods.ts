import type { Cadence, Period } from '../../chaincode/ledger/schemas';

/** From when on an enterprise files at a cadence. */
export interface CadenceFrom {
  readonly cadence: Cadence;
  /** Calendar date. */
  readonly from: string;
}

const monthsOf: Readonly<Record<Exclude<Cadence, 'NONE'>, number>> = { MONTHLY: 1, QUARTERLY: 3, ANNUAL: 12 };

/**
 * Periods within a range for which an enterprise has to file, oldest first: whole calendar months, quarters or years, each
 * at the cadence that holds on the period's first day. Only periods that lie in the range as a whole are expected, as only
 * those can be delivered.
 */
export function expectedPeriods(range: Period, cadences: readonly CadenceFrom[]): readonly Period[] {
  const sorted = [...cadences].sort((a, b) => (a.from < b.from ? -1 : 1));
  const periods: Period[] = [];
  let month = monthIndex(range.from) + (range.from.endsWith('-01') ? 0 : 1);
  for (;;) {
    const first = dayOf(month);
    if (first > range.to) return periods;
    const cadence = sorted.findLast(({ from }) => from <= first)?.cadence;
    if (cadence === undefined || cadence === 'NONE') {
      month++;
      continue;
    }
    const length = monthsOf[cadence];
    // A period that began before the cadence did is not due as a whole.
    if (month % length !== 0) {
      month++;
      continue;
    }
    const to = dayBefore(dayOf(month + length));
    if (to <= range.to) periods.push({ from: first, to });
    month += length;
  }
}

/** Months since the year 0. */
function monthIndex(date: string): number {
  return Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1;
}

function dayOf(month: number): string {
  const year = String(Math.floor(month / 12)).padStart(4, '0');
  return `${year}-${String((month % 12) + 1).padStart(2, '0')}-01`;
}

function dayBefore(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
}
