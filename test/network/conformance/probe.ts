import { randomBytes } from 'node:crypto';
import path from 'node:path';
import {
  CommitError,
  EndorseError,
  GatewayError,
  type Contract,
  type Gateway,
} from '@hyperledger/fabric-gateway';
import type { Connection } from '../../../network/client/connect';
import { projectRoot } from '../../../network/topology/project';
import { testNetwork, type TestNetwork, type TestNetworkOptions } from '../../support/network';

/** Generous, since tests may share a machine with others. */
const deadlines = { evaluateMs: 30_000, endorseMs: 45_000, submitMs: 30_000, commitStatusMs: 90_000 };

/** The network of `test/support/probe`, with what the conformance tests need of it. */
export interface Probe {
  readonly network: TestNetwork;
  /** A key or id that no other test uses: on native, test files share a network. */
  key(name: string): string;
  gateway(organisation: string, identity?: string): Gateway;
  /** The probe chaincode as an identity of an organisation sees it, by default its `Admin` on `common`. */
  contract(
    organisation: string,
    options?: { channel?: string; chaincode?: string; identity?: string },
  ): Contract;
  close(): Promise<void>;
}

export async function startProbe(options: TestNetworkOptions = {}): Promise<Probe> {
  const network = await testNetwork({
    consortium: path.join(projectRoot, 'test', 'support', 'probe', 'consortium.yaml'),
    ...options,
  });
  const run = randomBytes(4).toString('hex');
  const connections = new Map<string, Connection>();
  const gateway = (organisation: string, identity = 'Admin'): Gateway => {
    const name = `${organisation}/${identity}`;
    const connection = connections.get(name) ?? network.connect(organisation, identity, deadlines);
    connections.set(name, connection);
    return connection.gateway;
  };
  return {
    network,
    key: (name) => `${run}-${name}`,
    gateway,
    contract: (organisation, { channel = 'common', chaincode = 'probe', identity = 'Admin' } = {}) =>
      gateway(organisation, identity).getNetwork(channel).getContract(chaincode),
    close: () => network.close(),
  };
}

/** A result as text. */
export function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

/** A result as JSON. */
export function json(bytes: Uint8Array): unknown {
  return JSON.parse(text(bytes));
}

/** What a failed call says: its message, and what each peer said. */
export async function failureOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof GatewayError || error instanceof EndorseError) {
      return [error.message, ...error.details.map(({ mspId, message }) => `${mspId}: ${message}`)].join('\n');
    }
    throw error;
  }
  throw new Error('the call succeeded');
}

/** The validation code with which a submitted transaction failed to commit; 0 where it committed as valid. */
export async function codeOf(submission: Promise<unknown>): Promise<number> {
  try {
    await submission;
    return 0;
  } catch (error) {
    if (error instanceof CommitError) {
      return error.code;
    }
    throw error;
  }
}
