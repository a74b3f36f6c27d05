import { digestOf, sha256 } from '../../chaincode/ledger/canonical';
import type { IssueContent } from '../../chaincode/lending/books/executors';
import type { CoreDeposit, DepositSource } from './adapter';

/** The bank's treasurer on the lending channel. */
export interface Treasury {
  /** Proposes an `ISSUE` (`approvals:Propose`). @returns whether it is new; false where the id is in use. */
  propose(proposalId: string, content: IssueContent): Promise<boolean>;
  /** Digest of a proposal's content (`approvals:GetProposal`). */
  digest(proposalId: string): Promise<string>;
}

export interface Imported {
  readonly proposed: number;
  readonly repeated: number;
}

/**
 * Id of the proposal for a line of the core system: the same line always makes the same proposal, so that an import which
 * crashed, or comes twice, proposes nothing twice.
 */
export function proposalIdOf({ id }: CoreDeposit): string {
  return sha256(`core-banking deposit ${id}`);
}

/**
 * Proposes the issue of what arrived in the core system. A second person of the bank approves each; only then there is
 * money on the channel. Even if two proposals came of one line, the books would issue it once, by its reference.
 *
 * @throws Error where a line that was proposed before says something else now: the core system has to explain that.
 */
export async function importDeposits(source: DepositSource, treasury: Treasury): Promise<Imported> {
  let [proposed, repeated] = [0, 0];
  for await (const deposit of source.deposits()) {
    const { id, account, amount } = deposit;
    const content: IssueContent = { account, amount, coreReference: id };
    const proposalId = proposalIdOf(deposit);
    if (await treasury.propose(proposalId, content)) proposed++;
    else if ((await treasury.digest(proposalId)) === digestOf(content)) repeated++;
    else throw new Error(`line ${id} of the core system was proposed before and said something else`);
  }
  return { proposed, repeated };
}
