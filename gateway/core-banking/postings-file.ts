import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { canonicalJson } from '../../chaincode/ledger/canonical';
import type { PostedBlock, PostingSink } from './adapter';

/** What of the file counts. */
interface Checkpoint {
  /** First block that was not taken yet. */
  readonly next: number;
  /** Length of the file up to there; what lies beyond is of a block that was not wholly taken. */
  readonly bytes: number;
}

/**
 * Postings as JSON lines, one for each journal entry with its block: `postings.jsonl`, and `checkpoint.json` which says how
 * much of it counts. Lines are durable before the checkpoint that counts them, and the checkpoint is replaced at once, so a
 * crash leaves either the old checkpoint, beyond which the file is cut at the next start, or the new one. A reader takes
 * the file up to the checkpoint's length and meets every entry exactly once.
 *
 * One process at a time writes a directory.
 */
export class PostingsFile implements PostingSink {
  readonly #directory: string;
  readonly #file: number;
  #checkpoint: Checkpoint;

  /** @throws Error where the file is shorter than its checkpoint says: it was altered. */
  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.#checkpoint = readCheckpoint(directory);
    const file = path.join(directory, 'postings.jsonl');
    const length = existsSync(file) ? readFileSync(file).length : 0;
    if (length < this.#checkpoint.bytes)
      throw new Error(`${file} is shorter than its checkpoint says: restore it before going on`);
    this.#file = openSync(file, existsSync(file) ? 'r+' : 'w+', 0o600);
    ftruncateSync(this.#file, this.#checkpoint.bytes);
  }

  next(): number {
    return this.#checkpoint.next;
  }

  take({ block, entries }: PostedBlock): void {
    if (block < this.#checkpoint.next) throw new RangeError(`block ${block} was taken before`);
    const text = entries.map((entry) => `${canonicalJson({ block, ...entry })}\n`).join('');
    const bytes = Buffer.from(text, 'utf8');
    for (let written = 0; written < bytes.length;)
      written += writeSync(
        this.#file,
        bytes,
        written,
        bytes.length - written,
        this.#checkpoint.bytes + written,
      );
    fsyncSync(this.#file);
    this.#checkpoint = { next: block + 1, bytes: this.#checkpoint.bytes + bytes.length };
    writeCheckpoint(this.#directory, this.#checkpoint);
  }

  close(): void {
    closeSync(this.#file);
  }
}

function checkpointPath(directory: string): string {
  return path.join(directory, 'checkpoint.json');
}

function readCheckpoint(directory: string): Checkpoint {
  const file = checkpointPath(directory);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Checkpoint) : { next: 0, bytes: 0 };
}

function writeCheckpoint(directory: string, checkpoint: Checkpoint): void {
  const file = checkpointPath(directory);
  const fresh = openSync(`${file}.new`, 'w', 0o600);
  try {
    writeSync(fresh, canonicalJson(checkpoint));
    fsyncSync(fresh);
  } finally {
    closeSync(fresh);
  }
  renameSync(`${file}.new`, file);
  const folder = openSync(directory, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
