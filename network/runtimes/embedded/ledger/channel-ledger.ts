import { common, type ledger } from '@hyperledger/fabric-protos';
import { emptyChain, decodePosition, readCommitted, type ChainPosition } from './chain';
import { ChannelStore, type StateView } from './channel-store';
import { mspOfCollection } from './collections';
import { commitBlock, readCode } from './commit';
import { blockHashKey, blockKey, chainKey, readHeight, stateKey, transactionKey } from './keys';
import { collectionRwsets } from './private-sets';
import { LedgerSimulator } from './simulator';
import type { PrivateStore } from './private-store';
import type {
  ChaincodeDefinition,
  ChainInfo,
  ChannelLedger,
  CommittedBlock,
  DefinitionSource,
  StateReader,
  TransactionPosition,
  TransactionSimulator,
} from './types';
import { channelResources, configOfBlock } from '../msp/channel-resources';
import type { ChannelResources } from '../msp/types';

/** Blocks kept parsed, for events and Deliver that follow the chain. */
const recentBlocks = 32;

type Waiter = (position: TransactionPosition) => void;

/** What a channel's ledger is opened with. */
export interface ChannelLedgerOptions {
  /** Directory of the channel's own store. */
  readonly directory: string;
  readonly genesis: common.Block;
  readonly definitions: DefinitionSource;
  /** By MSP id. */
  readonly privateStores: ReadonlyMap<string, PrivateStore>;
}

