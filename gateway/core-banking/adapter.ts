import { Type, type Static } from 'typebox';
import type { JournalEntry } from '../../chaincode/lending/books/model';
import { PositiveFen } from '../../chaincode/ledger/money';
import { OpaqueId, strict } from '../../chaincode/ledger/schemas';

/**
 * What a bank's core system and the lending channel tell each other. The core system keeps the money; deposits on the
 * channel are issued against it. A bank writes an adapter for its own system with these two interfaces; `deposits-file.ts`
 * and `postings-file.ts` are a working one that speaks in files.
 */

/** Money that arrived in the core system for a deposit on the channel. */
export const CoreDeposit = Type.Object(
  {
    /** Id of the line in the core system; the same line again has the same id. */
    id: OpaqueId,
    /** Deposit on the lending channel. */
    account: OpaqueId,
    amount: PositiveFen,
  },
  strict,
);
export type CoreDeposit = Static<typeof CoreDeposit>;

/** Where deposits come from. Lines may come again, in any order: their ids make the import idempotent. */
export interface DepositSource {
  deposits(): AsyncIterable<CoreDeposit>;
}

/** Journal entries of one block, in the ledger's order. */
export interface PostedBlock {
  readonly block: number;
  readonly entries: readonly JournalEntry[];
}

/**
 * Where postings go. A block is taken wholly or not at all, and once: after a crash, {@link next} says where to go on, and
 * what was half taken before is as if it never was.
 */
export interface PostingSink {
  /** Number of the first block that was not taken yet. */
  next(): number;
  /** Takes a block, durably, before it returns. @throws RangeError unless it is {@link next} or a later one. */
  take(block: PostedBlock): void;
}
