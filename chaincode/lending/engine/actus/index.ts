import { Decimal } from '../decimal';
import { toLocalDateTime } from '../time/moment';
import { ann } from './ann';
import type { ContractType } from './contract-type';
import { lam } from './lam';
import { pam } from './pam';
import type { RiskFactors } from './risk-factors';
import { noRiskFactors, observe } from './risk-factors';
import type { ScheduledEvent } from './schedules';
import { commonEvents, interestEvents, timesOf } from './schedules';
import type { Contract, EventType, State } from './state';
import { eventSequence, initialState } from './state';
import type { ContractTypeName, Terms } from './terms';

export type { Observation, ObservedEvent, RiskFactors } from './risk-factors';
export { noRiskFactors, riskFactors } from './risk-factors';
export type { EventType } from './state';
export type { ContractTypeName, Terms } from './terms';
export { contractTypes, parseTerms, TermsError } from './terms';

/** An event with what it pays and the state after it. Amounts carry the sign of the contract's role. */
export interface ContractEvent {
  /** Local date-time, after the business day convention. */
  readonly eventDate: string;
  readonly eventType: EventType;
  /** In the settlement currency where the terms have one. */
  readonly payoff: Decimal;
  readonly currency: string;
  readonly notionalPrincipal: Decimal;
  /** A year. */
  readonly nominalInterestRate: Decimal;
  readonly accruedInterest: Decimal;
}

const rules: Readonly<Record<ContractTypeName, ContractType>> = { PAM: pam, LAM: lam, ANN: ann };

function compare(a: ScheduledEvent, b: ScheduledEvent): number {
  if (a.eventDate !== b.eventDate) return a.eventDate < b.eventDate ? -1 : 1;
  return eventSequence.indexOf(a.type) - eventSequence.indexOf(b.type);
}

/** The contract and its events in order, from the status date (not included) to maturity or termination. */
function plan(terms: Terms, riskFactors: RiskFactors) {
  const type = rules[terms.contractType];
  const maturity = type.maturity(terms);
  const feeTimes = terms.fee.rate === undefined ? [] : timesOf(terms.fee, terms, maturity, true);
  const contract: Contract = {
    terms,
    maturity,
    riskFactors,
    feeTimes,
    redemptionTimes: type.redemptionTimes(terms, maturity),
  };
  const interestTimes = type.interestTimes(terms, maturity);
  const all = [
    ...commonEvents(terms, maturity, feeTimes, riskFactors),
    ...interestEvents(interestTimes, terms, maturity),
    ...type.principalEvents(contract),
  ].sort(compare);
  const termination = all.find(({ type: eventType }) => eventType === 'TD');
  const scheduled = all.filter(
    (event) =>
      event.eventDate > terms.statusDate &&
      event.eventDate <= maturity &&
      (termination === undefined || compare(event, termination) <= 0),
  );
  return { type, contract, scheduled, state: type.begin(contract, initialState(contract, interestTimes)) };
}

/** Payoffs in the settlement currency: X(t) of the technical specification 3.10. */
function settle(terms: Terms, riskFactors: RiskFactors, payoff: Decimal, time: string): Decimal {
  const { currency, settlementCurrency } = terms;
  if (settlementCurrency === undefined || settlementCurrency === currency || payoff.isZero()) return payoff;
  return payoff.times(observe(riskFactors, `${currency}/${settlementCurrency}`, time));
}

/**
 * The events of a contract in order, each with its payoff and the state after it: those after the status date, up to
 * maturity, termination or `to` (included), and from the purchase on where there is one. Events before a purchase count for
 * the state, but their payoffs are another's.
 *
 * @param to a date or local date-time; absent: to the end.
 * @throws TermsError where terms do not determine the contract, or a market object was not observed in time.
 */
export function events(
  terms: Terms,
  riskFactors: RiskFactors = noRiskFactors,
  to?: string,
): readonly ContractEvent[] {
  const { type, contract, scheduled, state: begun } = plan(terms, riskFactors);
  const purchase = scheduled.find((event) => event.type === 'PRD');
  const last = to === undefined ? undefined : toLocalDateTime(to);
  const results: ContractEvent[] = [];
  let state: State = begun;
  for (const event of scheduled) {
    if (last !== undefined && event.eventDate > last) break;
    const step = { contract, time: event.time, amount: event.amount };
    const payoff = type.payoffs[event.type](step, state);
    state = type.transitions[event.type](step, state);
    if (purchase !== undefined && compare(event, purchase) < 0) continue;
    results.push({
      eventDate: event.eventDate,
      eventType: event.type,
      payoff: settle(terms, riskFactors, payoff, event.eventDate),
      currency: terms.settlementCurrency ?? terms.currency,
      notionalPrincipal: state.notional,
      nominalInterestRate: state.rate,
      accruedInterest: state.accruedInterest,
    });
  }
  return results;
}
