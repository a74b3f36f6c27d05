import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { DataDueEntry } from '../../chaincode/sharing/model';
import { chunks } from '../records/registry';
import type { SharingClient } from './sharing';

interface PurgeOptions {
  readonly sharing: SharingClient;
  readonly logger: Logger;
  /** The bank's own MSP id. */
  readonly bank: string;
  /** Ids of the signed loans that cite a delivery: their evidence is sealed before the delivery is purged. */
  readonly citing: (requestId: string) => Promise<readonly string[]>;
  /** Milliseconds between two sweeps; data lives and consents end without an event. */
  readonly interval: number;
}

/** Most requests in one purge: what the contract takes. */
const batch = 50;
/** Milliseconds before the deadline from which on data is purged though its evidence could not be sealed. */
const lastDay = 86_400_000;

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
    const due = new Map<string, DataDueEntry>();
    let bookmark = '';
    do {
      const page = await this.options.sharing.due(bookmark);
      for (const entry of page.items) due.set(entry.requestId, entry);
      bookmark = page.bookmark;
    } while (bookmark !== '');
    const ready: string[] = [];
    for (const entry of due.values()) if (await this.#settled(entry)) ready.push(entry.requestId);
    for (const requestIds of chunks(ready, batch)) await this.#purge(requestIds);
  }

  /** Seals what a signed loan cites. @returns whether the delivery can be purged now. */
  async #settled({ requestId, archivable, purgeBy }: DataDueEntry): Promise<boolean> {
    if (!archivable) return true;
    const { sharing, citing, bank, logger } = this.options;
    try {
      const [applicationId] = await citing(requestId);
      if (applicationId === undefined) return true;
      await sharing.archive(requestId, applicationId, bank);
      logger.info({ requestId, applicationId }, 'sealed as evidence');
      return true;
    } catch (error) {
      // Evidence that is purged is gone for good; a deadline that is missed is a breach. The deadline comes first.
      const purges = Date.parse(purgeBy) - Date.now() < lastDay;
      logger.error({ requestId, purges, err: error }, 'evidence could not be sealed');
      return purges;
    }
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
