import { createHash } from 'node:crypto';
import { mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { replaceChaincode, restoreChaincode } from '../../network/chaincode-host/launch';
import { networkDown, networkUp } from '../../network/cli/network';
import { connectOrganisation, type Connection, type Deadlines } from '../../network/client/connect';
import { issueIdentity, type IdentityRequest } from '../../network/identity/identities';
import { isListening } from '../../network/processes/processes';
import type { NetworkContext, Runtime } from '../../network/runtimes/runtime';
import { readNetworkFile } from '../../network/topology/network-file';
import { defaultConsortium } from '../../network/topology/project';
import type { Topology } from '../../network/topology/topology';

/** Directory below which test files of one run share networks; set by `test:fabric`. */
export const sharedDirectoryVariable = 'TEST_NETWORK_DIRECTORY';

/** The runtime that this run tests: `RUNTIME`, by default `embedded`. */
export const testRuntime: Runtime['name'] = process.env.RUNTIME === 'native' ? 'native' : 'embedded';

export interface TestNetworkOptions {
  /** Consortium file; by default the sample. */
  readonly consortium?: string;
  /** Whether to start the REST gateways, too. */
  readonly gateways?: boolean;
  /** A network of the test's own even where a run shares networks: for tests that stop or break it. */
  readonly fresh?: boolean;
  readonly runtime?: Runtime['name'];
}

/** A running network for a test file. Where it is shared, ids that a test uses must be its own. */
export interface TestNetwork {
  readonly runtime: Runtime['name'];
  readonly directory: string;
  readonly context: NetworkContext;
  readonly topology: Topology;
  /** Connects an identity, by default the organisation's `Admin`, to the organisation's peer; closed with the network. */
  connect(organisation: string, identity?: string, deadlines?: Deadlines): Connection;
  /** Issues an identity into the organisation's wallet. */
  issue(organisation: string, request: IdentityRequest): Promise<void>;
  /** Runs another compiled module as one organisation's chaincode; see `network/chaincode-host/launch`. */
  replaceChaincode(organisation: string, chaincode: string, modulePath: string): Promise<void>;
  restoreChaincode(organisation: string, chaincode: string): Promise<void>;
  /** Stops and starts all processes; the ledger stays. */
  restart(): Promise<void>;
  /** Closes the connections and, unless it is shared, stops the network and removes it. */
  close(): Promise<void>;
}

/**
 * A running network, in a temporary directory and on ports of its own. Processes run compiled code, so `npm run build`
 * comes first.
 */
export async function testNetwork(options: TestNetworkOptions = {}): Promise<TestNetwork> {
  const runtime = options.runtime ?? testRuntime;
  const consortium = path.resolve(options.consortium ?? defaultConsortium);
  const gateways = options.gateways ?? false;
  const shared = options.fresh === true ? undefined : process.env[sharedDirectoryVariable];
  const directory = shared === undefined ? temporaryDirectory() : sharedDirectory(shared, consortium);
  const connections: Connection[] = [];
  const up = async (): Promise<NetworkContext> =>
    networkUp({
      directory,
      runtime,
      consortium,
      gateways,
      portBase: readNetworkFile(directory)?.portBase ?? (await freePorts()),
      progress: () => undefined,
    });
  const end = async (): Promise<void> => {
    if (shared !== undefined) return;
    await networkDown(directory, () => undefined);
    rmSync(directory, { recursive: true, force: true });
  };

  const context = await up().catch(async (cause: unknown) => {
    // The directory stays, for a look at the logs.
    if (shared === undefined && readNetworkFile(directory) !== undefined)
      await networkDown(directory, () => undefined);
    throw new Error(`the test network in ${directory} did not come up`, { cause });
  });
  return {
    runtime,
    directory,
    context,
    topology: context.topology,
    connect: (organisation, identity = 'Admin', deadlines) => {
      const connection = connectOrganisation(directory, organisation, identity, deadlines);
      connections.push(connection);
      return connection;
    },
    issue: async (organisation, request) => {
      await issueIdentity(context, organisation, request);
    },
    replaceChaincode: (organisation, chaincode, modulePath) =>
      replaceChaincode(context, organisation, chaincode, modulePath),
    restoreChaincode: (organisation, chaincode) => restoreChaincode(context, organisation, chaincode),
    restart: async () => {
      await networkDown(directory, () => undefined);
      await up();
    },
    close: async () => {
      for (const connection of connections) connection.close();
      await end();
    },
  };
}

function temporaryDirectory(): string {
  return mkdtempSync(path.join(tmpdir(), 'sme-network-'));
}

/** One network for each consortium file. */
function sharedDirectory(base: string, consortium: string): string {
  const directory = path.join(base, createHash('sha256').update(consortium).digest('hex').slice(0, 12));
  mkdirSync(directory, { recursive: true });
  return directory;
}

const firstPort = 10_000;
const portRange = 250;
const ranges = 90;
let rangesTaken = 0;

/**
 * First port of a range that nobody uses, below those that systems give to outgoing connections. Where to begin looking
 * differs between processes, so that those that start at the same time do not meet.
 */
export async function freePorts(): Promise<number> {
  for (let attempt = 0; attempt < ranges; attempt++) {
    const base = firstPort + ((process.pid * 7 + rangesTaken++) % ranges) * portRange;
    const probes = [0, 1, 2, 50, 52, 55, 70, 90, 110].map((offset) => isListening(base + offset));
    if (!(await Promise.all(probes)).includes(true)) return base;
  }
  throw new Error('no free range of ports for a test network');
}
