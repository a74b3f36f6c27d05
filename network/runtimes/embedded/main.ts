import { Command } from 'commander';
import { openNetwork } from '../../topology/network-file';
import { serveOperations } from './operations';
import { EmbeddedFabric } from './process';

interface Options {
  readonly directory: string;
}

/** Line by which the command that starts this process knows that it serves. */
const READY = 'embedded fabric: ready';

async function main(): Promise<void> {
  const { directory } = new Command('embedded-fabric')
    .description('Peers and orderer of a development network, in one process')
    .requiredOption('--directory <dir>', "the network's directory")
    .parse()
    .opts<Options>();
  const context = openNetwork(directory);
  const log = (line: string): void => {
    process.stdout.write(`${line}\n`);
  };
  const fabric = await EmbeddedFabric.start({ ...context, log, onFailure: fail });
  const operations = await serveOperations(fabric.network, context.topology);

  let closing: Promise<void> | undefined;
  const stop = (): void => {
    operations.close();
    closing ??= fabric.close().then(() => process.exit(0), fail);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  for (const problem of await fabric.connectChaincodes()) {
    log(problem);
  }
  log(READY);
}

function fail(error: unknown): void {
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`embedded fabric: ${reason}\n`);
  process.exit(1);
}

main().catch(fail);
