import type { Context } from 'fabric-contract-api';
import type { Static } from 'typebox';
import { addToIndex, emit, exists, requireDocument, writeDocument } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import { fen } from '../../ledger/money';
import { businessDateOf, valueDateOf } from '../days/business-date';
import { activeEnterpriseOf, situationOf } from '../../registry/situation';
import { isBankStaff, isEnterprise, requireBankStaff } from '../situation';
import { Books } from './books';
import { holdTransitions, timeAdmits, type HoldEvent } from './holds';
import type { Account, Hold, OpenAccountInput } from './model';
import { acceptOrder, orderEntryId, requireOwnDeposit, requireOwner } from './orders';
import type { HoldOrder, PostOrder, TransferOrder, VoidOrder } from './payment-order';
import { accountIndex, checks, keys } from './store';

/** The bank opens a deposit for an enterprise that is registered and active. */
export async function openAccount(
  ctx: Context,
  { accountId, owner }: Static<typeof OpenAccountInput>,
): Promise<void> {
  const situation = await situationOf(ctx, { uscc: owner });
  requireBankStaff(situation, 'treasurer', 'credit-officer');
  activeEnterpriseOf(situation.evidence);
  if (await exists(ctx, keys.account(accountId)))
    throw new ContractError('ALREADY_EXISTS', 'there is an account of this id', 'accountId');
  const account: Account = {
    accountId,
    owner,
    status: 'OPEN',
    balance: '0',
    held: '0',
    openedAt: situation.time.instant,
    lines: 0,
  };
  await writeDocument(ctx, keys.account(accountId), account);
  await addToIndex(ctx, accountIndex, [owner, accountId]);
  emit(ctx, 'AccountOpened', { accountId });
}

/** The bank closes an empty deposit, for good. @throws ContractError STATE_CONFLICT where it is not empty. */
export async function closeAccount(ctx: Context, accountId: string): Promise<void> {
  const situation = await situationOf(ctx);
  requireBankStaff(situation, 'treasurer', 'credit-officer');
  const account = await requireDocument(ctx, keys.account(accountId), checks.account);
  if (account.status !== 'OPEN')
    throw new ContractError('ACCOUNT_NOT_OPEN', 'the account is closed', 'accountId');
  if (account.balance !== '0' || account.held !== '0')
    throw new ContractError('STATE_CONFLICT', 'there is money in the account', 'accountId');
  await writeDocument(ctx, keys.account(accountId), { ...account, status: 'CLOSED' } satisfies Account);
  emit(ctx, 'AccountClosed', { accountId });
}

/** The owner transfers money to another deposit of this bank, at once and wholly. */
export async function transfer(
  ctx: Context,
  order: Static<typeof TransferOrder>,
  signatures: readonly string[],
): Promise<void> {
  const books = await ordered(ctx, order, signatures);
  if (order.to === order.from)
    throw new ContractError('INVALID_INPUT', 'is the account that pays', 'order.to');
  const amount = fen(order.amount);
  await books.post([
    { deposit: order.from, amount },
    { deposit: order.to, amount: -amount },
  ]);
  await books.flush({ entryId: orderEntryId(order.orderId), kind: 'TRANSFER', reference: order.orderId });
  emit(ctx, 'MoneyTransferred', { orderId: order.orderId });
}

/** The owner reserves money for another deposit. Nothing is booked yet. */
export async function placeHold(
  ctx: Context,
  order: Static<typeof HoldOrder>,
  signatures: readonly string[],
): Promise<void> {
  const books = await ordered(ctx, order, signatures);
  if (order.to === order.from)
    throw new ContractError('INVALID_INPUT', 'is the account that pays', 'order.to');
  if (order.until < valueDateOf(await businessDateOf(ctx)))
    throw new ContractError('INVALID_INPUT', 'lies before the business date', 'order.until');
  if ((await books.account(order.to)).status !== 'OPEN')
    throw new ContractError('ACCOUNT_NOT_OPEN', 'the account is closed', 'order.to');
  if (await exists(ctx, keys.hold(order.orderId)))
    throw new ContractError('ALREADY_EXISTS', 'there is a hold of this id', 'order.orderId');
  await books.reserve(order.from, fen(order.amount));
  const hold: Hold = {
    holdId: order.orderId,
    enterprise: order.enterprise,
    from: order.from,
    to: order.to,
    amount: order.amount,
    until: order.until,
    state: 'PENDING',
    posted: '0',
  };
  await writeDocument(ctx, keys.hold(order.orderId), hold);
  await books.flush({ entryId: orderEntryId(order.orderId), kind: 'HOLD', reference: order.orderId });
  emit(ctx, 'HoldPlaced', { holdId: hold.holdId });
}

