import { collectionExists, mspOfCollection } from './collections';
import { hashedKey, stateKey } from './keys';
import { historyIterator } from './history';
import { parseMetadata } from './metadata';
import { PrivateRange, PublicRange } from './ranges';
import { hashOfKey, RwsetBuilder } from './rwset-builder';
import type { StateEntry } from './state-entry';
import {
  SimulationError,
  type HistoryIterator,
  type Metadata,
  type RangeIterator,
  type SimulationResults,
  type TransactionSimulator,
  type Version,
  type WrittenKey,
} from './types';
import type { StateView } from './channel-store';
import type { PrivateStore } from './private-store';
import type { ChannelResources } from '../msp/types';

/** What a simulation runs on. */
export interface SimulationContext {
  readonly channel: string;
  readonly resources: ChannelResources;
  readonly msp: string;
  readonly txId: string;
  /** Acquired for the simulation, which releases it. */
  readonly view: StateView;
  /** Of the simulating organisation; undefined where its peer does not run here. */
  readonly privateStore: PrivateStore | undefined;
}

const describe = (version: Version | undefined): string =>
  version === undefined ? '<nil>' : `{BlockNum: ${version.block}, TxNum: ${version.transaction}}`;

/** A simulation with the semantics of Fabric's `lockBasedTxSimulator`. */
export class LedgerSimulator implements TransactionSimulator {
  readonly #context: SimulationContext;
  readonly #rwset = new RwsetBuilder();
  readonly #written = new Map<string, WrittenKey>();
  readonly #privateReads = new Map<string, { namespace: string; collection: string }>();
  readonly #ranges: (PublicRange | HistoryIterator)[] = [];
  #writes = false;
  #paginated = false;
  #privateQueries = false;
  #done = false;
  #asked = false;

  constructor(context: SimulationContext) {
    this.#context = context;
  }

  get height(): number {
    return this.#context.view.height;
  }

  getState(namespace: string, key: string): Uint8Array | undefined {
    return this.#read(namespace, key)?.value;
  }

  putState(namespace: string, key: string, value: Uint8Array | undefined): void {
    this.#beforeWrite(key);
    // An empty value is a delete in Fabric (FAB-18386), though the write set says what the chaincode asked for.
    this.#rwset.write(namespace, key, value);
    this.#noteWritten(namespace, '', key);
  }

