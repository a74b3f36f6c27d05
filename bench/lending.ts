import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command, Option } from 'commander';
import { pino } from 'pino';
import { ServicingAgent } from '../gateway/agents/servicing';
import { networkDown, networkUp } from '../network/cli/network';
import type { Runtime } from '../network/runtimes/runtime';
import { projectRoot } from '../network/topology/project';
import { positive } from '../network/cli/numbers';
import { dayAfter, Portfolio, type PortfolioPlan } from './portfolio';

interface Options {
  readonly runtime: Runtime['name'];
  readonly loans: readonly number[];
  readonly days: number;
}

/** A tenth of the loans fall due in the month, 3 % are short of funds, 2 % have none: these on the third to the fifth day. */
function planFor(loans: number): PortfolioPlan {
  return {
    loans,
    due: Math.ceil(loans / 10),
    short: Math.ceil((loans * 3) / 100),
    arrears: Math.ceil((loans * 2) / 100),
  };
}

/** Brings portfolios of several sizes onto fresh networks and closes their days: the cost of a loan should not grow. */
async function main({ runtime, loans: sizes, days }: Options): Promise<void> {
  console.log(
    'loans'.padStart(8) +
      'boarded a second'.padStart(20) +
      'median day s'.padStart(14) +
      'ms a loan'.padStart(12) +
      'slowest day s'.padStart(15) +
      'past due'.padStart(10),
  );
  for (const size of sizes) await measure(runtime, size, days);
}

async function measure(runtime: Runtime['name'], size: number, days: number): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'bench-lending-'));
  const silent = (): void => undefined;
  try {
    const consortium = path.join(projectRoot, 'bench', 'lending.yaml');
    const context = await networkUp({ directory, runtime, consortium, gateways: false, progress: silent });
    const portfolio = new Portfolio(context);
    const begun = performance.now();
    let told = begun;
    await portfolio.make(planFor(size), (done) => {
      if (performance.now() - told < 10_000) return;
      told = performance.now();
      process.stderr.write(`${done} of ${size} loans on the ledger\n`);
    });
    const boarding = (performance.now() - begun) / 1000;
    const agent = new ServicingAgent({ days: portfolio.days(), logger: pino({ level: 'silent' }) });
    const seconds: number[] = [];
    for (let day = 0; day < days; day += 1) {
      const start = performance.now();
      await agent.closeThrough(dayAfter(day));
      seconds.push((performance.now() - start) / 1000);
    }
    const { pastDue } = await portfolio.totals(days);
    portfolio.close();
    seconds.sort((a, b) => a - b);
    const median = seconds[Math.floor(seconds.length / 2)] ?? Number.NaN;
    console.log(
      String(size).padStart(8) +
        (size / boarding).toFixed(0).padStart(20) +
        median.toFixed(1).padStart(14) +
        ((median * 1000) / size).toFixed(2).padStart(12) +
        (seconds.at(-1) ?? Number.NaN).toFixed(1).padStart(15) +
        String(pastDue).padStart(10),
    );
  } finally {
    await networkDown(directory, silent);
    rmSync(directory, { recursive: true, force: true });
  }
}

new Command('bench:lending --')
  .description(
    'Measures the day close of portfolios of several sizes: median seconds of a day, and milliseconds a loan.',
  )
  .addOption(
    new Option('--runtime <name>', 'what runs the network')
      .choices(['embedded', 'native'])
      .default('embedded'),
  )
  .option(
    '--loans <n...>',
    'sizes of the portfolios',
    (text: string, sizes: readonly number[] | undefined) => [...(sizes ?? []), positive(text)],
  )
  .option('--days <n>', 'days closed of each portfolio', positive, 5)
  .action((options: Omit<Options, 'loans'> & { loans?: readonly number[] }) =>
    main({ ...options, loans: options.loans ?? [1000, 10_000] }),
  )
  .parseAsync()
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
