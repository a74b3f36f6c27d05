import type { Calendar } from './calendar';
import { isBusinessDay } from './calendar';
import { plusDays } from './moment';

/**
 * Business day conventions by their ACTUS names (technical specification 3.4; dictionary 1.4). `SC…` shifts and then
 * calculates on the shifted day, `CS…` calculates on the scheduled day and then shifts; `F` following, `P` preceding, `M`
 * modified: within the same month. `NULL` of the specification is `NOS` of the dictionary.
 */
export const businessDayConventions = [
  'NULL',
  'NOS',
  'SCF',
  'SCMF',
  'CSF',
  'CSMF',
  'SCP',
  'SCMP',
  'CSP',
  'CSMP',
] as const;

/** One of {@link businessDayConventions}. */
export type BusinessDayConvention = (typeof businessDayConventions)[number];

/** When something happens, and as of when its amounts are computed. */
export interface AdjustedDay {
  readonly eventDate: string;
  readonly calculationDate: string;
}

function nearest(calendar: Calendar, day: string, step: 1 | -1): string {
  let shifted = day;
  while (!isBusinessDay(calendar, shifted)) shifted = plusDays(shifted, step);
  return shifted;
}

function shift(calendar: Calendar, day: string, step: 1 | -1, modified: boolean): string {
  const shifted = nearest(calendar, day, step);
  const left = modified && shifted.slice(0, 7) !== day.slice(0, 7);
  return left ? nearest(calendar, day, step === 1 ? -1 : 1) : shifted;
}

/** A scheduled day, or local date-time, under a business day convention. */
export function adjust(convention: BusinessDayConvention, calendar: Calendar, day: string): AdjustedDay {
  if (convention === 'NULL' || convention === 'NOS') return { eventDate: day, calculationDate: day };
  const eventDate = shift(calendar, day, convention.endsWith('F') ? 1 : -1, convention.includes('M'));
  return { eventDate, calculationDate: convention.startsWith('S') ? eventDate : day };
}
