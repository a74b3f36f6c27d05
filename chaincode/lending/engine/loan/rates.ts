import { ContractError } from '../../../ledger/errors';
import type { LoanTerms, Market } from './model';

/** Ten decimals of a rate as an integer, so that interest is a sum of integers. */
export const rateScale = 10n ** 10n;

/** Four decimals of the penalty's multiple as an integer. */
export const multipleScale = 10n ** 4n;

/** A decimal text as an integer of so many decimals. @throws RangeError where it has more, or is no number. */
export function scaled(text: string, decimals: number): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  const fraction = match?.[3] ?? '';
  if (match === null || fraction.length > decimals)
    throw new RangeError(`not a number of ${decimals} decimals`);
  const magnitude = BigInt(`${match[2] ?? ''}${fraction.padEnd(decimals, '0')}`);
  return match[1] === '-' ? -magnitude : magnitude;
}

/** A rate as an integer of 10^-10. @throws RangeError where it has more decimals. */
export function scaledRate(text: string): bigint {
  return scaled(text, 10);
}

/** The shortest text of a rate that is not negative. */
export function rateText(rate: bigint): string {
  const fraction = (rate % rateScale).toString().padStart(10, '0').replace(/0+$/, '');
  const whole = (rate / rateScale).toString();
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

/** Days of the year by the terms' day count. */
export function yearOfDays({ dayCount }: LoanTerms): bigint {
  return dayCount === 'A365' ? 365n : 360n;
}

/** What an exact amount of interest is divided by to give fen. */
export function interestUnit(terms: LoanTerms): bigint {
  return yearOfDays(terms) * rateScale;
}

/** What an exact amount of penalty is divided by to give fen. */
export function penaltyUnit(terms: LoanTerms): bigint {
  return interestUnit(terms) * multipleScale;
}

/**
 * A quotient of numbers that are not negative, as an integer by the terms' rounding: to the nearest with halves up or to
 * the even neighbour, down, or up.
 */
export function rounded(numerator: bigint, denominator: bigint, mode: LoanTerms['rounding']): bigint {
  const quotient = numerator / denominator;
  const rest = numerator % denominator;
  if (rest === 0n) return quotient;
  const half = rest * 2n - denominator;
  switch (mode) {
    case 'DOWN':
      return quotient;
    case 'UP':
      return quotient + 1n;
    case 'HALF_UP':
      return half >= 0n ? quotient + 1n : quotient;
    case 'HALF_EVEN':
      return half > 0n || (half === 0n && quotient % 2n === 1n) ? quotient + 1n : quotient;
  }
}

/**
 * The contract's rate from a date on: the fixed one, or the index of that date and the spread within floor and cap, and
 * never below nothing (ACTUS technical specification, state transition function of event RR; life cap and life floor).
 *
 * @throws ContractError `REFERENCE_MISSING` where the market's value is no rate; whatever the market throws.
 */
export function contractRate(terms: LoanTerms, date: string, market: Market): bigint {
  const { rate } = terms;
  if (rate.kind === 'FIXED') return scaledRate(rate.annual);
  const published = market.rateOn(rate.index, date);
  if (!/^-?\d{1,3}(\.\d{1,10})?$/.test(published))
    throw new ContractError('REFERENCE_MISSING', `the value of ${rate.index} is no rate`);
  const whole = scaledRate(published) + scaledRate(rate.spread);
  const floor = rate.floor === undefined ? 0n : scaledRate(rate.floor);
  const raised = whole < floor ? floor : whole;
  const cap = rate.cap === undefined ? undefined : scaledRate(rate.cap);
  return cap !== undefined && raised > cap ? cap : raised;
}
