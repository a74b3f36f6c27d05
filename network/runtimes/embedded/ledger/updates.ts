import { createHash } from 'node:crypto';
import type { ledger } from '@hyperledger/fabric-protos';
import { hashedKey, stateKey } from './keys';
import { serializeEntries } from './metadata';
import type { NamespaceRwset } from '../../../blocks/rwsets';
import type { StateEntry } from './state-entry';
import type { StateView } from './channel-store';
import type { Version } from './types';

/** What a block does to one key of the state, by its last valid transaction that touched it. */
export interface Update {
  readonly namespace: string;
  /** Empty for public state. */
  readonly collection: string;
  /** UTF-8 of a public key, or the hash of a private one. */
  readonly key: Buffer;
  readonly storeKey: Buffer;
  /** Undefined where it is deleted. */
  readonly entry: StateEntry | undefined;
  readonly version: Version;
}

interface Operation {
  readonly namespace: string;
  readonly collection: string;
  readonly key: Buffer;
  readonly storeKey: Buffer;
  /** Undefined where the transaction leaves the value alone. */
  value: { readonly put: Uint8Array | undefined } | undefined;
  /** Undefined where it leaves the metadata alone. */
  metadata: { readonly put: Uint8Array | undefined } | undefined;
}

const hashOfNothing = createHash('sha256').digest();

/** True where a write set's entry is a delete: so is an empty value (FAB-18386). */
export function isDelete(write: ledger.rwset.kvrwset.KVWrite): boolean {
  return write.getIsDelete() || write.getValue().length === 0;
}

function isHashDelete(write: ledger.rwset.kvrwset.KVWriteHash): boolean {
  const hash = write.getValueHash_asU8();
  return write.getIsDelete() || hash.length === 0 || hashOfNothing.equals(hash);
}

/** Operations of a transaction by key: value and metadata of the same key together. */
function operations(rwsets: readonly NamespaceRwset[]): Iterable<Operation> {
  const found = new Map<string, Operation>();
  const at = (namespace: string, collection: string, key: Buffer, storeKey: Buffer): Operation => {
    const name = storeKey.toString('latin1');
    let operation = found.get(name);
    if (operation === undefined) {
      operation = { namespace, collection, key, storeKey, value: undefined, metadata: undefined };
      found.set(name, operation);
    }
    return operation;
  };
  for (const { namespace, rwset, collections } of rwsets) {
    const publicAt = (key: string): Operation =>
      at(namespace, '', Buffer.from(key, 'utf8'), stateKey(namespace, key));
    for (const write of rwset.getWritesList()) {
      publicAt(write.getKey()).value = { put: isDelete(write) ? undefined : write.getValue_asU8() };
    }
    for (const write of rwset.getMetadataWritesList()) {
      publicAt(write.getKey()).metadata = { put: serializeEntries(write.getEntriesList()) };
    }
    for (const { name, rwset: hashed } of collections) {
      const hashedAt = (hash: Uint8Array): Operation =>
        at(namespace, name, Buffer.from(hash), hashedKey(namespace, name, hash));
      for (const write of hashed.getHashedWritesList()) {
        const put = isHashDelete(write) ? undefined : write.getValueHash_asU8();
        hashedAt(write.getKeyHash_asU8()).value = { put };
      }
      for (const write of hashed.getMetadataWritesList()) {
        hashedAt(write.getKeyHash_asU8()).metadata = {
          put: serializeEntries(write.getEntriesList()),
        };
      }
    }
  }
  return found.values();
}

/** What the valid transactions of a block change, as they are validated one after the other. */
export class BlockUpdates {
  readonly #view: StateView;
  readonly #updates = new Map<string, Update>();

  /** `view` is the state before the block. */
  constructor(view: StateView) {
    this.#view = view;
  }

  /** The update of a key by an earlier transaction of the block, if any. */
  get(storeKey: Buffer): Update | undefined {
    return this.#updates.get(storeKey.toString('latin1'));
  }

  /** What the state holds after the transactions so far. */
  latest(storeKey: Buffer): StateEntry | undefined {
    const update = this.get(storeKey);
    return update === undefined ? this.#view.get(storeKey) : update.entry;
  }

  all(): Iterable<Update> {
    return this.#updates.values();
  }

  /** Adds the writes of a valid transaction. */
  apply(rwsets: readonly NamespaceRwset[], version: Version): void {
    for (const operation of operations(rwsets)) {
      const { namespace, collection, key, storeKey } = operation;
      const entry = this.#after(operation, version);
      if (entry === 'unchanged') continue;
      const update = { namespace, collection, key, storeKey, entry, version };
      this.#updates.set(storeKey.toString('latin1'), update);
    }
  }

  #after({ storeKey, value, metadata }: Operation, version: Version): StateEntry | undefined | 'unchanged' {
    if (value === undefined) {
      const before = this.latest(storeKey);
      // Metadata of a key that does not exist is lost, as in Fabric.
      if (before === undefined) return 'unchanged';
      return { value: before.value, metadata: metadata?.put, version };
    }
    if (value.put === undefined) return undefined;
    return {
      value: value.put,
      metadata: metadata === undefined ? this.latest(storeKey)?.metadata : metadata.put,
      version,
    };
  }
}
