import { Decimal } from '../decimal';
import { adjust } from '../time/business-day';
import { plusCycles, schedule } from '../time/cycle';
import type { RiskFactors } from './risk-factors';
import type { EventType } from './state';
import type { CycleTerms, Terms } from './terms';

/** An event that a contract will have. */
export interface ScheduledEvent {
  readonly type: EventType;
  /** When it happens, after the business day convention. */
  readonly eventDate: string;
  /** As of when its amounts are computed. */
  readonly time: string;
  /** The observed amount of an unscheduled event, otherwise zero. */
  readonly amount: Decimal;
}

/** Where a cycle starts: its anchor, or one cycle after the initial exchange (s in the tables of schedules). */
export function anchorOf({ anchor, cycle }: CycleTerms, { initialExchangeDate }: Terms): string | undefined {
  return anchor ?? (cycle === undefined ? undefined : plusCycles(initialExchangeDate, cycle, 1));
}

/** The times of a cycle up to an end, before business days are looked at. */
export function timesOf(
  cycle: CycleTerms,
  terms: Terms,
  end: string,
  includeEnd: boolean,
): readonly string[] {
  return schedule(anchorOf(cycle, terms), end, cycle.cycle, { endOfMonth: terms.endOfMonth, includeEnd });
}

/** An event at its own time, whatever the calendar. */
export function fixedEvent(type: EventType, time: string, amount = new Decimal(0)): ScheduledEvent {
  return { type, eventDate: time, time, amount };
}

/**
 * An event on the next day that the business day convention admits. The end of a schedule stays where it is (technical
 * specification 3.4 shifts t1 to tn-1), and nothing is shifted past it.
 */
export function shiftedEvent(type: EventType, time: string, terms: Terms, end: string): ScheduledEvent {
  if (time >= end) return fixedEvent(type, time);
  const { eventDate, calculationDate } = adjust(terms.businessDayConvention, terms.calendar, time);
  if (eventDate > end) return fixedEvent(type, end);
  return { type, eventDate, time: calculationDate, amount: new Decimal(0) };
}

/**
 * Interest payments, and capitalizations in their place until the capitalization ends (IP and IPCI of 7.1). The payments
 * after it stay on the cycle of their anchor, as in the public cases; 7.1 would count them from the end of capitalization.
 */
export function interestEvents(
  times: readonly string[],
  terms: Terms,
  maturity: string,
): readonly ScheduledEvent[] {
  if (terms.nominalInterestRate === undefined) return [];
  const payments = times.map((time) => shiftedEvent('IP', time, terms, maturity));
  const { capitalizationEndDate } = terms;
  if (capitalizationEndDate === undefined || capitalizationEndDate > maturity) {
    return capitalizationEndDate === undefined
      ? payments
      : payments.map((payment) => ({ ...payment, type: 'IPCI' as const }));
  }
  const last = shiftedEvent('IPCI', capitalizationEndDate, terms, maturity);
  return [
    ...payments
      .filter(({ eventDate }) => eventDate < last.eventDate)
      .map((payment) => ({ ...payment, type: 'IPCI' as const })),
    last,
    ...payments.filter(({ eventDate }) => eventDate > last.eventDate),
  ];
}

/**
 * Rate resets (RR and RRF of 7.1): the first after the status date takes the next rate where the terms give one. None at
 * maturity, where a new rate has nothing to apply to.
 */
export function rateResetEvents(terms: Terms, maturity: string): readonly ScheduledEvent[] {
  const resets = timesOf(terms.rateReset, terms, maturity, false).map((time) =>
    shiftedEvent('RR', time, terms, maturity),
  );
  const known =
    terms.rateReset.nextRate === undefined
      ? undefined
      : resets.find(({ eventDate }) => eventDate > terms.statusDate);
  return resets.map((reset) => (reset === known ? { ...reset, type: 'RRF' as const } : reset));
}

/** Prepayments, planned by the terms' cycle and observed, each with its penalty where the terms have one (PP and PY of 7.1). */
function prepaymentEvents(
  terms: Terms,
  maturity: string,
  { events }: RiskFactors,
): readonly ScheduledEvent[] {
  const { prepayment } = terms;
  if (prepayment.effect === 'N') return [];
  const end = prepayment.exerciseEnd ?? maturity;
  const observed = events.filter(({ type, time }) => type === 'PP' && time < maturity && time <= end);
  const planned = timesOf(prepayment, terms, end, prepayment.exerciseEnd !== undefined)
    .filter((time) => time < maturity && !observed.some((event) => event.time === time))
    .map((time) => shiftedEvent('PP', time, terms, maturity));
  const all = [...planned, ...observed.map(({ time, amount }) => fixedEvent('PP', time, amount))];
  if (prepayment.penalty === 'NONE') return all;
  return all.flatMap((event) => [{ ...event, type: 'PY' as const, amount: new Decimal(0) }, event]);
}

/** The events that every amortizing and non-amortizing loan has, but for interest and principal (7.1, table of schedules). */
export function commonEvents(
  terms: Terms,
  maturity: string,
  feeTimes: readonly string[],
  riskFactors: RiskFactors,
): readonly ScheduledEvent[] {
  const { scaling } = terms;
  const scalingTimes = scaling.interest || scaling.notional ? timesOf(scaling, terms, maturity, false) : [];
  return [
    fixedEvent('IED', terms.initialExchangeDate),
    fixedEvent('MD', maturity),
    ...rateResetEvents(terms, maturity),
    ...feeTimes.map((time) => shiftedEvent('FP', time, terms, maturity)),
    ...scalingTimes.map((time) => shiftedEvent('SC', time, terms, maturity)),
    ...prepaymentEvents(terms, maturity, riskFactors),
    ...riskFactors.events.filter(({ type }) => type !== 'PP').map(({ type, time }) => fixedEvent(type, time)),
    ...(terms.purchase === undefined ? [] : [fixedEvent('PRD', terms.purchase.date)]),
    ...(terms.termination === undefined ? [] : [fixedEvent('TD', terms.termination.date)]),
  ];
}
