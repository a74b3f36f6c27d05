import type { ClassicLevel } from 'classic-level';
import { endOf } from './keys';
import { blockIndexKey, readValueKey, stagingRange, valuePrefix, valueRange } from './private-keys';
import { hashOfKey } from './rwset-builder';
import type { Version } from './types';

/** A `purgePrivateData` of a committed transaction. */
export interface Purge {
  readonly namespace: string;
  readonly collection: string;
  /** Hex of SHA-256 of the key: all that the public ledger tells. */
  readonly keyHash: string;
  /** The key, where the transaction's private write set is at hand; else it is looked for. */
  readonly key: string | undefined;
  /** Of the purging transaction: values up to it go. */
  readonly version: Version;
}

type Level = ClassicLevel<Buffer, Buffer>;

const notAfter = (a: Version, b: Version): boolean =>
  a.block < b.block || (a.block === b.block && a.transaction <= b.transaction);

/** Keys of a collection that have the purge's hash: one, or none where the store never had it. */
async function keysToPurge(level: Level, channel: string, purge: Purge): Promise<string[]> {
  if (purge.key !== undefined) return [purge.key];
  const { namespace, collection, keyHash } = purge;
  const found = new Set<string>();
  for await (const storeKey of level.keys(valueRange(channel, namespace, collection, '', ''))) {
    const { key } = readValueKey(storeKey, channel, namespace, collection);
    if (!found.has(key) && hashOfKey(key).toString('hex') === keyHash) found.add(key);
  }
  return [...found];
}

/**
 * Removes the values of purged keys, of invalid transactions too, and makes LevelDB rewrite its files without them.
 * `marker` is deleted in the same batch: until then the purge is repeated after a crash.
 */
export async function purgeFromDisk(
  level: Level,
  channel: string,
  purges: readonly Purge[],
  marker: Buffer,
): Promise<void> {
  const deletions = [marker];
  const ranges: { gte: Buffer; lt: Buffer }[] = [stagingRange];
  for (const purge of purges) {
    const { namespace, collection } = purge;
    for (const key of await keysToPurge(level, channel, purge)) {
      const privateKey = { channel, namespace, collection, key };
      const gte = valuePrefix(privateKey);
      const range = { gte, lt: endOf(gte) };
      ranges.push(range);
      for await (const storeKey of level.keys(range)) {
        const { version } = readValueKey(storeKey, channel, namespace, collection);
        if (!notAfter(version, purge.version)) continue;
        deletions.push(storeKey, blockIndexKey(privateKey, version));
      }
    }
  }
  // LevelDB drops a value when it merges the file that holds it with a newer one that deletes it. A value and its
  // deletion that are flushed from memory together land in one file, which a compaction of the range may leave alone:
  // so what is in memory is flushed first, and deletions at both ends of the staging area, whose values were deleted
  // before, make a newer file over it.
  await level.compactRange(marker, marker);
  const ends = [stagingRange.gte, Buffer.concat([stagingRange.gte, Buffer.from([0xff])])];
  await level.batch(
    [...deletions, ...ends].map((key) => ({ type: 'del' as const, key })),
    { sync: true },
  );
  for (const range of ranges) await level.compactRange(range.gte, range.lt);
}
