import { mkdirSync } from 'node:fs';
import { ClassicLevel } from 'classic-level';

/** Where the gateway and its agents keep what must survive a restart: one ordered map of text to JSON. */
export interface Store {
  /** undefined where the key is not there. */
  get(key: string): Promise<unknown>;
  /**
   * Stores a value. It survives the death of the process; the death of the machine too where `onDisk`, which waits for
   * the disk.
   */
  put(key: string, value: unknown, options?: { readonly onDisk: boolean }): Promise<void>;
  delete(key: string): Promise<void>;
  /** Keys that start with `prefix`, in order, with their values. */
  list(prefix: string): AsyncIterable<readonly [string, unknown]>;
  close(): Promise<void>;
}

/**
 * Opens the store of a gateway, in a directory that only its owner may read. One process at a time can hold it,
 * @throws where another process holds it.
 */
export async function openStore(directory: string): Promise<Store> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const level = new ClassicLevel<string, unknown>(directory, { valueEncoding: 'json' });
  try {
    await level.open();
  } catch (error) {
    if (!isLocked(error)) throw error;
    throw new Error(`another process works with ${directory}: does this gateway run already?`, {
      cause: error,
    });
  }
  return {
    get: (key) => level.get(key),
    put: (key, value, options) => level.put(key, value, { sync: options?.onDisk ?? false }),
    delete: (key) => level.del(key),
    list: (prefix) => level.iterator({ gte: prefix, lt: `${prefix}\uffff` }),
    close: () => level.close(),
  };
}

function isLocked(error: unknown): boolean {
  return (
    error instanceof Error && (error.cause as { readonly code?: string } | undefined)?.code === 'LEVEL_LOCKED'
  );
}

/** A store in memory, for tests. */
export function memoryStore(): Store {
  const entries = new Map<string, string>();
  return {
    get: (key) => {
      const found = entries.get(key);
      return Promise.resolve(found === undefined ? undefined : (JSON.parse(found) as unknown));
    },
    put: (key, value) => {
      entries.set(key, JSON.stringify(value));
      return Promise.resolve();
    },
    delete: (key) => {
      entries.delete(key);
      return Promise.resolve();
    },
    async *list(prefix) {
      const keys = [...entries.keys()].filter((key) => key.startsWith(prefix)).sort();
      for (const key of keys) {
        const value = entries.get(key);
        if (value !== undefined) yield [key, (await Promise.resolve(JSON.parse(value))) as unknown];
      }
    },
    close: () => Promise.resolve(),
  };
}
