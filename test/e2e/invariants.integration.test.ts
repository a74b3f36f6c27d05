import { freePorts, testRuntime } from '../support/network';
import { findFaults } from './invariants/checker';
import { LedgerFold } from './invariants/ledger-fold';
import { checkInvariants, type InvariantsResult } from './invariants/run';

jest.setTimeout(240_000);

const operations = 90;
let result: InvariantsResult;

/** `npm run invariants` does ten thousand. On a network of its own, since processes of it are killed. */
beforeAll(async () => {
  result = await checkInvariants({
    runtime: testRuntime,
    operations,
    seed: 4_150_907,
    lanes: 8,
    kills: 2,
    checks: 1,
    loans: 20,
    portBase: await freePorts(),
    progress: () => undefined,
  });
});

it('keeps the books, the deposits and every loan right while lanes collide and processes die', () => {
  expect(result.faults).toEqual([]);
  const { told, fold, killed } = result;
  expect(told.filter(({ operation }) => operation.number >= 0)).toHaveLength(operations);
  const count = (state: string) => told.filter((one) => one.state === state).length;
  // A run in which nothing came through, or nothing was refused, would show little.
  expect(count('DONE')).toBeGreaterThan(operations / 3);
  expect(count('REFUSED')).toBeGreaterThan(10);
  expect(Object.values(killed).reduce((sum, times) => sum + times, 0)).toBe(2);
  expect(fold.recomputed).toBeGreaterThan(20);
});

it('would have found a fen that was booked elsewhere in any of its loans, and a transaction less', () => {
  const { history, told } = result;
  const faultsOf = (changed: typeof history) => {
    const fold = new LedgerFold();
    for (const transaction of changed) fold.add(transaction);
    return findFaults(fold, told);
  };
  expect(faultsOf(history)).toEqual([]);
  const positions = history.filter(({ writes }) => writes.some(({ key }) => key.startsWith('position~')));
  for (const { id } of positions.slice(-5)) {
    expect(faultsOf(history.filter((transaction) => transaction.id !== id))).not.toEqual([]);
    const changed = history.map((transaction) => ({
      ...transaction,
      writes: transaction.writes.map((write) =>
        transaction.id === id && write.key.startsWith('position~')
          ? { ...write, value: write.value?.replace(/"principal":"(\d+)"/, '"principal":"1$1"') }
          : write,
      ),
    }));
    expect(faultsOf(changed)).not.toEqual([]);
  }
});
