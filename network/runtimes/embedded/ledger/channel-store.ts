import { ClassicLevel } from 'classic-level';
import { decodeEntry, type StateEntry } from './state-entry';

/** Bytes of state kept in memory for each channel. */
const cacheBytes = 48 * 1024 * 1024;
/** Larger values are read from disk each time. */
const largestCached = 64 * 1024;
/** A guess at what a cached entry costs beside its bytes. */
const entryOverhead = 200;

type Level = ClassicLevel<Buffer, Buffer>;
type Snapshot = ReturnType<Level['snapshot']>;

/** A write of one batch. */
export type StoreWrite =
  | { readonly type: 'put'; readonly key: Buffer; readonly value: Buffer }
  | { readonly type: 'del'; readonly key: Buffer };

interface Cached {
  readonly entry: StateEntry | undefined;
  /** Height from which on the entry is what the state holds. */
  readonly since: number;
  readonly bytes: number;
}

/**
 * The state at one height. It stays readable, whatever is committed meanwhile, until each that acquired it has
 * released it.
 */
export class StateView {
  readonly height: number;
  readonly #store: ChannelStore;
  readonly #snapshot: Snapshot;
  #holders = 1;

  constructor(store: ChannelStore, snapshot: Snapshot, height: number) {
    this.#store = store;
    this.#snapshot = snapshot;
    this.height = height;
  }

  acquire(): this {
    this.#holders++;
    return this;
  }

  release(): void {
    this.#holders--;
    if (this.#holders === 0) void this.#snapshot.close();
  }

  /** State or hashed state at a store key. */
  get(key: Buffer): StateEntry | undefined {
    return this.#store.read(key, this.height, this.#snapshot);
  }

  /** Pairs of the store in a range of its keys, ascending or descending. Close the iterator. */
  iterator(range: { gte: Buffer; lt: Buffer; reverse?: boolean }) {
    return this.#store.level.iterator({ ...range, snapshot: this.#snapshot });
  }
}

/** The LevelDB store of a channel: blocks, state, hashed state, history and indexes. */
export class ChannelStore {
  readonly level: Level;
  readonly #cache = new Map<string, Cached>();
  #cachedBytes = 0;
  #current: StateView;

  private constructor(level: Level, height: number) {
    this.level = level;
    this.#current = new StateView(this, level.snapshot(), height);
  }

  /** Opens or creates the store; `height` reads from it how many blocks it holds. */
  static async open(directory: string, height: (level: Level) => Promise<number>): Promise<ChannelStore> {
    // Uncompressed, so that whoever searches the files for a value finds it if it is there.
    const level: Level = new ClassicLevel<Buffer, Buffer>(directory, {
      keyEncoding: 'buffer',
      valueEncoding: 'buffer',
      compression: false,
    });
    await level.open();
    return new ChannelStore(level, await height(level));
  }

  /** The newest state. Acquire it to keep it over an `await`. */
  get current(): StateView {
    return this.#current;
  }

  /** Any record of the store that is not state. */
  record(key: Buffer): Buffer | undefined {
    return this.level.getSync(key);
  }

  /**
   * Writes a block in one batch and moves the current state to the next height. `changed` holds what the batch does
   * to the state, by store key in Latin-1.
   */
  async commit(writes: StoreWrite[], changed: ReadonlyMap<string, StateEntry | undefined>): Promise<void> {
    await this.level.batch(writes, { sync: true });
    const height = this.#current.height + 1;
    for (const [key, entry] of changed) this.#remember(key, entry, height);
    const before = this.#current;
    this.#current = new StateView(this, this.level.snapshot(), height);
    before.release();
  }

  read(key: Buffer, height: number, snapshot: Snapshot): StateEntry | undefined {
    const name = key.toString('latin1');
    const cached = this.#cache.get(name);
    if (cached !== undefined && cached.since <= height) return cached.entry;
    const bytes = this.level.getSync(key, { snapshot });
    const entry = bytes === undefined ? undefined : decodeEntry(bytes);
    // What an older view reads may have changed since.
    if (height === this.#current.height) {
      this.#remember(name, entry, entry === undefined ? height : entry.version.block + 1);
    }
    return entry;
  }

  #remember(key: string, entry: StateEntry | undefined, since: number): void {
    this.#forget(key);
    const bytes = key.length + (entry?.value.length ?? 0) + (entry?.metadata?.length ?? 0) + entryOverhead;
    if (bytes > largestCached) return;
    this.#cache.set(key, { entry, since, bytes });
    this.#cachedBytes += bytes;
    while (this.#cachedBytes > cacheBytes) {
      const oldest = this.#cache.keys().next().value;
      if (oldest === undefined) break;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    const cached = this.#cache.get(key);
    if (cached === undefined) return;
    this.#cache.delete(key);
    this.#cachedBytes -= cached.bytes;
  }

  async close(): Promise<void> {
    this.#current.release();
    await this.level.close();
  }
}
