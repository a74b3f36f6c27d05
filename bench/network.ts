import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command, Option } from 'commander';
import { networkDown, networkStatus, networkUp } from '../network/cli/network';
import { connectOrganisation } from '../network/client/connect';
import type { Runtime } from '../network/runtimes/runtime';
import { projectRoot } from '../network/topology/project';
import { positive } from '../network/cli/numbers';
import { printTable, throughput } from './measure';

interface Options {
  readonly runtime: Runtime['name'];
  readonly seconds: number;
  readonly concurrency: number;
}

/** Start-up, memory, and submitted and evaluated transactions a second of a runtime: minimal contract, two endorsements. */
async function main(options: Options): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'bench-network-'));
  const silent = (): void => undefined;
  try {
    const began = performance.now();
    await networkUp({
      directory,
      runtime: options.runtime,
      consortium: path.join(projectRoot, 'bench', 'consortium.yaml'),
      gateways: false,
      progress: silent,
    });
    console.log(
      `${options.runtime}: three organisations, one channel, one contract up in ${((performance.now() - began) / 1000).toFixed(1)} s`,
    );
    const connection = connectOrganisation(directory, 'bank', 'Admin');
    const contract = connection.gateway.getNetwork('bench').getContract('minimal');
    const rows = [
      await throughput(
        `submit, ${options.concurrency} at once`,
        options.concurrency,
        options.seconds,
        (index) => contract.submitTransaction('put', `key-${index}`, 'value'),
      ),
      await throughput(
        `evaluate, ${options.concurrency} at once`,
        options.concurrency,
        options.seconds,
        (index) => contract.evaluateTransaction('get', `key-${index % 1000}`),
      ),
    ];
    printTable(rows);
    const { processes } = await networkStatus(directory);
    for (const { name, pid } of processes)
      if (pid !== undefined) console.log(`memory of ${name}: ${residentMegabytes(pid)} MB`);
    connection.close();
  } finally {
    await networkDown(directory, silent);
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Resident memory as Linux tells it; `unknown` elsewhere. */
function residentMegabytes(pid: number): string {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return 'unknown';
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(file, 'utf8'))?.[1];
  return kilobytes === undefined ? 'unknown' : (Number(kilobytes) / 1024).toFixed(0);
}

new Command('bench:network --')
  .description('Measures a runtime: start-up, memory, submitted and evaluated transactions a second.')
  .addOption(
    new Option('--runtime <name>', 'what runs the network')
      .choices(['embedded', 'native'])
      .default('embedded'),
  )
  .option('--seconds <n>', 'length of each measurement', positive, 10)
  .option('--concurrency <n>', 'requests under way at once', positive, 100)
  .action(main)
  .parseAsync()
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
