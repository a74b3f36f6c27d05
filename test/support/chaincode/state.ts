import { createHash } from 'node:crypto';

/** A committed value with the number of the transaction that wrote it. */
export interface Versioned {
  readonly value: Buffer;
  readonly version: number;
}

/** Committed state of one chaincode on one channel, as all honest peers agree on it. */
export class NamespaceState {
  readonly public = new Map<string, Versioned>();
  /** Key-level policies, serialised. */
  readonly policies = new Map<string, Buffer>();
  /** Collection to key to value; only the collection's organisation reads it. */
  readonly private = new Map<string, Map<string, Buffer>>();
  /** Collection to key to hash of the value, which everybody has. */
  readonly hashes = new Map<string, Map<string, Versioned>>();

  /** Keys of a half-open range, in byte order of their UTF-8. */
  range(start: string, end: string): readonly string[] {
    const from = Buffer.from(start);
    const to = Buffer.from(end);
    return [...this.public.keys()]
      .map((key) => ({ key, bytes: Buffer.from(key) }))
      .filter(
        ({ bytes }) => Buffer.compare(bytes, from) >= 0 && (end === '' || Buffer.compare(bytes, to) < 0),
      )
      .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
      .map(({ key }) => key);
  }

  privateValue(collection: string, key: string): Buffer | undefined {
    return this.private.get(collection)?.get(key);
  }

  hash(collection: string, key: string): Versioned | undefined {
    return this.hashes.get(collection)?.get(key);
  }
}

/** What a simulation read and would write. */
export class ReadWriteSet {
  readonly reads = new Map<string, number | undefined>();
  readonly ranges: { readonly start: string; readonly end: string; readonly found: string }[] = [];
  readonly hashReads = new Map<string, number | undefined>();
  readonly writes = new Map<string, Buffer | undefined>();
  readonly policies = new Map<string, Buffer>();
  /** Collection to key to value; undefined deletes. */
  readonly privateWrites = new Map<string, Map<string, Buffer | undefined>>();
  readonly purges = new Set<string>();
  event: { readonly name: string; readonly payload: Buffer } | undefined;
  pagedQuery = false;
  privateQuery = false;

  get hasWrites(): boolean {
    return this.writes.size + this.policies.size + this.privateWrites.size > 0;
  }

  /** What endorsers compare: everything that will be in the transaction, private values by hash. */
  fingerprint(): string {
    const hashed = [...this.privateWrites].map(([collection, writes]) => [
      collection,
      [...writes].map(([key, value]) => [key, value === undefined ? null : hashOf(value).toString('hex')]),
    ]);
    return JSON.stringify([
      [...this.reads],
      this.ranges,
      [...this.hashReads],
      [...this.writes].map(([key, value]) => [key, value?.toString('hex')]),
      [...this.policies].map(([key, value]) => [key, value.toString('hex')]),
      hashed,
      [...this.purges],
      this.event === undefined ? null : [this.event.name, this.event.payload.toString('hex')],
    ]);
  }
}

export function hashOf(value: Uint8Array): Buffer {
  return createHash('sha256').update(value).digest();
}

/** Key of a hashed read: a collection and a key in it. */
export function pairKey(collection: string, key: string): string {
  return `${collection}\u0000${key}`;
}
