import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { CloseOrders } from './close-orders';
import { lastDayOver, type ServicingAgent } from './servicing';

interface ClosingOptions {
  readonly agent: Pick<ServicingAgent, 'closeThrough' | 'stop'>;
  readonly orders: CloseOrders;
  readonly channel: string;
  /** Whether the business date runs on its own: then days are closed when asked for, and only then. */
  readonly simulatedClock: boolean;
  /** Today's date in UTC+8. */
  readonly today: () => string;
  readonly logger: Logger;
  /** Milliseconds between two looks at the calendar, and the longest pause after a failure. */
  readonly interval: number;
}

const shortestPause = 1000;

/** Has the days of a bank closed when they are over, or when somebody asks for it. */
export class Closing {
  readonly #stop = new AbortController();
  #wake = new AbortController();
  #ended: Promise<void> = Promise.resolve();

  constructor(private readonly options: ClosingOptions) {}

  start(): void {
    this.options.orders.onOrder(this.options.channel, () => this.#wake.abort());
    this.#ended = this.#run();
  }

  /** Ends after the transaction that is under way. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.options.agent.stop();
    await this.#ended;
  }

  /** Closes what is to be closed by now. */
  async sweep(): Promise<void> {
    const { agent, orders, channel, simulatedClock, today } = this.options;
    const through = simulatedClock ? await orders.through(channel) : lastDayOver(today());
    if (through !== undefined) await agent.closeThrough(through);
  }

  async #run(): Promise<void> {
    const { interval, logger, channel } = this.options;
    let pause = shortestPause;
    while (!this.#stop.signal.aborted) {
      this.#wake = new AbortController();
      let wait = interval;
      try {
        await this.sweep();
        pause = shortestPause;
      } catch (error) {
        logger.warn({ agent: 'servicing', channel, err: error }, 'day close broke off');
        wait = Math.min(pause, interval);
        pause *= 2;
      }
      await this.#wait(wait);
    }
  }

  async #wait(milliseconds: number): Promise<void> {
    const signal = AbortSignal.any([this.#stop.signal, this.#wake.signal]);
    try {
      await sleep(milliseconds, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
