import { addDays, addMonths } from '../../../ledger/calendar';
import { adjust } from '../time/business-day';
import type { Calendar } from '../time/calendar';
import { quarterSettlementDates } from '../time/cycle';
import { dayCountFraction } from '../time/day-count';
import type { LoanTerms, Market } from './model';

/** When an instalment is fixed and due, and what it is made of. */
export interface ScheduledInstalment {
  readonly number: number;
  /** Interest runs to this day, and its principal bears interest until it. */
  readonly calculationDate: string;
  readonly dueDate: string;
  /** Settles the interest accrued so far. */
  readonly interest: boolean;
  /** Its interest is put off to the next instalment that collects interest. */
  readonly deferred: boolean;
  readonly principal: boolean;
}

/** The last scheduled day, before any business day convention. */
export function maturityOf({ startDate, termMonths }: LoanTerms): string {
  return addMonths(startDate, termMonths);
}

/** The calendar date after another; most are found without arithmetic, since every loan asks every day. */
export function dayAfter(day: string): string {
  const dayOfMonth = Number(day.slice(8));
  if (dayOfMonth >= 28 || dayOfMonth < 1) return addDays(day, 1);
  const next = dayOfMonth + 1;
  return `${day.slice(0, 8)}${next < 10 ? '0' : ''}${next.toString()}`;
}

/** Days between two dates by the terms' day count; of all three counts the days of adjacent periods add up. */
export function countedDays({ dayCount }: LoanTerms, from: string, to: string): bigint {
  return BigInt(dayCountFraction(dayCount, from, to).days);
}

/** The counted days of one calendar day: 1, but 0 to 3 at a month's end under 30E/360. */
export function countedDay(terms: LoanTerms, day: string, next: string): bigint {
  return terms.dayCount === '30E360' ? countedDays(terms, day, next) : 1n;
}

/**
 * Days of a cycle after the start, and maturity. Counted from the start, so that they do not drift after a short month; what
 * remains before maturity is a shorter period of its own (ACTUS technical specification 3.1, short stub).
 */
function cycleDates(terms: LoanTerms, cycle: LoanTerms['interestCycle']): readonly string[] {
  const { startDate, paymentDay } = terms;
  const maturity = maturityOf(terms);
  if (cycle === 'AT_MATURITY') return [maturity];
  if (cycle === 'QUARTER_20')
    return [...quarterSettlementDates(addDays(startDate, 1), addDays(maturity, -1)), maturity];
  const months = cycle === 'MONTHLY' ? 1 : 3;
  const anchor =
    paymentDay === 'START' ? startDate : `${startDate.slice(0, 8)}${paymentDay.toString().padStart(2, '0')}`;
  const dates: string[] = [];
  for (let date = addMonths(anchor, months); date < maturity;)
    date = addMonths(anchor, months * (dates.push(date) + 1));
  return [...dates, maturity];
}

function calendarOf(terms: LoanTerms, market: Market): Calendar {
  if (terms.calendar === 'NONE') return { kind: 'NO_CALENDAR' };
  if (terms.calendar === 'MONDAY_TO_FRIDAY') return { kind: 'MONDAY_TO_FRIDAY' };
  return market.calendar;
}

function principalDates(terms: LoanTerms, interestDates: readonly string[]): readonly string[] {
  switch (terms.type) {
    case 'PAM':
      return [maturityOf(terms)];
    case 'LAM':
      return cycleDates(terms, terms.principalCycle ?? 'MONTHLY');
    case 'ANN':
      return interestDates;
  }
}

/**
 * All instalments of a loan, in order (ACTUS technical specification, contract schedules of PAM, LAM and ANN: events IP and
 * PR). Principal and interest of one day are one instalment.
 */
export function scheduleOf(terms: LoanTerms, market: Market): readonly ScheduledInstalment[] {
  const interestDates = cycleDates(terms, terms.interestCycle);
  const principals = principalDates(terms, interestDates);
  const dates = [...new Set([...interestDates, ...principals])].sort();
  const calendar = calendarOf(terms, market);
  const interestSet = new Set(interestDates);
  const principalSet = new Set(principals);
  const schedule: ScheduledInstalment[] = [];
  let [interestDays, principalDays] = [0, 0];
  for (const date of dates) {
    const [interest, hasPrincipal] = [interestSet.has(date), principalSet.has(date)];
    const { eventDate, calculationDate } = adjust(terms.businessDays, calendar, date);
    // A first day that is brought forward to the start itself has nothing to settle.
    if (calculationDate <= terms.startDate) continue;
    if (interest) interestDays += 1;
    if (hasPrincipal) principalDays += 1;
    schedule.push({
      number: schedule.length + 1,
      calculationDate,
      dueDate: eventDate,
      interest,
      deferred: interest && interestDays <= terms.grace.interestInstalments,
      principal: hasPrincipal && (terms.type === 'PAM' || principalDays > terms.grace.principalInstalments),
    });
  }
  return schedule;
}
