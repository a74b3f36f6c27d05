import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { common } from '@hyperledger/fabric-protos';
import { StoredChannelLedger } from './channel-ledger';
import { PrivateStore } from './private-store';
import { configOfBlock } from '../msp/channel-resources';
import type { ChannelLedger, DefinitionSource, Ledgers, LedgersOptions } from './types';

class StoredLedgers implements Ledgers {
  readonly #directory: string;
  /** By MSP id. */
  readonly #privateStores: ReadonlyMap<string, PrivateStore>;
  readonly #ledgers = new Map<string, StoredChannelLedger>();

  constructor(directory: string, privateStores: ReadonlyMap<string, PrivateStore>) {
    this.#directory = directory;
    this.#privateStores = privateStores;
  }

  get channels(): readonly string[] {
    return [...this.#ledgers.keys()];
  }

  channel(name: string): ChannelLedger | undefined {
    return this.#ledgers.get(name);
  }

  async join(genesis: common.Block, definitions: DefinitionSource): Promise<ChannelLedger> {
    const channel = configOfBlock(genesis)?.channel;
    if (channel === undefined) throw new Error('a genesis block carries no configuration');
    const opened = await StoredChannelLedger.open({
      directory: join(this.#directory, 'channels', channel),
      genesis,
      definitions,
      privateStores: this.#privateStores,
    });
    this.#ledgers.set(channel, opened);
    return opened;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#ledgers.values()].map((opened) => opened.close()));
    await Promise.all([...this.#privateStores.values()].map((store) => store.close()));
  }
}

/**
 * Opens the stores of private data, one an organisation, of a network's directory. Channels are opened by `join`.
 * @throws Error where another process has them open.
 */
export async function openLedgers(options: LedgersOptions): Promise<Ledgers> {
  const directory = join(options.directory, 'ledger');
  await mkdir(join(directory, 'channels'), { recursive: true });
  await mkdir(join(directory, 'private'), { recursive: true });
  const stores = new Map<string, PrivateStore>();
  for (const { name, msp } of options.organisations) {
    stores.set(msp, await PrivateStore.open(join(directory, 'private', name)));
  }
  return new StoredLedgers(directory, stores);
}
