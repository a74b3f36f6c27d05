import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { common } from '@hyperledger/fabric-protos';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb';
import { authorityPaths, type NetworkFiles } from '../identity/paths';
import type { Channel } from '../topology/topology';
import { channelGroup } from './channel-group';

/** Version of the channel header's format in a configuration block. */
const headerVersion = 1;

/** File of a channel's genesis block. */
export function genesisPath(directory: string, channel: string): string {
  return path.join(directory, 'channels', `${channel}.block`);
}

/**
 * Writes the genesis block of each channel of the topology, once: from then on the file stays.
 *
 * @throws where a channel's file exists and the topology now says otherwise of it. A running channel is changed by a
 *   configuration update, not by another genesis block.
 */
export function createGenesisBlocks(files: NetworkFiles): void {
  for (const channel of files.topology.channels) {
    const file = genesisPath(files.directory, channel.name);
    const block = genesisBlock(files, channel).serializeBinary();
    if (existsSync(file)) {
      if (readFileSync(file).equals(block)) continue;
      throw new Error(
        `channel "${channel.name}" was created from another declaration than ${files.topology.file} now has; ` +
          'put that back, or start anew with "network reset"',
      );
    }
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, block);
    renameSync(`${file}.new`, file);
  }
}

/**
 * The first block of a channel: its configuration, as Fabric's orderers and peers read it. The same key material and
 * topology give the same bytes, so that it can be compared and need not be passed around.
 */
export function genesisBlock(files: NetworkFiles, channel: Channel): common.Block {
  const config = new common.Config();
  config.setChannelGroup(channelGroup(files, channel));
  const content = new common.ConfigEnvelope();
  content.setConfig(config);
  const data = content.serializeBinary();

  // Elsewhere random; here taken from what the block says.
  const nonce = createHash('sha256').update(channel.name).update(data).digest().subarray(0, 24);
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setNonce(nonce);

  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(common.HeaderType.CONFIG);
  channelHeader.setVersion(headerVersion);
  channelHeader.setChannelId(channel.name);
  channelHeader.setTimestamp(foundingTime(files));
  channelHeader.setTxId(createHash('sha256').update(nonce).digest('hex'));

  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(data);
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());

  const transaction = envelope.serializeBinary();
  const block = new common.Block();
  const blockHeader = new common.BlockHeader();
  blockHeader.setNumber(0);
  blockHeader.setDataHash(createHash('sha256').update(transaction).digest());
  block.setHeader(blockHeader);
  const blockData = new common.BlockData();
  blockData.setDataList([transaction]);
  block.setData(blockData);
  block.setMetadata(genesisMetadata());
  return block;
}

/** When the orderer's authority was made: the earliest moment of the network that its files tell. */
function foundingTime({ topology, directory }: NetworkFiles): Timestamp {
  const authority = new X509Certificate(
    readFileSync(authorityPaths(directory, topology.orderer.name).signCertificate),
  );
  const time = new Timestamp();
  time.setSeconds(Math.floor(Date.parse(authority.validFrom) / 1000));
  return time;
}

function genesisMetadata(): common.BlockMetadata {
  const last = new common.LastConfig();
  last.setIndex(0);
  const ordering = new common.OrdererBlockMetadata();
  ordering.setLastConfig(last);
  const entries = Object.values(common.BlockMetadataIndex).map((): Uint8Array => new Uint8Array());
  entries[common.BlockMetadataIndex.SIGNATURES] = wrap(ordering.serializeBinary());
  entries[common.BlockMetadataIndex.LAST_CONFIG] = wrap(last.serializeBinary());
  const metadata = new common.BlockMetadata();
  metadata.setMetadataList(entries);
  return metadata;
}

function wrap(value: Uint8Array): Uint8Array {
  const metadata = new common.Metadata();
  metadata.setValue(value);
  return metadata.serializeBinary();
}
