import type { Context } from 'fabric-contract-api';
import type { CallerRole } from '../../ledger/caller';
import type { Check } from '../../ledger/parse';
import type { EvidenceInput } from '../../registry/model';
import type { Situation } from '../../registry/situation';
import type { Action, Proposal } from './model';

/** What a subject does for an action, as it writes it: with its content's own type. */
export interface ExecutorOf<C> {
  /** Roles of the bank's staff, any one of which may propose. */
  readonly makers: readonly CallerRole[];
  /** Roles of the bank's staff, any one of which may approve. */
  readonly checkers: readonly CallerRole[];
  readonly content: Check<C>;
  /** What the registry is asked for; nothing but the consortium by default. */
  evidence?(content: C): EvidenceInput;
  /** Refuses a proposal that could not be carried out; what it reads may have changed by the approval. */
  admit?(ctx: Context, situation: Situation, content: C): Promise<void>;
  /** Carries it out, in the transaction of the approval. Everything has to be checked here. */
  execute(ctx: Context, situation: Situation, content: C, proposal: Proposal): Promise<void>;
}

/** An executor whose content is checked before each use. */
export interface Executor {
  readonly makers: readonly CallerRole[];
  readonly checkers: readonly CallerRole[];
  evidence(content: unknown): EvidenceInput;
  admit(ctx: Context, situation: Situation, content: unknown): Promise<void>;
  execute(ctx: Context, situation: Situation, content: unknown, proposal: Proposal): Promise<void>;
}

/** Who carries out what. Each subject exports its own part; an action without an executor cannot be proposed. */
export type Executors = Readonly<Partial<Record<Action, Executor>>>;

/**
 * Makes an executor of a subject's own functions.
 *
 * Every function of the result throws ContractError `INVALID_INPUT`, naming the member below `content`, where the content
 * does not conform.
 */
export function executorOf<C>(subject: ExecutorOf<C>): Executor {
  const typed = (content: unknown): C => subject.content.require(content, 'INVALID_INPUT', 'content');
  return {
    makers: subject.makers,
    checkers: subject.checkers,
    evidence: (content) => subject.evidence?.(typed(content)) ?? {},
    admit: async (ctx, situation, content) => {
      const checked = typed(content);
      await subject.admit?.(ctx, situation, checked);
    },
    execute: (ctx, situation, content, proposal) => subject.execute(ctx, situation, typed(content), proposal),
  };
}
