import type { ChaincodeResponse, Iterators } from 'fabric-shim-api';
import { pairKey, type NamespaceState, type ReadWriteSet } from './state';

/** What one simulation runs with. */
export interface Simulation {
  readonly txId: string;
  readonly channel: string;
  readonly function: string;
  readonly args: readonly string[];
  /** MSP of the peer that simulates: it holds that organisation's private data and no other. */
  readonly peer: string;
  readonly transient: ReadonlyMap<string, Buffer>;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly state: NamespaceState;
  readonly set: ReadWriteSet;
  invoke(chaincode: string, args: readonly string[], channel: string): Promise<ChaincodeResponse>;
}

const namespacePrefix = '\u0000';
const maxRune = '\u{10ffff}';

/**
 * The part of `ChaincodeStub` that the contracts use, with Fabric's semantics: reads see committed state and never the
 * transaction's own writes, another organisation's private data is an error where it exists, and nothing is written
 * after a paged query. What it lacks is absent, so using it fails.
 */
export class SimulationStub {
  readonly #run: Simulation;

  constructor(run: Simulation) {
    this.#run = run;
  }

  getTxID(): string {
    return this.#run.txId;
  }

  getChannelID(): string {
    return this.#run.channel;
  }

  getFunctionAndParameters(): { fcn: string; params: string[] } {
    return { fcn: this.#run.function, params: [...this.#run.args] };
  }

  getTransient(): Map<string, Uint8Array> {
    return new Map(this.#run.transient);
  }

  getTxTimestamp(): { seconds: number; nanos: number } {
    const { timestamp } = this.#run;
    return { seconds: Math.floor(timestamp / 1000), nanos: (timestamp % 1000) * 1_000_000 };
  }

  async getState(key: string): Promise<Buffer> {
    await tick();
    const found = this.#run.state.public.get(key);
    this.#run.set.reads.set(key, found?.version);
    return found?.value ?? Buffer.alloc(0);
  }

  async putState(key: string, value: Uint8Array): Promise<void> {
    await tick();
    this.#allowWrite();
    if (key === '') throw new Error('key must be a non-empty string');
    if (value.length === 0) throw new Error(`an empty value is a delete: ${key}`);
    this.#run.set.writes.set(key, Buffer.from(value));
  }

  async deleteState(key: string): Promise<void> {
    await tick();
    this.#allowWrite();
    this.#run.set.writes.set(key, undefined);
  }

  async setStateValidationParameter(key: string, policy: Uint8Array): Promise<void> {
    await tick();
    this.#allowWrite();
    this.#run.set.policies.set(key, Buffer.from(policy));
  }

  async getStateValidationParameter(key: string): Promise<Buffer> {
    await tick();
    return this.#run.state.policies.get(key) ?? Buffer.alloc(0);
  }

  async getStateByRange(start: string, end: string): Promise<Iterators.StateQueryIterator> {
    await tick();
    const keys = this.#run.state.range(start, end);
    this.#run.set.ranges.push({ start, end, found: JSON.stringify(keys) });
    for (const key of keys) this.#run.set.reads.set(key, this.#run.state.public.get(key)?.version);
    return this.#iterate(keys);
  }

  getStateByPartialCompositeKey(
    objectType: string,
    attributes: string[],
  ): Promise<Iterators.StateQueryIterator> {
    const start = this.createCompositeKey(objectType, attributes);
    return this.getStateByRange(start, start + maxRune);
  }

  async getStateByPartialCompositeKeyWithPagination(
    objectType: string,
    attributes: string[],
    pageSize: number,
    bookmark = '',
  ): Promise<{
    iterator: Iterators.StateQueryIterator;
    metadata: { fetchedRecordsCount: number; bookmark: string };
  }> {
    await tick();
    if (this.#run.set.hasWrites) throw new Error('a paged query after a write is not allowed');
    this.#run.set.pagedQuery = true;
    const start = this.createCompositeKey(objectType, attributes);
    const keys = this.#run.state.range(bookmark === '' ? start : bookmark, start + maxRune);
    const page = keys.slice(0, pageSize);
    return {
      iterator: this.#iterate(page),
      metadata: { fetchedRecordsCount: page.length, bookmark: keys[pageSize] ?? '' },
    };
  }

  createCompositeKey(objectType: string, attributes: string[]): string {
    return namespacePrefix + [objectType, ...attributes].map((part) => `${part}\u0000`).join('');
  }

  splitCompositeKey(key: string): { objectType: string; attributes: string[] } {
    const [objectType = '', ...attributes] = key.slice(1, -1).split('\u0000');
    return { objectType, attributes };
  }

  async getPrivateData(collection: string, key: string): Promise<Buffer> {
    await tick();
    const hash = this.#run.state.hash(collection, key);
    this.#run.set.hashReads.set(pairKey(collection, key), hash?.version);
    if (hash === undefined) return Buffer.alloc(0);
    if (collection !== `_implicit_org_${this.#run.peer}`)
      throw new Error(`private data matching public hash version is not available in ${collection}`);
    return this.#run.state.privateValue(collection, key) ?? Buffer.alloc(0);
  }

  async getPrivateDataHash(collection: string, key: string): Promise<Buffer> {
    await tick();
    const hash = this.#run.state.hash(collection, key);
    this.#run.set.hashReads.set(pairKey(collection, key), hash?.version);
    return hash?.value ?? Buffer.alloc(0);
  }

  async putPrivateData(collection: string, key: string, value: Uint8Array): Promise<void> {
    await tick();
    this.#allowWrite();
    if (value.length === 0) throw new Error(`an empty value is a delete: ${key}`);
    this.#privateWrites(collection).set(key, Buffer.from(value));
  }

  async deletePrivateData(collection: string, key: string): Promise<void> {
    await tick();
    this.#allowWrite();
    this.#privateWrites(collection).set(key, undefined);
  }

  async purgePrivateData(collection: string, key: string): Promise<void> {
    await this.deletePrivateData(collection, key);
    this.#run.set.purges.add(pairKey(collection, key));
  }

  async invokeChaincode(chaincode: string, args: string[], channel: string): Promise<ChaincodeResponse> {
    await tick();
    return this.#run.invoke(chaincode, args, channel);
  }

  setEvent(name: string, payload: Uint8Array): void {
    this.#run.set.event = { name, payload: Buffer.from(payload) };
  }

  #allowWrite(): void {
    if (this.#run.set.pagedQuery || this.#run.set.privateQuery)
      throw new Error('the transaction has performed a paged or private query; writes are not allowed');
  }

  #privateWrites(collection: string): Map<string, Buffer | undefined> {
    const { privateWrites } = this.#run.set;
    const writes = privateWrites.get(collection) ?? new Map<string, Buffer | undefined>();
    privateWrites.set(collection, writes);
    return writes;
  }

  #iterate(keys: readonly string[]): Iterators.StateQueryIterator {
    const { state, channel } = this.#run;
    let position = 0;
    return {
      next: async () => {
        await tick();
        const key = keys[position++];
        // Fabric's iterator has no value at its end, whatever its type says.
        if (key === undefined) return { done: true } as Iterators.NextResult<Iterators.KV>;
        const value = state.public.get(key)?.value ?? Buffer.alloc(0);
        return { done: false, value: { namespace: channel, key, value } };
      },
      close: tick,
    };
  }
}

/** Every call of the real stub goes to the peer and back, so what is not awaited is lost; here it comes late too. */
function tick(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
