import type { Context } from 'fabric-contract-api';
import { callChaincode } from '../../ledger/call';
import { ContractError } from '../../ledger/errors';
import { rateOn } from '../../registry/reference-data';
import type { Reference } from '../../registry/reference-model';
import type { Market } from '../engine/loan';
import type { Product } from '../products/model';

/** What a product's prices rest on that the regulator publishes. */

/**
 * Asks the registry for the rates and calendars that a product refers to. The answer is not in the read set: published
 * values of days that have begun never change.
 */
export async function publishedFor(ctx: Context, product: Product): Promise<readonly Reference[]> {
  const asked = { codes: referencesOf(product) };
  return callChaincode<readonly Reference[]>(ctx, 'registry', 'GetReference', asked, 'registry');
}

/** Codes of the published data that a product's sheet is computed with. */
function referencesOf({ pricing, ceilings, terms }: Product): readonly string[] {
  const codes = new Set<string>([pricing.index]);
  for (const { ceiling } of ceilings) if (ceiling.kind === 'MULTIPLE') codes.add(ceiling.index);
  if (terms.calendar !== 'NONE' && terms.calendar !== 'MONDAY_TO_FRIDAY') codes.add(terms.calendar);
  return [...codes].sort();
}

/** Published data as the engine takes them. */
export function marketOf(references: readonly Reference[], calendarCode: string): Market {
  const dated = references.find(({ code, kind }) => code === calendarCode && kind === 'CALENDAR');
  return {
    rateOn: (index, date) => indexOn(references, index, date),
    calendar:
      dated?.kind === 'CALENDAR'
        ? { kind: 'DATED', holidays: dated.holidays, workingWeekends: dated.workingWeekends }
        : { kind: 'NO_CALENDAR' },
  };
}

/** A published rate on a day. @throws ContractError `REFERENCE_MISSING`. */
export function indexOn(references: readonly Reference[], index: string, date: string): string {
  const series = references.find(({ code }) => code === index);
  if (series?.kind !== 'RATE')
    throw new ContractError('REFERENCE_MISSING', `nothing is published under ${index}`, 'product');
  return rateOn(series, date);
}
