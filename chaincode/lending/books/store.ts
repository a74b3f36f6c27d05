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
