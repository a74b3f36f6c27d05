import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { EventPosition, EventStream, LedgerClient, LedgerEvent } from '../ledger/client';
import type { Metrics } from '../metrics/metrics';
import type { Store } from '../store';

interface ListenerOptions {
  readonly ledger: LedgerClient;
  readonly store: Store;
  readonly logger: Logger;
  /** Names the checkpoint; one agent's never mixes with another's. */
  readonly agent: string;
  readonly identity: string;
  readonly channel: string;
  readonly chaincode: string;
  /** Takes an event over durably. It is called again with the same event if the process dies before it returns. */
  readonly take: (event: LedgerEvent) => Promise<void>;
  readonly metrics?: Metrics | undefined;
}

interface Checkpoint {
  readonly blockNumber: string;
  readonly transactionId: string;
}

const shortestPause = 500;
const longestPause = 15_000;

/**
 * Hears every event of a chaincode on one channel at least once, from the first block on, also those of the time when
 * it was not running: the checkpoint moves only after an event was taken over.
 */
export class Listener {
  readonly #stop = new AbortController();
  #stream: EventStream | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(private readonly options: ListenerOptions) {}

  start(): void {
    this.#ended = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#stream?.close();
    await this.#ended;
  }

  async #run(): Promise<void> {
    let pause = shortestPause;
    while (!this.#stopped()) {
      try {
        for await (const event of await this.#open()) {
          await this.#take(event);
          pause = shortestPause;
          if (this.#stopped()) return;
        }
      } catch (error) {
        if (this.#stopped()) return;
        const { agent, channel, logger } = this.options;
        logger.warn({ agent, channel, err: error }, 'events broke off');
      }
      await this.#wait(pause);
      pause = Math.min(pause * 2, longestPause);
    }
  }

  async #open(): Promise<EventStream> {
    const { ledger, identity, channel, chaincode, store } = this.options;
    const checkpoint = (await store.get(this.#key())) as Checkpoint | undefined;
    const from: EventPosition =
      checkpoint === undefined
        ? { blockNumber: 0n }
        : { blockNumber: BigInt(checkpoint.blockNumber), transactionId: checkpoint.transactionId };
    const stream = await ledger.events({ identity, channel, chaincode, from });
    this.#stream = stream;
    // The agent may have been stopped while the stream was being opened.
    if (this.#stopped()) stream.close();
    return stream;
  }

  async #take(event: LedgerEvent): Promise<void> {
    await this.options.take(event);
    const checkpoint: Checkpoint = {
      blockNumber: event.blockNumber.toString(),
      transactionId: event.transactionId,
    };
    await this.options.store.put(this.#key(), checkpoint);
    const { metrics, agent, channel } = this.options;
    metrics?.tookEvent(agent, channel, event.blockNumber);
  }

  async #wait(milliseconds: number): Promise<void> {
    try {
      await sleep(milliseconds, undefined, { signal: this.#stop.signal });
    } catch (error) {
      if (!this.#stopped()) throw error;
    }
  }

  #stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  #key(): string {
    return `agent~${this.options.agent}~checkpoint~${this.options.channel}`;
  }
}
