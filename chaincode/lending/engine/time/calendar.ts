import { dateOf, weekday } from './moment';

/**
 * Which days are business days (ACTUS technical specification 3.5). `DATED` is given as data, such as the holidays that a
 * government publishes each year: Monday to Friday without the holidays, and with the weekend days that are worked instead.
 */
export type Calendar =
  | { readonly kind: 'NO_CALENDAR' }
  | { readonly kind: 'MONDAY_TO_FRIDAY' }
  | {
      readonly kind: 'DATED';
      /** Calendar dates on which nobody works. */
      readonly holidays: readonly string[];
      /** Saturdays and Sundays that are business days. */
      readonly workingWeekends: readonly string[];
    };

/** Whether a calendar date, or the date of a local date-time, is a business day. */
export function isBusinessDay(calendar: Calendar, day: string): boolean {
  const date = dateOf(day);
  const weekend = weekday(date) >= 5;
  switch (calendar.kind) {
    case 'NO_CALENDAR':
      return true;
    case 'MONDAY_TO_FRIDAY':
      return !weekend;
    case 'DATED':
      return weekend ? calendar.workingWeekends.includes(date) : !calendar.holidays.includes(date);
  }
}
