import { addDays } from '../../chaincode/ledger/calendar';
import { isoDate } from './enterprises';

/** A calendar month with its first and last day. */
export interface Month {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly from: string;
  readonly to: string;
}

/** `count` months, oldest first, the last one being `year`-`month`. */
export function monthsUntil(year: number, month: number, count: number): readonly Month[] {
  return Array.from({ length: count }, (_, index) => {
    const number = year * 12 + (month - 1) - (count - 1 - index);
    const own = { year: Math.floor(number / 12), month: (number % 12) + 1 };
    return {
      ...own,
      from: isoDate(own.year, own.month, 1),
      to: isoDate(own.year, own.month, lastDay(own.year, own.month)),
    };
  });
}

/** Months that agencies report. */
export const monthsReported = 24;

/** The reported months that end with `through` (`YYYY-MM`), and those before that complete their first quarter. */
export function monthsThrough(through: string): readonly Month[] {
  const [year, month] = through.split('-').map(Number);
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(through) || year === undefined || month === undefined)
    throw new Error(`${through} is not a month: YYYY-MM`);
  // The first reported month is the one after `month`, 24 months back: it has this many before it in its quarter.
  return monthsUntil(year, month, monthsReported + (month % 3));
}

/** Days after a month within which everything that concerns it is filed. */
const filedWithin = 15;

/**
 * The last month, `YYYY-MM`, that everything is filed for on this day (`YYYY-MM-DD`). Never a December: with it the year's
 * own statement and rating would be due, which come in spring, so that November is the last one until January is filed.
 */
export function lastMonthOn(today: string): string {
  const filed = addDays(today, -filedWithin);
  const [before] = monthsUntil(Number(filed.slice(0, 4)), Number(filed.slice(5, 7)), 2);
  if (before === undefined) throw new Error(`${today} is not a day`);
  return before.month === 12 ? `${before.year}-11` : before.from.slice(0, 7);
}

/** Whole calendar quarters within the months. */
export function quartersOf<T extends Month>(months: readonly T[]): readonly (readonly [T, T, T])[] {
  const quarters: [T, T, T][] = [];
  for (let index = 0; index + 2 < months.length; index++) {
    const [a, b, c] = months.slice(index, index + 3);
    if (a !== undefined && b !== undefined && c !== undefined && a.month % 3 === 1) quarters.push([a, b, c]);
  }
  return quarters;
}

/** The day `day` of the month after, when what concerns a month is filed. */
export function nextMonth({ year, month }: Month, day: number): string {
  return month === 12 ? isoDate(year + 1, 1, day) : isoDate(year, month + 1, day);
}

function lastDay(year: number, month: number): number {
  const days = [
    31,
    year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28,
    31,
    30,
    31,
    30,
    31,
    31,
    30,
    31,
    30,
    31,
  ];
  return days[month - 1] ?? 30;
}
