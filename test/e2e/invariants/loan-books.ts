import { addDays } from '../../../chaincode/ledger/calendar';
import { canonicalJson } from '../../../chaincode/ledger/canonical';
import { sumOf } from '../../../chaincode/ledger/money';
import { replay, type LoanTerms, type Market } from '../../../chaincode/lending/engine/loan';
import type { Loan, StoredFact, StoredPosition } from '../../../chaincode/lending/loans/model';

/** Amounts by value date and account; a debit is positive. What sums to zero is left out. */
export type Sums = Map<string, bigint>;

/** Adds up; what comes to zero goes. */
export function addTo(sums: Sums, key: string, amount: bigint): void {
  const sum = (sums.get(key) ?? 0n) + amount;
  if (sum === 0n) sums.delete(key);
  else sums.set(key, sum);
}

/** Interest of these loans is fixed, and their calendars are none or plain: nothing comes from outside. */
function marketOf({ calendar }: LoanTerms): Market {
  return {
    rateOn: () => {
      throw new Error('these loans follow no index');
    },
    calendar: calendar === 'MONDAY_TO_FRIDAY' ? { kind: 'MONDAY_TO_FRIDAY' } : { kind: 'NO_CALENDAR' },
  };
}

/** What one transaction wrote about one loan. */
export interface LoanWrite {
  readonly loan: Loan;
  readonly stored: StoredPosition;
  /** All facts of the loan as they stand after the transaction. */
  readonly facts: readonly StoredFact[];
  /** Those that this transaction wrote. */
  readonly written: readonly StoredFact[];
}

/**
 * The books of one loan as terms and facts give them, computed from scratch after every transaction: where it should stand,
 * and what that transaction should have posted for it.
 */
export class LoanBooks {
  #sums: Sums = new Map();

  /** Sums by code over all days, `CLEARING` among them. */
  byCode(): Sums {
    const codes: Sums = new Map();
    for (const [key, amount] of this.#sums) addTo(codes, key.slice(key.indexOf(' ') + 1), amount);
    return codes;
  }

  /**
   * @returns what the transaction should have booked for the loan, by `<date> <code or deposit>`, and what is wrong with the
   * position or the facts themselves.
   */
  take({ loan, stored, facts, written }: LoanWrite): {
    readonly expected: Sums;
    readonly faults: readonly string[];
  } {
    const { terms } = loan;
    const faults: string[] = [];
    if (facts.length !== stored.facts || facts.some(({ sequence }, index) => sequence !== index))
      faults.push('does not count its facts');
    const live = facts.filter(({ reversedBy }) => reversedBy === undefined).map(({ fact }) => fact);
    const { position, entries } = replay(terms, live, stored.position.closedThrough, marketOf(terms));
    if (canonicalJson(position) !== canonicalJson(stored.position))
      faults.push(
        `stands at ${canonicalJson(stored.position)}; its terms and facts give ${canonicalJson(position)}`,
      );
    const after: Sums = new Map();
    for (const { date, lines } of entries) {
      if (sumOf(lines.map(({ amount }) => amount)) !== 0n) faults.push('has an entry that does not balance');
      for (const { account, amount } of lines) addTo(after, `${date} ${account}`, amount);
    }
    const change: Sums = new Map(after);
    for (const [key, amount] of this.#sums) addTo(change, key, -amount);
    this.#sums = after;
    const expected: Sums = new Map();
    for (const [key, amount] of change) {
      const date = key.slice(0, key.indexOf(' '));
      const to = key.endsWith(' CLEARING') ? `${date} ${clearingOf(written, date)}` : key;
      addTo(expected, to, amount);
    }
    return { expected, faults };
  }
}

/** Where money of a loan came from or went to: one transaction writes one fact of a date, or takes one back. */
function clearingOf(written: readonly StoredFact[], date: string): string {
  const fact = written.find(({ fact: { valueDate } }) => valueDate === date);
  if (fact?.source === 'BOARDING') return 'CASH_AT_CORE';
  return fact?.account === undefined ? 'CLEARING of nobody' : `deposit ${fact.account}`;
}

/** The day after. */
export function nextDay(date: string): string {
  return addDays(date, 1);
}
