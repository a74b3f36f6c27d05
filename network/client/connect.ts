import { readFileSync } from 'node:fs';
import * as grpc from '@grpc/grpc-js';
import { connect, hash, type Gateway } from '@hyperledger/fabric-gateway';
import { signLowS } from '../identity/signature';
import { readIdentity, type WalletIdentity } from '../identity/wallet';
import type { PeerConnection } from '../runtimes/runtime';
import { readConnectionProfile } from './profile';

/** Milliseconds allowed for each stage of a transaction. */
export interface Deadlines {
  readonly evaluateMs: number;
  readonly endorseMs: number;
  readonly submitMs: number;
  readonly commitStatusMs: number;
}

/** A query is quick, endorsing may involve several organisations, and a block may be long in coming. */
export const defaultDeadlines: Deadlines = {
  evaluateMs: 5000,
  endorseMs: 15_000,
  submitMs: 5000,
  commitStatusMs: 60_000,
};

/** A client's connection to its organisation's peer. */
export interface Connection {
  readonly client: grpc.Client;
  readonly gateway: Gateway;
  close(): void;
}

/** As Fabric's own limit on a message. */
const maxMessageBytes = 100 * 1024 * 1024;

/** A gRPC client of a peer; several gateways, each with its own identity, may share it. */
export function connectPeer(peer: PeerConnection): grpc.Client {
  const credentials = grpc.credentials.createSsl(readFileSync(peer.tlsRootCertificate));
  return new grpc.Client(peer.address, credentials, {
    'grpc.ssl_target_name_override': peer.hostAlias,
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxMessageBytes,
    // A peer that was restarted is found again within a second.
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 1000,
  });
}

/** A gateway on a peer's client, for one identity; every call has a deadline. */
export function connectGateway(
  client: grpc.Client,
  identity: WalletIdentity,
  deadlines: Deadlines = defaultDeadlines,
): Gateway {
  const within = (ms: number) => (): grpc.CallOptions => ({ deadline: Date.now() + ms });
  return connect({
    client,
    identity: { mspId: identity.mspId, credentials: Buffer.from(identity.certificate) },
    // The signer hashes, too.
    signer: (message) => Promise.resolve(signLowS(identity.privateKey, message)),
    hash: hash.none,
    evaluateOptions: within(deadlines.evaluateMs),
    endorseOptions: within(deadlines.endorseMs),
    submitOptions: within(deadlines.submitMs),
    commitStatusOptions: within(deadlines.commitStatusMs),
  });
}

/**
 * Connects an identity of an organisation's wallet to the organisation's own peer.
 *
 * @param directory the network's directory.
 * @throws where the network has no such organisation or identity. An unreachable peer shows in the first call.
 */
export function connectOrganisation(
  directory: string,
  organisation: string,
  id: string,
  deadlines: Deadlines = defaultDeadlines,
): Connection {
  const profile = readConnectionProfile(directory, organisation);
  const identity = readIdentity(directory, organisation, profile.msp, id);
  const client = connectPeer(profile.peer);
  const gateway = connectGateway(client, identity, deadlines);
  return {
    client,
    gateway,
    close: () => {
      gateway.close();
      client.close();
    },
  };
}
