import { Decimal } from '../decimal';
import type { Contract } from './state';
import { fraction } from './state';

/** What an instalment is fixed for; the amounts carry the contract's sign. */
export interface AnnuityAmounts {
  readonly notional: Decimal;
  readonly accrued: Decimal;
  readonly rate: Decimal;
  /** Whether a redemption at the very time of the fixing is still to come; at the initial exchange it is. */
  readonly inclusive: boolean;
}

/**
 * The instalment that repays a notional with its interest over the redemption times after a time, all instalments being
 * equal: A(s, T, n, a, r) of the technical specification 3.8, with `a` the interest accrued by the first of them. Without a
 * sign. Undefined where no redemption is left.
 */
export function annuity(contract: Contract, time: string, amounts: AnnuityAmounts): Decimal | undefined {
  const times = contract.redemptionTimes.filter(
    (candidate) => candidate > time || (amounts.inclusive && candidate === time),
  );
  const [first] = times;
  if (first === undefined) return undefined;
  const growth = (from: string, to: string): Decimal =>
    fraction(contract, from, to).times(amounts.rate).plus(1);
  let product = new Decimal(1);
  let sum = new Decimal(0);
  for (let index = times.length - 1; index > 0; index -= 1) {
    product = product.times(growth(times[index - 1] ?? first, times[index] ?? first));
    sum = sum.plus(product);
  }
  const untilFirst = fraction(contract, time, first).times(amounts.rate).times(amounts.notional);
  return amounts.notional.plus(amounts.accrued).plus(untilFirst).abs().times(product).div(sum.plus(1));
}
