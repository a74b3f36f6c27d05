import type { Context } from 'fabric-contract-api';
import { exists, writeDocument } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import { fen, sumOf, toFen } from '../../ledger/money';
import { businessDateOf, valueDateOf } from '../days/business-date';
import type { DirectCode } from './codes';
import type { Account, JournalEntry, JournalLine, StatementLine } from './model';
import { checks, keys, loadAccount } from './store';

/** Where a line is booked: a general-ledger code, or a customer's deposit by its id. */
export type BookTo = { readonly code: DirectCode } | { readonly deposit: string };

/** A line as it is posted: fen, debit positive. A credit of a deposit, money coming in, is negative. */
export type Posting = BookTo & { readonly amount: bigint };

/** What the journal says about a transaction's postings. */
export interface EntryHead {
  /** `<kind>.<id>`, see {@link EntryId}; it is used once ever. */
  readonly entryId: string;
  /** An upper-case code, e.g. `TRANSFER`. */
  readonly kind: string;
  /** What it is about, at most 128 characters. */
  readonly reference: string;
}

interface Open {
  readonly account: Account;
  readonly before: bigint;
  balance: bigint;
  held: bigint;
}

/** Lines of the same date, code or deposit, and kind, added up. */
interface Sum {
  readonly line: Omit<JournalLine, 'amount'>;
  readonly kind?: string;
  amount: bigint;
}

/** How lines are posted where not as the books themselves say. */
export interface PostOptions {
  /** Value date, where it is not that of the books. */
  readonly date?: string;
  /** Kind on the deposit's statement, where it is a line of its own there and not the entry's. */
  readonly kind?: string;
}

/**
 * The books during one transaction. Reads of the ledger never see the transaction's own writes, so accounts are loaded
 * once, change in memory and are written once, by {@link flush}: a page of a day close posts many loans to the same
 * deposits. No balance but the deposits' is kept: a key for each general-ledger code would be written by every
 * transaction and make them all conflict; {@link TrialBalance} adds the journal up.
 */
export class Books {
  /** Value date of what is posted. */
  readonly date: string;
  readonly #ctx: Context;
  readonly #accounts = new Map<string, Open>();
  readonly #sums = new Map<string, Sum>();

  /** @param date value date of what is posted: that of {@link Books.today}, or the day that is being closed. */
  constructor(ctx: Context, date: string) {
    this.#ctx = ctx;
    this.date = date;
  }

  /** The books at the bank's value date now. @throws ContractError `BUSINESS_DAY_NOT_OPEN`. */
  static async today(ctx: Context): Promise<Books> {
    return new Books(ctx, valueDateOf(await businessDateOf(ctx)));
  }

  /** A deposit as it stands in this transaction. @throws ContractError `NOT_FOUND`. */
  async account(accountId: string): Promise<Account> {
    const { account, balance, held } = await this.#open(accountId);
    return { ...account, balance: toFen(balance), held: toFen(held) };
  }

  /** What can be taken from a deposit now: balance less holds; nothing from a closed one. @throws ContractError `NOT_FOUND`. */
  async available(accountId: string): Promise<bigint> {
    const { account, balance, held } = await this.#open(accountId);
    return account.status === 'OPEN' ? balance - held : 0n;
  }

  /**
   * Posts a balanced set of lines. Lines of the same date, kind and code or deposit are added up until {@link flush}.
   *
   * @throws ContractError `ENTRY_UNBALANCED`; `NOT_FOUND`, `ACCOUNT_NOT_OPEN`; `INSUFFICIENT_FUNDS` where a deposit would
   * fall below what is held of it. Nothing is posted then.
   */
  async post(postings: readonly Posting[], { date = this.date, kind }: PostOptions = {}): Promise<void> {
    if (sumOf(postings.map(({ amount }) => amount)) !== 0n)
      throw new ContractError('ENTRY_UNBALANCED', 'the lines do not sum to zero');
    const changes = new Map<Open, bigint>();
    for (const posting of postings) {
      if (!('deposit' in posting)) continue;
      const open = await this.#open(posting.deposit);
      if (open.account.status !== 'OPEN')
        throw new ContractError('ACCOUNT_NOT_OPEN', 'the account is closed');
      changes.set(open, (changes.get(open) ?? 0n) - posting.amount);
    }
    for (const [{ balance, held }, change] of changes)
      if (change < 0n && balance + change < held)
        throw new ContractError('INSUFFICIENT_FUNDS', 'the account does not hold as much');
    for (const [open, change] of changes) open.balance += change;
    for (const posting of postings) this.#add(posting, date, kind);
  }

