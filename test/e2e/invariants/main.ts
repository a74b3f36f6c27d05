import { Command, InvalidArgumentError, Option } from 'commander';
import { positive } from '../../../network/cli/numbers';
import type { Runtime } from '../../../network/runtimes/runtime';
import { describe } from './figures';
import { checkInvariants } from './run';

interface Options {
  readonly runtime: Runtime['name'];
  readonly operations: number;
  readonly seed: number;
  readonly lanes: number;
  readonly kills: number;
  readonly checks: number;
  readonly loans: number;
  readonly portBase?: number;
}

async function main(options: Options): Promise<void> {
  console.log(`seed ${options.seed}`);
  const begun = performance.now();
  const progress = (line: string): void =>
    console.log(`${((performance.now() - begun) / 1000).toFixed(0).padStart(6)} s  ${line}`);
  const result = await checkInvariants({ ...options, progress });
  console.log(describe(result));
  // One of each kind: what was neither done nor refused by a contract.
  const failures = new Map(
    result.told
      .filter(({ state }) => state === 'FAILED' || state === 'UNKNOWN')
      .map(({ operation, code = '', message = '' }) => [`${code}: ${message}`, operation]),
  );
  for (const [failure, { number, kind }] of [...failures].slice(0, 10))
    console.log(`operation ${number} (${kind}) failed: ${failure}`);
  if (result.faults.length > 0) process.exitCode = 1;
}

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

new Command('invariants --')
  .description(
    'Carries random operations out on a network of its own, from many lanes at once and with processes killed, and proves from the blocks that the books hold, no deposit went below zero and every loan follows from its terms and facts.',
  )
  .addOption(
    new Option('--runtime <name>', 'what runs the network')
      .choices(['embedded', 'native'])
      .default('embedded'),
  )
  .option('--operations <n>', 'operations', positive, 10_000)
  .option('--seed <n>', 'draws the same operations again', whole, Math.floor(Math.random() * 1e9))
  .option('--lanes <n>', 'lanes at once', positive, 10)
  .option('--kills <n>', 'processes to kill', whole, 30)
  .option('--checks <n>', 'checks within the run', whole, 8)
  .option('--loans <n>', 'loans to begin with', positive, 60)
  .option('--port-base <n>', 'first port of the network', positive)
  .action(main)
  .parseAsync()
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
