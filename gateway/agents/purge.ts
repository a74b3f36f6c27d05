import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { chunks } from '../records/registry';
import type { SharingClient } from './sharing';

interface PurgeOptions {
  readonly sharing: SharingClient;
  readonly logger: Logger;
  /** The bank's own MSP id. */
  readonly bank: string;
  /** Milliseconds between two sweeps; data lives and consents end without an event. */
  readonly interval: number;
}

/** Most requests in one purge: what the contract takes. */
const batch = 50;

/**
 * Purges on one channel what the bank may no longer keep. It finds that by asking the ledger, so nothing can be missed:
 * an event only makes it ask sooner.
 */
export class PurgeAgent {
  readonly #stop = new AbortController();
  #wake = new AbortController();
  #ended: Promise<void> = Promise.resolve();

  constructor(private readonly options: PurgeOptions) {}

  start(): void {
    this.#ended = this.#run();
  }

  /** Asks now, or once more after the sweep that is under way. */
  wake(): void {
    this.#wake.abort();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#wake = new AbortController();
      try {
        await this.sweep();
      } catch (error) {
        // The next sweep tries again; until then a deadline has days, not seconds.
        this.options.logger.warn({ agent: 'purge', channel: this.#channel(), err: error }, 'sweep failed');
      }
      const signal = AbortSignal.any([this.#stop.signal, this.#wake.signal]);
      try {
        await sleep(this.options.interval, undefined, { signal });
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  }

  /** Purges everything that is due, and checks that it is gone. */
  async sweep(): Promise<void> {
    const due = new Set<string>();
    let bookmark = '';
    do {
      const page = await this.options.sharing.due(bookmark);
      for (const { requestId } of page.items) due.add(requestId);
      bookmark = page.bookmark;
    } while (bookmark !== '');
    for (const requestIds of chunks([...due], batch)) await this.#purge(requestIds);
  }

  async #purge(requestIds: readonly string[]): Promise<void> {
    const { sharing, bank, logger } = this.options;
    await sharing.purge(requestIds, bank);
    for (const requestId of requestIds) {
      const { held, purge } = await sharing.request(requestId);
      // The proof is the absent hash, not the statement.
      if (held || purge.status !== 'PURGED') logger.error({ requestId }, 'purged and still held');
      else logger.info({ requestId }, 'purged');
    }
  }

  #channel(): string {
    return this.options.sharing.channel;
  }
}
