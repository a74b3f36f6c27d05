import type { Context } from 'fabric-contract-api';
import { findDocument, privateHash } from '../ledger/documents';
import { ContractError } from '../ledger/errors';
import { check } from '../ledger/parse';
import { Anchor, Head, type AnchorRecordsInput } from './model';

export const anchorKey = (id: string) => `record~${id}`;
export const headKey = (handle: string) => `head~${handle}`;

export const anchorCheck = check(Anchor);
export const headCheck = check(Head);

/**
 * An anchor that counts: the hash in the named organisation's own collection equals its digest. Others can collude to
 * write an anchor in an issuer's name; none but the issuer can write that collection.
 */
export async function findAnchor(ctx: Context, id: string): Promise<Anchor | undefined> {
  const anchor = await findDocument(ctx, anchorKey(id), anchorCheck);
  if (anchor?.id !== id) return undefined;
  return (await privateHash(ctx, anchor.msp, id)) === anchor.digest ? anchor : undefined;
}

/**
 * The last sequence number of a handle: 0 where nothing was anchored, undefined where what lies there does not lead to
 * an anchor that counts.
 */
export async function findHead(ctx: Context, handle: string): Promise<number | undefined> {
  if ((await ctx.stub.getState(headKey(handle))).length === 0) return 0;
  const head = await findDocument(ctx, headKey(handle), headCheck);
  const anchor = head === undefined ? undefined : await findAnchor(ctx, head.id);
  if (head === undefined || anchor === undefined) return undefined;
  const agree = anchor.msp === head.msp && anchor.handle === handle && anchor.seq === head.seq;
  return agree ? head.seq : undefined;
}

/** The sequences that a batch continues, in the order of the batch. */
export interface Continuation {
  readonly heads: ReadonlyMap<string, Head>;
  /** Handles that had no record yet. */
  readonly opened: ReadonlySet<string>;
}

/**
 * Decides whether a batch continues its handles' sequences without a gap, by one organisation throughout.
 *
 * @param stored heads on the ledger, by handle.
 * @throws ContractError `SEQUENCE_GAP`, `ALREADY_EXISTS` or `NOT_YOUR_RECORD` naming the record.
 */
export function continueSequences(
  records: AnchorRecordsInput['records'],
  stored: ReadonlyMap<string, Head>,
  msp: string,
): Continuation {
  const heads = new Map<string, Head>();
  const opened = new Set<string>();
  const ids = new Set<string>();
  for (const [index, { id, handle, seq }] of records.entries()) {
    const field = `records.${index}`;
    if (ids.has(id)) throw new ContractError('ALREADY_EXISTS', 'comes twice in the batch', `${field}.id`);
    ids.add(id);
    const before = heads.get(handle) ?? stored.get(handle);
    if (before !== undefined && before.msp !== msp)
      throw new ContractError('NOT_YOUR_RECORD', 'the handle is of another organisation', `${field}.handle`);
    if (before === undefined) opened.add(handle);
    const expected = (before?.seq ?? 0) + 1;
    if (seq !== expected) throw new ContractError('SEQUENCE_GAP', `the next is ${expected}`, `${field}.seq`);
    heads.set(handle, { msp, seq, id });
  }
  return { heads, opened };
}
