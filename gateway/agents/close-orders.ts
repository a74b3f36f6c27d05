import type { Store } from '../store';

/**
 * Up to which business day people asked for the days to be closed, by channel. It is kept, so that a close that was
 * accepted goes on after a restart; days are only ever added.
 */
export class CloseOrders {
  readonly #listeners = new Map<string, () => void>();

  constructor(private readonly store: Store) {}

  /** Asks for every day up to and including `through` to be closed. */
  async order(channel: string, through: string): Promise<void> {
    const earlier = await this.through(channel);
    if (earlier === undefined || earlier < through)
      await this.store.put(orderKey(channel), through, { onDisk: true });
    this.#listeners.get(channel)?.();
  }

  /** The last day that was asked for; undefined where none ever was. */
  async through(channel: string): Promise<string | undefined> {
    const found = await this.store.get(orderKey(channel));
    return typeof found === 'string' ? found : undefined;
  }

  /** Calls the channel's agent whenever something was asked for. */
  onOrder(channel: string, listener: () => void): void {
    this.#listeners.set(channel, listener);
  }
}

function orderKey(channel: string): string {
  return `agent~servicing~through~${channel}`;
}
