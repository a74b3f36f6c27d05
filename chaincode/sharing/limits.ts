import { addDays, addMonths } from '../ledger/calendar';
import { ContractError } from '../ledger/errors';
import type { Limit } from '../registry/purpose-model';
import type { Period } from '../ledger/schemas';

/** Comparing what a consent asks with what its purpose allows, wherever in the calendar both begin. */

/** Shortest and longest number of days that n consecutive months can have, for n below 12. */
const leastDays: readonly number[] = [0, 28, 59, 89, 120, 150, 181, 212, 242, 273, 303, 334];
const mostDays: readonly number[] = [0, 31, 62, 92, 123, 153, 184, 215, 245, 276, 306, 337];

const inMonths = (limit: Limit): number => (limit.unit === 'YEAR' ? limit.value * 12 : limit.value);

function inDays(limit: Limit, ofYear: number, ofMonths: readonly number[]): number {
  if (limit.unit === 'DAY') return limit.value;
  const months = inMonths(limit);
  return Math.floor(months / 12) * ofYear + (ofMonths[months % 12] ?? 0);
}

/** Whether a duration is at most another one. A month counts as its longest on the one side, its shortest on the other. */
export function isWithinDuration(asked: Limit, most: Limit): boolean {
  if (asked.unit !== 'DAY' && most.unit !== 'DAY') return inMonths(asked) <= inMonths(most);
  return inDays(asked, 366, mostDays) <= inDays(most, 365, leastDays);
}

/** How many windows of the first unit can begin in one of the second. */
const windowsIn: Readonly<Record<Limit['unit'], Readonly<Record<Limit['unit'], number>>>> = {
  DAY: { DAY: 1, MONTH: 31, YEAR: 366 },
  MONTH: { DAY: 1, MONTH: 1, YEAR: 12 },
  YEAR: { DAY: 1, MONTH: 1, YEAR: 1 },
};

/**
 * Whether a frequency never allows more than the ceiling in any one calendar window of the ceiling's unit. Twelve a year
 * may all fall into one month, so they are more than one a month.
 */
export function isWithinFrequency(asked: Limit, most: Limit): boolean {
  return asked.value * windowsIn[asked.unit][most.unit] <= most.value;
}

/** Whether a closed range of existing calendar dates spans at most so many months; a whole year spans 12. */
export function isWithinMonths(range: Period, months: number): boolean {
  return addDays(range.to, 1) <= addMonths(range.from, months);
}

/** Whether the first period lies within the second. */
export function isWithinPeriod(inner: Period, outer: Period): boolean {
  return inner.from >= outer.from && inner.to <= outer.to && inner.from <= inner.to;
}

/** @throws ContractError `INVALID_INPUT` where a range ends before it begins. The schema has checked that its dates exist. */
export function requireRange(range: Period, field: string): void {
  if (range.to < range.from) throw new ContractError('INVALID_INPUT', 'ends before it begins', field);
}

/** Anything that stands twice in a list: duplicates would let one item hide behind another. */
export function firstDuplicate(values: readonly string[]): string | undefined {
  return values.find((value, index) => values.indexOf(value) !== index);
}
