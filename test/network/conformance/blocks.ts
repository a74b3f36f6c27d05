import { createHash } from 'node:crypto';
import type { common } from '@hyperledger/fabric-protos';

/** SHA-256 of `SEQUENCE { INTEGER number, OCTET STRING previousHash, OCTET STRING dataHash }`: a block's hash. */
export function headerHash(header: common.BlockHeader): Buffer {
  const element = (tag: number, content: Uint8Array): Buffer =>
    Buffer.concat([Buffer.from([tag, content.length]), content]);
  // Eight octets always suffice and never have the sign bit; DER wants no superfluous zeros in front.
  const octets = Buffer.alloc(9);
  octets.writeBigUInt64BE(BigInt(header.getNumber()), 1);
  let start = 0;
  while (start < 8 && octets[start] === 0 && (octets[start + 1] ?? 0) < 0x80) start += 1;
  const body = Buffer.concat([
    element(0x02, octets.subarray(start)),
    element(0x04, header.getPreviousHash_asU8()),
    element(0x04, header.getDataHash_asU8()),
  ]);
  return createHash('sha256').update(element(0x30, body)).digest();
}

/** SHA-256 over a block's transactions, one after the other. */
export function dataHash(block: common.Block): Buffer {
  const hash = createHash('sha256');
  for (const transaction of block.getData()?.getDataList_asU8() ?? []) hash.update(transaction);
  return hash.digest();
}
