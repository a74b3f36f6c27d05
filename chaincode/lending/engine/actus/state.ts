import { Decimal } from '../decimal';
import { yearFraction } from '../time/day-count';
import type { RiskFactors } from './risk-factors';
import type { Terms } from './terms';

/**
 * Event types in the order in which they are evaluated at the same time. From the sequence in the ACTUS event dictionary,
 * but for `PRF`, which fixes an instalment for the rate that `RR` has set and so comes after it, as in the public cases.
 */
export const eventSequence = [
  'IED',
  'FP',
  'PR',
  'PY',
  'PP',
  'IP',
  'IPCI',
  'CE',
  'RRF',
  'RR',
  'PRF',
  'PRD',
  'TD',
  'SC',
  'IPCB',
  'MD',
  'AD',
] as const;

/** One of {@link eventSequence}. */
export type EventType = (typeof eventSequence)[number];

/** State variables (technical specification 2.4). Amounts carry the sign of the contract's role. */
export interface State {
  /** Sd: when the state was last brought up to date. */
  readonly statusDate: string;
  /** Nt */
  readonly notional: Decimal;
  /** Ipnr, a year */
  readonly rate: Decimal;
  /** Ipac */
  readonly accruedInterest: Decimal;
  /** Feac */
  readonly accruedFee: Decimal;
  /** Ipcb: the amount on which interest accrues. */
  readonly interestBase: Decimal;
  /** Nsc */
  readonly notionalScaling: Decimal;
  /** Isc */
  readonly interestScaling: Decimal;
  /** Prnxt: the next redemption, for ANN with the interest in it. */
  readonly nextRedemption: Decimal;
}

/** What stays the same over a contract's events. */
export interface Contract {
  readonly terms: Terms;
  readonly maturity: string;
  readonly riskFactors: RiskFactors;
  /** Times of fee payments and of principal redemptions, as scheduled. */
  readonly feeTimes: readonly string[];
  readonly redemptionTimes: readonly string[];
}

/** One event about to be evaluated. */
export interface Step {
  readonly contract: Contract;
  /** As of when amounts are computed. */
  readonly time: string;
  /** The observed amount of an unscheduled event. */
  readonly amount: Decimal;
}

/** Y(s, t) of the technical specification 3.6 under the contract's day count. */
export function fraction({ terms, maturity }: Contract, from: string, to: string): Decimal {
  return yearFraction(terms.dayCount, from, to, { maturity });
}

/** Interest accrued by a time: Ipac + Y(Sd, t) Ipnr Ipcb. */
export function interestAt({ contract, time }: Step, state: State): Decimal {
  if (state.interestBase.isZero() || state.rate.isZero()) return state.accruedInterest;
  return state.accruedInterest.plus(
    fraction(contract, state.statusDate, time).times(state.rate).times(state.interestBase),
  );
}

/** A fee that is an amount accrues evenly between its payments: Y(tFP-, t) / Y(tFP-, tFP+) R FER. */
export function absoluteFee(contract: Contract, time: string): Decimal | undefined {
  const before = contract.feeTimes.findLast((candidate) => candidate < time);
  const after = contract.feeTimes.find((candidate) => candidate >= time);
  if (before === undefined || after === undefined || contract.terms.fee.rate === undefined) return undefined;
  return fraction(contract, before, time)
    .div(fraction(contract, before, after))
    .times(contract.terms.role)
    .times(contract.terms.fee.rate);
}

/** Fee accrued by a time: Feac + Y(Sd, t) Nt FER for a rate on the notional. */
export function feeAt({ contract, time }: Step, state: State): Decimal {
  const { rate, basis } = contract.terms.fee;
  if (rate === undefined) return state.accruedFee;
  if (basis === 'A') return absoluteFee(contract, time) ?? state.accruedFee;
  return state.accruedFee.plus(fraction(contract, state.statusDate, time).times(state.notional).times(rate));
}

function baseAtExchange({ role, interestCalculationBase, ...terms }: Terms): Decimal {
  const amount =
    interestCalculationBase === 'NT'
      ? terms.notionalPrincipal
      : (terms.interestCalculationBaseAmount ?? terms.notionalPrincipal);
  return amount.times(role);
}

/** State after the initial exchange at a time, with the interest accrued by then. */
export function exchanged(state: State, terms: Terms, time: string): State {
  return {
    ...state,
    statusDate: time,
    notional: terms.notionalPrincipal.times(terms.role),
    rate: terms.nominalInterestRate ?? new Decimal(0),
    interestBase: baseAtExchange(terms),
  };
}

/**
 * State at the status date (tables of states, technical specification 7.1 and 7.2): nothing before the initial exchange;
 * after it interest and fees since their last scheduled payment, unless the terms give what has accrued.
 */
export function initialState(contract: Contract, interestTimes: readonly string[]): State {
  const { terms } = contract;
  const zero = new Decimal(0);
  const blank: State = {
    statusDate: terms.statusDate,
    notional: zero,
    rate: zero,
    accruedInterest: zero,
    accruedFee: zero,
    interestBase: zero,
    notionalScaling: terms.scaling.notional ? terms.scaling.notionalMultiplier : new Decimal(1),
    interestScaling: terms.scaling.interest ? terms.scaling.interestMultiplier : new Decimal(1),
    nextRedemption: zero,
  };
  if (terms.initialExchangeDate > terms.statusDate) return blank;
  const state = exchanged(blank, terms, terms.statusDate);
  const since = (times: readonly string[]): Decimal => {
    const last = times.findLast((time) => time <= terms.statusDate);
    return last === undefined ? zero : fraction(contract, last, terms.statusDate);
  };
  const fee = (): Decimal => {
    if (terms.fee.rate === undefined) return zero;
    if (terms.fee.basis === 'A') return absoluteFee(contract, terms.statusDate) ?? zero;
    return since(contract.feeTimes).times(state.notional).times(terms.fee.rate);
  };
  return {
    ...state,
    accruedInterest:
      terms.accruedInterest?.times(terms.role) ??
      since(interestTimes).times(state.notional).times(state.rate),
    accruedFee: terms.fee.accrued?.times(terms.role) ?? fee(),
  };
}
