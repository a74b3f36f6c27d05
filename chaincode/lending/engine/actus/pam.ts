import type { ContractType } from './contract-type';
import { payoffsOfPam } from './payoffs';
import { timesOf } from './schedules';
import type { Terms } from './terms';
import { TermsError } from './terms';
import { transitionsOfPam } from './transitions';

/** Interest is due on its cycle and at maturity; without a cycle at maturity only (dictionary, `cycleOfInterestPayment`). */
export function regularInterestTimes(terms: Terms, maturity: string): readonly string[] {
  const times = timesOf(terms.interestPayment, terms, maturity, true);
  return times.length === 0 ? [maturity] : times;
}

/** Principal at maturity: interest on the way, all principal at the end (technical specification 7.1). */
export const pam: ContractType = {
  maturity: ({ maturityDate }) => {
    if (maturityDate === undefined) throw new TermsError('maturityDate: required');
    return maturityDate;
  },
  redemptionTimes: (_terms, maturity) => [maturity],
  interestTimes: regularInterestTimes,
  principalEvents: () => [],
  begin: (_contract, state) => state,
  payoffs: payoffsOfPam,
  transitions: transitionsOfPam,
};
