import { readFileSync } from 'node:fs';
import * as grpc from '@grpc/grpc-js';
import { common, gateway, peer } from '@hyperledger/fabric-protos';
import { genesisPath } from '../../channel-config/genesis';
import {
  mspPaths,
  ordererPath,
  organisationOfMsp,
  peerHostAlias,
  peerPath,
  tlsPaths,
  userPath,
} from '../../identity/paths';
import type { Organisation, Topology } from '../../topology/topology';
import { ChaincodeConnection, MAX_MESSAGE_BYTES } from './chaincode/connection';
import { deliverService } from './deliver/service';
import { Endorser } from './endorser/endorser';
import { endorserService } from './endorser/service';
import { Layouts } from './gateway/layouts';
import { gatewayService } from './gateway/service';
import { openLedgers } from './ledger/ledgers';
import type { Ledgers } from './ledger/types';
import { LifecycleDefinitions } from './lifecycle/definitions';
import { deployChaincodes } from './lifecycle/deploy';
import { ChannelOrderer } from './orderer/orderer';
import type { EmbeddedChannel, EmbeddedNetwork, EmbeddedPeer } from './peer/network';
import { loadSigner } from './peer/signer';
import { embeddedServices } from './services';
import { cscc } from './system/cscc';
import { lifecycle } from './system/lifecycle';
import { qscc } from './system/qscc';
import { SystemChaincodes } from './system/system';

const TIMINGS = { executeMs: 30_000, connectMs: 5000 };

/** What a process of the embedded runtime is told. */
export interface EmbeddedOptions {
  readonly topology: Topology;
  /** Absolute path of the network's directory. */
  readonly directory: string;
  /** Told of what the operator should know. */
  readonly log: (line: string) => void;
  /** Told when a block cannot be written: the process cannot go on. */
  readonly onFailure: (error: unknown) => void;
}

/** All peers and the orderer of a network, in this process. */
export class EmbeddedFabric {
  readonly network: EmbeddedNetwork;
  readonly #options: EmbeddedOptions;
  readonly #ledgers: Ledgers;
  readonly #servers: grpc.Server[] = [];
  readonly #connections: readonly ChaincodeConnection[];

  private constructor(
    options: EmbeddedOptions,
    ledgers: Ledgers,
    network: EmbeddedNetwork,
    connections: readonly ChaincodeConnection[],
  ) {
    this.#options = options;
    this.#ledgers = ledgers;
    this.network = network;
    this.#connections = connections;
  }

  /**
   * Opens the ledgers, joins the channels of the topology, brings their chaincode definitions up to date and serves
   * every organisation's peer.
   *
   * @throws where a ledger or a port cannot be had; nothing is left open then.
   */
  static async start(options: EmbeddedOptions): Promise<EmbeddedFabric> {
    const { topology, directory } = options;
    const ledgers = await openLedgers({ directory, organisations: topology.organisations });
    const connections: ChaincodeConnection[] = [];
    const peers = openPeers(options, connections);
    const channels = new Map<string, EmbeddedChannel>();
    const fabric = new EmbeddedFabric(options, ledgers, { channels, peers }, connections);
    try {
      const signer = loadSigner(
        topology.orderer.msp,
        mspPaths(ordererPath(directory, topology.orderer.name)).directory,
      );
      for (const { name } of topology.channels) {
        const genesis = common.Block.deserializeBinary(readFileSync(genesisPath(directory, name)));
        const ledger = await ledgers.join(genesis, new LifecycleDefinitions());
        channels.set(name, { name, ledger, orderer: new ChannelOrderer(ledger, signer, options.onFailure) });
      }
      await fabric.#deploy();
      await fabric.#serve();
      return fabric;
    } catch (error) {
      await fabric.close();
      throw error;
    }
  }

  /** Connects to every chaincode process; gives what went wrong with those that do not answer. */
  async connectChaincodes(): Promise<string[]> {
    const results = await Promise.allSettled(this.#connections.map((connection) => connection.ready()));
    return results.flatMap((result) =>
      result.status === 'rejected'
        ? [result.reason instanceof Error ? result.reason.message : String(result.reason)]
        : [],
    );
  }

  /** Ends connections, writes what has been ordered, and closes the ledgers. */
  async close(): Promise<void> {
    for (const server of this.#servers) {
      server.forceShutdown();
    }
    for (const connection of this.#connections) {
      connection.close();
    }
    await Promise.all([...this.network.channels.values()].map(({ orderer }) => orderer.close()));
    await this.#ledgers.close();
  }

  async #deploy(): Promise<void> {
    const { topology, directory, log } = this.#options;
    await Promise.all(
      topology.channels.map(async (channel) => {
        const [firstMember = ''] = channel.members;
        const { name, msp } = organisationOfMsp(topology, firstMember);
        const admin = loadSigner(msp, mspPaths(userPath(directory, name, 'Admin')).directory);
        for (const chaincode of await deployChaincodes(this.network, topology, channel, admin)) {
          log(`channel ${channel.name}: chaincode ${chaincode} defined`);
        }
      }),
    );
  }

  async #serve(): Promise<void> {
    const system = new SystemChaincodes(
      this.network,
      new Map([
        ['_lifecycle', lifecycle(this.#options.topology)],
        ['cscc', cscc],
        ['qscc', qscc],
      ]),
    );
    const endorser = new Endorser(this.network, system);
    const layouts = new Layouts(this.network);
    for (const organisation of this.#options.topology.organisations) {
      const local = this.network.peers.get(organisation.msp);
      if (local !== undefined) {
        const context = { network: this.network, local, endorser, layouts };
        const server = new grpc.Server({
          'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
          'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
        });
        this.#servers.push(server);
        server.addService(gateway.GatewayService, gatewayService(context));
        server.addService(peer.EndorserService, endorserService(local, endorser));
        server.addService(peer.DeliverService, deliverService(context));
        await this.#bind(server, organisation);
      }
    }
  }

  async #bind(server: grpc.Server, organisation: Organisation): Promise<void> {
    const tls = tlsPaths(peerPath(this.#options.directory, organisation.name));
    const credentials = grpc.ServerCredentials.createSsl(readFileSync(tls.rootCertificate), [
      { private_key: readFileSync(tls.key), cert_chain: readFileSync(tls.certificate) },
    ]);
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(`127.0.0.1:${organisation.ports.peer}`, credentials, (error) =>
        error ? reject(error) : resolve(),
      );
    });
  }
}

function openPeers(
  { topology, directory }: EmbeddedOptions,
  connections: ChaincodeConnection[],
): Map<string, EmbeddedPeer> {
  const services = embeddedServices(topology);
  return new Map(
    topology.organisations.map((organisation) => {
      const { name, msp, ports } = organisation;
      const chaincodes = new Map(
        services
          .filter((service) => service.organisation === name)
          .map((service) => {
            const connection = new ChaincodeConnection(service, TIMINGS);
            connections.push(connection);
            return [service.chaincode, connection];
          }),
      );
      const peer: EmbeddedPeer = {
        organisation: name,
        msp,
        address: `${peerHostAlias(name)}:${ports.peer}`,
        signer: loadSigner(msp, mspPaths(peerPath(directory, name)).directory),
        chaincode: (chaincode) => chaincodes.get(chaincode),
      };
      return [msp, peer];
    }),
  );
}
