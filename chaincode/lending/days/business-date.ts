import type { Context } from 'fabric-contract-api';
import { Type, type Static } from 'typebox';
import { addDays } from '../../ledger/calendar';
import { readDocument } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import { check } from '../../ledger/parse';
import { CalendarDate, strict } from '../../ledger/schemas';

/**
 * `business-date`: the date that the bank's books are at, in UTC+8. It changes twice a day and every act that moves money
 * reads it, so that what was endorsed before a change cannot be committed after it.
 */
export const BusinessDate = Type.Object(
  { date: CalendarDate, state: Type.Union([Type.Literal('OPEN'), Type.Literal('CLOSING')]) },
  strict,
);
export type BusinessDate = Static<typeof BusinessDate>;

export const businessDateKey = 'business-date';

const businessDateCheck = check(BusinessDate);

/** The business date, if the bank has begun. */
export async function findBusinessDate(ctx: Context): Promise<BusinessDate | undefined> {
  return readDocument(ctx, businessDateKey, businessDateCheck);
}

/** @throws ContractError `BUSINESS_DAY_NOT_OPEN` before the bank's first business day. */
export async function businessDateOf(ctx: Context): Promise<BusinessDate> {
  const found = await findBusinessDate(ctx);
  if (found === undefined)
    throw new ContractError('BUSINESS_DAY_NOT_OPEN', 'the bank has not begun its first business day');
  return found;
}

/** The date that an act counts from: the business date, or the next one once it is being closed (after the cut-off). */
export function valueDateOf({ date, state }: BusinessDate): string {
  return state === 'OPEN' ? date : addDays(date, 1);
}
