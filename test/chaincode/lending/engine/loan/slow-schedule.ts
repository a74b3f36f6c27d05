import type { LoanTerms } from '../../../../../chaincode/lending/engine/loan';

/** Fractions, dates and schedules for the slow calculation; nothing here is the engine's. */
export interface Fraction {
  readonly n: bigint;
  readonly d: bigint;
}

export const of = (n: bigint, d = 1n): Fraction => ({ n, d });
export const plus = (a: Fraction, b: Fraction): Fraction =>
  a.d === b.d ? of(a.n + b.n, a.d) : of(a.n * b.d + b.n * a.d, a.d * b.d);
export const times = (a: Fraction, b: Fraction): Fraction => of(a.n * b.n, a.d * b.d);
export const over = (a: Fraction, b: Fraction): Fraction => of(a.n * b.d, a.d * b.n);
export const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

export function decimal(text: string): Fraction {
  const [whole = '', part = ''] = text.split('.');
  return of(BigInt(whole + part), 10n ** BigInt(part.length));
}

export function toWhole({ n, d }: Fraction, mode: LoanTerms['rounding']): bigint {
  const below = n / d;
  const twice = (n - below * d) * 2n;
  if (twice === 0n || mode === 'DOWN') return below;
  if (mode === 'UP' || twice > d) return below + 1n;
  if (twice < d) return below;
  return mode === 'HALF_UP' || below % 2n === 1n ? below + 1n : below;
}

const dates = new Map<string, Date>();
export const at = (day: string): Date => {
  const date = dates.get(day) ?? new Date(`${day}T00:00:00Z`);
  dates.set(day, date);
  return date;
};
const text = (date: Date) => date.toISOString().slice(0, 10);
const tomorrows = new Map<string, string>();
export const shift = (day: string, days: number): string => {
  const known = days === 1 ? tomorrows.get(day) : undefined;
  if (known !== undefined) return known;
  const shifted = text(new Date(at(day).getTime() + days * 86_400_000));
  if (days === 1) tomorrows.set(day, shifted);
  return shifted;
};
export const monthDays = (date: Date) =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
export const monthOf = (date: Date) => date.getUTCFullYear() * 12 + date.getUTCMonth();

export interface Part {
  readonly number: number;
  readonly fixedOn: string;
  readonly due: string;
  readonly interest: boolean;
  readonly putOff: boolean;
  readonly principal: boolean;
}

function isCycleDay(terms: LoanTerms, cycle: LoanTerms['interestCycle'], day: string): boolean {
  const [start, date] = [at(terms.startDate), at(day)];
  if (cycle === 'AT_MATURITY') return false;
  if (cycle === 'QUARTER_20') return date.getUTCDate() === 20 && (date.getUTCMonth() + 1) % 3 === 0;
  const months = monthOf(date) - monthOf(start);
  const dayOfMonth =
    terms.paymentDay === 'START' ? Math.min(start.getUTCDate(), monthDays(date)) : terms.paymentDay;
  return months > 0 && months % (cycle === 'MONTHLY' ? 1 : 3) === 0 && date.getUTCDate() === dayOfMonth;
}

function isMaturity(terms: LoanTerms, day: string): boolean {
  const [start, date] = [at(terms.startDate), at(day)];
  return (
    monthOf(date) - monthOf(start) === terms.termMonths &&
    date.getUTCDate() === Math.min(start.getUTCDate(), monthDays(date))
  );
}

/** Where a day goes to when it is a Saturday or a Sunday. */
function moved(terms: LoanTerms, day: string): { fixedOn: string; due: string } {
  const { businessDays, calendar } = terms;
  const rests = (d: string) => [0, 6].includes(at(d).getUTCDay());
  if (businessDays === 'NULL' || businessDays === 'NOS' || calendar === 'NONE')
    return { fixedOn: day, due: day };
  const go = (step: number) => {
    let to = day;
    while (rests(to)) to = shift(to, step);
    return to;
  };
  const step = businessDays.endsWith('F') ? 1 : -1;
  const first = go(step);
  const due = businessDays.includes('M') && first.slice(0, 7) !== day.slice(0, 7) ? go(-step) : first;
  return { fixedOn: businessDays.startsWith('S') ? due : day, due };
}

export function partsOf(terms: LoanTerms): Part[] {
  const parts: Part[] = [];
  let [interests, principals] = [0, 0];
  for (let day = shift(terms.startDate, 1); ; day = shift(day, 1)) {
    const end = isMaturity(terms, day);
    const interest = end || isCycleDay(terms, terms.interestCycle, day);
    const principal =
      end ||
      (terms.type === 'ANN' && interest) ||
      (terms.type === 'LAM' && isCycleDay(terms, terms.principalCycle ?? 'MONTHLY', day));
    if (interest || principal) {
      const days = moved(terms, day);
      if (days.fixedOn > terms.startDate) {
        if (interest) interests += 1;
        if (principal) principals += 1;
        parts.push({
          ...days,
          number: parts.length + 1,
          interest,
          putOff: interest && interests <= terms.grace.interestInstalments,
          principal: principal && (terms.type === 'PAM' || principals > terms.grace.principalInstalments),
        });
      }
    }
    if (end) return parts;
  }
}
