import { Decimal } from '../decimal';
import { annuity } from './annuity';
import { annuityRedemption, linearRedemption } from './payoffs';
import { observe } from './risk-factors';
import type { EventType, State, Step } from './state';
import { exchanged, feeAt, fraction, interestAt } from './state';

/** The state after an event, from the state before it. */
export type Transition = (step: Step, state: State) => State;

/** The state transition of each event type. */
export type TransitionTable = Readonly<Record<EventType, Transition>>;

const zero = (): Decimal => new Decimal(0);

/** Brings interest and fees up to date; what every event other than an exchange does first. */
const accrue: Transition = (step, state) => ({
  ...state,
  accruedInterest: interestAt(step, state),
  accruedFee: feeAt(step, state),
  statusDate: step.time,
});

/** A new notional; interest follows it where its base is the notional outstanding. */
function withNotional({ contract }: Step, state: State, notional: Decimal): State {
  const follows = contract.terms.interestCalculationBase === 'NT';
  return { ...state, notional, interestBase: follows ? notional : state.interestBase };
}

/** Interest at the exchange: as given, or since an anchor before it. */
const initialExchange: Transition = ({ contract, time }, state) => {
  const { terms } = contract;
  const after = exchanged(state, terms, time);
  const anchor = terms.interestPayment.anchor;
  const before =
    anchor !== undefined && anchor < time
      ? fraction(contract, anchor, time).times(after.notional).times(after.rate)
      : zero();
  return { ...after, accruedInterest: terms.accruedInterest?.times(terms.role) ?? before };
};

const redemption =
  (amount: (step: Step, state: State) => Decimal): Transition =>
  (step, state) =>
    withNotional(step, accrue(step, state), state.notional.minus(amount(step, state)));

/** Everything ends; the rate stays as it was. */
const end: Transition = ({ time }, state) => ({
  ...state,
  notional: zero(),
  interestBase: zero(),
  accruedInterest: zero(),
  accruedFee: zero(),
  statusDate: time,
});

const capitalization: Transition = (step, state) => {
  const accrued = accrue(step, state);
  const after = withNotional(step, accrued, state.notional.plus(accrued.accruedInterest));
  return { ...after, accruedInterest: zero() };
};

/** A limit on the change of a rate within one period; the sign in which a floor is stated does not matter. */
function limitedRate({ contract, time }: Step, state: State): Decimal {
  const { rateReset } = contract.terms;
  let rate = observe(contract.riskFactors, rateReset.marketObject, time)
    .times(rateReset.multiplier)
    .plus(rateReset.spread);
  if (rateReset.periodFloor !== undefined)
    rate = Decimal.max(rate, state.rate.minus(rateReset.periodFloor.abs()));
  if (rateReset.periodCap !== undefined) rate = Decimal.min(rate, state.rate.plus(rateReset.periodCap.abs()));
  if (rateReset.lifeFloor !== undefined) rate = Decimal.max(rate, rateReset.lifeFloor);
  if (rateReset.lifeCap !== undefined) rate = Decimal.min(rate, rateReset.lifeCap);
  return rate;
}

/** The index relative to that of the deal, as the public cases have it; 7.1 of the specification subtracts 1. */
const scalingIndex: Transition = (step, state) => {
  const { contract, time } = step;
  const { scaling } = contract.terms;
  const multiplier = observe(contract.riskFactors, scaling.marketObject, time).div(scaling.indexAtDeal ?? 1);
  return {
    ...accrue(step, state),
    notionalScaling: scaling.notional ? multiplier : state.notionalScaling,
    interestScaling: scaling.interest ? multiplier : state.interestScaling,
  };
};

/** State transitions of PAM (technical specification 7.1). */
export const transitionsOfPam: TransitionTable = {
  IED: initialExchange,
  FP: (step, state) => ({ ...accrue(step, state), accruedFee: zero() }),
  PR: accrue,
  PY: accrue,
  PP: redemption(({ amount }) => amount),
  IP: (step, state) => ({ ...accrue(step, state), accruedInterest: zero() }),
  IPCI: capitalization,
  CE: accrue,
  RRF: (step, state) => ({
    ...accrue(step, state),
    rate: step.contract.terms.rateReset.nextRate ?? state.rate,
  }),
  RR: (step, state) => ({ ...accrue(step, state), rate: limitedRate(step, state) }),
  PRF: accrue,
  PRD: accrue,
  TD: end,
  SC: scalingIndex,
  IPCB: (step, state) => ({ ...accrue(step, state), interestBase: state.notional }),
  MD: end,
  AD: accrue,
};

/** State transitions of LAM (technical specification 7.2). */
export const transitionsOfLam: TransitionTable = { ...transitionsOfPam, PR: redemption(linearRedemption) };

/** The instalment for the state at a time, with the contract's sign. */
export function withInstalment({ contract, time }: Step, state: State, inclusive = false): State {
  const instalment = annuity(contract, time, {
    notional: state.notional,
    accrued: state.accruedInterest,
    rate: state.rate,
    inclusive,
  });
  return { ...state, nextRedemption: instalment?.times(contract.terms.role) ?? state.nextRedemption };
}

/** State transitions of ANN (technical specification 7.5); the instalment is fixed by `PRF` events of their own. */
export const transitionsOfAnn: TransitionTable = {
  ...transitionsOfPam,
  IED: (step, state) => {
    const after = initialExchange(step, state);
    const given = step.contract.terms.nextPrincipalRedemptionPayment !== undefined;
    return given ? after : withInstalment(step, after, true);
  },
  PR: redemption(annuityRedemption),
  PRF: (step, state) => withInstalment(step, accrue(step, state)),
};
