/**
 * Calendar arithmetic without a clock. Dates are those of UTC+8, which has no daylight saving; months are added as banks
 * do, ending on the last day of a shorter month.
 */
const dayMillis = 86_400_000;
const zoneMillis = 8 * 3_600_000;

/** A length of time as consents state it. */
export interface CalendarLength {
  readonly unit: 'DAY' | 'MONTH' | 'YEAR';
  readonly value: number;
}

interface Civil {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar; years run from March so that the leap day comes last. */
function daysOf({ year, month, day }: Civil): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return (
    era * 146_097 +
    yearOfEra * 365 +
    Math.floor(yearOfEra / 4) -
    Math.floor(yearOfEra / 100) +
    dayOfYear -
    719_468
  );
}

function civilOf(days: number): Civil {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}

function pad(value: number, length: number): string {
  return String(value).padStart(length, '0');
}

function format({ year, month, day }: Civil): string {
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

function parseDay(day: string): Civil {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  if (match === null) throw new RangeError('not a calendar date');
  const civil = { year: Number(match[1]), month: Number(match[2]), day: Number(match[3]) };
  if (civil.day < 1 || civil.day > lastDayOfMonth(civil.year, civil.month))
    throw new RangeError('not a calendar date');
  return civil;
}

/** Days of a month; 0 for a month that there is not, so that no day is one of it. */
function lastDayOfMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [31, 0, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
}

function plusMonths({ year, month, day }: Civil, months: number): Civil {
  const index = year * 12 + (month - 1) + months;
  const target = { year: Math.floor(index / 12), month: (((index % 12) + 12) % 12) + 1 };
  return { ...target, day: Math.min(day, lastDayOfMonth(target.year, target.month)) };
}

/** Milliseconds since the epoch of an instant like `2026-11-23T19:45:00Z`. Compare instants by this, never as texts. */
export function toMillis(instant: string): number {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{3}))?Z$/.exec(instant);
  const [hour, minute, second] = [Number(match?.[2]), Number(match?.[3]), Number(match?.[4])];
  if (match === null || hour > 23 || minute > 59 || second > 59) throw new RangeError('not an instant');
  const millis = ((hour * 60 + minute) * 60 + second) * 1000 + Number(match[5] ?? 0);
  return daysOf(parseDay(match[1] ?? '')) * dayMillis + millis;
}

/** Instant in UTC with milliseconds, e.g. `2026-11-23T19:45:00.000Z`. */
export function toInstant(millis: number): string {
  const days = Math.floor(millis / dayMillis);
  const rest = millis - days * dayMillis;
  const part = (size: number, modulus: number, length: number) =>
    pad(Math.floor(rest / size) % modulus, length);
  return `${format(civilOf(days))}T${part(3_600_000, 24, 2)}:${part(60_000, 60, 2)}:${part(1000, 60, 2)}.${part(1, 1000, 3)}Z`;
}

/** Calendar date in UTC+8 of an instant in milliseconds since the epoch. */
export function dayOf(millis: number): string {
  return format(civilOf(Math.floor((millis + zoneMillis) / dayMillis)));
}

/** First instant of a calendar date in UTC+8, in milliseconds since the epoch. */
export function startOfDay(day: string): number {
  return daysOf(parseDay(day)) * dayMillis - zoneMillis;
}

/** The calendar date so many days later; earlier where the number is negative. */
export function addDays(day: string, days: number): string {
  return format(civilOf(daysOf(parseDay(day)) + days));
}

/** The calendar date so many months later, or the last day of that month where it is shorter. */
export function addMonths(day: string, months: number): string {
  return format(plusMonths(parseDay(day), months));
}

/** Days from the first date to the second; negative where the second is earlier. */
export function daysBetween(from: string, to: string): number {
  return daysOf(parseDay(to)) - daysOf(parseDay(from));
}

/** The instant, in milliseconds, a length of time after another, at the same time of day in UTC+8. */
export function addLength(millis: number, { unit, value }: CalendarLength): number {
  const day = dayOf(millis);
  const timeOfDay = millis - startOfDay(day);
  const target = unit === 'DAY' ? addDays(day, value) : addMonths(day, unit === 'MONTH' ? value : value * 12);
  return startOfDay(target) + timeOfDay;
}

/** The calendar window, in UTC+8, that an instant falls in: `2026-11-23`, `2026-11` or `2026`. */
export function windowOf(millis: number, unit: CalendarLength['unit']): string {
  return dayOf(millis).slice(0, { DAY: 10, MONTH: 7, YEAR: 4 }[unit]);
}

/** Year of a calendar date. */
export function yearOf(day: string): number {
  return parseDay(day).year;
}

/** Every year that a closed interval of calendar dates touches, ascending. */
export function yearsOf(period: { readonly from: string; readonly to: string }): readonly number[] {
  const first = yearOf(period.from);
  return Array.from({ length: Math.max(0, yearOf(period.to) - first + 1) }, (_, index) => first + index);
}
