import { endOf, escaped, heightBytes, prefix, readHeight, unescape } from './keys';
import type { Version } from './types';

/** A private key of a channel. */
export interface PrivateKey {
  readonly channel: string;
  readonly namespace: string;
  readonly collection: string;
  readonly key: string;
}

const collectionPrefix = (channel: string, namespace: string, collection: string): Buffer =>
  prefix('v', channel, namespace, collection);

/** All versions of a private value begin with it. */
export const valuePrefix = (k: PrivateKey): Buffer =>
  Buffer.concat([collectionPrefix(k.channel, k.namespace, k.collection), escaped(k.key)]);

/** The value that the transaction at a height wrote. */
export const valueKey = (k: PrivateKey, version: Version): Buffer =>
  Buffer.concat([valuePrefix(k), heightBytes(version.block, version.transaction)]);

/** Store keys of the values in a range of private keys; empty ends are open. */
export function valueRange(
  channel: string,
  namespace: string,
  collection: string,
  start: string,
  end: string,
): { gte: Buffer; lt: Buffer } {
  const all = collectionPrefix(channel, namespace, collection);
  return {
    gte: start === '' ? all : Buffer.concat([all, escaped(start)]),
    lt: end === '' ? endOf(all) : Buffer.concat([all, escaped(end)]),
  };
}

/** The private key and the version in a store key of a value. */
export function readValueKey(
  bytes: Buffer,
  channel: string,
  namespace: string,
  collection: string,
): { key: string; version: Version } {
  const { key, end } = unescape(bytes, collectionPrefix(channel, namespace, collection).length);
  return { key, version: readHeight(bytes, end) };
}

/** What transactions of a block wrote, for finding it by block. */
export const blockIndexPrefix = (channel: string, block: number): Buffer =>
  Buffer.concat([prefix('i', channel), heightBytes(block, 0).subarray(0, 8)]);

/** Entries of all blocks from `block` on. */
export const blockIndexFrom = (channel: string, block: number): { gte: Buffer; lt: Buffer } => ({
  gte: blockIndexPrefix(channel, block),
  lt: endOf(prefix('i', channel)),
});

export const blockIndexKey = (k: PrivateKey, version: Version): Buffer =>
  Buffer.concat([
    prefix('i', k.channel),
    heightBytes(version.block, version.transaction),
    prefix('', k.namespace, k.collection),
    escaped(k.key),
  ]);

/** Reads what `blockIndexKey` made. */
export function readBlockIndexKey(bytes: Buffer, channel: string): { key: PrivateKey; version: Version } {
  const start = prefix('i', channel).length;
  const version = readHeight(bytes, start);
  const namespaceEnd = bytes.indexOf(0, start + 12);
  const collectionEnd = bytes.indexOf(0, namespaceEnd + 1);
  return {
    version,
    key: {
      channel,
      namespace: bytes.toString('utf8', start + 12, namespaceEnd),
      collection: bytes.toString('utf8', namespaceEnd + 1, collectionEnd),
      key: unescape(bytes, collectionEnd + 1).key,
    },
  };
}

/** Where staged private data of all channels lies. */
export const stagingRange = { gte: Buffer.from('x'), lt: Buffer.from('y') };

export const stagingPrefix = (channel: string): Buffer => prefix('x', channel);

/** Purges of a block that is committed or about to be, until they are done. */
export const purgeKey = (channel: string, block: number): Buffer =>
  Buffer.concat([prefix('q', channel), heightBytes(block, 0).subarray(0, 8)]);

export const purgeRange = (channel: string): { gte: Buffer; lt: Buffer } => {
  const start = prefix('q', channel);
  return { gte: start, lt: endOf(start) };
};
