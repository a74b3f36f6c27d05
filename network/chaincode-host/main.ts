import { Command } from 'commander';
import type { ChaincodeService } from '../runtimes/runtime';
import { readReplaced, readServices, isService, writeServed } from './services';

interface Options {
  readonly directory: string;
  readonly name: string;
  readonly organisation?: string;
  readonly chaincode?: string;
  readonly module?: string;
}

async function main(): Promise<void> {
  const options = new Command('chaincode-host')
    .description("Serves the chaincodes of a network's organisations to their peers")
    .requiredOption('--directory <dir>', "the network's directory")
    .requiredOption('--name <name>', 'name of this process')
    .option('--organisation <name>', 'serve this organisation only')
    .option('--chaincode <name>', 'serve this chaincode only')
    .option('--module <file>', 'serve this module in place of the declared one')
    .parse()
    .opts<Options>();

  // Before fabric-shim is loaded: it reads the level as it makes its loggers, and logs every call at `info`.
  process.env.CORE_CHAINCODE_LOGGING_LEVEL ??= 'error';
  const { ChaincodeHost } = await import('./host.js');
  const host = new ChaincodeHost();

  let work = Promise.resolve();
  const reconcile = (): Promise<void> =>
    (work = work.then(async () => {
      const services = selected(options);
      await host.serve(services);
      writeServed(options.directory, options.name, services);
      process.stdout.write(`serving ${services.length} chaincode services\n`);
    }));
  process.on('SIGHUP', () => {
    reconcile().catch(fail);
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      host.close();
      process.exit(0);
    });
  await reconcile();
}

function selected({ directory, organisation, chaincode, module }: Options): readonly ChaincodeService[] {
  const services = readServices(directory).filter(
    (service) =>
      (organisation === undefined || service.organisation === organisation) &&
      (chaincode === undefined || service.chaincode === chaincode),
  );
  if (module !== undefined) return services.map((service) => ({ ...service, module }));
  const replaced = readReplaced(directory);
  return services.filter((service) => !replaced.some(isService(service)));
}

function fail(error: unknown): void {
  process.stderr.write(
    `chaincode host: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exit(1);
}

main().catch(fail);
