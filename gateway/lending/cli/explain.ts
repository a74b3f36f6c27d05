import { Option, type Command } from 'commander';
import { connectOrganisation } from '../../../network/client/connect';
import { ownPeer } from '../../../network/client/own-peer';
import { readConnectionProfile } from '../../../network/client/profile';
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
  const { channels } = readConnectionProfile(directory, organisation);
  const own = (prefix: string): string => {
    const found = channels.find((channel) => channel.startsWith(prefix));
    if (found === undefined) throw new Error(`${organisation} is on no channel ${prefix}…`);
    return found;
  };
  const connection = connectOrganisation(directory, organisation, identity);
  try {
    const found = await explain(
      ownPeer(connection),
      own('lending-'),
      own('sharing-'),
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