/** The owner pays what was reserved, or a part of it; the rest is free again. */
export async function postHold(
  ctx: Context,
  order: Static<typeof PostOrder>,
  signatures: readonly string[],
): Promise<void> {
  const books = await ordered(ctx, order, signatures);
  const hold = await heldUnder(ctx, order);
  const amount = fen(order.amount);
  if (order.to !== hold.to)
    throw new ContractError('STATEMENT_MISMATCH', 'the hold is for another account', 'order.to');
  if (amount > fen(hold.amount))
    throw new ContractError('INSUFFICIENT_FUNDS', 'less is held', 'order.amount');
  await end(ctx, books, hold, 'POST', order.amount);
  await books.post([
    { deposit: hold.from, amount },
    { deposit: hold.to, amount: -amount },
  ]);
  await books.flush({ entryId: orderEntryId(order.orderId), kind: 'HOLD_POSTED', reference: hold.holdId });
}

/** The owner gives what was reserved free. */
export async function voidHold(
  ctx: Context,
  order: Static<typeof VoidOrder>,
  signatures: readonly string[],
): Promise<void> {
  const books = await ordered(ctx, order, signatures);
  const hold = await heldUnder(ctx, order);
  await end(ctx, books, hold, 'VOID');
  await books.flush({ entryId: orderEntryId(order.orderId), kind: 'HOLD_VOIDED', reference: hold.holdId });
}

/** The owner, or the bank's staff, ends a hold whose last business date has passed. No signature: it only gives back. */
export async function expireHold(ctx: Context, holdId: string): Promise<void> {
  const hold = await requireDocument(ctx, keys.hold(holdId), checks.hold);
  const situation = await situationOf(ctx);
  if (!isBankStaff(situation, 'servicer', 'treasurer') && !isEnterprise(situation, hold.enterprise))
    throw new ContractError('NOT_YOUR_RECORD', 'this is for the owner and the bank');
  const books = await Books.today(ctx);
  await end(ctx, books, hold, 'EXPIRE');
  await books.flush({ entryId: `expiry.${holdId}`, kind: 'HOLD_EXPIRED', reference: holdId });
}

/** Takes an owner's order about a deposit of its own and opens the books at the value date. */
async function ordered(
  ctx: Context,
  order: Parameters<typeof acceptOrder>[2],
  signatures: readonly string[],
): Promise<Books> {
  const situation = await situationOf(ctx, { uscc: order.enterprise });
  requireOwner(situation, order.enterprise);
  await acceptOrder(ctx, situation, order, signatures);
  const books = await Books.today(ctx);
  requireOwnDeposit(await books.account(order.from), order);
  return books;
}

/** The hold that an order names, if it is of the same enterprise and deposit. */
async function heldUnder(
  ctx: Context,
  { holdId, from, enterprise }: Static<typeof PostOrder> | Static<typeof VoidOrder>,
): Promise<Hold> {
  const hold = await requireDocument(ctx, keys.hold(holdId), checks.hold);
  if (hold.enterprise !== enterprise || hold.from !== from)
    throw new ContractError('NOT_YOUR_RECORD', 'the hold is of another deposit', 'order.holdId');
  return hold;
}

/** Ends a hold and gives its whole amount free; what is posted is booked after it. */
async function end(ctx: Context, books: Books, hold: Hold, event: HoldEvent, posted = '0'): Promise<void> {
  const state = holdTransitions[hold.state][event];
  if (state === undefined) throw new ContractError('HOLD_NOT_OPEN', `the hold is ${hold.state}`);
  if (!timeAdmits(event, hold.until, books.date))
    throw new ContractError(
      'HOLD_NOT_OPEN',
      event === 'POST' ? 'the last day of the hold has passed' : 'the hold still runs',
    );
  await books.release(hold.from, fen(hold.amount));
  await writeDocument(ctx, keys.hold(hold.holdId), { ...hold, state, posted } satisfies Hold);
  emit(ctx, 'HoldEnded', { holdId: hold.holdId });
}