  /** Reserves money of a deposit. @throws ContractError `INSUFFICIENT_FUNDS`, `ACCOUNT_NOT_OPEN`, `NOT_FOUND`. */
  async reserve(accountId: string, amount: bigint): Promise<void> {
    const open = await this.#open(accountId);
    if (open.account.status !== 'OPEN') throw new ContractError('ACCOUNT_NOT_OPEN', 'the account is closed');
    if (amount <= 0n || open.balance - open.held < amount)
      throw new ContractError('INSUFFICIENT_FUNDS', 'the account does not hold as much');
    open.held += amount;
  }

  /** Gives reserved money free. @throws ContractError `STATE_INVALID` where less than that is held. */
  async release(accountId: string, amount: bigint): Promise<void> {
    const open = await this.#open(accountId);
    if (amount < 0n || open.held < amount)
      throw new ContractError('STATE_INVALID', 'less is held of the account than its holds say');
    open.held -= amount;
  }

  /**
   * Writes what changed: each account once, its statement's line, and one journal entry. Call it once, last.
   *
   * @throws ContractError `ALREADY_EXISTS` where the entry's id was used.
   */
  async flush({ entryId, kind, reference }: EntryHead): Promise<void> {
    if (await exists(this.#ctx, keys.entry(entryId)))
      throw new ContractError('ALREADY_EXISTS', 'an entry of this id is booked');
    const lines = [...this.#sums.values()]
      .filter(({ amount }) => amount !== 0n)
      .map(({ line, amount }): JournalLine => ({ ...line, amount: toFen(amount) }));
    if (lines.length > 0) {
      const entry: JournalEntry = { entryId, date: this.date, kind, reference, lines };
      await writeDocument(
        this.#ctx,
        keys.entry(entryId),
        checks.entry.require(entry, 'STATE_INVALID', 'entry'),
      );
    }
    for (const open of this.#accounts.values()) await this.#writeAccount(open, { entryId, kind, reference });
  }

  async #writeAccount({ account, before, balance, held }: Open, head: EntryHead): Promise<void> {
    const { accountId } = account;
    const moved = [...this.#sums.values()]
      .filter(({ line, amount }) => line.deposit === accountId && amount !== 0n)
      .sort((a, b) => (a.line.date < b.line.date ? -1 : 1));
    if (moved.length === 0 && toFen(held) === account.held) return;
    let running = before;
    let number = account.lines;
    for (const { line, kind, amount } of moved) {
      running -= amount;
      const { date } = line;
      const written: StatementLine = {
        ...head,
        ...(kind === undefined ? {} : { kind }),
        accountId,
        number: ++number,
        date,
        amount: toFen(-amount),
        balance: toFen(running),
      };
      await writeDocument(this.#ctx, keys.line(accountId, number), written);
    }
    const after: Account = { ...account, balance: toFen(balance), held: toFen(held), lines: number };
    await writeDocument(this.#ctx, keys.account(accountId), after);
  }

  async #open(accountId: string): Promise<Open> {
    const known = this.#accounts.get(accountId);
    if (known !== undefined) return known;
    const account = await loadAccount(this.#ctx, accountId);
    const open = {
      account,
      before: fen(account.balance),
      balance: fen(account.balance),
      held: fen(account.held),
    };
    this.#accounts.set(accountId, open);
    return open;
  }

  #add(posting: Posting, date: string, kind?: string): void {
    const line: Omit<JournalLine, 'amount'> =
      'deposit' in posting
        ? { date, code: 'CUSTOMER_DEPOSITS', deposit: posting.deposit }
        : { date, code: posting.code };
    const key = `${date} ${line.deposit ?? line.code} ${kind ?? ''}`;
    const sum = this.#sums.get(key) ?? { line, ...(kind === undefined ? {} : { kind }), amount: 0n };
    sum.amount += posting.amount;
    this.#sums.set(key, sum);
  }
}
