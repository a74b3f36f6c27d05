import { heightBytes, readHeight } from './keys';
import type { Version } from './types';

/** A key's committed value, or for hashed state the hash of a private value. */
export interface StateEntry {
  readonly value: Uint8Array;
  /** As `serializeEntries` gave it. */
  readonly metadata: Uint8Array | undefined;
  readonly version: Version;
}

/** Version, length of the metadata, metadata, value. */
export function encodeEntry(entry: StateEntry): Buffer {
  const metadata = entry.metadata ?? new Uint8Array();
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32BE(metadata.length);
  return Buffer.concat([
    heightBytes(entry.version.block, entry.version.transaction),
    length,
    metadata,
    entry.value,
  ]);
}

/** Reads what `encodeEntry` wrote; the result shares its memory. */
export function decodeEntry(bytes: Buffer): StateEntry {
  const length = bytes.readUInt32BE(12);
  return {
    version: readHeight(bytes, 0),
    metadata: length === 0 ? undefined : bytes.subarray(16, 16 + length),
    value: bytes.subarray(16 + length),
  };
}

/** True when both are absent or equal. */
export function sameVersion(a: Version | undefined, b: Version | undefined): boolean {
  return a?.block === b?.block && a?.transaction === b?.transaction;
}
