import { createHash } from 'node:crypto';
import { ClassicLevel } from 'classic-level';
import { ledger } from '@hyperledger/fabric-protos';
import { endOf, heightBytes, prefix, readHeight } from './keys';
import {
  blockIndexFrom,
  blockIndexKey,
  blockIndexPrefix,
  purgeKey,
  purgeRange,
  readBlockIndexKey,
  readValueKey,
  stagingPrefix,
  valueKey,
  valueRange,
  type PrivateKey,
} from './private-keys';
import { purgeFromDisk, type Purge } from './private-purge';
import type { KeyValue, Version } from './types';

/** Blocks after which staged data of a transaction that never came is dropped (Fabric: `transientBlockRetention`). */
const stagingRetention = 1000;

const validFlag = 0;
const invalidFlag = 1;

/** What a transaction of a block does to one private key in an organisation's store. */
export interface PrivateWrite {
  readonly key: PrivateKey;
  readonly version: Version;
  /** Undefined for a delete. */
  readonly value: Uint8Array | undefined;
  /** The transaction is invalid: its data is kept, as peers do, but nothing can read it. */
  readonly invalid: boolean;
  /** Set where only the version moves, because the key's metadata changed. */
  readonly moved: boolean;
}

interface Staged {
  readonly storeKey: Buffer;
  readonly height: number;
  readonly rwset: ledger.rwset.TxPvtReadWriteSet;
}

type Level = ClassicLevel<Buffer, Buffer>;
type Write = { type: 'put'; key: Buffer; value: Buffer } | { type: 'del'; key: Buffer };

const operation = { write: 0, delete: 1, moved: 2 } as const;

/** Private data in clear of one organisation, of all channels. No other organisation's data is ever in it. */
export class PrivateStore {
  readonly #level: Level;
  /** By channel and transaction id; several endorsers may have simulated different writes. */
  readonly #staged = new Map<string, Staged[]>();

  private constructor(level: Level) {
    this.#level = level;
  }

  static async open(directory: string): Promise<PrivateStore> {
    // Uncompressed, so that whoever searches the files for a value finds it if it is there.
    const level: Level = new ClassicLevel<Buffer, Buffer>(directory, {
      keyEncoding: 'buffer',
      valueEncoding: 'buffer',
      compression: false,
    });
    await level.open();
    return new PrivateStore(level);
  }

  /** Keeps private writes until their transaction commits; on disk when it resolves. */
  async stage(
    channel: string,
    txId: string,
    height: number,
    rwset: ledger.rwset.TxPvtReadWriteSet,
  ): Promise<void> {
    const bytes = rwset.serializeBinary();
    const digest = createHash('sha256').update(bytes).digest();
    const storeKey = Buffer.concat([stagingPrefix(channel), prefix('', txId), digest]);
    const name = stagedName(channel, txId);
    const known = this.#staged.get(name) ?? [];
    if (known.some((staged) => staged.storeKey.equals(storeKey))) return;
    this.#staged.set(name, [...known, { storeKey, height, rwset }]);
    await this.#level.put(storeKey, Buffer.concat([heightBytes(height, 0), bytes]));
  }

  /**
   * The staged write set of a collection whose SHA-256 is `hash`, or undefined where this store has none: then the
   * organisation lacks the data.
   */
  staged(
    channel: string,
    txId: string,
    namespace: string,
    collection: string,
    hash: Uint8Array,
  ): Uint8Array | undefined {
    for (const { rwset } of this.#staged.get(stagedName(channel, txId)) ?? []) {
      for (const set of rwset.getNsPvtRwsetList()) {
        if (set.getNamespace() !== namespace) continue;
        for (const entry of set.getCollectionPvtRwsetList()) {
          const bytes = entry.getRwset_asU8();
          if (
            entry.getCollectionName() === collection &&
            createHash('sha256').update(bytes).digest().equals(hash)
          ) {
            return bytes;
          }
        }
      }
    }
    return undefined;
  }

