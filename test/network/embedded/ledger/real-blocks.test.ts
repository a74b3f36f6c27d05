import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { common, peer } from '@hyperledger/fabric-protos';
import { openLedgers } from '../../../../network/runtimes/embedded/ledger/ledgers';
import { LifecycleDefinitions } from '../../../../network/runtimes/embedded/lifecycle/definitions';

/**
 * A peer's block file of Fabric 2.5.16: a channel on which the conformance tests ran, with its chaincode lifecycle,
 * key-level policies, purges, conflicts and refused endorsements. Compressed with Brotli.
 */
const blockFile = path.join(__dirname, 'fixtures', 'fabric-2.5.16.blocks.br');

/** Reads the file as Fabric's `blkstorage` writes it: each block with its length, its parts as length and bytes. */
function readBlocks(file: Buffer): common.Block[] {
  let position = 0;
  const varint = (): number => {
    let value = 0;
    for (let unit = 1; ; unit *= 0x80) {
      const byte = file.readUInt8(position++);
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
    }
  };
  const part = (): Buffer => {
    const length = varint();
    position += length;
    return file.subarray(position - length, position);
  };
  const parts = (): Buffer[] => Array.from({ length: varint() }, part);

  const blocks: common.Block[] = [];
  while (position < file.length && varint() > 0) {
    const header = new common.BlockHeader();
    header.setNumber(varint());
    header.setDataHash(part());
    header.setPreviousHash(part());
    const data = new common.BlockData();
    data.setDataList(parts());
    const metadata = new common.BlockMetadata();
    metadata.setMetadataList(parts());
    const block = new common.Block();
    block.setHeader(header);
    block.setData(data);
    block.setMetadata(metadata);
    blocks.push(block);
  }
  return blocks;
}

const { COMMIT_HASH, TRANSACTIONS_FILTER } = common.BlockMetadataIndex;

/** What a peer found: the validation codes, and the hash over codes and state updates of this and all blocks before. */
function outcome(block: common.Block) {
  const list = block.getMetadata()?.getMetadataList_asU8() ?? [];
  const hex = (index: number): string => Buffer.from(list[index] ?? []).toString('hex');
  return { codes: hex(TRANSACTIONS_FILTER), commitHash: hex(COMMIT_HASH) };
}

it('finds of the blocks of a real network what its peers found', async () => {
  const blocks = readBlocks(brotliDecompressSync(readFileSync(blockFile)));
  const [genesis, ...rest] = blocks;
  if (genesis === undefined) throw new Error('the file holds no block');
  const directory = mkdtempSync(path.join(tmpdir(), 'real-blocks-'));
  const ledgers = await openLedgers({ directory, organisations: [] });
  const ledger = await ledgers.join(genesis, new LifecycleDefinitions());
  const seen = new Set<number>();
  for (const block of rest) {
    const expected = outcome(block);
    const committed = await ledger.commit(common.Block.deserializeBinary(block.serializeBinary()));
    expect({ number: committed.number, ...outcome(committed.block) }).toEqual({
      number: block.getHeader()?.getNumber(),
      ...expected,
    });
    for (const { code } of committed.transactions) seen.add(code);
  }
  const codes = peer.TxValidationCode;
  expect([...seen].sort((a, b) => a - b)).toEqual([
    codes.VALID,
    codes.DUPLICATE_TXID,
    codes.ENDORSEMENT_POLICY_FAILURE,
    codes.MVCC_READ_CONFLICT,
    codes.PHANTOM_READ_CONFLICT,
  ]);
  expect(ledger.definition('probe')).toBeDefined();
  await ledgers.close();
  rmSync(directory, { recursive: true });
});
