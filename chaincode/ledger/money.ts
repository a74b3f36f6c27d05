import { Type, type Static } from 'typebox';

/** An amount of money as it lies on the ledger and in JSON: an integer of fen (1/100 yuan) as a decimal string. */
export const Fen = Type.String({
  pattern: '^(0|-?[1-9][0-9]{0,17})$',
  description: 'Amount in fen (1/100 yuan), an integer.',
});
export type Fen = Static<typeof Fen>;

/** An amount of fen that is more than nothing. */
export const PositiveFen = Type.String({
  pattern: '^[1-9][0-9]{0,17}$',
  description: 'Amount in fen (1/100 yuan), an integer above 0.',
});

/** An amount of fen that is not negative. */
export const NonNegativeFen = Type.String({
  pattern: '^(0|[1-9][0-9]{0,17})$',
  description: 'Amount in fen (1/100 yuan), an integer from 0.',
});

const most = 10n ** 18n;

/**
 * Reads an amount that its schema has checked.
 *
 * @throws RangeError where it is not an integer of fen in its one canonical form.
 */
export function fen(text: Fen): bigint {
  if (!/^(0|-?[1-9][0-9]{0,17})$/.test(text)) throw new RangeError('not an amount of fen');
  return BigInt(text);
}

/** Writes an amount. @throws RangeError beyond what the ledger holds, 10^18 fen. */
export function toFen(amount: bigint): Fen {
  if (amount >= most || amount <= -most) throw new RangeError('the amount is beyond what the ledger holds');
  return amount.toString();
}

/** The sum of amounts. */
export function sumOf(amounts: Iterable<bigint>): bigint {
  let sum = 0n;
  for (const amount of amounts) sum += amount;
  return sum;
}

/** The smaller of two amounts. */
export function lesser(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
