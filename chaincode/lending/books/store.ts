import type { Context } from 'fabric-contract-api';
import { requireDocument } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import { check } from '../../ledger/parse';
import { Account, ExecutedOrder, Hold, JournalEntry, StatementLine } from './model';

/** Keys of the books. */
export const keys = {
  account: (id: string) => `account~${id}`,
  entry: (id: string) => `entry~${id}`,
  line: (account: string, number: number) => `line~${account}~${String(number).padStart(10, '0')}`,
  hold: (id: string) => `hold~${id}`,
  order: (id: string) => `order~${id}`,
} as const;

/** Owner, account. */
export const accountIndex = 'accountBy';

export const checks = {
  account: check(Account),
  entry: check(JournalEntry),
  line: check(StatementLine),
  hold: check(Hold),
  order: check(ExecutedOrder),
} as const;

/** A deposit as the ledger has it. @throws ContractError `NOT_FOUND`; `STATE_INVALID` where it lies under another's key. */
export async function loadAccount(ctx: Context, accountId: string): Promise<Account> {
  const account = await requireDocument(ctx, keys.account(accountId), checks.account);
  if (account.accountId !== accountId)
    throw new ContractError('STATE_INVALID', 'the stored account contradicts itself', 'account');
  return account;
}

/**
 * Refuses a deposit that a loan cannot be debited from: one that is another's, or closed.
 *
 * @throws ContractError `NOT_FOUND`, `NOT_YOUR_RECORD`, `ACCOUNT_NOT_OPEN`.
 */
export async function requireOpenDeposit(ctx: Context, accountId: string, owner: string): Promise<void> {
  const account = await loadAccount(ctx, accountId);
  if (account.owner !== owner)
    throw new ContractError('NOT_YOUR_RECORD', 'the deposit is of another enterprise', 'account');
  if (account.status !== 'OPEN')
    throw new ContractError('ACCOUNT_NOT_OPEN', 'the account is closed', 'account');
}
