import { hasRole, requireRole, type Caller } from '../ledger/caller';
import { ContractError } from '../ledger/errors';
import type { Evidence } from '../registry/model';
import { isSupervisor, mspsOf, type Situation } from '../registry/situation';
import type { ConsentArtefact, DataRequest, StopThrough } from './model';

/** Who may act on and see a consent. Enterprises compete, and so do banks: a query shows nobody another's matter. */

const has = (evidence: Evidence, msp: string, role: string): boolean => mspsOf(evidence, role).includes(msp);

/** @throws ContractError `UNAUTHORISED_ROLE` unless an officer of the channel's bank calls. */
export function requireBank(
  { caller, bank }: Pick<Situation, 'caller' | 'bank'>,
  role: 'credit-officer' | 'purge-agent',
): void {
  requireRole(caller, role);
  if (caller.msp !== bank)
    throw new ContractError('UNAUTHORISED_ROLE', 'this takes the bank of this channel');
}

/** Whether the caller acts for the enterprise: its own user, or the service of the platform that it is a client of. */
function actsFor({ caller, evidence }: Situation, enterprise: string): boolean {
  if (!has(evidence, caller.msp, 'enterprise')) return false;
  return caller.uscc === undefined
    ? hasRole(caller, 'platform-agent')
    : caller.uscc === enterprise && hasRole(caller, 'enterprise-user', 'platform-agent');
}

/** @throws ContractError `NOT_YOUR_RECORD` unless the caller acts for the enterprise. */
export function requireEnterprise(situation: Situation, enterprise: string): void {
  if (!actsFor(situation, enterprise)) {
    throw new ContractError('NOT_YOUR_RECORD', 'this takes the enterprise itself');
  }
}

/**
 * Who may lodge a signed stop: whoever the signatory finds at an organisation of that role. The signature counts, not
 * the messenger.
 *
 * @throws ContractError `UNAUTHORISED_ROLE`, `NOT_YOUR_RECORD`.
 */
export function requireWay(situation: Situation, through: StopThrough, enterprise: string): void {
  if (!has(situation.evidence, situation.caller.msp, through)) {
    throw new ContractError(
      'UNAUTHORISED_ROLE',
      `this takes an organisation of the role ${through}`,
      'through',
    );
  }
  if (through === 'enterprise') requireEnterprise(situation, enterprise);
}

/** Whether the caller provides the records of an issuer: its department, or the platform for an enterprise's own. */
function providesFor(caller: Caller, issuer: string): boolean {
  const [kind, id] = issuer.split(':');
  if (kind === 'department') return hasRole(caller, 'release-agent') && caller.department === id;
  return hasRole(caller, 'platform-agent') && (caller.uscc === undefined || caller.uscc === id);
}

/** @throws ContractError `NOT_YOUR_RECORD` unless the caller releases for the request's issuer. */
export function requireProvider({ caller }: Situation, request: DataRequest): void {
  if (caller.msp !== request.provider || !providesFor(caller, request.issuer)) {
    throw new ContractError('NOT_YOUR_RECORD', 'this takes the release agent of the issuer');
  }
}

/** Whether the caller may see all that happens on this channel: its bank's credit staff and the supervisor. */
export function seesAll(situation: Situation): boolean {
  const { caller, bank } = situation;
  if (caller.msp === bank) return hasRole(caller, 'credit-officer', 'approver', 'purge-agent', 'auditor');
  return isSupervisor(situation);
}

/** What a consent is about: record types by holder, whether data or answers are asked. */
export function mattersOf({ items, questions = [] }: Pick<ConsentArtefact, 'items' | 'questions'>): readonly {
  readonly issuer: string;
  readonly recordType: string;
}[] {
  return [...items, ...questions];
}

/** Whether the caller may see a consent: who sees all, the enterprise, and those whose records it names. */
export function maySeeConsent(situation: Situation, artefact: ConsentArtefact): boolean {
  const { caller, evidence } = situation;
  if (seesAll(situation) || actsFor(situation, artefact.enterprise)) return true;
  return mattersOf(artefact).some(({ issuer }) => {
    const [kind, id] = issuer.split(':');
    if (kind === 'enterprise') return has(evidence, caller.msp, 'enterprise') && providesFor(caller, issuer);
    return (
      providesFor(caller, issuer) &&
      evidence.consortium.organisations.some(
        ({ msp, departments }) =>
          msp === caller.msp && departments.some((department) => department.id === id),
      )
    );
  });
}

/** Whether the caller may see a request: who sees all, the enterprise, and its provider. */
export function maySeeRequest(situation: Situation, request: DataRequest): boolean {
  const { caller } = situation;
  return (
    seesAll(situation) ||
    actsFor(situation, request.enterprise) ||
    (caller.msp === request.provider && providesFor(caller, request.issuer))
  );
}

/** @throws ContractError `NOT_YOUR_RECORD`. */
export function requireSight(sees: boolean): void {
  if (!sees) throw new ContractError('NOT_YOUR_RECORD', 'this is of another enterprise');
}
