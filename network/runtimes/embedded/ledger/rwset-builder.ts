import { createHash } from 'node:crypto';
import { ledger } from '@hyperledger/fabric-protos';
import { compareUtf8 } from './keys';
import { metadataEntries } from './metadata';
import type { Metadata, Version } from './types';

const { kvrwset } = ledger.rwset;
type KVRead = ledger.rwset.kvrwset.KVRead;
type RangeQueryInfo = ledger.rwset.kvrwset.RangeQueryInfo;

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/** SHA-256 of a private key's UTF-8, by which the public ledger knows it. */
export const hashOfKey = (key: string): Buffer => sha256(Buffer.from(key, 'utf8'));

function versionMessage(version: Version): ledger.rwset.kvrwset.Version {
  const message = new kvrwset.Version();
  message.setBlockNum(version.block);
  message.setTxNum(version.transaction);
  return message;
}

/** A read of a key, without a version where the key was absent. */
export function kvRead(key: string, version: Version | undefined): KVRead {
  const read = new kvrwset.KVRead();
  read.setKey(key);
  if (version !== undefined) read.setVersion(versionMessage(version));
  return read;
}

interface PrivateWrite {
  readonly value: Uint8Array | undefined;
  readonly purge: boolean;
}

interface CollectionSets {
  readonly reads: Map<string, Version | undefined>;
  readonly writes: Map<string, PrivateWrite>;
  readonly metadata: Map<string, Metadata>;
}

interface NamespaceSets {
  readonly reads: Map<string, Version | undefined>;
  readonly writes: Map<string, Uint8Array | undefined>;
  readonly metadata: Map<string, Metadata>;
  readonly ranges: Map<string, RangeQueryInfo>;
  readonly collections: Map<string, CollectionSets>;
}

function sorted<V>(map: ReadonlyMap<string, V>): [string, V][] {
  return [...map].sort(([a], [b]) => compareUtf8(a, b));
}

/** Collects what a simulation reads and writes, and renders it in Fabric's order, byte for byte. */
export class RwsetBuilder {
  readonly #namespaces = new Map<string, NamespaceSets>();

  /** A repeated read keeps its place; within one simulation the version cannot differ. */
  read(namespace: string, key: string, version: Version | undefined): void {
    this.#namespace(namespace).reads.set(key, version);
  }

  write(namespace: string, key: string, value: Uint8Array | undefined): void {
    this.#namespace(namespace).writes.set(key, value);
  }

  writeMetadata(namespace: string, key: string, metadata: Metadata): void {
    this.#namespace(namespace).metadata.set(key, metadata);
  }

  /** Of ranges with the same ends only the first counts, as in Fabric. */
  range(namespace: string, info: RangeQueryInfo): void {
    const { ranges } = this.#namespace(namespace);
    const key = JSON.stringify([info.getStartKey(), info.getEndKey(), info.getItrExhausted()]);
    if (!ranges.has(key)) ranges.set(key, info);
  }

  readHash(namespace: string, collection: string, key: string, version: Version | undefined): void {
    this.#collection(namespace, collection).reads.set(key, version);
  }

  writePrivate(
    namespace: string,
    collection: string,
    key: string,
    value: Uint8Array | undefined,
    purge = false,
  ): void {
    this.#collection(namespace, collection).writes.set(key, { value, purge });
  }

  writePrivateMetadata(namespace: string, collection: string, key: string, metadata: Metadata): void {
    this.#collection(namespace, collection).metadata.set(key, metadata);
  }