  /** The value that the valid transaction at `version` wrote, or undefined where the store lacks it. */
  value(key: PrivateKey, version: Version): Uint8Array | undefined {
    const bytes = this.#level.getSync(valueKey(key, version));
    return bytes?.[0] === validFlag ? bytes.subarray(1) : undefined;
  }

  /**
   * Values in a range of keys whose version is the one that `currentVersion` names. Read at once, because an open
   * iterator would keep purged values in the files.
   */
  async range(
    channel: string,
    namespace: string,
    collection: string,
    [start, end]: readonly [string, string],
    currentVersion: (key: string) => Version | undefined,
  ): Promise<KeyValue[]> {
    const results: KeyValue[] = [];
    const bounds = valueRange(channel, namespace, collection, start, end);
    for await (const [storeKey, bytes] of this.#level.iterator(bounds)) {
      if (bytes[0] !== validFlag) continue;
      const { key, version } = readValueKey(storeKey, channel, namespace, collection);
      const current = currentVersion(key);
      if (current?.block === version.block && current.transaction === version.transaction) {
        results.push({ key, value: bytes.subarray(1) });
      }
    }
    return results;
  }

  /**
   * Writes what a block brings, before the block itself is written: versions that the state does not name are
   * invisible, and `recover` removes them if the block never follows.
   */
  async prepare(
    channel: string,
    block: number,
    writes: readonly PrivateWrite[],
    purges: readonly Purge[],
  ): Promise<void> {
    const batch: Write[] = [];
    for (const { key, version, value, invalid, moved } of writes) {
      const op = moved ? operation.moved : value === undefined ? operation.delete : operation.write;
      batch.push({ type: 'put', key: blockIndexKey(key, version), value: Buffer.from([op]) });
      if (value === undefined) continue;
      const flag = Buffer.from([invalid ? invalidFlag : validFlag]);
      batch.push({
        type: 'put',
        key: valueKey(key, version),
        value: Buffer.concat([flag, value]),
      });
    }
    if (purges.length > 0) {
      const value = Buffer.from(JSON.stringify(purges));
      batch.push({ type: 'put', key: purgeKey(channel, block), value });
    }
    await this.#level.batch(batch, { sync: true });
  }

  /** After the block is written: drops what was staged for its transactions, and purges. */
  async settle(
    channel: string,
    block: number,
    txIds: readonly string[],
    purges: readonly Purge[],
  ): Promise<void> {
    const batch: Write[] = [];
    for (const txId of txIds) {
      const name = stagedName(channel, txId);
      for (const { storeKey } of this.#staged.get(name) ?? []) {
        batch.push({ type: 'del', key: storeKey });
      }
      this.#staged.delete(name);
    }
    if (block % 100 === 0) batch.push(...this.#expired(channel, block));
    if (batch.length > 0) await this.#level.batch(batch);
    if (purges.length > 0) {
      await purgeFromDisk(this.#level, channel, purges, purgeKey(channel, block));
    }
  }

  /** Drops staged data that waited too long. */
  #expired(channel: string, block: number): Write[] {
    const writes: Write[] = [];
    for (const [name, all] of this.#staged) {
      if (!name.startsWith(stagedName(channel, ''))) continue;
      const kept = all.filter(({ height }) => height > block - stagingRetention);
      for (const { storeKey } of all) {
        if (!kept.some((staged) => staged.storeKey === storeKey)) {
          writes.push({ type: 'del', key: storeKey });
        }
      }
      if (kept.length === 0) this.#staged.delete(name);
      else this.#staged.set(name, kept);
    }
    return writes;
  }

  /**
   * Brings the store in step with a channel that holds `height` blocks: removes what belongs to a block that was
   * never written, finishes purges, and reads back what is staged.
   */
  async recover(channel: string, height: number, isCommitted: (txId: string) => boolean): Promise<void> {
    const batch: Write[] = [];
    for await (const storeKey of this.#level.keys(blockIndexFrom(channel, height))) {
      const { key, version } = readBlockIndexKey(storeKey, channel);
      batch.push({ type: 'del', key: storeKey }, { type: 'del', key: valueKey(key, version) });
    }
    const pending: { marker: Buffer; purges: Purge[] }[] = [];
    for await (const [marker, bytes] of this.#level.iterator(purgeRange(channel))) {
      const block = readHeight(Buffer.concat([marker.subarray(-8), Buffer.alloc(4)]), 0).block;
      if (block >= height) batch.push({ type: 'del', key: marker });
      else pending.push({ marker, purges: JSON.parse(bytes.toString('utf8')) as Purge[] });
    }
    const staging = stagingPrefix(channel);
    for await (const [storeKey, bytes] of this.#level.iterator({
      gte: staging,
      lt: endOf(staging),
    })) {
      const txId = storeKey.toString('utf8', staging.length, storeKey.length - 33);
      if (isCommitted(txId)) {
        batch.push({ type: 'del', key: storeKey });
        continue;
      }
      const name = stagedName(channel, txId);
      const staged: Staged = {
        storeKey,
        height: readHeight(bytes, 0).block,
        rwset: ledger.rwset.TxPvtReadWriteSet.deserializeBinary(bytes.subarray(12)),
      };
      this.#staged.set(name, [...(this.#staged.get(name) ?? []), staged]);
    }
    if (batch.length > 0) await this.#level.batch(batch, { sync: true });
    for (const { marker, purges } of pending) {
      await purgeFromDisk(this.#level, channel, purges, marker);
    }
  }

