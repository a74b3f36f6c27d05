import type { Store } from '../store';

/** A task that an agent gave up after its last attempt. */
export interface DeadLetter {
  /** Name of the agent's list, e.g. `release`. */
  readonly agent: string;
  readonly channel: string;
  readonly id: string;
  readonly attempts: number;
  /** Code of the last failure; nothing of what it was about. */
  readonly reason: string;
  /** Instant. */
  readonly givenUpAt: string;
}

type Address = Pick<DeadLetter, 'agent' | 'channel' | 'id'>;

const prefix = 'dead-letter~';
const keyOf = ({ agent, channel, id }: Address): string => `${prefix}${agent}~${channel}~${id}`;

/** What agents could not do, kept until somebody has it tried again. */
export class DeadLetters {
  readonly #retry = new Map<string, (task: { channel: string; id: string }) => Promise<void>>();

  constructor(private readonly store: Store) {}

  async add(letter: DeadLetter): Promise<void> {
    await this.store.put(keyOf(letter), letter, { onDisk: true });
  }

  /**
   * A page, in the order of agent, channel and id.
   *
   * @param after where the page before ended; empty for the first.
   */
  async list(
    pageSize: number,
    after: string,
  ): Promise<{ readonly items: readonly DeadLetter[]; readonly bookmark: string }> {
    const items: DeadLetter[] = [];
    let last = '';
    for await (const [key, value] of this.store.list(prefix)) {
      const position = key.slice(prefix.length);
      if (position <= after) continue;
      if (items.length === pageSize) return { items, bookmark: last };
      items.push(value as DeadLetter);
      last = position;
    }
    return { items, bookmark: '' };
  }

  /** How many there are. */
  async count(): Promise<number> {
    let count = 0;
    for await (const [key] of this.store.list(prefix)) if (key !== '') count += 1;
    return count;
  }

  /** Hands a task back to its agent, with all its attempts. @returns false where there is no such letter, or no agent. */
  async retry(address: Address): Promise<boolean> {
    const letter = (await this.store.get(keyOf(address))) as DeadLetter | undefined;
    const again = this.#retry.get(address.agent);
    if (letter === undefined || again === undefined) return false;
    // The task is there before the letter is gone: a process that dies between leaves both, and the task is done once.
    await again({ channel: letter.channel, id: letter.id });
    await this.store.delete(keyOf(address));
    return true;
  }

  /** Says how an agent takes a task up again. */
  onRetry(agent: string, again: (task: { channel: string; id: string }) => Promise<void>): void {
    this.#retry.set(agent, again);
  }
}
