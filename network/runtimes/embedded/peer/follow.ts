import type { ChannelLedger, CommittedBlock } from '../ledger/types';

const KEPT_BLOCKS = 32;

/**
 * The blocks of a channel from `start` on, then each new one as it commits, until `signal` is aborted. Never skips
 * a block, however slow the reader is.
 */
export async function* followBlocks(
  ledger: ChannelLedger,
  start: number,
  signal: AbortSignal,
): AsyncGenerator<CommittedBlock, void, undefined> {
  const waiting = new Map<number, CommittedBlock>();
  let next = start;
  let wake: () => void = () => undefined;
  const stop = ledger.onCommit((block) => {
    // A reader that is behind finds older blocks on disk: only the next ones are worth keeping.
    if (block.number - next < KEPT_BLOCKS) {
      waiting.set(block.number, block);
    }
    wake();
  });
  const onAbort = (): void => wake();
  signal.addEventListener('abort', onAbort);
  try {
    while (!signal.aborted) {
      const block = waiting.get(next) ?? (next < ledger.height ? await ledger.block(next) : undefined);
      if (block !== undefined) {
        waiting.delete(next);
        next += 1;
        yield block;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (signal.aborted || waiting.has(next) || next < ledger.height) {
            resolve();
          }
        });
      }
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    stop();
  }
}
