import type { Context } from 'fabric-contract-api';
import { callChaincode } from '../ledger/call';
import { callerOf, hasRole, type Caller, type CallerRole } from '../ledger/caller';
import { transactionTime, type TransactionTime } from '../ledger/clock';
import { ContractError } from '../ledger/errors';
import type { Evidence, EvidenceInput } from '../registry/model';

/** Who calls, when, on which bank's lending channel, and what the registry vouches for. */
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
 * Asks the registry and establishes the situation.
 *
 * The registry's answer is not in the read set. That is safe for what is taken from it: keys of signatories never change
 * under their id, and an authority, a mandate or a status that changes while a transaction is under way counts from the
 * next one on.
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
export function mspsOf({ evidence }: Situation, role: string): readonly string[] {
  return evidence.consortium.organisations
    .filter(({ roles }) => roles.some((held) => held === role))
    .map(({ msp }) => msp);
}

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
export function isEnterprise(situation: Situation, uscc: string): boolean {
  const { caller } = situation;
  return (
    hasRole(caller, 'enterprise-user') &&
    caller.uscc === uscc &&
    mspsOf(situation, 'enterprise').includes(caller.msp)
  );
}

/**
 * The enterprise itself, the bank's staff and the supervisor may see what concerns an enterprise on this channel.
 *
 * @throws ContractError `NOT_YOUR_RECORD`.
 */
export function requireSight(situation: Situation, uscc: string): void {
  const { caller, bank } = situation;
  const staff = caller.msp === bank && caller.uscc === undefined;
  const supervisor = hasRole(caller, 'supervisor') && mspsOf(situation, 'regulator').includes(caller.msp);
  if (!staff && !supervisor && !isEnterprise(situation, uscc))
    throw new ContractError('NOT_YOUR_RECORD', 'this is about another enterprise');
}

/**
 * What may name any enterprise of the channel is for the bank's own staff and the supervisor.
 *
 * @throws ContractError `NOT_YOUR_RECORD`.
 */
export function requireInsight(situation: Situation): void {
  const { caller, bank } = situation;
  const staff = caller.msp === bank && caller.uscc === undefined;
  const supervisor = hasRole(caller, 'supervisor') && mspsOf(situation, 'regulator').includes(caller.msp);
  if (!staff && !supervisor)
    throw new ContractError('NOT_YOUR_RECORD', "this is for the bank's staff and the supervisor");
}

/** The enterprise as the registry vouches for it. @throws ContractError `ENTERPRISE_SIGNATURE_INVALID`. */
export function enterpriseOf({ evidence }: Situation): NonNullable<Evidence['enterprise']> {
  if (evidence.enterprise === undefined)
    throw new ContractError(
      'ENTERPRISE_SIGNATURE_INVALID',
      'the enterprise is not registered, or its entry is not signed by its department',
    );
  return evidence.enterprise;
}

/** @throws ContractError `ENTERPRISE_NOT_ACTIVE`, `ENTERPRISE_SIGNATURE_INVALID`. */
export function requireActiveEnterprise(situation: Situation): void {
  const { status } = enterpriseOf(situation);
  if (status !== 'ACTIVE') throw new ContractError('ENTERPRISE_NOT_ACTIVE', `the enterprise is ${status}`);
}
