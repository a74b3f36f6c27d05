import type { Context } from 'fabric-contract-api';
import { callChaincode } from '../../ledger/call';
import { ContractError } from '../../ledger/errors';
import { rateOn } from '../../registry/reference-data';
import type { Reference } from '../../registry/reference-model';
import type { LoanTerms, Market } from '../engine/loan';
import type { Calendar } from '../engine/time/calendar';

/** What loans take from outside: the rates that theirs follow, and their business days. */
export type MarketOf = (terms: LoanTerms) => Market;

const plainCalendars: Readonly<Record<string, Calendar>> = {
  NONE: { kind: 'NO_CALENDAR' },
  MONDAY_TO_FRIDAY: { kind: 'MONDAY_TO_FRIDAY' },
};

/**
 * Asks the registry once for all that these loans need of the regulator's published data.
 *
 * The answer is not in the read set. That is safe: what has begun to hold never changes, so whoever computes a day later
 * computes the same; a value for a day still to come counts once it is read.
 *
 * @throws ContractError `REFERENCE_MISSING` where the regulator has not published what a loan refers to.
 */
export async function marketFor(ctx: Context, loans: readonly LoanTerms[]): Promise<MarketOf> {
  const codes = [...new Set(loans.flatMap(codesOf))].sort();
  const published = new Map<string, Reference>();
  if (codes.length > 0) {
    const asked = { codes };
    const found = await callChaincode<Reference[]>(ctx, 'registry', 'GetReference', asked, 'registry');
    for (const reference of found) published.set(reference.code, reference);
  }
  return (terms) => ({
    calendar: calendarOf(terms.calendar, published),
    rateOn(index, date) {
      const series = published.get(index);
      if (series?.kind !== 'RATE')
        throw new ContractError('REFERENCE_MISSING', `${index} is not a published rate`);
      return rateOn(series, date);
    },
  });
}

function codesOf({ calendar, rate }: LoanTerms): readonly string[] {
  return [
    ...(Object.hasOwn(plainCalendars, calendar) ? [] : [calendar]),
    ...(rate.kind === 'FLOATING' ? [rate.index] : []),
  ];
}

function calendarOf(code: string, published: ReadonlyMap<string, Reference>): Calendar {
  const plain = Object.hasOwn(plainCalendars, code) ? plainCalendars[code] : undefined;
  if (plain !== undefined) return plain;
  const dated = published.get(code);
  if (dated?.kind !== 'CALENDAR')
    throw new ContractError('REFERENCE_MISSING', `${code} is not a published calendar`);
  return { kind: 'DATED', holidays: dated.holidays, workingWeekends: dated.workingWeekends };
}
