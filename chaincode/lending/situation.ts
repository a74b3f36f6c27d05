import { hasRole, type CallerRole } from '../ledger/caller';
import { ContractError } from '../ledger/errors';
import { isSupervisor, mspsOf, type Situation } from '../registry/situation';

/** Who may do and see what on a bank's lending channel. */

/** Whether the caller is of this channel's bank and has one of the roles. */
export function isBankStaff({ caller, bank }: Situation, ...roles: readonly CallerRole[]): boolean {
  return caller.msp === bank && hasRole(caller, ...roles);
}

/** @throws ContractError `UNAUTHORISED_ROLE` unless the caller is of this channel's bank and has one of the roles. */
export function requireBankStaff(situation: Situation, ...roles: readonly CallerRole[]): void {
  if (!isBankStaff(situation, ...roles))
    throw new ContractError('UNAUTHORISED_ROLE', `this takes the bank's ${roles.join(' or ')}`);
}

/** Whether the caller acts for an enterprise: its own user, of an organisation of enterprises. */
export function isEnterprise({ caller, evidence }: Situation, uscc: string): boolean {
  return (
    hasRole(caller, 'enterprise-user') &&
    caller.uscc === uscc &&
    mspsOf(evidence, 'enterprise').includes(caller.msp)
  );
}

/** The bank's own staff and the supervisor see what concerns any enterprise of the channel. */
function hasInsight(situation: Situation): boolean {
  const { caller, bank } = situation;
  return (caller.msp === bank && caller.uscc === undefined) || isSupervisor(situation);
}

/**
 * The enterprise itself, the bank's staff and the supervisor may see what concerns an enterprise on this channel.
 *
 * @throws ContractError `NOT_YOUR_RECORD`.
 */
export function requireSight(situation: Situation, uscc: string): void {
  if (!hasInsight(situation) && !isEnterprise(situation, uscc))
    throw new ContractError('NOT_YOUR_RECORD', 'this is about another enterprise');
}

/**
 * What may name any enterprise of the channel is for the bank's own staff and the supervisor.
 *
 * @throws ContractError `NOT_YOUR_RECORD`.
 */
export function requireInsight(situation: Situation): void {
  if (!hasInsight(situation))
    throw new ContractError('NOT_YOUR_RECORD', "this is for the bank's staff and the supervisor");
}

/**
 * Prefix of what a list by enterprise shows: an enterprise sees its own without naming itself; the bank's staff and the
 * supervisor see all, or the one that they name.
 *
 * @throws ContractError `NOT_YOUR_RECORD`.
 */
export function listedFor(situation: Situation, asked: string | undefined): readonly string[] {
  const enterprise = asked ?? situation.caller.uscc;
  if (enterprise === undefined) {
    requireInsight(situation);
    return [];
  }
  requireSight(situation, enterprise);
  return [enterprise];
}
