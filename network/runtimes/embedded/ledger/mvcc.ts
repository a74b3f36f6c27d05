import { ledger, peer } from '@hyperledger/fabric-protos';
import { hashedKey, stateKey } from './keys';
import { RangeReads } from './range-reads';
import { readStateKey, stateRange } from './ranges';
import { kvRead } from './rwset-builder';
import { decodeEntry, sameVersion } from './state-entry';
import type { NamespaceRwset } from '../../../blocks/rwsets';
import type { BlockUpdates, Update } from './updates';
import type { StateView } from './channel-store';
import type { ValidationCode, Version } from './types';

const codes = peer.TxValidationCode;
const { kvrwset } = ledger.rwset;
type VersionMessage = ledger.rwset.kvrwset.Version;
type RangeQueryInfo = ledger.rwset.kvrwset.RangeQueryInfo;

const versionOf = (message: VersionMessage | undefined): Version | undefined =>
  message && { block: message.getBlockNum(), transaction: message.getTxNum() };

/** Checks what transactions of one block read, against the state before it and the block's earlier transactions. */
export class ReadValidator {
  readonly #view: StateView;
  readonly #updates: BlockUpdates;

  constructor(view: StateView, updates: BlockUpdates) {
    this.#view = view;
    this.#updates = updates;
  }

  /** Code of a transaction that is valid so far. */
  async validate(rwsets: readonly NamespaceRwset[]): Promise<ValidationCode> {
    for (const { namespace, rwset, collections } of rwsets) {
      const reads = rwset
        .getReadsList()
        .every((read) => this.#unchanged(stateKey(namespace, read.getKey()), read.getVersion()));
      if (!reads) return codes.MVCC_READ_CONFLICT;
      for (const info of rwset.getRangeQueriesInfoList()) {
        if (!(await this.#sameRange(namespace, info))) return codes.PHANTOM_READ_CONFLICT;
      }
      const hashes = collections.every(({ name, rwset: hashed }) =>
        hashed
          .getHashedReadsList()
          .every((read) =>
            this.#unchanged(hashedKey(namespace, name, read.getKeyHash_asU8()), read.getVersion()),
          ),
      );
      if (!hashes) return codes.MVCC_READ_CONFLICT;
    }
    return codes.VALID;
  }

  #unchanged(storeKey: Buffer, read: VersionMessage | undefined): boolean {
    return (
      this.#updates.get(storeKey) === undefined &&
      sameVersion(this.#view.get(storeKey)?.version, versionOf(read))
    );
  }

  /** Runs a range again, with the block's earlier updates, and compares. */
  async #sameRange(namespace: string, info: RangeQueryInfo): Promise<boolean> {
    const hashes = info.getReadsMerkleHashes();
    const expected = info.getRawReads()?.getKvReadsList() ?? [];
    const merkle = new RangeReads();
    let position = 0;
    for await (const [key, version] of this.#range(namespace, info)) {
      if (hashes !== undefined) {
        merkle.add(kvRead(key, version));
        continue;
      }
      const read = expected[position++];
      if (read?.getKey() !== key || !sameVersion(versionOf(read.getVersion()), version)) {
        return false;
      }
    }
    if (hashes === undefined) return position === expected.length;
    const again = new kvrwset.RangeQueryInfo();
    merkle.finish(again);
    const summary = again.getReadsMerkleHashes()?.serializeBinary() ?? new Uint8Array();
    return Buffer.compare(summary, hashes.serializeBinary()) === 0;
  }

  async *#range(namespace: string, info: RangeQueryInfo): AsyncGenerator<[string, Version]> {
    const bounds = stateRange(namespace, info.getStartKey(), info.getEndKey());
    const { gte } = bounds;
    // Where the caller stopped early the end is the last key that it saw, which then belongs to the range.
    const included = !info.getItrExhausted() && info.getEndKey() !== '';
    const lt = included ? Buffer.concat([bounds.lt, Buffer.from([0])]) : bounds.lt;
    if (Buffer.compare(gte, lt) >= 0) return;
    const updates = [...this.#updates.all()]
      .filter(({ storeKey }) => Buffer.compare(storeKey, gte) >= 0 && Buffer.compare(storeKey, lt) < 0)
      .sort((a, b) => Buffer.compare(a.storeKey, b.storeKey));
    let next = 0;
    const written = ({ storeKey, entry }: Update): [string, Version][] =>
      entry === undefined ? [] : [[readStateKey(storeKey, namespace), entry.version]];
    for await (const [storeKey, bytes] of this.#view.iterator({ gte, lt })) {
      for (
        let update = updates[next];
        update !== undefined && Buffer.compare(update.storeKey, storeKey) < 0;
        update = updates[++next]
      ) {
        yield* written(update);
      }
      const update = updates[next];
      if (update?.storeKey.equals(storeKey) === true) {
        next++;
        yield* written(update);
      } else {
        yield [readStateKey(storeKey, namespace), decodeEntry(bytes).version];
      }
    }
    for (const update of updates.slice(next)) yield* written(update);
  }
}