  getStateMetadata(namespace: string, key: string): Metadata {
    return parseMetadata(this.#read(namespace, key)?.metadata);
  }

  setStateMetadata(namespace: string, key: string, metadata: Metadata): void {
    this.#beforeWrite(key);
    this.#rwset.writeMetadata(namespace, key, metadata);
    this.#noteWritten(namespace, '', key);
  }

  getStateRange(namespace: string, start: string, end: string, pageSize?: number): RangeIterator {
    this.#check();
    if (pageSize !== undefined) {
      if (this.#writes) {
        this.#refuse('Paginated queries are supported only in a read-only transaction');
      }
      this.#paginated = true;
    }
    const range = new PublicRange(this.#context.view, namespace, [start, end], pageSize ?? 0);
    this.#ranges.push(range);
    return range;
  }

  getHistoryForKey(namespace: string, key: string): HistoryIterator {
    this.#check();
    const history = historyIterator(this.#context.view, namespace, key);
    this.#ranges.push(history);
    return history;
  }

  getPrivateData(namespace: string, collection: string, key: string): Uint8Array | undefined {
    this.#checkCollection(namespace, collection);
    const hash = this.#hashEntry(namespace, collection, key);
    const value = hash && this.#privateValue(namespace, collection, key, hash.version);
    if (hash !== undefined && value === undefined) {
      throw new SimulationError(
        `private data matching public hash version is not available. Public hash version = ${describe(hash.version)}, Private data version = ${describe(undefined)}`,
      );
    }
    this.#rwset.readHash(namespace, collection, key, hash?.version);
    this.#privateReads.set(`${namespace}\0${collection}`, { namespace, collection });
    return value;
  }

  getPrivateDataHash(namespace: string, collection: string, key: string): Uint8Array | undefined {
    return this.#readHash(namespace, collection, key)?.value;
  }

  putPrivateData(namespace: string, collection: string, key: string, value: Uint8Array | undefined): void {
    this.#checkCollection(namespace, collection);
    this.#beforeWrite(key);
    this.#rwset.writePrivate(namespace, collection, key, value);
    this.#noteWritten(namespace, collection, key);
  }

  purgePrivateData(namespace: string, collection: string, key: string): void {
    this.#checkCollection(namespace, collection);
    this.#beforeWrite(key);
    this.#rwset.writePrivate(namespace, collection, key, undefined, true);
    this.#noteWritten(namespace, collection, key);
  }

  getPrivateDataMetadata(namespace: string, collection: string, key: string): Metadata {
    return parseMetadata(this.#readHash(namespace, collection, key)?.metadata);
  }

  setPrivateDataMetadata(namespace: string, collection: string, key: string, metadata: Metadata): void {
    this.#checkCollection(namespace, collection);
    this.#beforeWrite(key);
    this.#rwset.writePrivateMetadata(namespace, collection, key, metadata);
    this.#noteWritten(namespace, collection, key);
  }

  getPrivateDataRange(namespace: string, collection: string, start: string, end: string): RangeIterator {
    if (this.#writes) {
      this.#refuse('Queries on pvt data is supported only in a read-only transaction');
    }
    this.#checkCollection(namespace, collection);
    this.#privateQueries = true;
    const { channel, privateStore } = this.#context;
    const own = mspOfCollection(collection) === this.#context.msp ? privateStore : undefined;
    return new PrivateRange(
      async () =>
        (await own?.range(
          channel,
          namespace,
          collection,
          [start, end],
          (key) => this.#hashEntry(namespace, collection, key)?.version,
        )) ?? [],
    );
  }

  results(): SimulationResults {
    this.#check();
    if (this.#asked) {
      throw new SimulationError(
        'this function should only be called once on a transaction simulator instance',
      );
    }
    this.#asked = true;
    for (const range of this.#ranges) {
      if (range instanceof PublicRange) this.#rwset.range(range.namespace, range.info());
    }
    return {
      ...this.#rwset.build(),
      writtenKeys: [...this.#written.values()],
      privateReads: [...this.#privateReads.values()],
    };
  }

  done(): void {
    if (this.#done) return;
    this.#done = true;
    for (const range of this.#ranges) range.close();
    this.#context.view.release();
  }

  #read(namespace: string, key: string): StateEntry | undefined {
    this.#check();
    const entry = this.#context.view.get(stateKey(namespace, key));
    this.#rwset.read(namespace, key, entry?.version);
    return entry;
  }

  #hashEntry(namespace: string, collection: string, key: string): StateEntry | undefined {
    return this.#context.view.get(hashedKey(namespace, collection, hashOfKey(key)));
  }

  #readHash(namespace: string, collection: string, key: string): StateEntry | undefined {
    this.#checkCollection(namespace, collection);
    const entry = this.#hashEntry(namespace, collection, key);
    this.#rwset.readHash(namespace, collection, key, entry?.version);
    return entry;
  }

  #privateValue(
    namespace: string,
    collection: string,
    key: string,
    version: Version,
  ): Uint8Array | undefined {
    const { channel, msp, privateStore } = this.#context;
    if (mspOfCollection(collection) !== msp) return undefined;
    return privateStore?.value({ channel, namespace, collection, key }, version);
  }

  #noteWritten(namespace: string, collection: string, key: string): void {
    const name = `${namespace}\0${collection}\0${key}`;
    if (this.#written.has(name)) return;
    const entry =
      collection === ''
        ? this.#context.view.get(stateKey(namespace, key))
        : this.#hashEntry(namespace, collection, key);
    const metadata = parseMetadata(entry?.metadata);
    this.#written.set(name, { namespace, collection, key, metadata });
  }

  #check(): void {
    if (this.#done) {
      throw new SimulationError('this instance should not be used after calling Done()');
    }
  }

  #checkCollection(namespace: string, collection: string): void {
    this.#check();
    if (collectionExists(this.#context.resources, collection)) return;
    const hint =
      mspOfCollection(collection) === undefined
        ? ' (explicit collections are not supported by the embedded runtime)'
        : '';
    throw new SimulationError(
      `collection [${collection}] not defined in the collection config for chaincode [${namespace}]${hint}`,
    );
  }

  #beforeWrite(key: string): void {
    this.#check();
    if (this.#privateQueries) {
      this.#refuse('Transaction has already performed queries on pvt data. Writes are not allowed');
    }
    if (this.#paginated) {
      this.#refuse('Transaction has already performed a paginated query. Writes are not allowed');
    }
    if (key === '') throw new SimulationError('the key must not be an empty string');
    this.#writes = true;
  }

  #refuse(reason: string): never {
    // Fabric's spelling, which clients may look for.
    throw new SimulationError(`txid [${this.#context.txId}]: unsuppored transaction. ${reason}`);
  }
}
