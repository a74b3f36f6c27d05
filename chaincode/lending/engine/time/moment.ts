import { addDays, addMonths, daysBetween } from '../../../ledger/calendar';

/**
 * Times of contracts: local date-times without a zone, `2026-11-23T00:00:00`, which compare as texts. Every function here
 * takes a calendar date `2026-11-23` as well and gives back the form it was given.
 */
const endOfDay = 'T23:59:59';

/** The calendar date of a time. */
export function dateOf(time: string): string {
  return time.slice(0, 10);
}

function withDate(time: string, date: string): string {
  return date + time.slice(10);
}

/**
 * A local date-time from `YYYY-MM-DD`, `YYYY-MM-DDThh:mm` or `YYYY-MM-DDThh:mm:ss`, with seconds. `24:00:00` becomes the
 * midnight that the next day starts with (ISO 8601; ACTUS technical specification 2.8).
 *
 * @throws RangeError where the text is none of these, or no date of the calendar.
 */
export function toLocalDateTime(text: string): string {
  const match = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.0+)?)?)?$/.exec(text.trim());
  if (match === null) throw new RangeError(`not a local date-time: ${text}`);
  const [, date = '', hour = '00', minute = '00', second = '00'] = match;
  const valid = addDays(date, 0);
  if (hour === '24' && minute === '00' && second === '00') return `${addDays(valid, 1)}T00:00:00`;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    throw new RangeError(`not a local date-time: ${text}`);
  return `${valid}T${hour}:${minute}:${second}`;
}

/** The date a time counts as in day counts: its own, but the next one at 23:59:59 (ACTUS technical specification 2.8). */
export function countingDate(time: string): string {
  return time.endsWith(endOfDay) ? addDays(dateOf(time), 1) : dateOf(time);
}

/** The time so many days later, or earlier where the number is negative. */
export function plusDays(time: string, days: number): string {
  return withDate(time, addDays(dateOf(time), days));
}

/** The time so many months later, on the last day of a shorter month. */
export function plusMonths(time: string, months: number): string {
  return withDate(time, addMonths(dateOf(time), months));
}

/** The same time on the last day of its month. */
export function endOfMonth(time: string): string {
  return withDate(time, addDays(addMonths(`${time.slice(0, 7)}-01`, 1), -1));
}

/** Whether a time is on the last day of its month. */
export function isEndOfMonth(time: string): boolean {
  return endOfMonth(time) === time;
}

/** Day of the week, 0 for Monday to 6 for Sunday. */
export function weekday(time: string): number {
  const sinceMonday = daysBetween('1970-01-05', dateOf(time)) % 7;
  return sinceMonday < 0 ? sinceMonday + 7 : sinceMonday;
}
