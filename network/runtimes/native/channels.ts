import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { common, peer as peerProtos } from '@hyperledger/fabric-protos';
import { genesisPath } from '../../channel-config/genesis';
import type { NetworkFiles } from '../../identity/paths';
import type { Channel } from '../../topology/topology';
import { joinOrderer, ordererChannels } from './participation';
import type { DiscoveredPeer, PeerClient } from './peerClient';

/** Milliseconds until all members' peers must know of each other; gossip is set to meet within seconds. */
const MEETING_DEADLINE_MS = 60_000;
const POLL_MS = 100;

/** The network did not become usable in time. */
export class NotReadyError extends Error {
  override readonly name = 'NotReadyError';
}

/** Channels that a peer has joined. */
async function joined(peer: PeerClient): Promise<readonly string[]> {
  const answer = peerProtos.ChannelQueryResponse.deserializeBinary(
    await peer.propose('', 'cscc', 'GetChannels', []),
  );
  return answer.getChannelsList().map((channel) => channel.getChannelId());
}

/** Joins the orderer, then the members' peers, to the channels that they do not serve yet. */
export async function joinChannels(
  files: NetworkFiles,
  peersOf: (channel: Channel) => readonly PeerClient[],
): Promise<void> {
  const { channels } = files.topology;
  const blocks = new Map(
    channels.map(({ name }) => [name, readFileSync(genesisPath(files.directory, name))] as const),
  );
  const served = await ordererChannels(files);
  // One at a time: the orderer's registrar takes a lock for each anyway.
  for (const [name, block] of blocks) {
    if (!served.includes(name)) await joinOrderer(files, name, block);
  }
  const peers = new Set(channels.flatMap((channel) => [...peersOf(channel)]));
  await Promise.all(
    [...peers].map(async (peer) => {
      const known = await joined(peer);
      for (const channel of channels) {
        const block = blocks.get(channel.name);
        if (block === undefined || known.includes(channel.name) || !peersOf(channel).includes(peer)) continue;
        await peer.propose('', 'cscc', 'JoinChain', [block]);
      }
    }),
  );
}

/** Height of a channel's ledger on a peer, in blocks. */
export async function channelHeight(peer: PeerClient, channel: string): Promise<number> {
  const answer = await peer.propose(channel, 'qscc', 'GetChainInfo', [Buffer.from(channel)]);
  return common.BlockchainInfo.deserializeBinary(answer).getHeight();
}

/**
 * Waits until each member's peer sees every member's peer on the channel, and what is asked of them holds.
 * @param missing what is still wrong with a peer as seen by another; undefined where nothing is.
 * @throws NotReadyError that says who does not see whom.
 */
async function untilSeen(
  channel: Channel,
  peers: readonly PeerClient[],
  missing: (seen: DiscoveredPeer) => string | undefined,
): Promise<void> {
  const deadline = Date.now() + MEETING_DEADLINE_MS;
  await Promise.all(
    peers.map(async (peer) => {
      for (;;) {
        const seen = await peer.peersOf(channel.name);
        const wrong = channel.members.flatMap((msp) => {
          const other = seen.find((each) => each.msp === msp);
          const what = other === undefined ? 'is not seen' : missing(other);
          return what === undefined ? [] : [`${msp} ${what}`];
        });
        if (wrong.length === 0) return;
        if (Date.now() > deadline) {
          throw new NotReadyError(`${channel.name}, seen by the peer of ${peer.msp}: ${wrong.join(', ')}`);
        }
        await sleep(POLL_MS);
      }
    }),
  );
}

/** Waits until the members' peers have met on the channel. @throws NotReadyError */
export async function untilMet(channel: Channel, peers: readonly PeerClient[]): Promise<void> {
  await untilSeen(channel, peers, () => undefined);
}

/**
 * Waits until every member's peer is known, by every other, to run the chaincodes at these sequences.
 * @throws NotReadyError
 */
export async function untilDeployed(
  channel: Channel,
  sequences: ReadonlyMap<string, number>,
  peers: readonly PeerClient[],
): Promise<void> {
  await untilSeen(channel, peers, ({ chaincodes }) => {
    const absent = [...sequences].find(([name, sequence]) => chaincodes.get(name) !== sequence);
    return absent === undefined ? undefined : `does not run ${absent[0]} yet`;
  });
}
