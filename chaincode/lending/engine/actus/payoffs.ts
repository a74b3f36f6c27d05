import { Decimal } from '../decimal';
import { observe } from './risk-factors';
import type { EventType, State, Step } from './state';
import { fraction, interestAt } from './state';

/** What an event pays, from the state before it, in the contract's currency and with the contract's sign. */
export type Payoff = (step: Step, state: State) => Decimal;

/** The payoff of each event type. */
export type PayoffTable = Readonly<Record<EventType, Payoff>>;

const nothing: Payoff = () => new Decimal(0);

/** A redemption never exceeds what is outstanding. */
function limited(redemption: Decimal, { notional }: State): Decimal {
  return redemption.abs().greaterThan(notional.abs())
    ? notional.abs().times(redemption.isNegative() ? -1 : 1)
    : redemption;
}

/** What a linear amortizer redeems next (PR of LAM). */
export function linearRedemption(_step: Step, state: State): Decimal {
  return limited(state.nextRedemption, state);
}

/** What an annuity redeems next: the instalment less the interest in it (PR of NAM and ANN). */
export function annuityRedemption(step: Step, state: State): Decimal {
  return limited(state.nextRedemption.minus(interestAt(step, state)), state);
}

const feePayment: Payoff = (step, state) => {
  const { fee, role } = step.contract.terms;
  const rate = fee.rate ?? new Decimal(0);
  return fee.basis === 'A'
    ? rate.times(role)
    : fraction(step.contract, state.statusDate, step.time)
        .times(rate)
        .times(state.notional)
        .plus(state.accruedFee);
};

/** PY: an amount, a rate on the notional, or the rate lost by lending at today's; the last two for the time since Sd. */
const penalty: Payoff = ({ contract, time }, state) => {
  const { prepayment, role, rateReset } = contract.terms;
  if (prepayment.penalty === 'NONE') return new Decimal(0);
  if (prepayment.penalty === 'ABSOLUTE') return prepayment.penaltyRate.times(role);
  const basis = fraction(contract, state.statusDate, time).times(state.notional);
  if (prepayment.penalty === 'RELATIVE') return basis.times(prepayment.penaltyRate);
  const lost = state.rate.minus(observe(contract.riskFactors, rateReset.marketObject, time));
  return basis.times(Decimal.max(0, lost));
};

/**
 * Payoff functions (technical specification 7.1, table of functions). Interest is on Ipcb, which is Nt for PAM, so that the
 * table serves LAM, NAM and ANN as well (7.2, 7.4, 7.5).
 */
export const payoffsOfPam: PayoffTable = {
  IED: ({ contract: { terms } }) =>
    terms.notionalPrincipal.plus(terms.premiumDiscountAtIED).times(-terms.role),
  FP: feePayment,
  PR: nothing,
  PY: penalty,
  PP: ({ amount }) => amount,
  IP: (step, state) => interestAt(step, state).times(state.interestScaling),
  IPCI: nothing,
  CE: nothing,
  RRF: nothing,
  RR: nothing,
  PRF: nothing,
  PRD: (step, state) => {
    const { role, purchase } = step.contract.terms;
    return interestAt(step, state)
      .plus(purchase?.price ?? 0)
      .times(-role);
  },
  TD: (step, state) => {
    const { role, termination } = step.contract.terms;
    return interestAt(step, state)
      .plus(termination?.price ?? 0)
      .times(role);
  },
  SC: nothing,
  IPCB: nothing,
  MD: (_step, state) =>
    state.notional
      .times(state.notionalScaling)
      .plus(state.accruedInterest.times(state.interestScaling))
      .plus(state.accruedFee),
  AD: nothing,
};

/** Payoffs of LAM (technical specification 7.2). */
export const payoffsOfLam: PayoffTable = {
  ...payoffsOfPam,
  PR: (step, state) => linearRedemption(step, state).times(state.notionalScaling),
};

/** Payoffs of NAM and ANN (technical specification 7.4, 7.5). */
export const payoffsOfAnn: PayoffTable = {
  ...payoffsOfPam,
  PR: (step, state) => annuityRedemption(step, state).times(state.notionalScaling),
};
