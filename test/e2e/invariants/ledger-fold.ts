import { digestOf } from '../../../chaincode/ledger/canonical';
import { fen } from '../../../chaincode/ledger/money';
import type { Account, JournalEntry } from '../../../chaincode/lending/books/model';
import { TrialBalance, type Balance } from '../../../chaincode/lending/books/trial-balance';
import type { BusinessDate } from '../../../chaincode/lending/days/business-date';
import type { Loan, StoredFact, StoredPosition } from '../../../chaincode/lending/loans/model';
import { addTo, LoanBooks, nextDay, type Sums } from './loan-books';

/** What one valid transaction wrote to the public state, as blocks have it. */
export interface LedgerTransaction {
  readonly id: string;
  readonly writes: readonly { readonly key: string; readonly value: string | undefined }[];
}

/** Journal entries of operations that are no loan's. */
const plainKinds: ReadonlySet<string> = new Set(['ISSUE', 'REDEEM', 'TRANSFER', 'HOLD_POSTED']);
const plainCodes: ReadonlySet<string> = new Set(['CUSTOMER_DEPOSITS', 'CASH_AT_CORE']);

/**
 * Follows a lending channel transaction by transaction, from blocks alone, and holds every one against what must be true
 * after it: balances, holds, journal, and each loan's books from its terms and facts. It asks no contract.
 */
export class LedgerFold {
  readonly faults: string[] = [];
  readonly accounts = new Map<string, Account>();
  readonly loans = new Map<string, Loan>();
  readonly facts = new Map<string, StoredFact[]>();
  /** Transactions that wrote a key that is written once; of an account, the one that opened it. */
  readonly writers = new Map<string, string[]>();
  readonly #trial = new TrialBalance();
  readonly #books = new Map<string, LoanBooks>();
  readonly #posted: Sums = new Map();
  #date: BusinessDate | undefined;
  #days = 0;
  #recomputed = 0;
  #transactions = 0;

  /** Business days that were closed. */
  get days(): number {
    return this.#days;
  }

  /** How often a loan's books were computed from scratch. */
  get recomputed(): number {
    return this.#recomputed;
  }

  get transactions(): number {
    return this.#transactions;
  }

  balance(): Balance {
    return this.#trial.balance();
  }

  /** What loans ought to have booked by now, over all of them and by code, next to what the journal has. */
  loanCodes(): { readonly expected: Sums; readonly posted: Sums } {
    const expected: Sums = new Map();
    for (const books of this.#books.values())
      for (const [code, amount] of books.byCode()) if (code !== 'CLEARING') addTo(expected, code, amount);
    return { expected, posted: this.#posted };
  }

  add({ id, writes }: LedgerTransaction): void {
    this.#transactions++;
    const entries: JournalEntry[] = [];
    const positions: StoredPosition[] = [];
    const facts: StoredFact[] = [];
    for (const { key, value } of writes) {
      this.#trial.add(key, value);
      const [kind = ''] = key.split('~', 1);
      if (value === undefined) {
        if (['account', 'entry', 'fact', 'order'].includes(kind)) this.#fault(id, `${key} was deleted`);
        continue;
      }
      const document = (): unknown => JSON.parse(value);
      if (kind === 'account') this.#account(id, key, document() as Account);
      else if (kind === 'entry') entries.push(this.#once(id, key, document() as JournalEntry));
      else if (kind === 'order') this.#once(id, key, undefined);
      else if (kind === 'loan' || kind === 'ended') this.#loan(id, document() as Loan);
      else if (kind === 'fact') facts.push(this.#fact(id, document() as StoredFact));
      else if (kind === 'position' || kind === 'final') positions.push(document() as StoredPosition);
      else if (key === 'business-date') this.#day(id, document() as BusinessDate);
    }
    this.#orders(id, entries);
    this.#journal(id, entries, this.#positions(id, positions, facts), positions.length > 0);
  }

  /** Looks at the number itself: the schema of an account is the contract's own. */
  #account(id: string, key: string, account: Account): void {
    const [balance, held] = [BigInt(account.balance), BigInt(account.held)];
    if (balance < 0n || held < 0n) this.#fault(id, `${key} is below zero`);
    if (held > balance) this.#fault(id, `${key} holds more than there is`);
    const before = this.accounts.get(account.accountId);
    if (before === undefined) this.writers.set(key, [id]);
    else if (before.owner !== account.owner) this.#fault(id, `${key} changed hands`);
    this.accounts.set(account.accountId, account);
  }

  #once<T>(id: string, key: string, document: T): T {
    const writers = [...(this.writers.get(key) ?? []), id];
    this.writers.set(key, writers);
    if (writers.length > 1) this.#fault(id, `${key} was written ${writers.length} times`);
    return document;
  }

  #loan(id: string, loan: Loan): void {
    const known = this.loans.get(loan.loanId);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(loan))
      this.#fault(id, `loan ${loan.loanId} was changed`);
    if (digestOf(loan.terms) !== loan.termsDigest)
      this.#fault(id, `terms of ${loan.loanId} are not of its digest`);
    this.loans.set(loan.loanId, loan);
  }

