import 'reflect-metadata';
import { Context, Contract, Transaction } from 'fabric-contract-api';
import { canonicalJson } from '../../ledger/canonical';
import { check, parseInput } from '../../ledger/parse';
import type { Executors } from './executor';
import { ApproveInput, ListProposalsInput, ProposalIdInput, ProposeInput, RejectInput } from './model';
import { approve, getProposal, listOpenProposals, propose, reject, withdraw } from './proposals';

const inputs = {
  propose: check(ProposeInput),
  approve: check(ApproveInput),
  reject: check(RejectInput),
  id: check(ProposalIdInput),
  list: check(ListProposalsInput),
} as const;

/**
 * Four eyes: what moves money or terms is proposed by one person of the bank and approved, by the digest of its content,
 * by another. The table of what is carried out is given by a subclass without parameters, since that is what Fabric makes.
 */
export class ApprovalsContract extends Contract {
  constructor(private readonly executors: Executors) {
    super('approvals');
  }

  /** Proposes an action. Event ActionProposed. */
  @Transaction()
  async Propose(ctx: Context, input: string): Promise<string> {
    await propose(ctx, this.executors, parseInput(input, inputs.propose));
    return '';
  }

  /** Approves a proposal and carries it out. The action's own event, or ActionDecided. */
  @Transaction()
  async Approve(ctx: Context, input: string): Promise<string> {
    const { proposalId, digest } = parseInput(input, inputs.approve);
    await approve(ctx, this.executors, proposalId, digest);
    return '';
  }

  /** Rejects a proposal of another person. Event ActionDecided. */
  @Transaction()
  async Reject(ctx: Context, input: string): Promise<string> {
    const { proposalId, reason } = parseInput(input, inputs.reject);
    await reject(ctx, this.executors, proposalId, reason);
    return '';
  }

  /** Takes one's own proposal back. Event ActionDecided. */
  @Transaction()
  async Withdraw(ctx: Context, input: string): Promise<string> {
    await withdraw(ctx, this.executors, parseInput(input, inputs.id).proposalId);
    return '';
  }

  /** A Proposal, for the bank's staff and the supervisor. */
  @Transaction(false)
  async GetProposal(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await getProposal(ctx, parseInput(input, inputs.id).proposalId));
  }

  /** A page of Proposal: those that wait for a decision. */
  @Transaction(false)
  async ListOpenProposals(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await listOpenProposals(ctx, parseInput(input, inputs.list)));
  }
}
