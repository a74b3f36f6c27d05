import { startChaincodeHosts } from '../../chaincode-host/launch';
import { declaredServices } from '../../chaincode-host/services';
import { peerConnection } from '../../client/profile';
import { loadIdentity } from '../../identity/wallet';
import { processState } from '../../processes/processes';
import type { Channel } from '../../topology/topology';
import type { ChaincodeService, NetworkContext, Runtime, RuntimeStatus } from '../runtime';
import { findBinaries } from './binaries';
import { channelHeight, joinChannels, untilDeployed, untilMet } from './channels';
import { chaincodePackage, type ChaincodePackage } from './chaincodePackage';
import { callOnce, committedChaincodes, define, install } from './lifecycle';
import { PeerClient } from './peerClient';
import { peerProcess } from './paths';
import { processNames, startAll, stopAll } from './processes';

/** A service and the package under which its organisation's peer knows it. */
interface Deployment {
  readonly service: ChaincodeService;
  readonly installable: ChaincodePackage;
}

function deployments(context: NetworkContext): readonly Deployment[] {
  return declaredServices(context).map(({ label, ...declared }) => {
    const installable = chaincodePackage(label, declared.address);
    return { service: { ...declared, packageId: installable.packageId }, installable };
  });
}

/** Administrators' connections to the peers of a network, by MSP. */
class Peers {
  readonly #clients: ReadonlyMap<string, PeerClient>;

  constructor(context: NetworkContext) {
    this.#clients = new Map(
      context.topology.organisations.map(({ name, msp }) => [
        msp,
        new PeerClient(peerConnection(context, name), loadIdentity(context, name, 'Admin')),
      ]),
    );
  }

  of(msp: string): PeerClient {
    const client = this.#clients.get(msp);
    if (client === undefined) throw new Error(`no organisation of the consortium has the MSP ${msp}`);
    return client;
  }

  /** Peers of a channel's members, in the order of the members. */
  readonly members = (channel: Channel): readonly PeerClient[] => channel.members.map((msp) => this.of(msp));

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }
}

/** Deploys a channel's chaincodes and waits until each member's peer has one running. */
async function deploy(
  context: NetworkContext,
  channel: Channel,
  peers: Peers,
  packages: readonly Deployment[],
): Promise<void> {
  const members = peers.members(channel);
  const { chaincodes } = context.topology;
  await untilMet(channel, members);
  const packageId = (msp: string, chaincode: string): string => {
    const found = packages.find(({ service }) => service.msp === msp && service.chaincode === chaincode);
    if (found === undefined) throw new Error(`no package of ${chaincode} for ${msp}`);
    return found.service.packageId;
  };
  const sequences = await Promise.all(
    channel.chaincodes.map(async (chaincode): Promise<[string, number]> => {
      const source = chaincodes.find(({ name }) => name === chaincode.name);
      if (source === undefined) throw new Error(`no chaincode ${chaincode.name} in the consortium`);
      return [chaincode.name, await define(channel, chaincode, source, members, packageId)];
    }),
  );
  await untilDeployed(channel, new Map(sequences), members);
  // The peer connects to a chaincode when it is first asked for; let that not be a client's first call.
  const calls = members.flatMap((member) =>
    channel.chaincodes.map(({ name }) => callOnce(member, channel.name, name)),
  );
  await Promise.all(calls);
}

async function up(context: NetworkContext): Promise<void> {
  const { progress, topology } = context;
  const binaries = await findBinaries();
  progress(`Fabric ${binaries.version}: starting the orderer and ${topology.organisations.length} peers`);
  const packages = deployments(context);
  const started = startAll(context, binaries);
  const hosted = startChaincodeHosts(
    context,
    packages.map(({ service }) => service),
  );
  await Promise.all([started, hosted]);
  const peers = new Peers(context);
  try {
    await joinChannels(context, peers.members);
    progress(`${topology.channels.length} channels joined`);
    await Promise.all(
      packages.map(({ service, installable }) =>
        install(peers.of(service.msp), installable.packageId, installable.bytes),
      ),
    );
    progress(`${packages.length} chaincode packages installed`);
    await Promise.all(topology.channels.map((channel) => deploy(context, channel, peers, packages)));
    progress('every organisation endorses on each of its channels');
  } finally {
    peers.close();
  }
}

async function status(context: NetworkContext): Promise<RuntimeStatus> {
  const { topology, directory } = context;
  const processes = processNames(context).map((name) => processState(directory, name));
  const runs = (msp: string): boolean => {
    const name = topology.organisations.find((organisation) => organisation.msp === msp)?.name ?? '';
    return processes.some((process) => process.name === peerProcess(name) && process.running);
  };
  const peers = new Peers(context);
  try {
    const channels = await Promise.all(
      topology.channels.map(async (channel) => {
        const msp = channel.members.find(runs);
        if (msp === undefined) return { name: channel.name, height: 0, chaincodes: [] };
        const [height, chaincodes] = await Promise.all([
          channelHeight(peers.of(msp), channel.name),
          committedChaincodes(peers.of(msp), channel.name),
        ]);
        return { name: channel.name, height, chaincodes };
      }),
    );
    return { processes, channels };
  } finally {
    peers.close();
  }
}

/**
 * Real Fabric without Docker: a Raft orderer and a peer for each organisation, as processes of this machine from the
 * binaries of `FABRIC_BIN` or the `PATH`, with chaincode as a service. For conformance and measurement.
 */
export const nativeRuntime: Runtime = { name: 'native', up, down: stopAll, status };
