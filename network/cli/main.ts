#!/usr/bin/env node
import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { issueIdentity, listIdentities, type IdentityRequest } from '../identity/identities';
import { runtimeNames } from '../runtimes/index';
import type { Progress, Runtime } from '../runtimes/runtime';
import { defaultDirectory, openNetwork } from '../topology/network-file';
import { newKeyOf } from './department-key';
import { showLogs } from './logs';
import { networkDown, networkReset, networkStatus, networkUp } from './network';
import { renderIdentities, renderStatus } from './render';

interface Common {
  readonly directory: string;
}

/** Exit codes: 1 for a failure, 2 for a command that was not understood, 3 for `status` where not everything runs. */
const exitCode = { failure: 1, usage: 2, notRunning: 3 };

const examples = `
Examples:
  network up                                     the sample consortium on the embedded runtime
  network up --runtime native --directory .real  on real Fabric: peer, orderer, osnadmin on PATH or in FABRIC_BIN
  network status --json
  network logs chaincode-host --follow
  network identity issue bank-a alice --attribute role=analyst
  network identity list bank-a
  network department-key new --organisation tax --department tax-shanghai
  network down                                   the ledger stays
  network reset                                  removes ledgers, keys and logs

Exit codes: 1 failure, 2 wrong usage, 3 status where not everything runs.`;

function program(): Command {
  const network = new Command('network')
    .description('Runs a development network of the consortium that a topology file declares')
    .addHelpText('after', examples)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : exitCode.usage));

  withDirectory(network.command('up'))
    .description('start the network, or go on with it; harmless when it is up')
    .addOption(
      new Option('--runtime <name>', 'engine; remembered by the directory (default: embedded)').choices(
        runtimeNames,
      ),
    )
    .option(
      '--consortium <file>',
      'consortium file; remembered by the directory (default: network/consortium.yaml)',
    )
    .option('--port-base <port>', "first port, in place of the file's", wholeNumber)
    .option('--no-gateways', 'do not start the REST gateways')
    .action(async (options: UpCommand) => {
      await networkUp({ ...options, progress: progressOnTerminal() });
    });

  withDirectory(network.command('down'))
    .description('stop the network; the ledger stays')
    .action(({ directory }: Common) => networkDown(directory, progressOnTerminal()));

  withDirectory(network.command('status'))
    .description('organisations, channels with heights, chaincodes, gateways')
    .option('--json', 'as JSON')
    .action(async ({ directory, json }: Common & { readonly json?: boolean }) => {
      const status = await networkStatus(directory);
      print(json === true ? JSON.stringify(status, null, 2) : renderStatus(status));
      if (!status.up) process.exitCode = exitCode.notRunning;
    });

  withDirectory(network.command('logs'))
    .description('logs of all processes, or of one')
    .argument('[process]', 'name as in status')
    .option('-n, --lines <count>', 'how many lines of each', wholeNumber, 20)
    .option('-f, --follow', 'go on until interrupted')
    .action(
      async (
        name: string | undefined,
        options: Common & { readonly lines: number; readonly follow?: boolean },
      ) => {
        const stop = new AbortController();
        process.once('SIGINT', () => stop.abort());
        await showLogs({
          directory: path.resolve(options.directory),
          lines: options.lines,
          print,
          ...(name === undefined ? {} : { process: name }),
          ...(options.follow === true ? { follow: stop.signal } : {}),
        });
      },
    );

  withDirectory(network.command('reset'))
    .description('stop the network and remove its ledgers, keys and logs')
    .action(({ directory }: Common) => networkReset(directory, progressOnTerminal()));

  addIdentityCommands(network.command('identity').description('identities of the organisations'));
  withDirectory(
    network.command('department-key').description('keys with which departments sign').command('new'),
  )
    .description('make the next key of a department, which signs once the consortium has voted it in')
    .requiredOption('--organisation <name>')
    .requiredOption('--department <id>')
    .action(
      async ({
        directory,
        organisation,
        department,
      }: Common & { readonly organisation: string; readonly department: string }) => {
        print(await newKeyOf(openNetwork(directory), organisation, department));
      },
    );
  return network;
}

interface UpCommand extends Common {
  readonly runtime?: Runtime['name'];
  readonly consortium?: string;
  readonly portBase?: number;
  readonly gateways: boolean;
}

interface IssueCommand extends Common {
  readonly ou: IdentityRequest['ou'];
  readonly service?: boolean;
  readonly attribute: Record<string, string>;
}

function addIdentityCommands(identity: Command): void {
  withDirectory(identity.command('issue'))
    .description("issue an identity into an organisation's wallet; asking again for the same one keeps it")
    .argument('<organisation>')
    .argument('<id>')
    .addOption(new Option('--ou <role>', 'role in the MSP').choices(['client', 'admin']).default('client'))
    .option('--service', 'a service of the organisation, which may read whole blocks')
    .option(
      '--attribute <name=value>',
      'attribute that chaincode reads; may be given several times',
      attribute,
      {},
    )
    .action(
      async (
        organisation: string,
        id: string,
        { directory, ou, service, attribute: attributes }: IssueCommand,
      ) => {
        const issued = await issueIdentity(openNetwork(directory), organisation, {
          id,
          ou,
          service: service === true,
          attributes,
        });
        print(renderIdentities([issued]));
      },
    );

  withDirectory(identity.command('list'))
    .description('identities in the wallets')
    .argument('[organisation]')
    .option('--json', 'as JSON')
    .action((organisation: string | undefined, { directory, json }: Common & { readonly json?: boolean }) => {
      const identities = listIdentities(openNetwork(directory), organisation);
      print(json === true ? JSON.stringify(identities, null, 2) : renderIdentities(identities));
    });
}

function withDirectory(command: Command): Command {
  return command.option('--directory <dir>', "the network's directory", defaultDirectory);
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function attribute(text: string, others: Record<string, string>): Record<string, string> {
  const [, name, value] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('It must be name=value.');
  return { ...others, [name]: value };
}

/** Lines with the seconds since the command began. */
function progressOnTerminal(): Progress {
  const begin = Date.now();
  return (line) => print(`${((Date.now() - begin) / 1000).toFixed(1).padStart(6)} s  ${line}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

program()
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`network: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = exitCode.failure;
  });
