import { createHash } from 'node:crypto';
import { ledger } from '@hyperledger/fabric-protos';

const { kvrwset } = ledger.rwset;
type KVRead = ledger.rwset.kvrwset.KVRead;

/** Fabric's `maxDegreeQueryReadsHashing`: a range with more results is recorded as hashes. */
const maxDegree = 50;

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/**
 * Results of a range as a read set records them, after Fabric's `RangeQueryResultsHelper`: up to 50 as they are, more
 * as a Merkle tree of which only the top level is kept. Every 51 results make a leaf, every 51 hashes of a level one
 * of the next; at the end what is left over is carried up.
 */
export class RangeReads {
  #pending: KVRead[] = [];
  /** Hashes of each level that are not yet part of the next one; index 0 is the leaves'. */
  readonly #levels: Buffer[][] = [];

  add(read: KVRead): void {
    this.#pending.push(read);
    if (this.#pending.length > maxDegree) this.#hashPending();
  }

  /** Completes the record and puts it into `info`. Ask once. */
  finish(info: ledger.rwset.kvrwset.RangeQueryInfo): void {
    if (this.#levels.length === 0) {
      if (this.#pending.length === 0) return;
      const reads = new kvrwset.QueryReads();
      reads.setKvReadsList(this.#pending);
      info.setRawReads(reads);
      return;
    }
    if (this.#pending.length > 0) this.#hashPending();
    this.#carryUp();
    const summary = new kvrwset.QueryReadsMerkleSummary();
    summary.setMaxDegree(maxDegree);
    summary.setMaxLevel(this.#levels.length);
    summary.setMaxLevelHashesList(this.#levels.at(-1) ?? []);
    info.setReadsMerkleHashes(summary);
  }

  #hashPending(): void {
    const reads = new kvrwset.QueryReads();
    reads.setKvReadsList(this.#pending);
    this.#pending = [];
    this.#addHash(0, sha256(reads.serializeBinary()));
  }

  #addHash(level: number, hash: Buffer): void {
    const hashes = (this.#levels[level] ??= []);
    hashes.push(hash);
    if (hashes.length <= maxDegree) return;
    this.#levels[level] = [];
    this.#addHash(level + 1, sha256(Buffer.concat(hashes)));
  }

  #carryUp(): void {
    for (let level = 0; level < this.#levels.length - 1; level++) {
      const hashes = this.#levels[level] ?? [];
      const [first] = hashes;
      if (first === undefined) continue;
      this.#levels[level] = [];
      // A level may exceed the degree here; Fabric shortens only the highest, below.
      this.#levels[level + 1]?.push(hashes.length === 1 ? first : sha256(Buffer.concat(hashes)));
    }
    const top = this.#levels.at(-1) ?? [];
    if (top.length > maxDegree) {
      this.#levels[this.#levels.length - 1] = [];
      this.#levels.push([sha256(Buffer.concat(top))]);
    }
  }
}
