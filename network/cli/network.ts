import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createGenesisBlocks } from '../channel-config/genesis';
import { chaincodeHosts, stopChaincodeHosts } from '../chaincode-host/launch';
import { writeConnectionProfiles } from '../client/profile';
import { createIdentities } from '../identity/identities';
import { withLock } from '../processes/lock';
import { knownProcesses, processState, stopProcess, type ProcessState } from '../processes/processes';
import { runtimeOf } from '../runtimes/index';
import type { ChannelStatus, NetworkContext, Progress, Runtime } from '../runtimes/runtime';
import { setUpConsortium } from '../set-up/set-up';
import { loadTopology } from '../topology/load';
import { openNetwork, portOptions, readNetworkFile, writeNetworkFile } from '../topology/network-file';
import { defaultConsortium } from '../topology/project';
import { gatewayStatus, startGateways, stopGateways, type GatewayStatus } from './gateways';
import { requireFreePorts } from './ports';

export interface UpOptions {
  readonly directory: string;
  /** By default the runtime that the network was made with, or `embedded`. */
  readonly runtime?: Runtime['name'];
  /** Consortium file; by default the one that the network was made with, or the sample. */
  readonly consortium?: string;
  /** First port, in place of the file's. */
  readonly portBase?: number;
  /** Whether to start the REST gateways, too. */
  readonly gateways: boolean;
  readonly progress: Progress;
}

/** What `network status` tells. */
export interface NetworkStatus {
  readonly directory: string;
  readonly consortium: string;
  readonly runtime: Runtime['name'];
  readonly startedAt: string | undefined;
  readonly organisations: readonly {
    readonly name: string;
    readonly msp: string;
    readonly roles: readonly string[];
    readonly channels: readonly string[];
  }[];
  readonly processes: readonly ProcessState[];
  readonly channels: readonly (ChannelStatus & { readonly members: readonly string[] })[];
  readonly gateways: readonly GatewayStatus[];
  readonly remarks: readonly string[];
  /** Whether every process that should run does. */
  readonly up: boolean;
}

/**
 * Brings a network up: identities, channels, the runtime with the contracts, and the gateways. Harmless when it is up
 * already; after `networkDown` it goes on with the same ledger.
 *
 * @throws where something does not come up; what did stays, for a look at its logs, until `networkDown`.
 */
export async function networkUp(options: UpOptions): Promise<NetworkContext> {
  const directory = path.resolve(options.directory);
  const known = readNetworkFile(directory);
  const name = options.runtime ?? known?.runtime ?? 'embedded';
  if (known !== undefined && known.runtime !== name)
    throw new Error(
      `the network in ${directory} runs on ${known.runtime}, and its ledger is of no use to ${name}: ` +
        'choose another --directory, or start anew with "network reset"',
    );
  const consortium = path.resolve(options.consortium ?? known?.consortium ?? defaultConsortium);
  const portBase = options.portBase ?? known?.portBase;
  const file = { runtime: name, consortium, ...(portBase === undefined ? {} : { portBase }) };
  const { progress } = options;
  const context = { topology: loadTopology(consortium, portOptions(file)), directory, progress };
  const runtime = runtimeOf(name);

  return withLock(directory, async () => {
    writeNetworkFile(directory, { ...known, ...file });
    await requireFreePorts(context);
    progress(
      `${context.topology.name}: ${context.topology.organisations.length} organisations, ${name} runtime`,
    );
    await createIdentities(context);
    createGenesisBlocks(context);
    progress(`identities and ${context.topology.channels.length} channel configurations: ready`);
    writeConnectionProfiles(context);
    await runtime.up(context);
    await setUpConsortium(context);
    if (options.gateways) await startGateways(context);
    const gateways = gatewayStatus(context).some(({ running }) => running);
    writeNetworkFile(directory, { ...file, gateways, startedAt: new Date().toISOString() });
    for (const remark of context.topology.remarks) progress(`remark: ${remark}`);
    return context;
  });
}

/** Stops everything; the ledger stays. Harmless when it is down already. */
export async function networkDown(directory: string, progress: Progress): Promise<void> {
  const known = readNetworkFile(path.resolve(directory));
  const context = openNetwork(directory, progress);
  const runtime = runtimeOf(known?.runtime ?? 'embedded');
  await withLock(context.directory, async () => {
    await stopGateways(context);
    await stopChaincodeHosts(context);
    await runtime.down(context);
  });
  progress('down; the ledger stays');
}

/**
 * Stops a network and removes its directory: ledgers, keys and logs.
 *
 * @throws where the directory is not one that `networkUp` made, and removes nothing then.
 */
export async function networkReset(directory: string, progress: Progress): Promise<void> {
  const absolute = path.resolve(directory);
  if (!existsSync(absolute) || readdirSync(absolute).length === 0) return;
  if (readNetworkFile(absolute) === undefined)
    throw new Error(`${absolute} holds no network, so nothing in it is removed`);
  // By their pid files and not by the topology, which may have become unusable since.
  await withLock(absolute, async () => {
    await Promise.all(knownProcesses(absolute).map((name) => stopProcess(absolute, name)));
  });
  rmSync(absolute, { recursive: true, force: true });
  progress(`removed ${absolute}`);
}

/** What runs and how far it is. */
export async function networkStatus(directory: string): Promise<NetworkStatus> {
  const context = openNetwork(directory);
  const { topology } = context;
  const known = readNetworkFile(context.directory);
  const runtimeName = known?.runtime ?? 'embedded';
  const status = await runtimeOf(runtimeName).status(context);
  const hosts = chaincodeHosts(context).map((name) => processState(context.directory, name));
  const gateways = known?.gateways === true ? gatewayStatus(context) : [];
  const processes = [
    ...status.processes,
    ...hosts.filter(({ name }) => !status.processes.some((process) => process.name === name)),
  ];
  return {
    directory: context.directory,
    consortium: topology.file,
    runtime: runtimeName,
    startedAt: known?.startedAt,
    organisations: topology.organisations.map(({ name, msp, roles }) => ({
      name,
      msp,
      roles,
      channels: topology.channels
        .filter(({ members }) => members.includes(msp))
        .map((channel) => channel.name),
    })),
    processes,
    channels: status.channels.map((channel) => ({
      ...channel,
      // Fabric lists them in no particular order.
      chaincodes: [...channel.chaincodes].sort((a, b) => (a.name < b.name ? -1 : 1)),
      members: topology.channels.find(({ name }) => name === channel.name)?.members ?? [],
    })),
    gateways,
    remarks: topology.remarks,
    up: [...processes, ...gateways].every(({ running }) => running),
  };
}
