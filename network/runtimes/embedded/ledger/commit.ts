import { peer, type common } from '@hyperledger/fabric-protos';
import { checkBlock, committedTransaction, encodePosition, setOutcome, type ChainPosition } from './chain';
import { commitHash } from './commit-hash';
import { parseTransaction, type ParsedTransaction } from './envelope';
import { historyWrite } from './history';
import { blockBytes, blockHashKey, blockKey, chainKey, heightBytes, transactionKey } from './keys';
import { ReadValidator } from './mvcc';
import { PrivateBlock } from './private-block';
import { encodeEntry, type StateEntry } from './state-entry';
import { BlockUpdates, isDelete } from './updates';
import { BlockValidator } from './validator';
import type { ChannelStore, StoreWrite } from './channel-store';
import type { PrivateStore } from './private-store';
import type { ChaincodeDefinition, CommittedBlock, CommittedTransaction, ValidationCode } from './types';
import type { ChannelResources } from '../msp/types';

const { VALID } = peer.TxValidationCode;

/** What committing a block works on. */
export interface CommitContext {
  readonly store: ChannelStore;
  readonly privateStores: ReadonlyMap<string, PrivateStore>;
  readonly resources: ChannelResources;
  readonly chain: ChainPosition;
  definition(chaincode: string): ChaincodeDefinition | undefined;
  isCommitted(txId: string): boolean;
}

/** A block validated and written, before private data is settled. */
export interface CommitResult {
  readonly committed: CommittedBlock;
  readonly chain: ChainPosition;
  /** Completes purges and drops staged data. */
  settle(): Promise<void>;
}

/** Validates a block and writes it: private data first, which is invisible until the block names its version. */
export async function commitBlock(block: common.Block, context: CommitContext): Promise<CommitResult> {
  const { store, chain, resources } = context;
  const { header, hash, envelopes } = checkBlock(block, chain);
  const number = header.getNumber();
  const view = store.current;
  const parsed = envelopes.map(parseTransaction);
  const validator = new BlockValidator({
    blockNumber: number,
    resources,
    view,
    definition: (chaincode) => context.definition(chaincode),
    isCommitted: (txId) => context.isCommitted(txId),
  });
  const validated = parsed.map((transaction) => validator.validate(transaction));

  const updates = new BlockUpdates(view);
  const reads = new ReadValidator(view, updates);
  const privateBlock = new PrivateBlock(resources.channel, view, context.privateStores);
  const transactions: CommittedTransaction[] = [];
  const writes: StoreWrite[] = [];
  for (const [index, transaction] of parsed.entries()) {
    const version = { block: number, transaction: index };
    const rwsets = transaction.action?.rwsets ?? [];
    const { code: before = peer.TxValidationCode.NOT_VALIDATED, authentic = false } = validated[index] ?? {};
    const code = before === VALID ? await reads.validate(rwsets) : before;
    if (code === VALID) {
      updates.apply(rwsets, version);
      writes.push(...historyWrites(transaction, number, index));
    }
    if (authentic) privateBlock.add(transaction.txId, rwsets, version, code);
    transactions.push(committedTransaction(transaction, number, index, code));
  }

  const codes = Uint8Array.from(transactions, ({ code }) => code);
  const newCommitHash = number === 0 ? chain.commitHash : commitHash(codes, updates.all(), chain.commitHash);
  setOutcome(block, codes, newCommitHash);
  const position: ChainPosition = {
    height: number + 1,
    currentHash: hash,
    previousHash: chain.currentHash,
    lastConfig: chain.lastConfig,
    commitHash: newCommitHash,
  };

  const changed = new Map<string, StateEntry | undefined>();
  for (const { storeKey, entry } of updates.all()) {
    changed.set(storeKey.toString('latin1'), entry);
    writes.push(
      entry === undefined
        ? { type: 'del', key: storeKey }
        : { type: 'put', key: storeKey, value: encodeEntry(entry) },
    );
  }
  writes.push(
    ...indexWrites(transactions, (txId) => context.isCommitted(txId)),
    { type: 'put', key: blockKey(number), value: Buffer.from(block.serializeBinary()) },
    { type: 'put', key: blockHashKey(hash), value: blockBytes(number) },
    { type: 'put', key: chainKey, value: encodePosition(position) },
  );
  await privateBlock.prepare(number);
  await store.commit(writes, changed);
  return {
    committed: { number, hash, block, transactions },
    chain: position,
    settle: () => privateBlock.settle(number),
  };
}

/** History records public writes, as Fabric's does: no metadata, and one entry a transaction. */
function historyWrites(
  { txId, timestamp, action }: ParsedTransaction,
  block: number,
  index: number,
): StoreWrite[] {
  return (action?.rwsets ?? []).flatMap(({ namespace, rwset }) =>
    rwset
      .getWritesList()
      .map((write) =>
        historyWrite(
          namespace,
          write.getKey(),
          { block, transaction: index },
          { txId, timestamp, value: write.getValue_asU8(), isDelete: isDelete(write) },
        ),
      ),
  );
}

/** The first transaction with an id is the one that the index knows. */
function indexWrites(
  transactions: readonly CommittedTransaction[],
  isCommitted: (txId: string) => boolean,
): StoreWrite[] {
  const seen = new Set<string>();
  return transactions.flatMap(({ txId, blockNumber, index, code }) => {
    if (txId === '' || seen.has(txId) || isCommitted(txId)) return [];
    seen.add(txId);
    const value = Buffer.concat([heightBytes(blockNumber, index), Buffer.from([code])]);
    return [{ type: 'put' as const, key: transactionKey(txId), value }];
  });
}

/** Reads what `indexWrites` wrote. */
export function readCode(bytes: Buffer): ValidationCode {
  return bytes.readUInt8(12) as ValidationCode;
}
