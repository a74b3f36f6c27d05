import { createHash } from 'node:crypto';
import { BinaryWriter } from 'google-protobuf';
import { compareUtf8 } from './keys';
import type { Update } from './updates';
import type { Version } from './types';

/** Fabric's `EncodeOrderPreservingVarUint64`: the number of bytes, then the bytes without leading zeros. */
function orderPreserving(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  const first = bytes.findIndex((byte) => byte !== 0);
  const significant = first < 0 ? Buffer.alloc(0) : bytes.subarray(first);
  return Buffer.concat([Buffer.from([significant.length]), significant]);
}

const versionBytes = ({ block, transaction }: Version): Buffer =>
  Buffer.concat([orderPreserving(block), orderPreserving(transaction)]);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.from([...bytes, rest]);
}

/** The block's updates as Fabric's `txmgr.Updates`, by namespace, collection and key; names are not repeated. */
function updateBytes(updates: Iterable<Update>): Uint8Array {
  const sorted = [...updates].sort(
    (a, b) =>
      compareUtf8(a.namespace, b.namespace) ||
      compareUtf8(a.collection, b.collection) ||
      Buffer.compare(a.key, b.key),
  );
  const writer = new BinaryWriter();
  let last: Update | undefined;
  for (const update of sorted) {
    const { namespace, collection, key, entry, version } = update;
    const newNamespace = namespace !== last?.namespace;
    const newCollection = newNamespace || collection !== last?.collection;
    writer.writeMessage(1, update, (_, inner: BinaryWriter) => {
      if (newNamespace) inner.writeString(1, namespace);
      if (newCollection && collection !== '') inner.writeString(2, collection);
      if (key.length > 0) inner.writeBytes(3, key);
      if (entry === undefined) inner.writeBool(4, true);
      else inner.writeBytes(5, entry.value);
      inner.writeBytes(6, versionBytes(version));
    });
    last = update;
  }
  return writer.getResultBuffer();
}

/** Fabric's commit hash: over the validation codes, the updates and the hash before, so that peers can compare. */
export function commitHash(codes: Uint8Array, updates: Iterable<Update>, previous: Uint8Array): Buffer {
  return createHash('sha256')
    .update(varint(codes.length))
    .update(codes)
    .update(updateBytes(updates))
    .update(previous)
    .digest();
}
