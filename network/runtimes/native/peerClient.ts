import * as grpc from '@grpc/grpc-js';
import type { Contract, Gateway } from '@hyperledger/fabric-gateway';
import {
  discovery,
  gateway as gatewayProtos,
  gossip,
  msp as mspProtos,
  peer as peerProtos,
} from '@hyperledger/fabric-protos';
import { connectGateway, connectPeer, type Deadlines } from '../../client/connect';
import { signLowS } from '../../identity/signature';
import type { WalletIdentity } from '../../identity/wallet';
import type { PeerConnection } from '../runtime';

/** An administrator waits longer than a client: installing runs three processes of the external builder. */
const DEADLINES: Deadlines = {
  evaluateMs: 10_000,
  endorseMs: 30_000,
  submitMs: 10_000,
  commitStatusMs: 60_000,
};

/** A peer answered a proposal with a status other than success. */
export class PeerError extends Error {
  override readonly name = 'PeerError';
  constructor(
    readonly address: string,
    readonly status: number,
    /** What the peer or its system chaincode said. */
    readonly reason: string,
  ) {
    super(`peer at ${address} answered ${status}: ${reason}`);
  }
}

/** What discovery knows of a peer on a channel. */
export interface DiscoveredPeer {
  readonly msp: string;
  readonly height: number;
  /** Chaincodes that it has installed and approved as committed, each with the definition's sequence. */
  readonly chaincodes: ReadonlyMap<string, number>;
}

/**
 * One organisation's peer, seen by its administrator: proposals addressed to that peer alone (joining, installing,
 * reading), discovery, and transactions through its gateway service.
 */
export class PeerClient {
  readonly #connection: PeerConnection;
  readonly #client: grpc.Client;
  readonly #endorser: peerProtos.EndorserClient;
  readonly #discovery: discovery.DiscoveryClient;
  readonly #admin: WalletIdentity;
  readonly #sign: (message: Uint8Array) => Uint8Array;
  readonly #gateway: Gateway;

  constructor(connection: PeerConnection, admin: WalletIdentity) {
    this.#connection = connection;
    this.#admin = admin;
    this.#sign = (message) => signLowS(admin.privateKey, message);
    this.#client = connectPeer(connection);
    this.#gateway = connectGateway(this.#client, admin, DEADLINES);
    const channelOverride = this.#client.getChannel();
    const credentials = grpc.credentials.createInsecure();
    // Both share the client's TLS channel: the credentials given here are not used.
    this.#endorser = new peerProtos.EndorserClient(connection.address, credentials, { channelOverride });
    this.#discovery = new discovery.DiscoveryClient(connection.address, credentials, { channelOverride });
  }

  /** MSP id of the peer's organisation. */
  get msp(): string {
    return this.#connection.msp;
  }

  /** A contract for transactions through this peer's gateway service. */
  contract(channel: string, chaincode: string): Contract {
    return this.#gateway.getNetwork(channel).getContract(chaincode);
  }

  /**
   * Sends a proposal to this peer alone and returns the response's payload; nothing is ordered.
   * @param channel empty for what concerns no channel, e.g. installing a package.
   * @throws PeerError where the answer's status is not a success; a gRPC error where there is no answer in time.
   */
  async propose(
    channel: string,
    chaincode: string,
    transaction: string,
    args: readonly Uint8Array[],
  ): Promise<Uint8Array> {
    const unsigned = this.contract(channel, chaincode).newProposal(transaction, { arguments: [...args] });
    // The connection's hash is none: what it gives to be signed is the proposal itself.
    const signature = this.#sign(unsigned.getDigest());
    const bytes = this.#gateway.newSignedProposal(unsigned.getBytes(), signature).getBytes();
    const proposal = gatewayProtos.ProposedTransaction.deserializeBinary(bytes).getProposal();
    if (proposal === undefined) {
      throw new Error('a signed proposal without content');
    }
    const answer = await unary<peerProtos.ProposalResponse>((options, callback) =>
      this.#endorser.processProposal(proposal, options, callback),
    );
    const response = answer.getResponse();
    const status = response?.getStatus() ?? 0;
    if (status < 200 || status >= 400) {
      throw new PeerError(this.#connection.address, status, response?.getMessage() ?? 'no response');
    }
    return response?.getPayload_asU8() ?? new Uint8Array();
  }

  /**
   * Peers that this peer's discovery service sees on a channel, itself included.
   * @throws Error with the service's words where it refuses.
   */
  async peersOf(channel: string): Promise<DiscoveredPeer[]> {
    const query = new discovery.Query();
    query.setChannel(channel);
    query.setPeerQuery(new discovery.PeerMembershipQuery());
    const request = new discovery.Request();
    request.setQueriesList([query]);
    const authentication = new discovery.AuthInfo();
    authentication.setClientIdentity(this.#serializedIdentity());
    request.setAuthentication(authentication);
    const payload = request.serializeBinary();
    const signed = new discovery.SignedRequest();
    signed.setPayload(payload);
    signed.setSignature(this.#sign(payload));
    const response = await unary<discovery.Response>((options, callback) =>
      this.#discovery.discover(signed, options, callback),
    );
    const result = response.getResultsList()[0];
    const refusal = result?.getError();
    if (refusal !== undefined) {
      throw new Error(`discovery at ${this.#connection.address} on ${channel}: ${refusal.getContent()}`);
    }
    const found: DiscoveredPeer[] = [];
    result
      ?.getMembers()
      ?.getPeersByOrgMap()
      .forEach((peers, msp) => found.push(...peers.getPeersList().map((peer) => discovered(msp, peer))));
    return found;
  }

  /** Closes the connection; calls in progress fail. */
  close(): void {
    this.#gateway.close();
    this.#client.close();
  }

  #serializedIdentity(): Uint8Array {
    const identity = new mspProtos.SerializedIdentity();
    identity.setMspid(this.#admin.mspId);
    identity.setIdBytes(Buffer.from(this.#admin.certificate));
    return identity.serializeBinary();
  }
}

/** One call and its answer, within the deadline of an endorsement. */
async function unary<Answer>(
  call: (options: grpc.CallOptions, callback: grpc.requestCallback<Answer>) => unknown,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { deadline: Date.now() + DEADLINES.endorseMs };
    call(options, (error, answer) => {
      if (error !== null) reject(error);
      else if (answer === undefined) reject(new Error('a call that ended without an answer'));
      else resolve(answer);
    });
  });
}

/** Reads what a peer says of itself on a channel, out of the gossip messages that discovery hands on. */
function discovered(msp: string, peer: discovery.Peer): DiscoveredPeer {
  const state = gossip.GossipMessage.deserializeBinary(
    peer.getStateInfo()?.getPayload_asU8() ?? new Uint8Array(),
  );
  const properties = state.getStateInfo()?.getProperties();
  // What gossip calls a version is the sequence of the committed definition.
  const chaincodes = (properties?.getChaincodesList() ?? []).map((chaincode): [string, number] => [
    chaincode.getName(),
    Number(chaincode.getVersion()),
  ]);
  return { msp, height: properties?.getLedgerHeight() ?? 0, chaincodes: new Map(chaincodes) };
}
