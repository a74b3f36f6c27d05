import type { Context } from 'fabric-contract-api';
import type { Static } from 'typebox';
import { pageOfIndex, requireDocument, type Paged } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import { situationOf } from '../../registry/situation';
import { listedFor, requireInsight, requireSight } from '../situation';
import type {
  Account,
  ExecutedOrder,
  Hold,
  JournalEntry,
  ListAccountsInput,
  StatementInput,
  StatementLine,
} from './model';
import { accountIndex, checks, keys, loadAccount } from './store';

/** What is evaluated and never submitted; each answers only what its caller may see. */

/** @throws ContractError NOT_FOUND, NOT_YOUR_RECORD. */
export async function getAccount(ctx: Context, accountId: string): Promise<Account> {
  const situation = await situationOf(ctx);
  const account = await loadAccount(ctx, accountId);
  requireSight(situation, account.owner);
  return account;
}

/** The accounts of one enterprise; an enterprise's own without naming it, all of the channel for bank and supervisor. */
export async function listAccounts(
  ctx: Context,
  { owner, ...page }: Static<typeof ListAccountsInput>,
): Promise<Paged<Account>> {
  const situation = await situationOf(ctx);
  const { keys: found, bookmark } = await pageOfIndex(ctx, accountIndex, listedFor(situation, owner), page);
  const items: Account[] = [];
  for (const [, accountId = ''] of found) items.push(await loadAccount(ctx, accountId));
  return { items, bookmark };
}

/** A deposit's statement, the last line first. The bookmark is the number of the next line. */
export async function statement(
  ctx: Context,
  { accountId, pageSize = 50, bookmark = '' }: Static<typeof StatementInput>,
): Promise<Paged<StatementLine>> {
  const { lines } = await getAccount(ctx, accountId);
  if (!/^([1-9][0-9]{0,9})?$/.test(bookmark) || Number(bookmark) > lines)
    throw new ContractError('INVALID_INPUT', 'is not of this list', 'bookmark');
  const first = bookmark === '' ? lines : Number(bookmark);
  const last = Math.max(0, first - pageSize);
  const items: StatementLine[] = [];
  for (let number = first; number > last; number--)
    items.push(await requireDocument(ctx, keys.line(accountId, number), checks.line));
  return { items, bookmark: last === 0 ? '' : String(last) };
}

/** A journal entry, for the bank's staff and the supervisor: its lines may name several enterprises' deposits. */
export async function getEntry(ctx: Context, entryId: string): Promise<JournalEntry> {
  requireInsight(await situationOf(ctx));
  return requireDocument(ctx, keys.entry(entryId), checks.entry);
}

/** An order that was carried out: what stands by its id. @throws ContractError NOT_FOUND, NOT_YOUR_RECORD. */
export async function getOrder(ctx: Context, orderId: string): Promise<ExecutedOrder> {
  const situation = await situationOf(ctx);
  const order = await requireDocument(ctx, keys.order(orderId), checks.order);
  requireSight(situation, order.enterprise);
  return order;
}

/** @throws ContractError NOT_FOUND, NOT_YOUR_RECORD. */
export async function getHold(ctx: Context, holdId: string): Promise<Hold> {
  const situation = await situationOf(ctx);
  const hold = await requireDocument(ctx, keys.hold(holdId), checks.hold);
  requireSight(situation, hold.enterprise);
  return hold;
}