  /** Write sets of the valid transactions of a block, without what has been purged since. */
  async dataOfBlock(channel: string, block: number): Promise<Map<number, ledger.rwset.TxPvtReadWriteSet>> {
    const writes = new Map<number, { key: PrivateKey; value: Uint8Array | undefined }[]>();
    const start = blockIndexPrefix(channel, block);
    for await (const [storeKey, op] of this.#level.iterator({ gte: start, lt: endOf(start) })) {
      const { key, version } = readBlockIndexKey(storeKey, channel);
      const value = op[0] === operation.write ? this.value(key, version) : undefined;
      if (op[0] === operation.moved || (op[0] === operation.write && value === undefined)) continue;
      const list = writes.get(version.transaction) ?? [];
      writes.set(version.transaction, [...list, { key, value }]);
    }
    return new Map([...writes].map(([index, list]) => [index, writeSet(list)]));
  }

  async close(): Promise<void> {
    await this.#level.close();
  }
}

const stagedName = (channel: string, txId: string): string => `${channel}\0${txId}`;

/** Renders writes, which come sorted by namespace, collection and key. */
function writeSet(
  writes: readonly { key: PrivateKey; value: Uint8Array | undefined }[],
): ledger.rwset.TxPvtReadWriteSet {
  const { CollectionPvtReadWriteSet, kvrwset, NsPvtReadWriteSet, TxPvtReadWriteSet } = ledger.rwset;
  const collections = new Map<string, { key: PrivateKey; set: ledger.rwset.kvrwset.KVRWSet }>();
  for (const { key, value } of writes) {
    const name = `${key.namespace}\0${key.collection}`;
    const entry = collections.get(name) ?? { key, set: new kvrwset.KVRWSet() };
    collections.set(name, entry);
    const write = new kvrwset.KVWrite();
    write.setKey(key.key);
    if (value === undefined) write.setIsDelete(true);
    else write.setValue(value);
    entry.set.addWrites(write);
  }
  const result = new TxPvtReadWriteSet();
  const namespaces = new Map<string, ledger.rwset.NsPvtReadWriteSet>();
  for (const { key, set } of collections.values()) {
    let namespace = namespaces.get(key.namespace);
    if (namespace === undefined) {
      namespace = new NsPvtReadWriteSet();
      namespace.setNamespace(key.namespace);
      namespaces.set(key.namespace, namespace);
      result.addNsPvtRwset(namespace);
    }
    const collection = new CollectionPvtReadWriteSet();
    collection.setCollectionName(key.collection);
    collection.setRwset(set.serializeBinary());
    namespace.addCollectionPvtRwset(collection);
  }
  return result;
}
