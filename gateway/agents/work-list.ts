import type { Logger } from 'pino';
import { LedgerError } from '../ledger/errors';
import type { Store } from '../store';
import type { DeadLetters } from './dead-letters';

/** Something to be done once, however often it takes. */
export interface Task {
  readonly channel: string;
  readonly id: string;
}

interface Entry extends Task {
  readonly attempts: number;
}

interface WorkListOptions {
  readonly store: Store;
  readonly logger: Logger;
  /** Names the list in the store. */
  readonly name: string;
  /**
   * Does the task, or what is left of it.
   *
   * @returns true where nothing is left to do, now or later.
   * @throws where it failed and is worth another try.
   */
  readonly perform: (task: Task) => Promise<boolean>;
  /** Where a task goes that was tried too often. */
  readonly deadLetters: DeadLetters;
  /** Milliseconds before the n-th further attempt. */
  readonly delay?: (attempts: number) => number;
  readonly mostAttempts?: number;
}

const mostAtOnce = 4;

/** Half a second, doubling up to five minutes, spread by a third so that what failed together does not return together. */
function backOff(attempts: number): number {
  return Math.min(500 * 2 ** attempts, 300_000) * (1 - Math.random() / 3);
}

/** A failure's code; of others the kind alone, since a text may tell what it was about. */
function codeOf(error: unknown): string {
  if (error instanceof LedgerError) return error.code;
  return error instanceof Error ? error.name : 'UNKNOWN';
}

/**
 * A list of tasks that survives the process. A task is there from `add` on until `perform` said that it is done; what was
 * tried too often becomes a dead letter. Each is performed by one at a time.
 */
export class WorkList {
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  readonly #queue: Entry[] = [];
  readonly #running = new Map<string, Promise<void>>();
  #stopped = false;

  constructor(private readonly options: WorkListOptions) {}

  /** Takes up what an earlier process left. */
  async start(): Promise<void> {
    this.options.deadLetters.onRetry(this.options.name, (task) => this.add(task));
    for await (const [, value] of this.options.store.list(this.#prefix())) this.#enqueue(value as Entry);
    this.#next();
  }

  /** Adds a task, durably; one that is there already stays as it is. */
  async add(task: Task): Promise<void> {
    const key = this.#key(task);
    if ((await this.options.store.get(key)) !== undefined) return;
    const entry: Entry = { channel: task.channel, id: task.id, attempts: 0 };
    await this.options.store.put(key, entry, { onDisk: true });
    this.#enqueue(entry);
    this.#next();
  }

  /** Waits for what is under way; the rest stays in the store. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
    this.#queue.length = 0;
    await Promise.all(this.#running.values());
  }

  #enqueue(entry: Entry): void {
    this.#queue.push(entry);
  }

  #next(): void {
    while (!this.#stopped && this.#running.size < mostAtOnce) {
      const entry = this.#queue.shift();
      if (entry === undefined) return;
      const key = this.#key(entry);
      const run = this.#perform(entry, key).then(() => {
        this.#running.delete(key);
        this.#next();
      });
      this.#running.set(key, run);
    }
  }

  async #perform(entry: Entry, key: string): Promise<void> {
    const { store, logger, name, perform, deadLetters, delay = backOff, mostAttempts = 2000 } = this.options;
    let reason = 'NOT_DONE';
    try {
      if (await perform({ channel: entry.channel, id: entry.id })) {
        await store.delete(key);
        return;
      }
    } catch (error) {
      reason = codeOf(error);
      logger.warn({ agent: name, id: entry.id, attempts: entry.attempts + 1, err: error }, 'attempt failed');
    }
    const attempts = entry.attempts + 1;
    if (attempts >= mostAttempts) {
      logger.error({ agent: name, id: entry.id, attempts, reason }, 'given up');
      const { channel, id } = entry;
      const givenUpAt = new Date().toISOString();
      await deadLetters.add({ agent: name, channel, id, attempts, reason, givenUpAt });
      await store.delete(key);
      return;
    }
    const next: Entry = { ...entry, attempts };
    await store.put(key, next);
    if (this.#stopped) return;
    const timer = setTimeout(() => {
      this.#waiting.delete(key);
      this.#enqueue(next);
      this.#next();
    }, delay(entry.attempts));
    this.#waiting.set(key, timer);
  }

  #prefix(): string {
    return `agent~${this.options.name}~task~`;
  }

  #key({ channel, id }: Task): string {
    return `${this.#prefix()}${channel}~${id}`;
  }
}
