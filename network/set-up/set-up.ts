import { canonicalJson } from '../../chaincode/ledger/canonical';
import { parseErrorText } from '../../chaincode/ledger/errors';
import { connectOrganisation } from '../client/connect';
import type { NetworkContext } from '../runtimes/runtime';
import type { Channel, Organisation, Topology } from '../topology/topology';
import { consortiumState } from './consortium-state';
import { administratorIdentity, issueIdentities } from './identities';

const chaincode = 'registry';

/**
 * Gives a running network its identities and its consortium state. Harmless when it has them: what exists stays.
 *
 * @throws where the network has a registry that cannot be set up.
 */
export async function setUpConsortium(context: NetworkContext): Promise<void> {
  const { topology, directory, progress } = context;
  const channel = topology.channels.find(({ chaincodes }) =>
    chaincodes.some(({ name }) => name === chaincode),
  );
  if (channel === undefined) return;
  await issueIdentities(context);
  const state = await consortiumState(topology, directory);
  const endorsers = endorsingOrganisations(channel);
  const organisation = administratorOf(topology, endorsers);
  const connection = connectOrganisation(directory, organisation.name, administratorIdentity);
  try {
    const contract = connection.gateway.getNetwork(channel.name).getContract(chaincode);
    if (await isSetUp(() => contract.evaluate('GetConsortium', { arguments: ['{}'] }))) return;
    await contract.submit('SetUp', {
      arguments: [canonicalJson(state)],
      endorsingOrganizations: [...endorsers],
    });
  } finally {
    connection.close();
  }
  progress(
    `consortium: ${topology.organisations.length} organisations, ${state.recordTypes.length} record types, ${state.consortium.purposes.length} purposes`,
  );
}

async function isSetUp(ask: () => Promise<Uint8Array>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch (error) {
    if (codeOf(error) === 'NOT_SET_UP') return false;
    throw error;
  }
}

/** The contract's code in an error of the gateway client, whose details carry the chaincode's text. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const details = 'details' in error && Array.isArray(error.details) ? (error.details as unknown[]) : [];
  const texts = details.map((detail) => (detail as { readonly message?: unknown }).message);
  return [error.message, ...texts]
    .map((text) => (typeof text === 'string' ? parseErrorText(text)?.code : undefined))
    .find((code) => code !== undefined);
}

/** The smallest set of organisations that may endorse a new key of the registry. */
function endorsingOrganisations(channel: Channel): readonly string[] {
  const sets = channel.chaincodes.find(({ name }) => name === chaincode)?.endorsement ?? [];
  const [smallest] = [...sets].sort((a, b) => a.length - b.length);
  if (smallest === undefined) throw new Error(`nobody can endorse on ${channel.name}`);
  return smallest;
}

function administratorOf(topology: Topology, msps: readonly string[]): Organisation {
  const found = topology.organisations.find(({ msp }) => msps.includes(msp));
  if (found === undefined) throw new Error('no organisation of the consortium may set it up');
  return found;
}
