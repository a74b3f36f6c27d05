import 'reflect-metadata';
import { Context, Contract, Transaction } from 'fabric-contract-api';
import { canonicalJson } from '../../ledger/canonical';
import { check, parseInput } from '../../ledger/parse';
import { enactChange, getChange, listChanges, proposeChange, stateAt, voteOnChange } from './changes';
import { ChangeIdInput, ListChangesInput, ProposeInput, StateInput, VoteInput } from './model';

const inputs = {
  propose: check(ProposeInput),
  vote: check(VoteInput),
  change: check(ChangeIdInput),
  list: check(ListChangesInput),
  state: check(StateInput),
} as const;

/** Changes of consortium state after set-up: proposed by one organisation, in force once a majority approves and endorses. */
export class ChangesContract extends Contract {
  constructor() {
    super('changes');
  }

  /** An administrator proposes the next state. Endorsed as new keys are. Event ConsortiumChangeProposed. */
  @Transaction()
  async Propose(ctx: Context, input: string): Promise<string> {
    await proposeChange(ctx, parseInput(input, inputs.propose));
    return '';
  }

  /** An administrator votes for his organisation. Endorsed by it alone. Event ConsortiumChangeVoted. */
  @Transaction()
  async Vote(ctx: Context, input: string): Promise<string> {
    await voteOnChange(ctx, parseInput(input, inputs.vote));
    return '';
  }

  /** Puts an approved change into force. Endorsed by a majority of organisations. Event ConsortiumChanged. */
  @Transaction()
  async Enact(ctx: Context, input: string): Promise<string> {
    await enactChange(ctx, parseInput(input, inputs.change).changeId);
    return '';
  }

  /** A ChangeView. */
  @Transaction(false)
  async Get(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await getChange(ctx, parseInput(input, inputs.change).changeId));
  }

  /** A page of ChangeView. */
  @Transaction(false)
  async List(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await listChanges(ctx, parseInput(input, inputs.list)));
  }

  /** The state of the consortium of a version, or at an instant. */
  @Transaction(false)
  async GetState(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await stateAt(ctx, parseInput(input, inputs.state)));
  }
}