  /** Renders both sets; the public one carries the hashes of the private one. */
  build(): {
    publicRwset: Uint8Array;
    privateRwset: ledger.rwset.TxPvtReadWriteSet | undefined;
  } {
    const result = new ledger.rwset.TxReadWriteSet();
    const privateResult = new ledger.rwset.TxPvtReadWriteSet();
    for (const [namespace, sets] of sorted(this.#namespaces)) {
      const set = new ledger.rwset.NsReadWriteSet();
      set.setNamespace(namespace);
      set.setRwset(publicSet(sets).serializeBinary());
      const privateSet = new ledger.rwset.NsPvtReadWriteSet();
      privateSet.setNamespace(namespace);
      for (const [name, collection] of sorted(sets.collections)) {
        const clear = privateWrites(collection)?.serializeBinary();
        const hashed = new ledger.rwset.CollectionHashedReadWriteSet();
        hashed.setCollectionName(name);
        hashed.setHashedRwset(hashedSet(collection).serializeBinary());
        if (clear !== undefined) {
          hashed.setPvtRwsetHash(sha256(clear));
          const entry = new ledger.rwset.CollectionPvtReadWriteSet();
          entry.setCollectionName(name);
          entry.setRwset(clear);
          privateSet.addCollectionPvtRwset(entry);
        }
        set.addCollectionHashedRwset(hashed);
      }
      result.addNsRwset(set);
      if (privateSet.getCollectionPvtRwsetList().length > 0) privateResult.addNsPvtRwset(privateSet);
    }
    return {
      publicRwset: result.serializeBinary(),
      privateRwset: privateResult.getNsPvtRwsetList().length > 0 ? privateResult : undefined,
    };
  }

  #namespace(name: string): NamespaceSets {
    let sets = this.#namespaces.get(name);
    if (sets === undefined) {
      sets = {
        reads: new Map(),
        writes: new Map(),
        metadata: new Map(),
        ranges: new Map(),
        collections: new Map(),
      };
      this.#namespaces.set(name, sets);
    }
    return sets;
  }

  #collection(namespace: string, name: string): CollectionSets {
    const { collections } = this.#namespace(namespace);
    let sets = collections.get(name);
    if (sets === undefined) {
      sets = { reads: new Map(), writes: new Map(), metadata: new Map() };
      collections.set(name, sets);
    }
    return sets;
  }
}

function publicSet(sets: NamespaceSets): ledger.rwset.kvrwset.KVRWSet {
  const set = new kvrwset.KVRWSet();
  set.setReadsList(sorted(sets.reads).map(([key, version]) => kvRead(key, version)));
  set.setRangeQueriesInfoList([...sets.ranges.values()]);
  set.setWritesList(sorted(sets.writes).map(([key, value]) => kvWrite(key, value)));
  set.setMetadataWritesList(
    sorted(sets.metadata).map(([key, metadata]) => {
      const write = new kvrwset.KVMetadataWrite();
      write.setKey(key);
      write.setEntriesList(metadataEntries(metadata));
      return write;
    }),
  );
  return set;
}

function kvWrite(key: string, value: Uint8Array | undefined): ledger.rwset.kvrwset.KVWrite {
  const write = new kvrwset.KVWrite();
  write.setKey(key);
  if (value === undefined) write.setIsDelete(true);
  else write.setValue(value);
  return write;
}

function hashedSet(sets: CollectionSets): ledger.rwset.kvrwset.HashedRWSet {
  const set = new kvrwset.HashedRWSet();
  set.setHashedReadsList(
    sorted(sets.reads).map(([key, version]) => {
      const read = new kvrwset.KVReadHash();
      read.setKeyHash(hashOfKey(key));
      if (version !== undefined) read.setVersion(versionMessage(version));
      return read;
    }),
  );
  set.setHashedWritesList(
    sorted(sets.writes).map(([key, { value, purge }]) => {
      const write = new kvrwset.KVWriteHash();
      write.setKeyHash(hashOfKey(key));
      if (value === undefined) write.setIsDelete(true);
      else write.setValueHash(sha256(value));
      write.setIsPurge(purge);
      return write;
    }),
  );
  set.setMetadataWritesList(
    sorted(sets.metadata).map(([key, metadata]) => {
      const write = new kvrwset.KVMetadataWriteHash();
      write.setKeyHash(hashOfKey(key));
      write.setEntriesList(metadataEntries(metadata));
      return write;
    }),
  );
  return set;
}

/** What goes to members in clear. Of metadata only the key: a change of it moves the private value's version. */
function privateWrites(sets: CollectionSets): ledger.rwset.kvrwset.KVRWSet | undefined {
  if (sets.writes.size === 0 && sets.metadata.size === 0) return undefined;
  const set = new kvrwset.KVRWSet();
  set.setWritesList(sorted(sets.writes).map(([key, { value }]) => kvWrite(key, value)));
  set.setMetadataWritesList(
    sorted(sets.metadata).map(([key]) => {
      const write = new kvrwset.KVMetadataWrite();
      write.setKey(key);
      return write;
    }),
  );
  return set;
}
