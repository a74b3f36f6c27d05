import { peer } from '@hyperledger/fabric-protos';
import type { Proposal } from '../endorser/proposal';
import { AccessDeniedError, checkAccess } from '../peer/access';
import { channelOf, type EmbeddedChannel, type EmbeddedNetwork, type EmbeddedPeer } from '../peer/network';

/** A call of a system chaincode by a client. */
export interface SystemCall {
  readonly peer: EmbeddedPeer;
  /** The channel of the proposal, which need not be the one that is asked about. */
  readonly channel: EmbeddedChannel;
  readonly proposal: Proposal;
}

/** A call with its function, its further arguments and the network that it asks about. */
export interface SystemQuery extends SystemCall {
  readonly network: EmbeddedNetwork;
  readonly fn: string;
  readonly args: readonly Uint8Array[];
}

/** One system chaincode. @throws Error whose message becomes that of the response. */
export type SystemChaincode = (query: SystemQuery) => Promise<Uint8Array>;

/** The chaincodes that are part of the peer. */
export class SystemChaincodes {
  readonly #network: EmbeddedNetwork;
  readonly #chaincodes: ReadonlyMap<string, SystemChaincode>;

  constructor(network: EmbeddedNetwork, chaincodes: ReadonlyMap<string, SystemChaincode>) {
    this.#network = network;
    this.#chaincodes = chaincodes;
  }

  /** Answers a call; what fails is told by the status of the response. */
  async invoke(call: SystemCall): Promise<peer.Response> {
    const { chaincode, args } = call.proposal;
    const [fn, ...rest] = args;
    const response = new peer.Response();
    try {
      const run = this.#chaincodes.get(chaincode);
      if (run === undefined) {
        throw new Error(`the system chaincode ${chaincode} is not supported by the embedded runtime`);
      }
      const name = Buffer.from(fn ?? []).toString();
      response.setPayload(await run({ ...call, network: this.#network, fn: name, args: rest }));
      response.setStatus(200);
    } catch (error) {
      response.setStatus(500);
      response.setMessage(error instanceof Error ? error.message : String(error));
    }
    return response;
  }
}

/**
 * The channel that a query names, if the peer is in it and the caller may ask.
 * @throws Error with the text of Fabric's system chaincodes.
 */
export function permittedChannel(query: SystemQuery, chaincode: string): EmbeddedChannel {
  const name = text(query.args[0]);
  const channel = channelOf(query.network, query.peer, name);
  if (channel === undefined) {
    throw new Error(`Invalid chain ID, ${name}`);
  }
  const { signed, creator } = query.proposal;
  try {
    checkAccess(channel.ledger.resources, `${chaincode}/${query.fn}`, {
      data: signed.getProposalBytes_asU8(),
      identity: creator,
      signature: signed.getSignature_asU8(),
    });
  } catch (error) {
    throw error instanceof AccessDeniedError
      ? new Error(`access denied for [${query.fn}][${name}]: [${error.message}]`)
      : error;
  }
  return channel;
}

/** An argument as text; empty where it is missing. */
export function text(argument: Uint8Array | undefined): string {
  return Buffer.from(argument ?? []).toString();
}

/** An argument that the function cannot do without. @throws Error naming the function */
export function required(query: SystemQuery, index: number): Uint8Array {
  const argument = query.args[index];
  if (argument === undefined) {
    throw new Error(`missing argument ${index + 2} for ${query.fn}`);
  }
  return argument;
}
