import type { Context } from 'fabric-contract-api';
import type { Static } from 'typebox';
import { digestOf } from '../../ledger/canonical';
import {
  addToIndex,
  emit,
  exists,
  pageOfIndex,
  requireDocument,
  writeDocument,
  type Paged,
} from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import { check } from '../../ledger/parse';
import { situationOf, type Situation } from '../../registry/situation';
import { requireBankStaff, requireInsight } from '../situation';
import type { Executor, Executors } from './executor';
import { Proposal, type Action, type ListProposalsInput, type Person, type ProposeInput } from './model';
import { transitions, type ProposalEvent } from './states';

export const proposalKey = (id: string) => `proposal~${id}`;

/** Action, proposal: those that wait for a decision. */
export const openIndex = 'openProposal';

const proposalCheck = check(Proposal);

/** Somebody proposes. Nothing is carried out yet. @throws ContractError UNAUTHORISED_ROLE, ALREADY_EXISTS, INVALID_INPUT. */
export async function propose(
  ctx: Context,
  executors: Executors,
  { proposalId, action, content }: ProposeInput,
): Promise<void> {
  const executor = executorFor(executors, action);
  const situation = await situationOf(ctx, executor.evidence(content));
  requireBankStaff(situation, ...executor.makers);
  if (await exists(ctx, proposalKey(proposalId)))
    throw new ContractError('ALREADY_EXISTS', 'there is a proposal of this id', 'proposalId');
  await executor.admit(ctx, situation, content);
  const proposal: Proposal = {
    proposalId,
    action,
    content,
    digest: digestOf(content),
    status: 'PROPOSED',
    maker: personOf(situation),
    madeAt: situation.time.instant,
  };
  await writeDocument(ctx, proposalKey(proposalId), proposal);
  await addToIndex(ctx, openIndex, [action, proposalId]);
  emit(ctx, 'ActionProposed', { proposalId, action });
}

/**
 * Another person approves, and the action is carried out in this transaction: it happens wholly and once, or not at all.
 *
 * @param digest what the approver saw, by the digest of its canonical form.
 * @throws ContractError APPROVAL_NOT_OPEN, APPROVAL_MISMATCH, SAME_PERSON, UNAUTHORISED_ROLE, and the action's own.
 */
export async function approve(
  ctx: Context,
  executors: Executors,
  proposalId: string,
  digest: string,
): Promise<void> {
  const proposal = await loadProposal(ctx, proposalId);
  const executor = executorFor(executors, proposal.action);
  const situation = await situationOf(ctx, executor.evidence(proposal.content));
  requireBankStaff(situation, ...executor.checkers);
  // Not the digest that the proposal states: what is carried out is the content.
  if (digest !== digestOf(proposal.content))
    throw new ContractError('APPROVAL_MISMATCH', 'what is approved is not what was proposed', 'digest');
  // Set first: an action may have an event of its own, and a transaction has one.
  emit(ctx, 'ActionDecided', { proposalId, action: proposal.action });
  await decide(ctx, situation, proposal, 'APPROVE');
  await executor.execute(ctx, situation, proposal.content, proposal);
}

/** Another person says no. @throws ContractError APPROVAL_NOT_OPEN, SAME_PERSON, UNAUTHORISED_ROLE. */
export async function reject(
  ctx: Context,
  executors: Executors,
  proposalId: string,
  reason: string,
): Promise<void> {
  const proposal = await loadProposal(ctx, proposalId);
  const situation = await situationOf(ctx);
  requireBankStaff(situation, ...executorFor(executors, proposal.action).checkers);
  await decide(ctx, situation, proposal, 'REJECT', reason);
  emit(ctx, 'ActionDecided', { proposalId, action: proposal.action });
}

/** Who proposed takes it back. @throws ContractError APPROVAL_NOT_OPEN, UNAUTHORISED_ROLE. */
export async function withdraw(ctx: Context, executors: Executors, proposalId: string): Promise<void> {
  const proposal = await loadProposal(ctx, proposalId);
  const situation = await situationOf(ctx);
  requireBankStaff(situation, ...executorFor(executors, proposal.action).makers);
  await decide(ctx, situation, proposal, 'WITHDRAW');
  emit(ctx, 'ActionDecided', { proposalId, action: proposal.action });
}

/** One proposal, for the bank's staff and the supervisor. @throws ContractError NOT_FOUND, NOT_YOUR_RECORD. */
export async function getProposal(ctx: Context, proposalId: string): Promise<Proposal> {
  requireInsight(await situationOf(ctx));
  return loadProposal(ctx, proposalId);
}

/** A page of the proposals that wait for a decision. @throws ContractError NOT_YOUR_RECORD. */
export async function listOpenProposals(
  ctx: Context,
  { action, ...page }: Static<typeof ListProposalsInput>,
): Promise<Paged<Proposal>> {
  requireInsight(await situationOf(ctx));
  const { keys, bookmark } = await pageOfIndex(ctx, openIndex, action === undefined ? [] : [action], page);
  const items: Proposal[] = [];
  for (const [, proposalId = ''] of keys) items.push(await loadProposal(ctx, proposalId));
  return { items, bookmark };
}

async function loadProposal(ctx: Context, proposalId: string): Promise<Proposal> {
  const proposal = await requireDocument(ctx, proposalKey(proposalId), proposalCheck);
  if (proposal.proposalId !== proposalId)
    throw new ContractError('STATE_INVALID', 'the stored proposal contradicts itself', 'proposal');
  return proposal;
}

function executorFor(executors: Executors, action: Action): Executor {
  const found = executors[action];
  if (found === undefined)
    throw new ContractError('INVALID_INPUT', 'nothing carries out this action', 'action');
  return found;
}

async function decide(
  ctx: Context,
  situation: Situation,
  proposal: Proposal,
  event: ProposalEvent,
  reason?: string,
): Promise<void> {
  const transition = transitions[proposal.status][event];
  if (transition === undefined)
    throw new ContractError('APPROVAL_NOT_OPEN', `the proposal is ${proposal.status}`, 'proposalId');
  const person = personOf(situation);
  const same = person.msp === proposal.maker.msp && person.person === proposal.maker.person;
  if (transition.by === 'checker' && same)
    throw new ContractError('SAME_PERSON', 'who proposed cannot decide', 'proposalId');
  if (transition.by === 'maker' && !same)
    throw new ContractError('UNAUTHORISED_ROLE', 'only who proposed takes it back', 'proposalId');
  const decided: Proposal = {
    ...proposal,
    status: transition.to,
    decidedAt: situation.time.instant,
    ...(transition.by === 'checker' ? { checker: person } : {}),
    ...(reason === undefined ? {} : { reason }),
  };
  await writeDocument(ctx, proposalKey(proposal.proposalId), decided);
  await ctx.stub.deleteState(ctx.stub.createCompositeKey(openIndex, [proposal.action, proposal.proposalId]));
}

function personOf({ caller: { msp, person } }: Situation): Person {
  return { msp, person };
}