  #fact(id: string, stored: StoredFact): StoredFact {
    const facts = this.facts.get(stored.loanId) ?? [];
    const known = facts[stored.sequence];
    const { reversedBy, ...rest } = stored;
    if (known !== undefined && (reversedBy === undefined || JSON.stringify(known) !== JSON.stringify(rest)))
      this.#fault(id, `fact ${stored.sequence} of ${stored.loanId} was changed`);
    facts[stored.sequence] = stored;
    this.facts.set(stored.loanId, facts);
    return stored;
  }

  #day(id: string, next: BusinessDate): void {
    const now = this.#date;
    this.#date = next;
    if (now === undefined) return;
    const starts = now.state === 'OPEN' && next.state === 'CLOSING' && next.date === now.date;
    const opens = next.state === 'OPEN' && next.date === nextDay(now.date);
    if (!starts && !opens) this.#fault(id, `the business date went from ${now.date} to ${next.date}`);
    if (opens) this.#days++;
  }

  #orders(id: string, entries: readonly JournalEntry[]): void {
    for (const { entryId } of entries) {
      if (!entryId.startsWith('order.')) continue;
      const writers = this.writers.get(`order~${entryId.slice('order.'.length)}`) ?? [];
      if (!writers.includes(id)) this.#fault(id, `${entryId} is booked and its order is not used up`);
    }
  }

  /** @returns what the transaction should have booked for its loans. */
  #positions(id: string, positions: readonly StoredPosition[], written: readonly StoredFact[]): Sums {
    const expected: Sums = new Map();
    for (const stored of positions) {
      const { loanId } = stored;
      const loan = this.loans.get(loanId);
      if (loan === undefined) {
        this.#fault(id, `there is no loan ${loanId}`);
        continue;
      }
      const books = this.#books.get(loanId) ?? new LoanBooks();
      this.#books.set(loanId, books);
      this.#recomputed++;
      try {
        const facts = this.facts.get(loanId) ?? [];
        const own = written.filter((fact) => fact.loanId === loanId);
        const taken = books.take({ loan, stored, facts, written: own });
        for (const [key, amount] of taken.expected) addTo(expected, key, amount);
        for (const fault of taken.faults) this.#fault(id, `loan ${loanId} ${fault}`);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#fault(id, `loan ${loanId} cannot be computed from its terms and facts: ${reason}`);
      }
    }
    for (const { loanId } of written)
      if (!positions.some((stored) => stored.loanId === loanId))
        this.#fault(id, `loan ${loanId} has a new fact and no new position`);
    return expected;
  }

  #journal(id: string, entries: readonly JournalEntry[], expected: Sums, ofLoans: boolean): void {
    const booked: Sums = new Map();
    for (const { entryId, kind, lines } of entries) {
      for (const { date, code, amount, deposit } of lines) {
        addTo(booked, `${date} ${deposit === undefined ? code : `deposit ${deposit}`}`, fen(amount));
        if (!ofLoans && !plainCodes.has(code)) this.#fault(id, `${entryId} books ${code} for no loan`);
        if (ofLoans && !plainCodes.has(code)) addTo(this.#posted, code, fen(amount));
      }
      if (ofLoans === plainKinds.has(kind)) this.#fault(id, `${entryId} is a ${kind} where it cannot be`);
    }
    if (!ofLoans) return;
    for (const key of new Set([...booked.keys(), ...expected.keys()])) {
      const [is, should] = [booked.get(key) ?? 0n, expected.get(key) ?? 0n];
      if (is !== should)
        this.#fault(id, `${key}: ${is} is booked, terms and facts of the loans give ${should}`);
    }
  }

  #fault(id: string, what: string): void {
    this.faults.push(`transaction ${id.slice(0, 12)}: ${what}`);
  }
}
