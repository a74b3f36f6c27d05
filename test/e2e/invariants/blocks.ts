import { common } from '@hyperledger/fabric-protos';
import { connectOrganisation } from '../../../network/client/connect';
import { channelHeight, writesOf } from '../../../network/client/blocks';
import { gatewayIdentity } from '../../../network/identity/identities';
import { validationCodeName } from '../../../gateway/ledger/retry';
import { channel, lending } from '../../../bench/portfolio';
import type { LedgerTransaction } from './ledger-fold';

/** Neither bank nor borrower. */
const reader = 'regulator';

/** Reads a channel's blocks on from where it stopped as its regulator sees them. */
export class BlockReader {
  #next = 0;
  /** Transactions by the code with which they were committed. */
  readonly codes = new Map<string, number>();

  constructor(private readonly directory: string) {}

  get height(): number {
    return this.#next;
  }

  /**
   * All that any client was told by now is in what it returns: a peer that is behind is waited for.
   *
   * @returns valid transactions of all new blocks, in the ledger's order.
   * @throws where they do not come within half a minute.
   */
  async read(): Promise<readonly LedgerTransaction[]> {
    const height = Math.max(
      ...(await Promise.all(['bank-a', 'enterprise', reader].map((one) => this.#heightAt(one)))),
    );
    const connection = connectOrganisation(this.directory, reader, gatewayIdentity);
    const found: LedgerTransaction[] = [];
    let timer: NodeJS.Timeout | undefined;
    try {
      if (this.#next >= height) return found;
      const startBlock = BigInt(this.#next);
      const blocks = await connection.gateway.getNetwork(channel).getBlockEvents({ startBlock });
      timer = setTimeout(() => blocks.close(), 30_000);
      for await (const block of blocks) {
        found.push(...this.#open(block));
        this.#next = (block.getHeader()?.getNumber() ?? 0) + 1;
        if (this.#next >= height) break;
      }
      blocks.close();
      if (this.#next < height) throw new Error(`block ${this.#next} of ${channel} did not come`);
      return found;
    } finally {
      clearTimeout(timer);
      connection.close();
    }
  }

  async #heightAt(organisation: string): Promise<number> {
    const connection = connectOrganisation(this.directory, organisation, gatewayIdentity);
    try {
      return await channelHeight(connection.gateway, channel);
    } finally {
      connection.close();
    }
  }

  #open(block: common.Block): readonly LedgerTransaction[] {
    const codes =
      block.getMetadata()?.getMetadataList_asU8()[common.BlockMetadataIndex.TRANSACTIONS_FILTER] ?? [];
    for (const code of codes) {
      const name = validationCodeName(code);
      this.codes.set(name, (this.codes.get(name) ?? 0) + 1);
    }
    const transactions = new Map<string, LedgerTransaction['writes'][number][]>();
    for (const { transaction, key, value } of writesOf(block, lending)) {
      const writes = transactions.get(transaction) ?? [];
      writes.push({ key, value });
      transactions.set(transaction, writes);
    }
    return [...transactions].map(([id, writes]) => ({ id, writes }));
  }
}
