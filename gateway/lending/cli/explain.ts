import { Option, type Command } from 'commander';
import { connectOrganisation } from '../../../network/client/connect';
import { ownPeer } from '../../../network/client/own-peer';
import { ownChannel, readConnectionProfile } from '../../../network/client/profile';
import { explain, renderExplanation } from '../explain';
import { directoryOption, organisationOption, print, type NetworkOptions } from './options';

interface Options extends NetworkOptions {
  readonly identity: string;
  readonly round?: string;
  readonly json?: true;
}

/** A decision that its recomputation does not give. */
export class DoesNotAgree extends Error {}

async function run(applicationId: string, options: Options): Promise<void> {
  const { directory, organisation, identity, round } = options;
  const profile = readConnectionProfile(directory, organisation);
  const connection = connectOrganisation(directory, organisation, identity);
  try {
    const found = await explain(
      ownPeer(connection),
      ownChannel(profile, 'lending-'),
      ownChannel(profile, 'sharing-'),
      applicationId,
      round === undefined ? undefined : Number(round),
    );
    print(options.json === true ? JSON.stringify(found, null, 2) : renderExplanation(found));
    if (!found.agrees) throw new DoesNotAgree('the decision is not what its evidence gives');
  } finally {
    connection.close();
  }
}

/** Adds `explain`. */
export function addExplain(program: Command): void {
  program
    .command('explain <applicationId>')
    .description("recompute a decision from the delivered records, on the bank's own peer, and compare")
    .addOption(directoryOption())
    .addOption(organisationOption())
    .addOption(new Option('--identity <id>', "the bank's credit officer").makeOptionMandatory())
    .addOption(new Option('--round <number>', 'which decision; the last by default').choices(['1', '2']))
    .option('--json', 'as JSON')
    .action(run);
}
