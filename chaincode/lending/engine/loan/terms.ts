import { ContractError } from '../../../ledger/errors';
import type { LoanTerms } from './model';
import { scaledRate } from './rates';
import type { ScheduledInstalment } from './schedule';

function refuse(field: string, reason: string): never {
  throw new ContractError('INVALID_INPUT', reason, `terms.${field}`);
}

/**
 * What a schema cannot say of terms: that their parts fit together.
 *
 * @throws ContractError `INVALID_INPUT` that names the term at fault.
 */
export function requireTerms(terms: LoanTerms, schedule: readonly ScheduledInstalment[]): void {
  const { type, grace, rate } = terms;
  if ((type === 'LAM') !== (terms.principalCycle !== undefined))
    refuse('principalCycle', 'belongs to LAM, and LAM needs it');
  if (type === 'ANN' && terms.interestCycle === 'AT_MATURITY')
    refuse('interestCycle', 'equal instalments need a cycle');
  if (type === 'PAM' && grace.principalInstalments > 0)
    refuse('grace.principalInstalments', 'the principal of PAM falls due at maturity alone');
  if (type === 'ANN' && grace.interestInstalments > grace.principalInstalments)
    refuse('grace.interestInstalments', 'an equal instalment contains its interest');
  const last = schedule.at(-1);
  if (last?.deferred !== false) refuse('grace.interestInstalments', 'leaves no instalment for the interest');
  if (!last.principal) refuse('grace.principalInstalments', 'leaves no instalment for the principal');
  if (rate.kind === 'FLOATING' && rate.cap !== undefined && rate.floor !== undefined) {
    if (scaledRate(rate.cap) < scaledRate(rate.floor)) refuse('rate.cap', 'is below the floor');
  }
}
