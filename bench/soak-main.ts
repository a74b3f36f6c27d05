import { Command, Option } from 'commander';
import type { Runtime } from '../network/runtimes/runtime';
import { positive } from '../network/cli/numbers';
import { soak } from './soak';

interface Options {
  readonly runtime: Runtime['name'];
  readonly loans: number;
  readonly due: number;
  readonly short: number;
  readonly arrears: number;
  readonly days: number;
  readonly kills: number;
  readonly page: number;
  readonly agents: number;
  readonly portBase?: number;
}

async function main({ runtime, days, kills, page, agents, portBase, ...plan }: Options): Promise<void> {
  const begun = performance.now();
  const progress = (line: string): void =>
    console.log(`${((performance.now() - begun) / 1000).toFixed(0).padStart(6)} s  ${line}`);
  const { quiet, disturbed, totals, killed } = await soak({
    ...{ runtime, plan, days, kills, page, agents, progress },
    ...(portBase === undefined ? {} : { portBase }),
  });
  console.log(`undisturbed  ${quiet}`);
  console.log(`under fire   ${disturbed}`);
  console.log(`collected ${totals.collected} fen; ${totals.pastDue} loans past due at the end`);
  console.log(
    Object.entries(killed)
      .map(([name, times]) => `${name} killed ${times} times`)
      .join(', '),
  );
  console.log(quiet === disturbed ? 'the same state' : 'THE STATES DIFFER');
  if (quiet !== disturbed) process.exitCode = 1;
}

new Command('soak --')
  .description(
    'Closes the days of a portfolio twice, once undisturbed and once while agents, gateways, chaincode and network are killed at random moments; both have to end in the same state.',
  )
  .addOption(
    new Option('--runtime <name>', 'what runs the network')
      .choices(['embedded', 'native'])
      .default('embedded'),
  )
  .option('--loans <n>', 'loans', positive, 10_000)
  .option('--due <n>', 'of these: loans with an instalment in the month', positive, 1000)
  .option('--short <n>', 'of these: short of funds', positive, 300)
  .option('--arrears <n>', 'of these: without any', positive, 200)
  .option('--days <n>', 'days to close', positive, 30)
  .option('--kills <n>', 'processes to kill in the time of an undisturbed run', positive, 30)
  .option('--page <n>', 'loans in a transaction', positive, 200)
  .option('--agents <n>', "agents at once, beside the gateway's", positive, 2)
  .option('--port-base <n>', "first port, in place of the consortium file's", positive)
  .action(main)
  .parseAsync()
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
