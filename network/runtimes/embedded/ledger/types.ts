import type { common, ledger, peer } from '@hyperledger/fabric-protos';
import type { ChannelResources } from '../msp/types';

/** A number of `peer.TxValidationCode`. */
export type ValidationCode = peer.TxValidationCodeMap[keyof peer.TxValidationCodeMap];

/** Height at which a key was written: block, and transaction in it. */
export interface Version {
  readonly block: number;
  readonly transaction: number;
}

/** Metadata of a key by name, e.g. `VALIDATION_PARAMETER` to a serialised policy envelope. */
export type Metadata = ReadonlyMap<string, Uint8Array>;

/** What the channel has agreed about a chaincode. */
export interface ChaincodeDefinition {
  readonly name: string;
  readonly version: string;
  readonly sequence: number;
  /** Serialised `protos.ApplicationPolicy`, as Fabric's lifecycle stores it. */
  readonly endorsement: Uint8Array;
}

/** Reads committed public state without recording the read. */
export interface StateReader {
  state(namespace: string, key: string): Uint8Array | undefined;
}

/**
 * Where validation and simulation learn of chaincode definitions. Asked during validation with the state before
 * the block; a definition that a block changes counts from the next block on, as in Fabric.
 */
export interface DefinitionSource {
  definition(chaincode: string, state: StateReader): ChaincodeDefinition | undefined;
}

/** Refusals of a simulation. The message is what Fabric's peer would send to the chaincode. */
export class SimulationError extends Error {
  override readonly name = 'SimulationError';
}

export interface KeyValue {
  readonly key: string;
  readonly value: Uint8Array;
}

/** Results of a range, in the order of the keys' UTF-8 bytes. */
export interface RangeIterator {
  /** The next result, or undefined at the end (of the page, where one was asked for). */
  next(): Promise<KeyValue | undefined>;
  /** Releases the iterator; harmless when repeated. `done()` of the simulation closes what is still open. */
  close(): void;
  /** Key at which the next page begins, empty at the end. Final once `next` has returned undefined. */
  readonly bookmark: string;
}

export interface KeyModification {
  readonly txId: string;
  readonly value: Uint8Array;
  /** The transaction's timestamp, of its channel header. */
  readonly timestamp: { readonly seconds: number; readonly nanos: number };
  readonly isDelete: boolean;
}

/** Changes of one key, newest first. */
export interface HistoryIterator {
  next(): Promise<KeyModification | undefined>;
  close(): void;
}

/** A key that a simulation wrote, with the metadata that it has in committed state: for planning endorsements. */
export interface WrittenKey {
  readonly namespace: string;
  /** Empty for public state. */
  readonly collection: string;
  readonly key: string;
  readonly metadata: Metadata;
}

export interface SimulationResults {
  /** Serialised `rwset.TxReadWriteSet`: public, and hashes of what is private. */
  readonly publicRwset: Uint8Array;
  /** Undefined where nothing private was written. Hand it to `ChannelLedger.stagePrivateData`. */
  readonly privateRwset: ledger.rwset.TxPvtReadWriteSet | undefined;
  readonly writtenKeys: readonly WrittenKey[];
  /** Collections of which clear private data was read. */
  readonly privateReads: readonly { readonly namespace: string; readonly collection: string }[];
}

/**
 * One simulation by the peer of one organisation: reads the state as committed when it began, records what is read
 * and written, and never sees its own writes. Point reads are synchronous. All methods throw `SimulationError`
 * where Fabric's peer refuses; after `done` all refuse.
 */
export interface TransactionSimulator {
  getState(namespace: string, key: string): Uint8Array | undefined;
  /** An undefined or empty value is a delete. */
  putState(namespace: string, key: string, value: Uint8Array | undefined): void;
  getStateMetadata(namespace: string, key: string): Metadata;
  setStateMetadata(namespace: string, key: string, metadata: Metadata): void;
  /** `start` is included, `end` excluded; empty strings are open ends. Without `pageSize` all is read. */
  getStateRange(namespace: string, start: string, end: string, pageSize?: number): RangeIterator;
  getHistoryForKey(namespace: string, key: string): HistoryIterator;

  getPrivateData(namespace: string, collection: string, key: string): Uint8Array | undefined;
  getPrivateDataHash(namespace: string, collection: string, key: string): Uint8Array | undefined;
  putPrivateData(namespace: string, collection: string, key: string, value: Uint8Array | undefined): void;
  purgePrivateData(namespace: string, collection: string, key: string): void;
  getPrivateDataMetadata(namespace: string, collection: string, key: string): Metadata;
  setPrivateDataMetadata(namespace: string, collection: string, key: string, metadata: Metadata): void;
  getPrivateDataRange(namespace: string, collection: string, start: string, end: string): RangeIterator;

