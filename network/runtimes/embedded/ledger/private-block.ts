import { createHash } from 'node:crypto';
import { ledger, peer } from '@hyperledger/fabric-protos';
import { mspOfCollection } from './collections';
import { hashedKey } from './keys';
import { hashOfKey } from './rwset-builder';
import { isDelete } from './updates';
import type { NamespaceRwset } from '../../../blocks/rwsets';
import type { PrivateKey } from './private-keys';
import type { Purge } from './private-purge';
import type { PrivateStore, PrivateWrite } from './private-store';
import type { StateView } from './channel-store';
import type { ValidationCode, Version } from './types';

const { KVRWSet } = ledger.rwset.kvrwset;
type CollectionRwset = NamespaceRwset['collections'][number];

interface StoreChanges {
  readonly writes: PrivateWrite[];
  readonly purges: Purge[];
}

/** Gathers what a block brings to the private stores of the organisations. */
export class PrivateBlock {
  readonly #channel: string;
  readonly #view: StateView;
  readonly #stores: ReadonlyMap<string, PrivateStore>;
  readonly #changes = new Map<PrivateStore, StoreChanges>();
  /** Newest valid value of a key in this block, for metadata that changes after it. */
  readonly #newest = new Map<string, { version: Version; value: Uint8Array | undefined }>();
  readonly #txIds: string[] = [];

  constructor(channel: string, view: StateView, stores: ReadonlyMap<string, PrivateStore>) {
    this.#channel = channel;
    this.#view = view;
    this.#stores = stores;
  }

  /** Call for each authentic transaction, in order. */
  add(txId: string, rwsets: readonly NamespaceRwset[], version: Version, code: ValidationCode): void {
    this.#txIds.push(txId);
    const valid = code === peer.TxValidationCode.VALID;
    for (const { namespace, collections } of rwsets) {
      for (const collection of collections) {
        const store = this.#stores.get(mspOfCollection(collection.name) ?? '');
        if (store === undefined || collection.privateHash.length === 0) continue;
        const staged = store.staged(this.#channel, txId, namespace, collection.name, collection.privateHash);
        const rwset = staged === undefined ? new KVRWSet() : KVRWSet.deserializeBinary(staged);
        this.#addWrites(store, namespace, collection.name, rwset, version, valid);
        if (valid) this.#addPurges(store, namespace, collection, rwset, version);
      }
    }
  }

  #addWrites(
    store: PrivateStore,
    namespace: string,
    collection: string,
    rwset: ledger.rwset.kvrwset.KVRWSet,
    version: Version,
    valid: boolean,
  ): void {
    const { writes } = this.#of(store);
    const written = new Set<string>();
    const at = (key: string): PrivateKey => ({
      channel: this.#channel,
      namespace,
      collection,
      key,
    });
    for (const write of rwset.getWritesList()) {
      const value = isDelete(write) ? undefined : write.getValue_asU8();
      const key = at(write.getKey());
      written.add(key.key);
      writes.push({ key, version, value, invalid: !valid, moved: false });
      if (valid) this.#newest.set(nameOf(key), { version, value });
    }
    if (!valid) return;
    for (const write of rwset.getMetadataWritesList()) {
      const key = at(write.getKey());
      if (written.has(key.key)) continue;
      // The hash gets a new version with its metadata: the value must follow, or it would look stale.
      const value = this.#valueBefore(store, key);
      if (value === undefined) continue;
      writes.push({ key, version, value, invalid: false, moved: true });
      this.#newest.set(nameOf(key), { version, value });
    }
  }

  #valueBefore(store: PrivateStore, key: PrivateKey): Uint8Array | undefined {
    const newest = this.#newest.get(nameOf(key));
    if (newest !== undefined) return newest.value;
    const hash = this.#view.get(hashedKey(key.namespace, key.collection, hashOfKey(key.key)));
    const value = hash && store.value(key, hash.version);
    const matches =
      value !== undefined &&
      createHash('sha256')
        .update(value)
        .digest()
        .equals(hash?.value ?? value);
    return matches ? value : undefined;
  }

  #addPurges(
    store: PrivateStore,
    namespace: string,
    { name, rwset: hashed }: CollectionRwset,
    rwset: ledger.rwset.kvrwset.KVRWSet,
    version: Version,
  ): void {
    const purged = hashed.getHashedWritesList().filter((write) => write.getIsPurge());
    if (purged.length === 0) return;
    const keys = new Map(
      rwset.getWritesList().map((write) => [hashOfKey(write.getKey()).toString('hex'), write.getKey()]),
    );
    for (const write of purged) {
      const keyHash = Buffer.from(write.getKeyHash_asU8()).toString('hex');
      const key = keys.get(keyHash);
      this.#of(store).purges.push({ namespace, collection: name, keyHash, key, version });
    }
  }

  #of(store: PrivateStore): StoreChanges {
    let changes = this.#changes.get(store);
    if (changes === undefined) {
      changes = { writes: [], purges: [] };
      this.#changes.set(store, changes);
    }
    return changes;
  }

  /** Writes to the stores, before the block is written. */
  async prepare(block: number): Promise<void> {
    await Promise.all(
      [...this.#changes]
        .filter(([, { writes, purges }]) => writes.length + purges.length > 0)
        .map(([store, { writes, purges }]) => store.prepare(this.#channel, block, writes, purges)),
    );
  }

  /** Completes what waits for the block to be written: staged data goes, purges are done on disk. */
  async settle(block: number): Promise<void> {
    await Promise.all(
      [...new Set(this.#stores.values())].map((store) =>
        store.settle(this.#channel, block, this.#txIds, this.#changes.get(store)?.purges ?? []),
      ),
    );
  }
}

const nameOf = (key: PrivateKey): string => `${key.namespace}\0${key.collection}\0${key.key}`;
