import { ledger } from '@hyperledger/fabric-protos';
import { endOf, prefix, stateKey } from './keys';
import { RangeReads } from './range-reads';
import { kvRead } from './rwset-builder';
import { decodeEntry } from './state-entry';
import type { KeyValue, RangeIterator } from './types';
import type { StateView } from './channel-store';

/** Pairs fetched from the store at a time. */
const fetchSize = 100;

/** Store keys of a range of public keys; empty ends are open. */
export function stateRange(namespace: string, start: string, end: string): { gte: Buffer; lt: Buffer } {
  const all = prefix('s', namespace);
  return {
    gte: start === '' ? all : stateKey(namespace, start),
    lt: end === '' ? endOf(all) : stateKey(namespace, end),
  };
}

/** The public key in a store key. */
export function readStateKey(bytes: Buffer, namespace: string): string {
  return bytes.toString('utf8', Buffer.byteLength(namespace, 'utf8') + 2);
}

type StoreIterator = ReturnType<StateView['iterator']>;

/** A range of public state, which records what was read as Fabric does: up to where the caller went. */
export class PublicRange implements RangeIterator {
  readonly namespace: string;
  readonly #end: string;
  readonly #pageSize: number;
  readonly #store: StoreIterator;
  readonly #reads = new RangeReads();
  readonly #info = new ledger.rwset.kvrwset.RangeQueryInfo();
  #fetched: [Buffer, Buffer][] = [];
  #position = 0;
  #returned = 0;
  #closed = false;
  bookmark = '';

  /** `pageSize` 0 is no limit. */
  constructor(view: StateView, namespace: string, [start, end]: readonly [string, string], pageSize: number) {
    this.namespace = namespace;
    this.#end = end;
    this.#pageSize = pageSize;
    const bounds = stateRange(namespace, start, end);
    // An end before the start is an empty range, not an error.
    const lt = Buffer.compare(bounds.gte, bounds.lt) > 0 ? bounds.gte : bounds.lt;
    this.#store = view.iterator({ gte: bounds.gte, lt });
    this.#info.setStartKey(start);
  }

  async next(): Promise<KeyValue | undefined> {
    const pageIsFull = this.#pageSize > 0 && this.#returned >= this.#pageSize;
    const pair = await this.#peek();
    if (pageIsFull || pair === undefined) {
      // As Fabric has it, also where only the page is at its end: paginated queries cannot be submitted with writes.
      this.#info.setItrExhausted(true);
      this.#info.setEndKey(this.#end);
      this.bookmark = pair === undefined ? '' : readStateKey(pair[0], this.namespace);
      return undefined;
    }
    this.#position++;
    this.#returned++;
    const key = readStateKey(pair[0], this.namespace);
    const entry = decodeEntry(pair[1]);
    this.#reads.add(kvRead(key, entry.version));
    this.#info.setEndKey(key);
    return { key, value: entry.value };
  }

  async #peek(): Promise<[Buffer, Buffer] | undefined> {
    if (this.#position >= this.#fetched.length) {
      if (this.#closed) return undefined;
      this.#fetched = await this.#store.nextv(fetchSize);
      this.#position = 0;
    }
    return this.#fetched[this.#position];
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    void this.#store.close();
  }

  /** The record for the read set. Ask once, when nothing more is read. */
  info(): ledger.rwset.kvrwset.RangeQueryInfo {
    this.#reads.finish(this.#info);
    return this.#info;
  }
}

/** A range of private data, which leaves no record: Fabric does not protect it against phantoms either. */
export class PrivateRange implements RangeIterator {
  readonly bookmark = '';
  readonly #load: () => Promise<KeyValue[]>;
  #results: KeyValue[] | undefined;
  #position = 0;

  constructor(load: () => Promise<KeyValue[]>) {
    this.#load = load;
  }

  async next(): Promise<KeyValue | undefined> {
    this.#results ??= await this.#load();
    return this.#results[this.#position++];
  }

  close(): void {
    this.#results = [];
  }
}
