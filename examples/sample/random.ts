import { createHash } from 'node:crypto';

/**
 * Repeatable random numbers: the same seed and label give the same sequence on every machine. Each part of the generator
 * has a fork of its own, so that a change in one part leaves the others as they were.
 */
export class Random {
  #counter = 0;
  #pool = Buffer.alloc(0);
  #offset = 0;

  public constructor(private readonly seed: string) {}

  /** An independent sequence for a part of the work. */
  public fork(label: string): Random {
    return new Random(`${this.seed}/${label}`);
  }

  /** A whole number from `least` to `most`, both included; the range stays below 2^32. */
  public int(least: number, most: number): number {
    return least + (this.#next() % (most - least + 1));
  }

  /** True in `perMille` of 1000 cases. */
  public chance(perMille: number): boolean {
    return this.int(1, 1000) <= perMille;
  }

  /** One of the items; there must be one. */
  public pick<T>(items: readonly T[]): T {
    const item = items[this.int(0, items.length - 1)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  /** `count` different items, in random order; fewer where there are fewer. */
  public sample<T>(items: readonly T[], count: number): T[] {
    const left = [...items];
    const picked: T[] = [];
    while (picked.length < count && left.length > 0)
      picked.push(...left.splice(this.int(0, left.length - 1), 1));
    return picked;
  }

  #next(): number {
    if (this.#offset === this.#pool.length) {
      this.#pool = createHash('sha256').update(`${this.seed}#${this.#counter++}`).digest();
      this.#offset = 0;
    }
    const number = this.#pool.readUInt32BE(this.#offset);
    this.#offset += 4;
    return number;
  }
}
