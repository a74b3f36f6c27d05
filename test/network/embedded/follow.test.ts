import type { ChannelLedger, CommittedBlock } from '../../../network/runtimes/embedded/ledger/types';
import { followBlocks } from '../../../network/runtimes/embedded/peer/follow';
import { ConcurrencyLimit } from '../../../network/runtimes/embedded/peer/rpc';

/** A ledger of empty blocks that grows on demand. */
class GrowingLedger {
  height = 1;
  readonly #listeners = new Set<(block: CommittedBlock) => void>();

  get listening(): number {
    return this.#listeners.size;
  }

  grow(blocks = 1): void {
    for (let index = 0; index < blocks; index += 1) {
      const block = this.#block(this.height);
      this.height += 1;
      for (const listener of this.#listeners) listener(block);
    }
  }

  block(number: number): Promise<CommittedBlock | undefined> {
    return Promise.resolve(number < this.height ? this.#block(number) : undefined);
  }

  onCommit(listener: (block: CommittedBlock) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #block(number: number): CommittedBlock {
    return { number } as CommittedBlock;
  }
}

describe('following the blocks of a channel', () => {
  const follow = (
    ledger: GrowingLedger,
    start: number,
    signal: AbortSignal,
  ): AsyncGenerator<CommittedBlock> => followBlocks(ledger as unknown as ChannelLedger, start, signal);

  it('gives old blocks and new ones, each once, however slow the reader is', async () => {
    const ledger = new GrowingLedger();
    ledger.grow(4);
    const controller = new AbortController();
    const numbers: number[] = [];
    for await (const { number } of follow(ledger, 2, controller.signal)) {
      numbers.push(number);
      if (number === 3) ledger.grow(100);
      if (number === 104) setImmediate(() => ledger.grow());
      if (number === 105) break;
    }
    expect(numbers).toEqual(Array.from({ length: 104 }, (_, index) => index + 2));
    expect(ledger.listening).toBe(0);
  });

  it('waits for a block that does not exist yet, and stops when nobody wants it any more', async () => {
    const ledger = new GrowingLedger();
    const controller = new AbortController();
    const blocks = follow(ledger, 3, controller.signal);
    const first = blocks.next();
    ledger.grow(2);
    setImmediate(() => ledger.grow());
    await expect(first).resolves.toMatchObject({ value: { number: 3 } });
    const second = blocks.next();
    setImmediate(() => controller.abort());
    await expect(second).resolves.toEqual({ value: undefined, done: true });
    expect(ledger.listening).toBe(0);
  });
});

describe('a concurrency limit', () => {
  it('refuses what is above it, and takes more when something has ended', async () => {
    const limit = new ConcurrencyLimit('gateway.Gateway', 1);
    let finish: () => void = () => undefined;
    const first = limit.run(() => new Promise<void>((resolve) => (finish = resolve)));
    await expect(limit.run(() => Promise.resolve())).rejects.toThrow(
      'too many requests for gateway.Gateway, exceeding concurrency limit (1)',
    );
    finish();
    await first;
    await expect(limit.run(() => Promise.resolve('taken'))).resolves.toBe('taken');
  });
});
