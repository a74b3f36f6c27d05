import { MemoryStore, type Options } from 'express-rate-limit';
import { Problem } from './problem';

/** How many requests are taken in a minute. */
export interface RateLimits {
  /** Of one user. */
  readonly perUser: number;
  /** Of one client application, as the token's `client_id` or `azp` names it. */
  readonly perClient: number;
  /** Refused tokens of one address: who guesses is slowed down sooner than who works. */
  readonly refusedPerAddress: number;
}

export const defaultLimits: RateLimits = { perUser: 60_000, perClient: 60_000, refusedPerAddress: 600 };

const window = 60_000;

/** Counts requests by who makes them, a minute at a time. What is counted is forgotten when the minute is over. */
export class RequestCounts {
  readonly #users = counter();
  readonly #clients = counter();
  readonly #refused = counter();

  constructor(private readonly limits: RateLimits) {}

  /** @throws Problem `TOO_MANY_REQUESTS` where the user or the client has made too many. */
  async take(user: string, client: string | undefined): Promise<void> {
    await spend(this.#users, user, this.limits.perUser);
    if (client !== undefined) await spend(this.#clients, client, this.limits.perClient);
  }

  /** Notes a token that was refused. @throws Problem `TOO_MANY_REQUESTS` where the address sent too many of them. */
  async refuse(address: string): Promise<void> {
    await spend(this.#refused, address, this.limits.refusedPerAddress);
  }
}

function counter(): MemoryStore {
  const store = new MemoryStore();
  store.init({ windowMs: window } as Options);
  return store;
}

async function spend(store: MemoryStore, key: string, limit: number): Promise<void> {
  const { totalHits, resetTime } = await store.increment(key);
  if (totalHits <= limit) return;
  const seconds = Math.max(1, Math.ceil(((resetTime?.getTime() ?? Date.now()) - Date.now()) / 1000));
  throw new Problem('TOO_MANY_REQUESTS', 'Wait a little, then go on more slowly', {
    headers: { 'Retry-After': String(seconds) },
  });
}
