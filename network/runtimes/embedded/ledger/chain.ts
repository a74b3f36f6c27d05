import { common } from '@hyperledger/fabric-protos';
import { blockDataHash, blockHeaderHash } from '../../../blocks/hashes';
import { parseTransaction, type ParsedTransaction } from './envelope';
import type { CommittedBlock, CommittedTransaction, ValidationCode } from './types';

/** Where a channel's chain stands, as its store records it with each block. */
export interface ChainPosition {
  readonly height: number;
  readonly currentHash: Buffer;
  readonly previousHash: Buffer;
  readonly lastConfig: number;
  readonly commitHash: Buffer;
}

export const emptyChain: ChainPosition = {
  height: 0,
  currentHash: Buffer.alloc(0),
  previousHash: Buffer.alloc(0),
  lastConfig: 0,
  commitHash: Buffer.alloc(0),
};

export function encodePosition(position: ChainPosition): Buffer {
  const hex = (bytes: Buffer) => bytes.toString('hex');
  const { height, currentHash, previousHash, lastConfig, commitHash } = position;
  return Buffer.from(
    JSON.stringify({
      height,
      currentHash: hex(currentHash),
      previousHash: hex(previousHash),
      lastConfig,
      commitHash: hex(commitHash),
    }),
  );
}

export function decodePosition(bytes: Buffer): ChainPosition {
  const read = JSON.parse(bytes.toString('utf8')) as {
    height: number;
    currentHash: string;
    previousHash: string;
    lastConfig: number;
    commitHash: string;
  };
  return {
    height: read.height,
    lastConfig: read.lastConfig,
    currentHash: Buffer.from(read.currentHash, 'hex'),
    previousHash: Buffer.from(read.previousHash, 'hex'),
    commitHash: Buffer.from(read.commitHash, 'hex'),
  };
}

/** A block that continues the chain, taken apart. */
export interface CheckedBlock {
  readonly header: common.BlockHeader;
  readonly hash: Buffer;
  readonly envelopes: readonly Uint8Array[];
}

/** @throws Error where the block does not continue the chain. */
export function checkBlock(block: common.Block, chain: ChainPosition): CheckedBlock {
  const header = block.getHeader();
  const envelopes = block.getData()?.getDataList_asU8() ?? [];
  if (header === undefined || envelopes.length === 0) throw new Error('a block is empty');
  const number = header.getNumber();
  if (number !== chain.height) {
    throw new Error(`block ${number} does not follow a chain of ${chain.height} blocks`);
  }
  if (!chain.currentHash.equals(header.getPreviousHash_asU8())) {
    throw new Error(`block ${number} does not name the hash of the block before it`);
  }
  if (!blockDataHash(envelopes).equals(header.getDataHash_asU8())) {
    throw new Error(`the data of block ${number} does not have the hash that its header names`);
  }
  return { header, hash: blockHeaderHash(header), envelopes };
}

/** Puts what validation found into the block's metadata. The commit hash begins with block 1, as in Fabric. */
export function setOutcome(block: common.Block, codes: Uint8Array, commitHash: Buffer): void {
  const metadata = block.getMetadata() ?? new common.BlockMetadata();
  const list: Uint8Array[] = metadata.getMetadataList_asU8();
  const index = common.BlockMetadataIndex;
  while (list.length <= index.COMMIT_HASH) list.push(new Uint8Array());
  list[index.TRANSACTIONS_FILTER] = codes;
  if (commitHash.length > 0) {
    const value = new common.Metadata();
    value.setValue(commitHash);
    list[index.COMMIT_HASH] = value.serializeBinary();
  }
  metadata.setMetadataList(list);
  block.setMetadata(metadata);
}

/** A transaction as the ledger tells of it. */
export function committedTransaction(
  parsed: ParsedTransaction,
  blockNumber: number,
  index: number,
  code: ValidationCode,
): CommittedTransaction {
  return {
    txId: parsed.txId,
    type: parsed.type,
    blockNumber,
    index,
    code,
    event: parsed.action?.event,
    chaincode: parsed.action?.chaincode ?? '',
  };
}

/** Reads a block that was committed before. */
export function readCommitted(block: common.Block): CommittedBlock {
  const header = block.getHeader() ?? new common.BlockHeader();
  const number = header.getNumber();
  const filter = block.getMetadata()?.getMetadataList_asU8()[common.BlockMetadataIndex.TRANSACTIONS_FILTER];
  const envelopes = block.getData()?.getDataList_asU8() ?? [];
  return {
    number,
    hash: blockHeaderHash(header),
    block,
    transactions: envelopes.map((envelope, index) =>
      committedTransaction(
        parseTransaction(envelope),
        number,
        index,
        (filter?.[index] ?? 0) as ValidationCode,
      ),
    ),
  };
}
