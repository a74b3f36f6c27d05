import type { Context } from 'fabric-contract-api';
import { callChaincode } from '../ledger/call';
import { callerOf, hasRole, type Caller } from '../ledger/caller';
import { transactionTime, type TransactionTime } from '../ledger/clock';
import { ContractError } from '../ledger/errors';
import type { Evidence, EvidenceInput } from './model';

/** Who calls, when, on which bank's channel, and what the registry vouches for. */
export interface Situation {
  readonly caller: Caller;
  readonly time: TransactionTime;
  readonly channel: string;
  /** MSP of the bank that this channel belongs to. */
  readonly bank: string;
  readonly skewSeconds: number;
  /** The business date may run ahead of the real one: demonstrations and tests. Declared at set-up. */
  readonly simulatedClock: boolean;
  readonly evidence: Evidence;
}

/**
 * Asks the registry from a bank's channel and establishes the situation.
 *
 * The registry's answer is not in the read set. That is safe for what is taken from it: keys of departments and
 * signatories never change under their id; the end of a signatory's authority, a mandate, a ceiling, a status or a role
 * that changes while a transaction is under way counts from the next one on; and an anchor that is superseded or revoked in
 * those seconds shows as such whenever the delivery is read. What has to stop an act, such as a signed stop or the business
 * date, lies on the bank's channel and is in the read set.
 *
 * @throws ContractError `NOT_SET_UP` where the consortium state names no bank for this channel; `CLOCK_SKEW`.
 */
export async function situationOf(ctx: Context, asked: EvidenceInput = {}): Promise<Situation> {
  const evidence = await callChaincode<Evidence>(ctx, 'registry', 'Evidence', asked, 'registry');
  const name = ctx.stub.getChannelID();
  const channel = evidence.consortium.channels.find((candidate) => candidate.name === name);
  if (channel?.bank === undefined)
    throw new ContractError('NOT_SET_UP', 'the consortium state names no bank for this channel');
  return {
    caller: callerOf(ctx),
    time: transactionTime(ctx, channel.clockSkewSeconds),
    channel: name,
    bank: channel.bank,
    skewSeconds: channel.clockSkewSeconds,
    simulatedClock: channel.simulatedClock === true,
    evidence,
  };
}

/** MSP ids that have a role in the consortium. */
export function mspsOf({ consortium }: Evidence, role: string): readonly string[] {
  return consortium.organisations
    .filter(({ roles }) => roles.some((held) => held === role))
    .map(({ msp }) => msp);
}

/** Whether the caller supervises: of the regulator, with the role for it. */
export function isSupervisor({ caller, evidence }: Pick<Situation, 'caller' | 'evidence'>): boolean {
  return hasRole(caller, 'supervisor') && mspsOf(evidence, 'regulator').includes(caller.msp);
}

/** The enterprise as the registry vouches for it. @throws ContractError `ENTERPRISE_SIGNATURE_INVALID`. */
export function enterpriseOf({ enterprise }: Evidence): NonNullable<Evidence['enterprise']> {
  if (enterprise === undefined)
    throw new ContractError(
      'ENTERPRISE_SIGNATURE_INVALID',
      'the enterprise is not registered, or its entry is not signed by its department',
    );
  return enterprise;
}

/**
 * The enterprise, if it may act.
 *
 * @throws ContractError `ENTERPRISE_NOT_ACTIVE`, `ENTERPRISE_SIGNATURE_INVALID`.
 */
export function activeEnterpriseOf(evidence: Evidence): NonNullable<Evidence['enterprise']> {
  const enterprise = enterpriseOf(evidence);
  if (enterprise.status !== 'ACTIVE')
    throw new ContractError('ENTERPRISE_NOT_ACTIVE', `the enterprise is ${enterprise.status}`);
  return enterprise;
}
