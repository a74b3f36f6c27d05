import { endOfMonth, isEndOfMonth, plusDays, plusMonths } from './moment';

/** Whether monthly dates from a month's last day stay on the last day (`EOM`) or on the same day where there is one (`SD`). */
export type EndOfMonthConvention = 'EOM' | 'SD';

/** A cycle such as `P1ML0`, and what happens to the remainder at the end of a schedule. */
export interface Cycle {
  readonly months: number;
  readonly days: number;
  /** `L0`: the last period takes the remainder and is longer; `L1`: the remainder is a shorter period of its own. */
  readonly stub: 'LONG' | 'SHORT';
}

/** How a schedule is generated. */
export interface ScheduleOptions {
  readonly endOfMonth: EndOfMonthConvention;
  /** Whether the end belongs to the schedule; it does unless this is false. */
  readonly includeEnd?: boolean;
}

/**
 * A cycle from ACTUS's text: an ISO 8601 duration of years, half years (`H`), quarters (`Q`), months, weeks and days, and
 * the stub `L0` (long) or `L1` (short). A duration without a stub is taken as short.
 *
 * @throws RangeError where it is none, or has no length.
 */
export function parseCycle(text: string): Cycle {
  const match = /^P(?:(\d+)Y)?(?:(\d+)H)?(?:(\d+)Q)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:L([01]))?$/.exec(
    text.trim(),
  );
  if (match === null) throw new RangeError(`not a cycle: ${text}`);
  const [years = 0, halves = 0, quarters = 0, months = 0, weeks = 0, days = 0] = match
    .slice(1, 7)
    .map((part: string | undefined) => Number(part ?? 0));
  const cycle: Cycle = {
    months: years * 12 + halves * 6 + quarters * 3 + months,
    days: weeks * 7 + days,
    stub: match[7] === '0' ? 'LONG' : 'SHORT',
  };
  if (cycle.months === 0 && cycle.days === 0) throw new RangeError(`a cycle of no length: ${text}`);
  return cycle;
}

/**
 * The time a number of cycles after another, before any end-of-month shift. Counted from the anchor, so days do not drift.
 *
 * @throws RangeError beyond the year 9999.
 */
export function plusCycles(time: string, cycle: Cycle, count: number): string {
  const moved = cycle.months === 0 ? time : plusMonths(time, cycle.months * count);
  const result = cycle.days === 0 ? moved : plusDays(moved, cycle.days * count);
  // Longer years no longer compare as texts, and a schedule would not end.
  if (result.length !== time.length) throw new RangeError('beyond the year 9999');
  return result;
}

/**
 * S(s, T, c) of the ACTUS technical specification 3.1 with the end-of-month convention of 3.3: the times from the anchor on
 * that are before the end, then the end itself. With a long stub the last time before an end that is off the cycle is left
 * out. Without a cycle: anchor and end. Without an anchor: nothing. Ascending, without repetition.
 */
export function schedule(
  anchor: string | undefined,
  end: string,
  cycle: Cycle | undefined,
  options: ScheduleOptions,
): readonly string[] {
  if (anchor === undefined) return [];
  const includeEnd = options.includeEnd ?? true;
  const tail = includeEnd ? [end] : [];
  if (anchor >= end) return tail;
  if (cycle === undefined) return [anchor, ...tail];
  const toEnd = options.endOfMonth === 'EOM' && cycle.months > 0 && isEndOfMonth(anchor);
  const times: string[] = [];
  let next = anchor;
  while (next < end) {
    times.push(next);
    const moved = plusCycles(anchor, cycle, times.length);
    next = toEnd ? endOfMonth(moved) : moved;
  }
  if (cycle.stub === 'LONG' && next !== end && times.length > 1) times.pop();
  return [...times, ...tail];
}

/**
 * The days on which Chinese banks usually settle interest, the 20th of March, June, September and December, from one
 * calendar date to another, both included.
 */
export function quarterSettlementDates(from: string, to: string): readonly string[] {
  const dates: string[] = [];
  for (let day = `${from.slice(0, 4)}-03-20`; day <= to; day = plusMonths(day, 3)) {
    if (day >= from) dates.push(day);
  }
  return dates;
}
