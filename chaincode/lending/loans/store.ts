import type { Context } from 'fabric-contract-api';
import { addToIndex, exists, readDocument, requireDocument, writeDocument } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import { check, type Check } from '../../ledger/parse';
import type { Position } from '../engine/loan';
import { Loan, StoredFact, StoredPosition } from './model';

export const keys = {
  loan: (id: string) => `loan~${id}`,
  /** A loan whose books have ended, out of the day close's way. */
  ended: (id: string) => `ended~${id}`,
  position: (id: string) => `position~${id}`,
  final: (id: string) => `final~${id}`,
  fact: (id: string, sequence: number) => `fact~${id}~${String(sequence).padStart(8, '0')}`,
} as const;

/** Enterprise, loan. */
export const loanIndex = 'loanBy';

const checks = { loan: check(Loan), position: check(StoredPosition), fact: check(StoredFact) } as const;

/** A loan that runs or has ended. @throws ContractError `NOT_FOUND`. */
export async function loadLoan(ctx: Context, loanId: string): Promise<Loan> {
  const running = await readDocument(ctx, keys.loan(loanId), checks.loan);
  return running ?? requireDocument(ctx, keys.ended(loanId), checks.loan);
}

/** The position of a running loan. @throws ContractError `LOAN_NOT_ACTIVE`. */
export async function loadPosition(ctx: Context, loanId: string): Promise<StoredPosition> {
  const found = await readDocument(ctx, keys.position(loanId), checks.position);
  if (found === undefined) throw new ContractError('LOAN_NOT_ACTIVE', 'the loan does not run (any more)');
  return found;
}

/** The position of a loan that runs or has ended. @throws ContractError `NOT_FOUND`. */
export async function findPosition(ctx: Context, loanId: string): Promise<StoredPosition> {
  const running = await readDocument(ctx, keys.position(loanId), checks.position);
  return running ?? requireDocument(ctx, keys.final(loanId), checks.position);
}

/** Whether the loan's books are at an end; a loan that was written off may still recover something. */
export function hasEnded({ status }: Position): boolean {
  return status === 'REPAID' || status === 'WRITTEN_OFF';
}

/**
 * Writes a new loan as it begins: with its position and its first fact.
 *
 * @throws ContractError `ALREADY_EXISTS`.
 */
export async function createLoan(
  ctx: Context,
  loan: Loan,
  position: Position,
  cause: Pick<StoredFact, 'source' | 'reference'>,
): Promise<void> {
  const { loanId, disbursedOn } = loan;
  if ((await exists(ctx, keys.loan(loanId))) || (await exists(ctx, keys.ended(loanId))))
    throw new ContractError('ALREADY_EXISTS', 'there is a loan of this id', 'loanId');
  await writeDocument(ctx, keys.loan(loanId), loan);
  await addToIndex(ctx, loanIndex, [loan.enterprise, loanId]);
  await writeFact(ctx, {
    loanId,
    sequence: 0,
    fact: { type: 'DISBURSED', valueDate: disbursedOn },
    ...cause,
  });
  await writePosition(ctx, { loanId, position, facts: 1 });
}

/**
 * Writes the position of a running loan. One whose books have just ended stays among the running ones until the day close
 * has counted its last day and retires it.
 */
export async function writePosition(ctx: Context, stored: StoredPosition): Promise<void> {
  await writeDocument(ctx, keys.position(stored.loanId), stored);
}

/** Takes a loan whose books have ended out of the day close's way. */
export async function retire(ctx: Context, loan: Loan, stored: StoredPosition): Promise<void> {
  const { loanId } = stored;
  await writeDocument(ctx, keys.final(loanId), stored);
  await ctx.stub.deleteState(keys.position(loanId));
  await writeDocument(ctx, keys.ended(loanId), loan);
  await ctx.stub.deleteState(keys.loan(loanId));
}

/** Puts a loan that was retired among the running ones again: a payment of it was taken back. */
export async function revive(ctx: Context, loan: Loan, stored: StoredPosition): Promise<void> {
  const { loanId } = stored;
  await writeDocument(ctx, keys.loan(loanId), loan);
  await ctx.stub.deleteState(keys.ended(loanId));
  await writePosition(ctx, stored);
  await ctx.stub.deleteState(keys.final(loanId));
}

/**
 * The next running loans in the order of their ids.
 *
 * @param cursor id of the last loan before them; empty for the first page.
 */
export async function positionsAfter(
  ctx: Context,
  cursor: string,
  most: number,
): Promise<readonly StoredPosition[]> {
  const start = cursor === '' ? keys.position('') : `${keys.position(cursor)}\u0000`;
  return documentsFrom(ctx, { start, end: 'position\u007f', most }, checks.position);
}

/**
 * The loans of a page of positions, which lie in the same order: one range costs two messages, and a read for each loan two
 * for each.
 */
export async function loansOf(
  ctx: Context,
  page: readonly StoredPosition[],
): Promise<ReadonlyMap<string, Loan>> {
  const [first, last] = [page.at(0), page.at(-1)];
  if (first === undefined || last === undefined) return new Map();
  const range = { start: keys.loan(first.loanId), end: `${keys.loan(last.loanId)}\u0000`, most: page.length };
  const loans = await documentsFrom(ctx, range, checks.loan);
  return new Map(loans.map((loan) => [loan.loanId, loan]));
}

async function documentsFrom<T>(
  ctx: Context,
  { start, end, most }: { readonly start: string; readonly end: string; readonly most: number },
  against: Check<T>,
): Promise<readonly T[]> {
  const iterator = await ctx.stub.getStateByRange(start, end);
  const found: T[] = [];
  try {
    while (found.length < most) {
      const next = await iterator.next();
      if (next.done) break;
      const document: unknown = JSON.parse(Buffer.from(next.value.value).toString('utf8'));
      found.push(against.require(document, 'STATE_INVALID', 'loan'));
    }
  } finally {
    await iterator.close();
  }
  return found;
}

/** Writes a fact. */
export async function writeFact(ctx: Context, fact: StoredFact): Promise<void> {
  await writeDocument(ctx, keys.fact(fact.loanId, fact.sequence), fact);
}

/** All facts of a loan, in the ledger's order: as many as it had payments and acts. */
export async function loadFacts(ctx: Context, { loanId, facts }: StoredPosition): Promise<StoredFact[]> {
  const found: StoredFact[] = [];
  for (let sequence = 0; sequence < facts; sequence++)
    found.push(await requireDocument(ctx, keys.fact(loanId, sequence), checks.fact));
  return found;
}