  /** Height of the ledger that the simulation reads. */
  readonly height: number;
  /** The read and write sets, to be asked once. */
  results(): SimulationResults;
  /** Releases what the simulation holds. Always call it, also after an error; harmless when repeated. */
  done(): void;
}

/** A transaction as the ledger keeps it. */
export interface CommittedTransaction {
  readonly txId: string;
  /** Number of `common.HeaderType`. */
  readonly type: number;
  readonly blockNumber: number;
  readonly index: number;
  readonly code: ValidationCode;
  /** Set by the transaction's chaincode, whatever the code: only those of valid transactions happened. */
  readonly event: peer.ChaincodeEvent | undefined;
  /** Name of the chaincode that was called, empty for other kinds. */
  readonly chaincode: string;
}

export interface CommittedBlock {
  readonly number: number;
  /** SHA-256 of the DER-coded header: `previous_hash` of the next block. */
  readonly hash: Uint8Array;
  /** With `TRANSACTIONS_FILTER` and `COMMIT_HASH` in its metadata. Do not change it. */
  readonly block: common.Block;
  readonly transactions: readonly CommittedTransaction[];
}

export interface ChainInfo {
  readonly height: number;
  readonly currentHash: Uint8Array;
  readonly previousHash: Uint8Array;
}

/** Where a transaction ended. */
export interface TransactionPosition {
  readonly blockNumber: number;
  readonly index: number;
  readonly code: ValidationCode;
}

/** The ledger of one channel, shared by the peers of all its members. */
export interface ChannelLedger {
  readonly channel: string;
  /** As the newest configuration block says. */
  readonly resources: ChannelResources;
  /** Number of blocks: the next block's number. */
  readonly height: number;
  readonly info: ChainInfo;
  /** Number of the newest configuration block, for the metadata of the next block. */
  readonly lastConfig: number;

  /**
   * A simulation as the peer of `msp` does it; `txId` appears in messages. For a call from another channel take a
   * simulation of this channel and drop its results.
   */
  simulator(options: { readonly msp: string; readonly txId: string }): TransactionSimulator;
  /** Committed state, unrecorded. */
  readonly state: StateReader;
  definition(chaincode: string): ChaincodeDefinition | undefined;

  /**
   * Keeps what an endorser's simulation wrote in clear until its transaction commits, in the stores of the
   * collections' organisations. Survives a restart. Call it before the endorsement leaves the process.
   */
  stagePrivateData(txId: string, rwset: ledger.rwset.TxPvtReadWriteSet): Promise<void>;

  /**
   * Validates the block's transactions and writes it. Blocks are handed over in order; calls queue.
   * Resolves when the block is on disk. The block's header, data and signature metadata are the orderer's.
   * @throws Error where number, previous hash or data hash do not continue the chain.
   */
  commit(block: common.Block): Promise<CommittedBlock>;
  /** Called after each commit, in order, before `commit` resolves. Returns the function that unsubscribes. */
  onCommit(listener: (block: CommittedBlock) => void): () => void;

  /** Serialised `common.Block`. */
  blockBytes(number: number): Promise<Uint8Array | undefined>;
  /** The block with its transactions parsed, e.g. for events that start at an earlier block. */
  block(number: number): Promise<CommittedBlock | undefined>;
  blockNumberByHash(hash: Uint8Array): number | undefined;
  /** Position of a committed transaction, valid or not. */
  transaction(txId: string): TransactionPosition | undefined;
  /** Resolves when the transaction commits, at once where it has; rejects with `signal.reason` when aborted. */
  waitForTransaction(txId: string, signal: AbortSignal): Promise<TransactionPosition>;
  /** Private data of a block that is in an organisation's store, by index of the transaction. */
  privateDataOfBlock(
    msp: string,
    blockNumber: number,
  ): Promise<ReadonlyMap<number, ledger.rwset.TxPvtReadWriteSet>>;
}

/** All channels of a network's directory. */
export interface Ledgers {
  readonly channels: readonly string[];
  channel(name: string): ChannelLedger | undefined;
  /** Creates the ledger from its genesis block, or opens it where the directory has it. */
  join(genesis: common.Block, definitions: DefinitionSource): Promise<ChannelLedger>;
  /** Waits for commits under way and closes the stores. */
  close(): Promise<void>;
}

/** What `openLedgers({ directory, organisations })` of `ledgers.ts` takes. */
export interface LedgersOptions {
  /** The network's directory; ledgers are kept in `ledger/` below it. */
  readonly directory: string;
  /** Organisations whose peers run here: each has a store of private data of its own. */
  readonly organisations: readonly { readonly name: string; readonly msp: string }[];
}