/** The ledger of a channel on disk. */
export class StoredChannelLedger implements ChannelLedger {
  readonly channel: string;
  readonly resources: ChannelResources;
  readonly state: StateReader;
  readonly #store: ChannelStore;
  readonly #privateStores: ReadonlyMap<string, PrivateStore>;
  readonly #definitions: DefinitionSource;
  readonly #listeners = new Set<(block: CommittedBlock) => void>();
  readonly #waiters = new Map<string, Set<Waiter>>();
  readonly #recent = new Map<number, CommittedBlock>();
  #chain: ChainPosition;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(
    resources: ChannelResources,
    store: ChannelStore,
    chain: ChainPosition,
    options: ChannelLedgerOptions,
  ) {
    this.channel = resources.channel;
    this.resources = resources;
    this.#store = store;
    this.#chain = chain;
    this.#privateStores = options.privateStores;
    this.#definitions = options.definitions;
    this.state = readerOf(() => store.current);
  }

  /** Opens the ledger, or creates it from its genesis block. @throws Error where the block is another channel's. */
  static async open(options: ChannelLedgerOptions): Promise<StoredChannelLedger> {
    const { genesis, privateStores } = options;
    const configured = configOfBlock(genesis);
    if (configured === undefined) throw new Error('a genesis block carries no configuration');
    const resources = channelResources(configured.channel, configured.config);
    let chain = emptyChain;
    const store = await ChannelStore.open(options.directory, async (level) => {
      const record = await level.get(chainKey);
      if (record !== undefined) chain = decodePosition(record);
      return chain.height;
    });
    const opened = new StoredChannelLedger(resources, store, chain, options);
    for (const privateStore of new Set(privateStores.values())) {
      await privateStore.recover(opened.channel, chain.height, (txId) => opened.#isCommitted(txId));
    }
    if (chain.height === 0) await opened.commit(genesis);
    else opened.#checkGenesis(genesis);
    return opened;
  }

  #checkGenesis(genesis: common.Block): void {
    const stored = this.#store.record(blockKey(0));
    const first = stored && common.Block.deserializeBinary(stored).getHeader()?.getDataHash_asU8();
    const given = genesis.getHeader()?.getDataHash_asU8();
    if (first === undefined || given === undefined || Buffer.compare(first, given) !== 0) {
      throw new Error(
        `the ledger of ${this.channel} began with another genesis block: reset the network to start afresh`,
      );
    }
  }

  get height(): number {
    return this.#chain.height;
  }

  get info(): ChainInfo {
    const { height, currentHash, previousHash } = this.#chain;
    return { height, currentHash, previousHash };
  }

  get lastConfig(): number {
    return this.#chain.lastConfig;
  }

  simulator({ msp, txId }: { readonly msp: string; readonly txId: string }): TransactionSimulator {
    return new LedgerSimulator({
      channel: this.channel,
      resources: this.resources,
      msp,
      txId,
      view: this.#store.current.acquire(),
      privateStore: this.#privateStores.get(msp),
    });
  }

  definition(chaincode: string): ChaincodeDefinition | undefined {
    return this.#definitions.definition(chaincode, this.state);
  }

  async stagePrivateData(txId: string, rwset: ledger.rwset.TxPvtReadWriteSet): Promise<void> {
    const { channel, height } = this;
    const stores = [...this.#privateStores];
    await Promise.all(
      stores.map(async ([msp, store]) => {
        const own = collectionRwsets(rwset, (name) => mspOfCollection(name) === msp);
        if (own !== undefined) await store.stage(channel, txId, height, own);
      }),
    );
  }

  commit(block: common.Block): Promise<CommittedBlock> {
    const committed = this.#queue.then(() => this.#commit(block));
    // A failed commit is its caller's to handle; the next in the queue is judged on its own.
    this.#queue = committed.catch(() => undefined);
    return committed;
  }

  async #commit(block: common.Block): Promise<CommittedBlock> {
    const result = await commitBlock(block, {
      store: this.#store,
      privateStores: this.#privateStores,
      resources: this.resources,
      chain: this.#chain,
      definition: (chaincode) => this.definition(chaincode),
      isCommitted: (txId) => this.#isCommitted(txId),
    });
    // Nobody hears of the block before its purges are done on disk.
    await result.settle();
    const { committed, chain } = result;
    this.#chain = chain;
    this.#remember(committed);
    for (const listener of this.#listeners) listener(committed);
    for (const { txId, blockNumber, index, code } of committed.transactions) {
      const waiters = this.#waiters.get(txId);
      if (waiters === undefined) continue;
      this.#waiters.delete(txId);
      const position = this.transaction(txId) ?? { blockNumber, index, code };
      for (const waiter of waiters) waiter(position);
    }
    return committed;
  }

  onCommit(listener: (block: CommittedBlock) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async blockBytes(number: number): Promise<Uint8Array | undefined> {
    return this.#isBlock(number) ? this.#store.level.get(blockKey(number)) : undefined;
  }

  async block(number: number): Promise<CommittedBlock | undefined> {
    const recent = this.#recent.get(number);
    if (recent !== undefined) return recent;
    const bytes = await this.blockBytes(number);
    return bytes === undefined ? undefined : readCommitted(common.Block.deserializeBinary(bytes));
  }

  blockNumberByHash(hash: Uint8Array): number | undefined {
    const bytes = this.#store.record(blockHashKey(hash));
    if (bytes === undefined) return undefined;
    const { block } = readHeight(Buffer.concat([bytes, Buffer.alloc(4)]), 0);
    return this.#isBlock(block) ? block : undefined;
  }

  transaction(txId: string): TransactionPosition | undefined {
    const bytes = this.#store.record(transactionKey(txId));
    if (bytes === undefined) return undefined;
    const { block, transaction } = readHeight(bytes, 0);
    // A block that is being written is in the store a moment before it is in the state that readers get.
    if (!this.#isBlock(block)) return undefined;
    return { blockNumber: block, index: transaction, code: readCode(bytes) };
  }

  waitForTransaction(txId: string, signal: AbortSignal): Promise<TransactionPosition> {
    const position = this.transaction(txId);
    if (position !== undefined) return Promise.resolve(position);
    return new Promise((resolve, reject) => {
      const waiters = this.#waiters.get(txId) ?? new Set<Waiter>();
      const abort = (): void => {
        waiters.delete(waiter);
        if (waiters.size === 0) this.#waiters.delete(txId);
        reject(signal.reason instanceof Error ? signal.reason : new Error('waiting was aborted'));
      };
      const waiter: Waiter = (found) => {
        signal.removeEventListener('abort', abort);
        resolve(found);
      };
      if (signal.aborted) {
        abort();
        return;
      }
      signal.addEventListener('abort', abort, { once: true });
      waiters.add(waiter);
      this.#waiters.set(txId, waiters);
    });
  }

  async privateDataOfBlock(
    msp: string,
    blockNumber: number,
  ): Promise<ReadonlyMap<number, ledger.rwset.TxPvtReadWriteSet>> {
    const store = this.#privateStores.get(msp);
    return (await store?.dataOfBlock(this.channel, blockNumber)) ?? new Map();
  }

  /** Waits for commits under way and closes the channel's own store. */
  async close(): Promise<void> {
    await this.#queue;
    await this.#store.close();
  }

  #isBlock(number: number): boolean {
    return Number.isSafeInteger(number) && number >= 0 && number < this.height;
  }

  #isCommitted(txId: string): boolean {
    return this.#store.record(transactionKey(txId)) !== undefined;
  }

  #remember(block: CommittedBlock): void {
    this.#recent.set(block.number, block);
    this.#recent.delete(block.number - recentBlocks);
  }
}

function readerOf(current: () => StateView): StateReader {
  return { state: (namespace, key) => current().get(stateKey(namespace, key))?.value };
}
