import type { InvariantsResult } from './run';

/** What a run came to, in words. */
export function describe({
  told,
  killed,
  committed,
  counts,
  seconds,
  fold,
  faults,
}: InvariantsResult): string {
  const tally = (names: readonly string[]): string => {
    const sums = new Map<string, number>();
    for (const name of names) sums.set(name, (sums.get(name) ?? 0) + 1);
    return listed([...sums].sort(([, a], [, b]) => b - a));
  };
  const drawn = told.filter(({ operation }) => operation.number >= 0);
  const done = drawn.filter(({ state }) => state === 'DONE');
  const refused = drawn.filter(({ state }) => state === 'REFUSED');
  const lost = drawn.filter(({ state }) => state === 'FAILED' || state === 'UNKNOWN');
  const { days, recomputed, transactions, loans } = fold;
  return [
    `${drawn.length} operations in ${seconds.toFixed(0)} s`,
    `drawn:     ${tally(drawn.map(({ operation }) => operation.kind))}`,
    `done:      ${done.length}: ${tally(done.map(({ operation }) => operation.kind))}`,
    `refused:   ${refused.length}: ${tally(refused.map(({ code }) => code ?? ''))}`,
    `lost:      ${lost.length}: ${tally(lost.map(({ state, code }) => `${state} ${code ?? ''}`))}`,
    `sent:      ${tally(drawn.map(({ operation }) => operation.way))}`,
    `in doubt:  ${counts.doubts} transactions, ${counts.foundOnLedger} found by their own id, ${counts.again} sent again`,
    `committed: ${listed([...committed])}`,
    `killed:    ${listed(Object.entries(killed))}`,
    `ledger:    ${transactions} valid transactions, ${days} days closed, ${loans.size} loans computed ${recomputed} times`,
    faults.length === 0 ? 'all holds' : [`${faults.length} FAULTS`, ...faults.slice(0, 40)].join('\n'),
  ].join('\n');
}

function listed(counts: readonly (readonly [string, number])[]): string {
  return counts.length === 0 ? 'none' : counts.map(([name, count]) => `${name} ${count}`).join(', ');
}
