import { jsonIn } from '../../ledger/json';
import { fen, sumOf } from '../../ledger/money';
import { check } from '../../ledger/parse';
import { Type } from 'typebox';
import { ledgerCodes, type LedgerCode } from './codes';
import { Account, JournalEntry } from './model';

/**
 * The trial balance from what was written on a channel and from nothing else: whoever reads the blocks can compute it, and
 * trusts no answer of a contract.
 */

/** One equation that has to hold at every block. */
export interface Proof {
  readonly name: string;
  readonly left: bigint;
  readonly right: bigint;
  readonly holds: boolean;
}

/** The balances after some block, and whether they prove. */
export interface Balance {
  /** Balance of each code, debit positive. */
  readonly codes: Readonly<Record<LedgerCode, bigint>>;
  readonly deposits: number;
  readonly entries: number;
  readonly loans: number;
  readonly proofs: readonly Proof[];
  /** What was written and cannot be right, in words without ids' meanings: changed entries, unknown forms. */
  readonly faults: readonly string[];
  readonly holds: boolean;
}

const entryCheck = check(JournalEntry);
const accountCheck = check(Account);
const positionCheck = check(
  Type.Object(
    { position: Type.Object({ principal: Account.properties.balance }) },
    { additionalProperties: true },
  ),
);

/** Adds up what valid transactions wrote, in the order of the ledger. */
export class TrialBalance {
  readonly #sums = new Map<LedgerCode, bigint>(ledgerCodes.map((code) => [code, 0n]));
  /** What the journal says of each deposit, money in positive. */
  readonly #journal = new Map<string, bigint>();
  readonly #accounts = new Map<string, bigint>();
  readonly #principals = new Map<string, bigint>();
  readonly #entries = new Set<string>();
  readonly #faults: string[] = [];

  /**
   * One write of a valid transaction.
   *
   * @param value the document as it was written; undefined where the key was deleted.
   */
  add(key: string, value: string | undefined): void {
    const kind = key.split('~', 1)[0];
    if (kind === 'entry') this.#addEntry(key, value);
    else if (kind === 'account') this.#addAccount(key, value);
    // A loan's last position lies under another key than those of running loans; both count.
    else if (kind === 'position' || kind === 'final') this.#addPosition(key, value);
  }

  /** The balances so far. */
  balance(): Balance {
    const codes = Object.fromEntries(ledgerCodes.map((code) => [code, this.#of(code)])) as Record<
      LedgerCode,
      bigint
    >;
    const apart = [...new Set([...this.#accounts.keys(), ...this.#journal.keys()])].filter(
      (key) => (this.#accounts.get(key) ?? 0n) !== (this.#journal.get(key) ?? 0n),
    );
    const proofs = [
      proof('all codes sum to zero', sumOf(this.#sums.values()), 0n),
      proof('deposits are what customers are owed', sumOf(this.#accounts.values()), -codes.CUSTOMER_DEPOSITS),
      proof('deposits that differ from their own journal', BigInt(apart.length), 0n),
      proof(
        'principal of the loans is that of the journal',
        sumOf(this.#principals.values()),
        codes.PRINCIPAL,
      ),
      proof(
        'interest not accrued and its contra cancel out',
        codes.INTEREST_NOT_ACCRUED,
        -codes.INTEREST_NOT_ACCRUED_CONTRA,
      ),
    ];
    return {
      codes,
      deposits: this.#accounts.size,
      entries: this.#entries.size,
      loans: this.#principals.size,
      proofs,
      faults: [...this.#faults],
      holds: this.#faults.length === 0 && proofs.every(({ holds }) => holds),
    };
  }

  #of(code: LedgerCode): bigint {
    return this.#sums.get(code) ?? 0n;
  }

  #addEntry(key: string, value: string | undefined): void {
    const entry = entryCheck.accept(writtenIn(value));
    if (entry === undefined) {
      this.#fault(key, 'is no journal entry');
      return;
    }
    if (this.#entries.has(key)) {
      this.#fault(key, 'was changed after it was booked');
      return;
    }
    this.#entries.add(key);
    const dates = new Map<string, bigint>();
    for (const { date, code, amount, deposit } of entry.lines) {
      const value = fen(amount);
      if ((deposit === undefined) === (code === 'CUSTOMER_DEPOSITS'))
        this.#fault(key, 'names a deposit where it should not, or names none');
      dates.set(date, (dates.get(date) ?? 0n) + value);
      this.#sums.set(code, this.#of(code) + value);
      if (deposit !== undefined) {
        const account = `account~${deposit}`;
        this.#journal.set(account, (this.#journal.get(account) ?? 0n) - value);
      }
    }
    if ([...dates.values()].some((sum) => sum !== 0n)) this.#fault(key, 'does not sum to zero');
  }

  #addAccount(key: string, value: string | undefined): void {
    const account = accountCheck.accept(writtenIn(value));
    if (account === undefined || `account~${account.accountId}` !== key) {
      this.#fault(key, 'is no account');
      return;
    }
    const [balance, held] = [fen(account.balance), fen(account.held)];
    if (held > balance) this.#fault(key, 'holds more than there is');
    this.#accounts.set(key, balance);
  }

  #addPosition(key: string, value: string | undefined): void {
    const loan = key.slice(key.indexOf('~') + 1);
    const place = `${key.split('~', 1)[0] ?? ''} ${loan}`;
    if (value === undefined) {
      this.#principals.delete(place);
      return;
    }
    const stored = positionCheck.accept(writtenIn(value));
    if (stored === undefined) {
      this.#fault(key, 'is no position');
      return;
    }
    this.#principals.set(place, fen(stored.position.principal));
  }

  #fault(key: string, what: string): void {
    this.#faults.push(`${key} ${what}`);
  }
}

function proof(name: string, left: bigint, right: bigint): Proof {
  return { name, left, right, holds: left === right };
}

function writtenIn(value: string | undefined): unknown {
  return value === undefined ? undefined : jsonIn(value);
}
