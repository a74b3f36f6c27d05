import { daysBetween } from '../../ledger/calendar';
import { Decimal } from '../engine/decimal';

/** Money on a day: what the borrower receives is positive, what it pays negative; in fen. */
export interface CashFlow {
  readonly date: string;
  readonly amount: bigint;
}

const iterations = 100;

/**
 * The all-in annual rate: the internal rate of return of dated cash flows, as an effective rate a year of 365 days, the
 * compound method of the People's Bank of China's announcement 2021 No. 3 on showing loans' annual rates. It is the i for
 * which the sum of amount ÷ (1 + i)^(days ÷ 365) is zero, with days counted from the first flow.
 *
 * Solved for the day's discount factor, whose powers are whole, by Newton's method inside a bracket that bisection keeps.
 *
 * @returns the rate rounded up to six places, so that it never states less than the loan costs; undefined where the
 * borrower receives nothing or pays nothing back, or the rate is beyond a hundredfold a year.
 */
export function allInAnnualRate(flows: readonly CashFlow[]): Decimal | undefined {
  const dated = byDay(flows);
  const [first] = dated;
  if (first === undefined || first.amount.lte(0)) return undefined;
  if (dated.every(({ amount }) => amount.gte(0))) return undefined;
  // Discount factors of a day: 1 is a rate of nothing, the lower one a rate of 100 (10,000 %) a year.
  const factors = { low: new Decimal(101).pow(new Decimal(-1).div(365)), high: new Decimal(1) };
  // What comes back is worth less the more it is discounted: the value falls as the factor rises.
  if (valueAt(dated, factors.high).value.gt(0)) return undefined;
  if (valueAt(dated, factors.low).value.lt(0)) return undefined;
  let { low, high } = factors;
  let factor = low.plus(high).div(2);
  for (let step = 0; step < iterations && high.minus(low).gt('1e-25'); step++) {
    const { value, slope } = valueAt(dated, factor);
    if (value.gt(0)) low = factor;
    else high = factor;
    const guess = slope.isZero() ? high : factor.minus(value.div(slope));
    const next = guess.gt(low) && guess.lt(high) ? guess : low.plus(high).div(2);
    if (next.minus(factor).abs().lt('1e-30')) break;
    factor = next;
  }
  const annual = new Decimal(1).div(factor).pow(365).minus(1);
  // Beyond the method's own precision nothing is rounded up.
  return annual.toDecimalPlaces(18, Decimal.ROUND_HALF_UP).toDecimalPlaces(6, Decimal.ROUND_UP);
}

interface Dated {
  readonly days: number;
  readonly amount: Decimal;
}

/** The flows by day, each day once, in order. */
function byDay(flows: readonly CashFlow[]): readonly Dated[] {
  const start = flows.reduce<string | undefined>(
    (earliest, { date }) => (earliest === undefined || date < earliest ? date : earliest),
    undefined,
  );
  if (start === undefined) return [];
  const sums = new Map<number, bigint>();
  for (const { date, amount } of flows) {
    const days = daysBetween(start, date);
    sums.set(days, (sums.get(days) ?? 0n) + amount);
  }
  return [...sums]
    .sort(([a], [b]) => a - b)
    .map(([days, amount]) => ({ days, amount: new Decimal(amount.toString()) }));
}

/** Present value at a day's discount factor, and its slope there, by Horner's scheme from the last flow back. */
function valueAt(
  dated: readonly Dated[],
  factor: Decimal,
): { readonly value: Decimal; readonly slope: Decimal } {
  let value = new Decimal(0);
  let slope = new Decimal(0);
  let later: number | undefined;
  for (const { days, amount } of [...dated].reverse()) {
    if (later !== undefined) {
      const gap = later - days;
      const below = factor.pow(gap - 1);
      slope = slope.times(below).times(factor).plus(value.times(gap).times(below));
      value = value.times(below).times(factor);
    }
    value = value.plus(amount);
    later = days;
  }
  return { value, slope };
}
