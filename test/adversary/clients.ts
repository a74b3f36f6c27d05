import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { Contract, Gateway, Status, Transaction } from '@hyperledger/fabric-gateway';
import { canonicalJson } from '../../chaincode/ledger/canonical';
import { parseErrorText } from '../../chaincode/ledger/errors';
import { openResponse, responseKeyEntry } from '../../chaincode/ledger/sealed';
import { FabricLedger } from '../../gateway/ledger/fabric';
import { connectGateway, connectPeer, type Connection } from '../../network/client/connect';
import { readConnectionProfile } from '../../network/client/profile';
import { loadIdentity } from '../../network/identity/wallet';
import { compiledProgram } from '../../network/topology/project';
import { failureOf } from '../network/conformance/probe';
import type { TestNetwork } from '../support/network';
import { channel, type Actor } from './actors';

/** Generous, since tests may share a machine with others. */
const deadlines = { evaluateMs: 30_000, endorseMs: 45_000, submitMs: 30_000, commitStatusMs: 90_000 };

export interface Options {
  readonly endorsers?: readonly string[];
  readonly transient?: Readonly<Record<string, string>>;
}

/** Options of a call on a channel, by default the one on which the first bank is given data. */
export type On = Options & { readonly on?: string };

/** A transaction was committed as invalid. */
export class Invalid extends Error {
  override readonly name = 'Invalid';

  constructor(readonly code: number) {
    super(`the transaction is invalid: ${code}`);
  }
}

/** Code with which a contract refused; the whole failure where no contract did. */
export async function refusalOf(call: Promise<unknown>): Promise<string> {
  const failure = await failureOf(call);
  return parseErrorText(failure)?.code ?? failure;
}

/** Absolute path of a modified contract's compiled module. */
export function modified(name: 'registry' | 'sharing' | 'lending'): string {
  return compiledProgram('test', 'adversary', 'modified', `${name}.js`);
}

/**
 * Clients of a running network, one for each identity. Contracts are called directly: what a gateway or an agent would not
 * do, an adversary does.
 */
export class Clients {
  readonly #connections = new Map<string, Connection>();
  /** By MSP. */
  protected readonly ledgers: ReadonlyMap<string, FabricLedger>;

  constructor(readonly network: TestNetwork) {
    const { directory } = network;
    this.ledgers = new Map(
      network.topology.organisations.map(({ name, msp }) => {
        const { peer } = readConnectionProfile(directory, name);
        return [msp, new FabricLedger({ directory, organisation: name, msp, peer, deadlines })];
      }),
    );
  }

  async close(): Promise<void> {
    for (const ledger of this.ledgers.values()) ledger.close();
    await this.network.close();
  }

  gateway({ organisation, identity }: Actor): Gateway {
    const name = `${organisation}/${identity}`;
    const connection = this.#connections.get(name) ?? this.network.connect(organisation, identity, deadlines);
    this.#connections.set(name, connection);
    return connection.gateway;
  }

  /** An actor whose client connects to another organisation's peer. */
  async over<T>(
    peerOf: string,
    { organisation, identity }: Actor,
    use: (gateway: Gateway) => Promise<T>,
  ): Promise<T> {
    const { context, directory } = this.network;
    const client = connectPeer(readConnectionProfile(directory, peerOf).peer);
    const gateway = connectGateway(client, loadIdentity(context, organisation, identity));
    try {
      return await use(gateway);
    } finally {
      gateway.close();
      client.close();
    }
  }

  /** The chaincode that a channel is for. */
  contract(actor: Actor, on = channel): Contract {
    return this.gateway(actor)
      .getNetwork(on)
      .getContract(/^[a-z]+/.exec(on)?.[0] ?? on);
  }

  async evaluate(actor: Actor, name: string, input: unknown, options: On = {}): Promise<unknown> {
    const answer = await this.contract(actor, options.on).evaluate(name, proposalOf(input, options));
    return JSON.parse(Buffer.from(answer).toString('utf8'));
  }

  /** Submits, and waits until every peer of the channel has it. @throws Invalid */
  async submit(
    actor: Actor,
    name: string,
    input: unknown,
    endorsers: readonly string[],
    options: Omit<On, 'endorsers'> = {},
  ): Promise<void> {
    const { on = channel } = options;
    const proposal = this.contract(actor, on).newProposal(name, proposalOf(input, { ...options, endorsers }));
    const { successful, code } = await this.commit(await proposal.endorse(), on);
    if (!successful) throw new Invalid(code);
  }

  /** Submits what was endorsed, valid or not, and waits until every peer of the channel has it. */
  async commit(transaction: Transaction, on = channel): Promise<Status> {
    const status = await (await transaction.submit()).getStatus();
    await this.everywhere(on, status.transactionId);
    return status;
  }

  /** A commit is one peer's: another, which is asked to endorse next, may be a block behind. */
  protected async everywhere(on: string, transactionId: string): Promise<void> {
    const members = this.network.topology.channels.find(({ name }) => name === on)?.members ?? [];
    await Promise.all(members.map(async (msp) => this.ledgers.get(msp)?.outcome('Admin', on, transactionId)));
  }

  /** Has a transaction endorsed and keeps it. */
  endorse(
    actor: Actor,
    name: string,
    input: unknown,
    endorsers: readonly string[],
    options: Omit<On, 'endorsers'> = {},
  ): Promise<Transaction> {
    return this.contract(actor, options.on)
      .newProposal(name, proposalOf(input, { ...options, endorsers }))
      .endorse();
  }

  /** Evaluates a function that seals its answer, and opens it. */
  async readPrivate(
    actor: Actor,
    name: string,
    input: unknown,
    options: Omit<On, 'transient'> = {},
  ): Promise<unknown> {
    const responseKey = randomBytes(32).toString('base64url');
    const transient = { [responseKeyEntry]: responseKey };
    const sealed = await this.evaluate(actor, name, input, { ...options, transient });
    return openResponse(JSON.stringify(sealed), responseKey);
  }

  /** Directory of the private data of an organisation's peer, where the runtime keeps it in one. */
  privateStore(organisation: string): string {
    return path.join(this.network.directory, 'ledger', 'private', organisation);
  }
}

function proposalOf(input: unknown, { endorsers = [], transient = {} }: Options) {
  return {
    arguments: [canonicalJson(input)],
    transientData: transient,
    ...(endorsers.length === 0 ? {} : { endorsingOrganizations: [...endorsers] }),
  };
}
