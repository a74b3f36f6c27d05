import { daysBetween } from '../../../ledger/calendar';
import { Decimal } from '../decimal';
import { countingDate, dateOf, isEndOfMonth } from './moment';

/**
 * Day count conventions by their ACTUS names (dictionary 1.4, `dayCountConvention`). `AA` is ISDA's actual/actual, as ACTUS
 * has it; the 30/360 kinds follow the ISDA 2006 definitions, section 4.16.
 */
export const dayCounts = ['AA', 'A360', 'A365', '30E360', '30E360ISDA', '28E336'] as const;

/** One of {@link dayCounts}. */
export type DayCount = (typeof dayCounts)[number];

/** The conventions under which a period is a whole number of days over one basis. */
export type WholeDayCount = 'A360' | 'A365' | '30E360';

/** What a convention may depend on besides the two dates. */
export interface DayCountContext {
  /** 30E360ISDA does not lengthen a February that ends in the maturity date. */
  readonly maturity?: string | undefined;
}

interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

function partsOf(date: string): Parts {
  return { year: Number(date.slice(0, 4)), month: Number(date.slice(5, 7)), day: Number(date.slice(8, 10)) };
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Days of months of equal length between two dates whose days of the month have been limited. */
function evenDays(from: Parts, to: Parts, monthLength: number): number {
  return ((to.year - from.year) * 12 + (to.month - from.month)) * monthLength + (to.day - from.day);
}

function limited(date: string, most: number): Parts {
  const parts = partsOf(date);
  return { ...parts, day: Math.min(parts.day, most) };
}

/** ISDA 2006, 4.16(h): the last day of any month is the 30th, except a maturity in February. */
function thirtyIsda(from: string, to: string, maturity: string | undefined): number {
  const [start, end] = [partsOf(from), partsOf(to)];
  const exempt = to === maturity && end.month === 2;
  return evenDays(
    isEndOfMonth(from) ? { ...start, day: 30 } : start,
    isEndOfMonth(to) && !exempt ? { ...end, day: 30 } : end,
    30,
  );
}

/** ISDA 2006, 4.16(b): days in leap years over 366, the others over 365, on the exact common denominator. */
function actualActual(from: string, to: string): Decimal {
  if (to < from) return actualActual(to, from).negated();
  const [first, last] = [Number(from.slice(0, 4)), Number(to.slice(0, 4))];
  const basis = (year: number) => (isLeap(year) ? 366 : 365);
  if (first === last) return new Decimal(daysBetween(from, to)).div(basis(first));
  const start = daysBetween(from, `${String(first + 1).padStart(4, '0')}-01-01`);
  const end = daysBetween(`${String(last).padStart(4, '0')}-01-01`, to);
  return new Decimal(start * basis(last) + end * basis(first))
    .div(basis(first) * basis(last))
    .plus(last - first - 1);
}

/**
 * The fraction of a year from one date or local date-time to another (ACTUS technical specification 3.6). A time of
 * 23:59:59 counts as the next day; other times of day do not count. Negative where `to` is earlier.
 */
export function yearFraction(
  convention: DayCount,
  from: string,
  to: string,
  { maturity }: DayCountContext = {},
): Decimal {
  const [start, end] = [countingDate(from), countingDate(to)];
  switch (convention) {
    case 'AA':
      return actualActual(start, end);
    case '30E360ISDA':
      return new Decimal(
        thirtyIsda(start, end, maturity === undefined ? undefined : countingDate(maturity)),
      ).div(360);
    case '28E336':
      return new Decimal(evenDays(limited(start, 28), limited(end, 28), 28)).div(336);
    case 'A360':
    case 'A365':
    case '30E360': {
      const { days, basis } = dayCountFraction(convention, dateOf(start), dateOf(end));
      return new Decimal(days).div(basis);
    }
  }
}

/** The same fraction in whole numbers: days of the convention over its year, for interest that is summed exactly. */
export function dayCountFraction(
  convention: WholeDayCount,
  from: string,
  to: string,
): { readonly days: number; readonly basis: number } {
  switch (convention) {
    case 'A360':
      return { days: daysBetween(from, to), basis: 360 };
    case 'A365':
      return { days: daysBetween(from, to), basis: 365 };
    case '30E360':
      return { days: evenDays(limited(from, 30), limited(to, 30), 30), basis: 360 };
  }
}
