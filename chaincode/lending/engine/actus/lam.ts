import { Decimal } from '../decimal';
import { plusCycles } from '../time/cycle';
import { endOfMonth, isEndOfMonth } from '../time/moment';
import type { ContractType } from './contract-type';
import { regularInterestTimes } from './pam';
import { payoffsOfLam } from './payoffs';
import type { ScheduledEvent } from './schedules';
import { anchorOf, shiftedEvent, timesOf } from './schedules';
import type { Contract, State } from './state';
import type { Terms } from './terms';
import { TermsError } from './terms';
import { transitionsOfLam } from './transitions';

/**
 * The redemption at which a number of redemptions, counted from the first that is still to come at the status date, is
 * complete (Md of 7.2 and 7.4; the first counts, as in the public cases).
 */
export function redeemedAfter(terms: Terms, payments: (first: string, second: string) => number): string {
  const { cycle } = terms.principalRedemption;
  const anchor = anchorOf(terms.principalRedemption, terms);
  if (anchor === undefined || cycle === undefined)
    throw new TermsError('maturityDate: required where principal has no cycle');
  const at = (index: number): string => {
    const time = plusCycles(anchor, cycle, index);
    return terms.endOfMonth === 'EOM' && cycle.months > 0 && isEndOfMonth(anchor) ? endOfMonth(time) : time;
  };
  let first = 0;
  while (at(first) < terms.statusDate) first += 1;
  return at(first + payments(at(first), at(first + 1)) - 1);
}

function maturity(terms: Terms): string {
  if (terms.maturityDate !== undefined) return terms.maturityDate;
  const payment = terms.nextPrincipalRedemptionPayment;
  if (payment === undefined || !payment.isPositive() || payment.isZero())
    throw new TermsError('maturityDate: required without nextPrincipalRedemptionPayment');
  return redeemedAfter(terms, () => terms.notionalPrincipal.div(payment).ceil().toNumber());
}

/** Redemptions on their cycle before maturity, and the base of interest where it lags (PR and IPCB of 7.2). */
export function amortizingEvents({
  terms,
  maturity: end,
}: Pick<Contract, 'terms' | 'maturity'>): readonly ScheduledEvent[] {
  const bases =
    terms.interestCalculationBase === 'NTL'
      ? timesOf(terms.interestCalculationBaseFixing, terms, end, false)
      : [];
  return [
    ...timesOf(terms.principalRedemption, terms, end, false).map((time) =>
      shiftedEvent('PR', time, terms, end),
    ),
    ...bases.map((time) => shiftedEvent('IPCB', time, terms, end)),
  ];
}

/** Equal parts over the redemptions still to come, maturity among them, unless the terms give the amount. */
function begin({ terms, redemptionTimes }: Contract, state: State): State {
  const left = redemptionTimes.filter((time) => time > terms.statusDate).length;
  const amount =
    terms.nextPrincipalRedemptionPayment ?? terms.notionalPrincipal.div(new Decimal(Math.max(1, left)));
  return { ...state, nextRedemption: amount.times(terms.role) };
}

/** Linear amortizer: equal principal, interest on what is left (technical specification 7.2). */
export const lam: ContractType = {
  maturity,
  redemptionTimes: (terms, end) => {
    const times = timesOf(terms.principalRedemption, terms, end, true);
    return times.length === 0 ? [end] : times;
  },
  interestTimes: regularInterestTimes,
  principalEvents: amortizingEvents,
  begin,
  payoffs: payoffsOfLam,
  transitions: transitionsOfLam,
};
