#!/usr/bin/env node
import { writeFileSync } from 'node:fs';
import { GatewayError } from '@hyperledger/fabric-gateway';
import { Command } from 'commander';
import { connectOrganisation } from '../../../network/client/connect';
import { ownChannel, readConnectionProfile } from '../../../network/client/profile';
import { gatewayIdentity } from '../../../network/identity/identities';
import { defaultDirectory } from '../../../network/topology/network-file';
import { ledgerError } from '../../ledger/errors';
import { exportDelivery } from './export';

interface Options {
  readonly directory: string;
  readonly organisation: string;
  readonly identity: string;
  readonly output: string;
}

const program = new Command('export-delivery')
  .description('takes a delivery out of the ledger with the proof that verify-delivery checks')
  .argument('<requestId>', 'the data request that was delivered')
  .option('--directory <dir>', "the network's directory", defaultDirectory)
  .requiredOption('--organisation <name>', 'the bank')
  .requiredOption('--identity <id>', "the bank's credit officer")
  .requiredOption('--output <file>', 'where to write it; readable by you alone')
  .action(run);

async function run(requestId: string, { directory, organisation, identity, output }: Options): Promise<void> {
  const channel = ownChannel(readConnectionProfile(directory, organisation), 'sharing-');
  const officer = connectOrganisation(directory, organisation, identity);
  const reader = connectOrganisation(directory, organisation, gatewayIdentity);
  try {
    const bundle = await exportDelivery(officer, reader, channel, requestId);
    writeFileSync(output, JSON.stringify(bundle), { mode: 0o600 });
  } finally {
    officer.close();
    reader.close();
  }
}

/** Why it failed: what the ledger said, with its code, or anything else that went wrong. */
function reasonOf(error: unknown): string {
  if (error instanceof GatewayError) {
    const { code, message } = ledgerError(error, 'evaluate');
    return `${code}: ${message}`;
  }
  return error instanceof Error ? error.message : String(error);
}

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`export-delivery: ${reasonOf(error)}\n`);
  process.exitCode = 1;
});
