/**
 * Reproducible randomness for sample data (mulberry32). Each subject draws from a stream of its own, so that adding
 * something to one changes nothing of the others.
 */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** The stream of a subject under a seed. */
  static of(seed: number, ...subject: readonly (string | number)[]): Random {
    // FNV-1a over the subject's name.
    let hash = 0x811c9dc5 ^ seed;
    for (const character of subject.join('|')) {
      hash ^= character.codePointAt(0) ?? 0;
      hash = Math.imul(hash, 0x01000193);
    }
    return new Random(hash);
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** Whole number, both ends included. */
  integer(low: number, high: number): number {
    return Math.floor(this.between(low, high + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.next() * items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  /** Different items, in the order drawn; all of them where there are fewer. */
  sample<T>(items: readonly T[], count: number): T[] {
    const rest = [...items];
    const drawn: T[] = [];
    while (drawn.length < count && rest.length > 0)
      drawn.push(...rest.splice(Math.floor(this.next() * rest.length), 1));
    return drawn;
  }

  /** About 1, mostly within the spread: a sum of three draws. */
  noise(spread: number): number {
    return 1 + spread * ((this.next() + this.next() + this.next()) / 1.5 - 1);
  }
}
