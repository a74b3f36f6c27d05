import { yearFraction } from '../time/day-count';
import { plusCycles } from '../time/cycle';
import { plusDays } from '../time/moment';
import type { ContractType } from './contract-type';
import { amortizingEvents, redeemedAfter } from './lam';
import { payoffsOfAnn } from './payoffs';
import type { ScheduledEvent } from './schedules';
import { anchorOf, fixedEvent, rateResetEvents, timesOf } from './schedules';
import type { Contract, State } from './state';
import type { Terms } from './terms';
import { TermsError } from './terms';
import { transitionsOfAnn, withInstalment } from './transitions';

/**
 * Md of 7.4: the given maturity; else the end of amortization; else when the given instalment has repaid the notional,
 * counting the interest in the first one.
 */
function maturity(terms: Terms): string {
  const given = terms.maturityDate ?? terms.amortizationDate;
  if (given !== undefined) return given;
  const instalment = terms.nextPrincipalRedemptionPayment;
  if (instalment === undefined)
    throw new TermsError('maturityDate: required without amortizationDate or nextPrincipalRedemptionPayment');
  return redeemedAfter(terms, (first, second) => {
    const interest = yearFraction(terms.dayCount, first, second)
      .times(terms.nominalInterestRate ?? 0)
      .times(terms.notionalPrincipal);
    const principal = instalment.minus(interest);
    if (!principal.isPositive() || principal.isZero())
      throw new TermsError('nextPrincipalRedemptionPayment: does not exceed the interest');
    return terms.notionalPrincipal.div(principal).ceil().toNumber();
  });
}

/**
 * IP of 7.4: on the interest cycle until one period before the first redemption, then with every redemption, since the
 * interest is in the instalment, and at maturity.
 */
function interestTimes(terms: Terms, end: string): readonly string[] {
  const start = anchorOf(terms.principalRedemption, terms);
  if (start === undefined) return [end];
  const { cycle } = terms.principalRedemption;
  const withPrincipal = timesOf(terms.principalRedemption, terms, end, true);
  const until = cycle === undefined ? start : plusCycles(start, cycle, -1);
  const first = anchorOf(terms.interestPayment, terms);
  if (first === undefined || first > until) return withPrincipal;
  const before = timesOf(terms.interestPayment, terms, until, true);
  return [...before.filter((time) => time < start && time < end), ...withPrincipal];
}

/**
 * The instalment is fixed on the day before the first redemption unless the terms give it, and at every rate reset, for the
 * rate just set. A first redemption with or before the exchange leaves no day to fix it on: it is fixed at the exchange.
 */
function principalEvents(contract: Contract): readonly ScheduledEvent[] {
  const { terms, maturity: end } = contract;
  const first = anchorOf(terms.principalRedemption, terms);
  const fixing = first === undefined ? undefined : plusDays(first, -1);
  const initial =
    fixing !== undefined &&
    terms.nextPrincipalRedemptionPayment === undefined &&
    fixing >= terms.initialExchangeDate &&
    fixing < end;
  return [
    ...amortizingEvents(contract),
    ...(initial ? [fixedEvent('PRF', fixing)] : []),
    ...rateResetEvents(terms, end).map((reset) => ({ ...reset, type: 'PRF' as const })),
  ];
}

function begin(contract: Contract, state: State): State {
  const { terms } = contract;
  const given = terms.nextPrincipalRedemptionPayment;
  if (given !== undefined) return { ...state, nextRedemption: given.times(terms.role) };
  if (state.notional.isZero()) return state;
  return withInstalment({ contract, time: terms.statusDate, amount: state.accruedFee }, state);
}

/** Annuity: equal instalments of principal and interest together (technical specification 7.5). */
export const ann: ContractType = {
  maturity,
  redemptionTimes: (terms, end) => {
    const amortized = terms.amortizationDate ?? end;
    const times = timesOf(terms.principalRedemption, terms, amortized, true);
    return times.length === 0 ? [amortized] : times;
  },
  interestTimes,
  principalEvents,
  begin,
  payoffs: payoffsOfAnn,
  transitions: transitionsOfAnn,
};
