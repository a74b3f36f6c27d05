import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command, Option } from 'commander';
import { networkDown, networkUp } from '../../network/cli/network';
import { positive } from '../../network/cli/numbers';
import type { Runtime } from '../../network/runtimes/runtime';
import { Narrator } from './narrator';
import { playStory } from './story';
import { printAddresses } from './addresses';

interface Options {
  readonly once?: true;
  readonly runtime: Runtime['name'];
  readonly directory?: string;
  readonly enterprises: number;
  readonly portBase?: number;
}

/** Main job: the network comes up, the sample consortium is loaded, one share and one loan are played and checked, all stays up. */
async function main(options: Options): Promise<void> {
  const directory =
    options.directory ??
    (options.once === true ? mkdtempSync(path.join(tmpdir(), 'sme-credit-')) : path.resolve('.network'));
  const temporary = options.once === true && options.directory === undefined;
  const silent = (): void => undefined;
  const interrupted = new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  let told = false;
  try {
    const began = performance.now();
    const context = await networkUp({
      directory,
      runtime: options.runtime,
      gateways: true,
      ...(options.portBase === undefined ? {} : { portBase: options.portBase }),
      progress: (line) => console.log(`   ${line}`),
    });
    console.log(`   up in ${((performance.now() - began) / 1000).toFixed(1)} s`);
    const played = path.join(directory, 'story-played');
    if (existsSync(played)) {
      console.log('\nThe story was already played on this ledger; "npm run network -- reset" starts anew.');
    } else {
      const narrator = new Narrator();
      await Promise.race([
        playStory(context, narrator, options.enterprises),
        interrupted.then(() => {
          throw new Error('interrupted');
        }),
      ]);
      writeFileSync(played, '');
      console.log(`\nTold and checked: ${narrator.checks} claims held.`);
    }
    told = true;
    if (options.once !== true) {
      printAddresses(context);
      await interrupted;
    }
  } finally {
    console.log('\nStopping the network…');
    await networkDown(directory, silent);
    if (temporary && told) rmSync(directory, { recursive: true, force: true });
    else console.log(`Ledger, keys and logs stay in ${directory}`);
  }
}

new Command('npm start --')
  .description(
    'Brings a consortium up, loads its sample data, and plays and checks the story of one share and one loan.',
  )
  .option('--once', 'stop after the story; exit code 0 where every step gave what it should')
  .addOption(
    new Option('--runtime <name>', 'what runs the network')
      .choices(['embedded', 'native'])
      .default('embedded'),
  )
  .option(
    '--directory <path>',
    'where keys, ledgers and logs go (default: .network, or with --once a temporary folder)',
  )
  .option('--port-base <port>', "first port, in place of the consortium file's", positive)
  .option('--enterprises <n>', 'how many enterprises of the sample consortium to load', positive, 12)
  .action(main)
  .parseAsync()
  .catch((error: unknown) => {
    console.error(`\n${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  });
