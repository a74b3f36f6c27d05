import { begin, finish, open } from './days';
import { apply } from './facts';
import type { Entry, LoanFact, LoanTerms, Market, Outcome } from './model';
import { dayAfter } from './schedule';
import { save } from './working';

/**
 * Computes a loan's books from its terms and facts alone. Facts count by value date and then in the order given, which is
 * the ledger's: whatever the order in which they were delivered, the same set gives the same books.
 *
 * @param facts in the ledger's order, the disbursement with or without.
 * @param through last day to be ended; facts of the day after are applied and that day is left begun.
 * @throws RangeError for a fact before the start or later than that; ContractError as {@link openLoan}.
 */
export function replay(
  terms: LoanTerms,
  facts: readonly LoanFact[],
  through: string,
  market: Market,
): Outcome {
  const ordered = facts
    .filter(({ type }) => type !== 'DISBURSED')
    .sort((a, b) => (a.valueDate < b.valueDate ? -1 : a.valueDate > b.valueDate ? 1 : 0));
  const first = ordered[0];
  if (first !== undefined && first.valueDate < terms.startDate)
    throw new RangeError('a fact is older than the loan');
  const w = open(terms, market);
  let index = 0;
  const take = (day: string) => {
    for (let fact = ordered[index]; fact?.valueDate === day; fact = ordered[index]) {
      begin(w, day, market);
      apply(w, fact);
      index += 1;
    }
  };
  let day = terms.startDate;
  for (; day <= through; day = dayAfter(day)) {
    begin(w, day, market);
    take(day);
    finish(w, day, market);
  }
  take(day);
  if (index < ordered.length) throw new RangeError('a fact is later than the loan');
  return save(w);
}

function keyOf({ date, kind, lines }: Entry): string {
  return `${date} ${kind} ${lines.map(({ account, amount }) => `${account} ${amount.toString()}`).join(' ')}`;
}

/** Those of `entries` that have no equal among `others`; each of the others stands for one. */
function beyond(entries: readonly Entry[], others: readonly Entry[]): readonly Entry[] {
  const counts = new Map<string, number>();
  for (const other of others) counts.set(keyOf(other), (counts.get(keyOf(other)) ?? 0) + 1);
  return entries.filter((entry) => {
    const count = counts.get(keyOf(entry)) ?? 0;
    if (count > 0) counts.set(keyOf(entry), count - 1);
    return count === 0;
  });
}

/**
 * What is posted when a fact came late or was taken back. Entries that both sets of facts give stay as they are; the others
 * of the old set are reversed, those of the new one posted, each under its own value date. Posted entries and these together
 * are, account by account, the books that {@link replay} gives for the new facts, and the position is its position.
 *
 * @throws RangeError, ContractError as {@link replay}.
 */
export function correct(
  terms: LoanTerms,
  oldFacts: readonly LoanFact[],
  newFacts: readonly LoanFact[],
  through: string,
  market: Market,
): Outcome {
  const before = replay(terms, oldFacts, through, market);
  const after = replay(terms, newFacts, through, market);
  const reversals = beyond(before.entries, after.entries).map(({ date, lines }): Entry => ({
    date,
    kind: 'REVERSAL',
    lines: lines.map(({ account, amount }) => ({ account, amount: -amount })),
  }));
  return {
    position: after.position,
    entries: [...reversals, ...beyond(after.entries, before.entries)],
  };
}
