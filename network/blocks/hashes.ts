import { createHash } from 'node:crypto';
import type { common } from '@hyperledger/fabric-protos';

function derInteger(value: number): Buffer {
  let hex = BigInt(value).toString(16);
  if (hex.length % 2 === 1) hex = `0${hex}`;
  const bytes = Buffer.from(hex, 'hex');
  // A leading one bit would make it negative.
  return der(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

/** A DER element whose content is shorter than 128 bytes, as everything in a block header is. */
function der(tag: number, content: Uint8Array): Buffer {
  if (content.length >= 0x80) throw new Error('a block header holds hashes of at most 32 bytes');
  return Buffer.concat([Buffer.from([tag, content.length]), content]);
}

/** SHA-256 of the DER of (number, previous hash, data hash): the block's hash, in Fabric's `protoutil`. */
export function blockHeaderHash(header: common.BlockHeader): Buffer {
  return createHash('sha256').update(blockHeaderBytes(header)).digest();
}

/** The DER of a header, over which the orderer signs after the metadata value and its signature header. */
export function blockHeaderBytes(header: common.BlockHeader): Buffer {
  return der(
    0x30,
    Buffer.concat([
      derInteger(header.getNumber()),
      der(0x04, header.getPreviousHash_asU8()),
      der(0x04, header.getDataHash_asU8()),
    ]),
  );
}

/** SHA-256 over the envelopes of a block, one after the other. */
export function blockDataHash(envelopes: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const envelope of envelopes) hash.update(envelope);
  return hash.digest();
}

/** The transaction id that a creator's nonce gives: hex of SHA-256 over both. */
export function transactionId(nonce: Uint8Array, creator: Uint8Array): string {
  return createHash('sha256').update(nonce).update(creator).digest('hex');
}
