import { addDays, addMonths } from '../../../ledger/calendar';
import { Decimal } from '../../engine/decimal';
import { amountOf, latestEnd, recordsOf, sumOf, valueOf, windowOf, ratio, type Facts } from './facts';

/** Measures of how an enterprise stands with registration, tax office, social insurance and its own statements. */

/** Registration as of the latest record. */
const registrationOf = (facts: Facts) => recordsOf(facts, 'business-registration').at(-1);

/** Whole months since the day of establishment ÷ 12. */
export function yearsInBusiness(facts: Facts): string | null {
  const since = registrationOf(facts)?.fields.establishedOn;
  if (typeof since !== 'string' || since > facts.day) return null;
  let months = 0;
  while (addMonths(since, months + 1) <= facts.day) months++;
  return valueOf(new Decimal(months).div(12));
}

/** 1 where the registration's status is IN_OPERATION, 0 where it is another. */
export function operating(facts: Facts): string | null {
  const status = registrationOf(facts)?.fields.operatingStatus;
  if (typeof status !== 'string') return null;
  return status === 'IN_OPERATION' ? '1' : '0';
}

const ratings = ['D', 'C', 'M', 'B', 'A'];

/** The tax office's latest yearly credit rating as a number: A 4, B 3, M (new) 2, C 1, D 0. */
export function taxCreditRating(facts: Facts): string | null {
  const rating = recordsOf(facts, 'tax-credit-rating').at(-1)?.fields.rating;
  const value = typeof rating === 'string' ? ratings.indexOf(rating) : -1;
  return value < 0 ? null : String(value);
}

/** Tax in arrears, in fen: the sum of what is delivered; 0 where the tax office delivered that there is none. */
export function taxArrears(facts: Facts): string | null {
  if (!facts.delivered.includes('tax-arrears')) return null;
  const records = recordsOf(facts, 'tax-arrears');
  return records.length === 0 ? '0' : (sumOf(records, 'amount')?.toString() ?? null);
}

/** Number of administrative penalties that are not paid or served. */
export function penaltiesUnsettled(facts: Facts): string | null {
  if (!facts.delivered.includes('administrative-penalty')) return null;
  const records = recordsOf(facts, 'administrative-penalty');
  if (!records.every(({ fields }) => typeof fields.settled === 'boolean')) return null;
  return String(records.filter(({ fields }) => fields.settled === false).length);
}

/** Number of administrative penalties decided in the 24 months before the decision. */
export function penaltiesRecent(facts: Facts): string | null {
  if (!facts.delivered.includes('administrative-penalty')) return null;
  const since = addMonths(facts.day, -24);
  const days = recordsOf(facts, 'administrative-penalty').map(({ fields }) => fields.decidedOn);
  if (!days.every((day) => typeof day === 'string')) return null;
  return String(days.filter((day) => day >= since).length);
}

/** (payroll of the latest six months − that of the six before) ÷ that of the six before. */
export function payrollTrend(facts: Facts): string | null {
  const records = recordsOf(facts, 'social-insurance');
  const end = latestEnd(records);
  const latest = end === undefined ? undefined : windowOf(records, end, 6);
  const first = latest?.[0];
  const before = first === undefined ? undefined : windowOf(records, addDays(first.period.from, -1), 6);
  const now = latest && sumOf(latest, 'payroll');
  const then = before && sumOf(before, 'payroll');
  if (now === undefined || then === undefined) return null;
  return valueOf(ratio(now - then, then));
}

/** What a loan would cost in a year, to hold against the cash that is there for it. */
export interface LoanAsked {
  readonly amount: bigint;
  readonly termMonths: number;
  /** Annual rate to test with. */
  readonly testRate: string;
}

/** Cash for debt service by the latest annual statement, and what existing debt takes of it; in fen. */
export function cashForDebt(facts: Facts): { readonly cash: bigint; readonly interest: bigint } | undefined {
  const statement = recordsOf(facts, 'financial-statement').at(-1);
  if (statement === undefined) return undefined;
  const flow = amountOf(statement, 'operatingCashFlow');
  const interest = amountOf(statement, 'interestExpense');
  return flow === undefined || interest === undefined ? undefined : { cash: flow + interest, interest };
}

/** A year's interest and principal for each fen borrowed: principal in equal shares of the term, at most all of it. */
export function serviceShare({ termMonths, testRate }: Omit<LoanAsked, 'amount'>): Decimal {
  const principal = termMonths <= 12 ? new Decimal(1) : new Decimal(12).div(termMonths);
  return principal.plus(testRate);
}

/**
 * Debt service coverage: (operating cash flow + interest expense) ÷ (interest expense + a year's service of the loan asked
 * for, at the product's test rate), by the latest annual statement. Statements do not tell the repayments due on existing
 * borrowings, so the measure counts their interest alone.
 */
export function debtServiceCoverage(facts: Facts, asked: LoanAsked): string | null {
  const found = cashForDebt(facts);
  if (found === undefined) return null;
  const service = serviceShare(asked).times(asked.amount.toString()).plus(found.interest.toString());
  return service.lte(0) ? null : valueOf(new Decimal(found.cash.toString()).div(service));
}
