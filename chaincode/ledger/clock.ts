import type { Context } from 'fabric-contract-api';
import { dayOf, toInstant } from './calendar';
import { ContractError } from './errors';

/** When a transaction happens, as its client says and this peer agrees. */
export interface TransactionTime {
  /** Since the epoch. */
  readonly millis: number;
  /** In UTC. */
  readonly instant: string;
  /** Calendar date in UTC+8. */
  readonly day: string;
}

/**
 * The transaction's timestamp, which its client chose. This is the one place that looks at the peer's clock: it can
 * refuse a transaction, never alter a result.
 *
 * @param skewSeconds widest difference that the channel allows.
 * @throws ContractError `CLOCK_SKEW` where the two differ by more.
 */
export function transactionTime(ctx: Context, skewSeconds: number): TransactionTime {
  const { seconds, nanos } = ctx.stub.getTxTimestamp();
  const millis = Number(seconds) * 1000 + Math.floor(nanos / 1_000_000);
  if (Math.abs(Date.now() - millis) > skewSeconds * 1000)
    throw new ContractError(
      'CLOCK_SKEW',
      `the transaction's time differs from this peer's by more than ${skewSeconds} s`,
    );
  return { millis, instant: toInstant(millis), day: dayOf(millis) };
}
