import type { ChaincodeConnection } from '../chaincode/connection';
import type { ChannelLedger } from '../ledger/types';
import type { ChannelOrderer } from '../orderer/orderer';
import type { Signer } from './signer';

/** The peer of one organisation. All of them live in this process and share each channel's ledger. */
export interface EmbeddedPeer {
  readonly organisation: string;
  readonly msp: string;
  /** As clients see it in error details, `peer0.<organisation>.localhost:port`. */
  readonly address: string;
  readonly signer: Signer;
  /** The connection to the organisation's own process of a chaincode, or undefined where it has none. */
  chaincode(name: string): ChaincodeConnection | undefined;
}

/** A channel with its ledger and its orderer. */
export interface EmbeddedChannel {
  readonly name: string;
  readonly ledger: ChannelLedger;
  readonly orderer: ChannelOrderer;
}

/** What every service of the process works on. */
export interface EmbeddedNetwork {
  readonly channels: ReadonlyMap<string, EmbeddedChannel>;
  /** By MSP id, in the order of the topology. */
  readonly peers: ReadonlyMap<string, EmbeddedPeer>;
}

/** The channel, if the organisation is a member of it. A peer knows nothing of other channels. */
export function channelOf(
  network: EmbeddedNetwork,
  peer: EmbeddedPeer,
  name: string,
): EmbeddedChannel | undefined {
  const channel = network.channels.get(name);
  return channel?.ledger.resources.members.includes(peer.msp) ? channel : undefined;
}

/** The peers of a channel's members. */
export function peersOf(network: EmbeddedNetwork, channel: EmbeddedChannel): EmbeddedPeer[] {
  const { members } = channel.ledger.resources;
  return [...network.peers.values()].filter((peer) => members.includes(peer.msp));
}
