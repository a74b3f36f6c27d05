import type { Context } from 'fabric-contract-api';
import type { Caller } from '../ledger/caller';
import { requireRole } from '../ledger/caller';
import { readDocument, writeDocument } from '../ledger/documents';
import { ContractError } from '../ledger/errors';
import { check } from '../ledger/parse';
import { setKeyPolicy } from '../ledger/policies';
import { hasOrganisationRole, mspsOfRole } from './consortium';
import type { Consortium } from './model';
import { Reference, type DatedCalendar, type RateSeries } from './reference-model';

/** Key of published data. */
export const referenceKey = (code: string) => `reference~${code}`;

const referenceCheck = check(Reference);

/**
 * The value of a series on a day: the latest that holds from that day or an earlier one.
 *
 * @throws ContractError `REFERENCE_MISSING` where the series begins later.
 */
export function rateOn({ values }: RateSeries, date: string): string {
  const found = values.findLast(({ from }) => from <= date);
  if (found === undefined)
    throw new ContractError('REFERENCE_MISSING', `no value is published for ${date}`, 'code');
  return found.annual;
}

/**
 * What may follow what: the next version of the same kind. What has begun to hold stays as it is, since loans were computed
 * with it; what lies in the future may still be changed, as calendars are.
 *
 * @param today what lies before it stays.
 * @throws ContractError `VERSION_CONFLICT`, `INVALID_INPUT`.
 */
export function checkSuccessor(next: Reference, stored: Reference | undefined, today: string): void {
  checkOrder(next);
  if (next.version !== (stored?.version ?? 0) + 1)
    throw new ContractError(
      'VERSION_CONFLICT',
      `the version published is ${stored?.version ?? 0}`,
      'version',
    );
  if (stored === undefined) return;
  if (stored.kind === 'RATE' && next.kind === 'RATE') {
    const past = (series: RateSeries) =>
      series.values.filter(({ from }) => from < today).map(({ from, annual }) => `${from} ${annual}`);
    if (!same(past(stored), past(next))) changesPast('values');
    return;
  }
  if (stored.kind === 'CALENDAR' && next.kind === 'CALENDAR') {
    if (next.from > stored.from || next.to < stored.to) changesPast('from');
    for (const list of ['holidays', 'workingWeekends'] as const) {
      const past = (calendar: DatedCalendar) =>
        calendar[list].filter((date) => date >= stored.from && date < today);
      if (!same(past(stored), past(next))) changesPast(list);
    }
    return;
  }
  throw new ContractError('INVALID_INPUT', 'is of another kind than what is published', 'kind');
}

/** Publishes data; the first version takes the channel's endorsements, each later one the regulator's alone. */
export async function publishReference(
  ctx: Context,
  consortium: Consortium,
  caller: Caller,
  given: Reference,
  today: string,
): Promise<void> {
  requireRole(caller, 'supervisor');
  if (!hasOrganisationRole(consortium, caller.msp, 'regulator'))
    throw new ContractError('UNAUTHORISED_ROLE', 'this takes an organisation of the role regulator');
  const key = referenceKey(given.code);
  const stored = await readDocument(ctx, key, referenceCheck);
  checkSuccessor(given, stored, today);
  await writeDocument(ctx, key, given);
  if (stored === undefined)
    await setKeyPolicy(
      ctx,
      key,
      mspsOfRole(consortium, 'regulator').map((msp) => [msp]),
    );
}

/** What is published under these codes. @throws ContractError `REFERENCE_MISSING` where one is not. */
export async function loadReferences(ctx: Context, codes: readonly string[]): Promise<readonly Reference[]> {
  const found: Reference[] = [];
  for (const code of codes) {
    const reference = await readDocument(ctx, referenceKey(code), referenceCheck);
    if (reference?.code !== code)
      throw new ContractError('REFERENCE_MISSING', `nothing is published under ${code}`, 'codes');
    found.push(reference);
  }
  return found;
}

function checkOrder(reference: Reference): void {
  const lists =
    reference.kind === 'RATE'
      ? { values: reference.values.map(({ from }) => from) }
      : { holidays: reference.holidays, workingWeekends: reference.workingWeekends };
  for (const [name, dates] of Object.entries(lists))
    if (dates.some((date, index) => index > 0 && date <= (dates[index - 1] ?? '')))
      throw new ContractError('INVALID_INPUT', 'is not in ascending order of dates', name);
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((entry, index) => entry === b[index]);
}

function changesPast(field: string): never {
  throw new ContractError('STATE_CONFLICT', 'changes what has begun to hold', field);
}
