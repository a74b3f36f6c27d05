import { addDays } from '../../ledger/calendar';
import { ContractError } from '../../ledger/errors';
import type { BusinessDate } from './business-date';
import type { DayClose } from './model';

/**
 * The business date as a table: `OPEN d` → StartClose → `CLOSING d` → Complete → `OPEN d+1`. Each act names the day that
 * it means, so that a repeated call does nothing to the next day.
 */

/** @throws ContractError `BUSINESS_DATE_AHEAD` where a date has not come yet and the clock is a real one. */
export function requireNotAhead(date: string, today: string, simulatedClock: boolean): void {
  if (!simulatedClock && date > today)
    throw new ContractError('BUSINESS_DATE_AHEAD', 'the date has not come yet', 'date');
}

/** From `OPEN d` to `CLOSING d`. @throws ContractError `BUSINESS_DAY_NOT_OPEN`. */
export function startClosing(current: BusinessDate, date: string): BusinessDate {
  if (current.state !== 'OPEN' || current.date !== date)
    throw new ContractError(
      'BUSINESS_DAY_NOT_OPEN',
      `the bank is at ${current.state} ${current.date}`,
      'date',
    );
  return { date, state: 'CLOSING' };
}

/** @throws ContractError `BUSINESS_DAY_NOT_CLOSING` unless this day is being closed. */
export function requireClosing(current: BusinessDate, date: string): void {
  if (current.state !== 'CLOSING' || current.date !== date)
    throw new ContractError(
      'BUSINESS_DAY_NOT_CLOSING',
      `the bank is at ${current.state} ${current.date}`,
      'date',
    );
}

/** From `CLOSING d` to `OPEN d+1`. @throws ContractError `BUSINESS_DAY_NOT_CLOSING`, `LOANS_NOT_CLOSED`. */
export function openNext(current: BusinessDate, date: string, close: DayClose): BusinessDate {
  requireClosing(current, date);
  if (!close.done || close.date !== date)
    throw new ContractError('LOANS_NOT_CLOSED', 'not every loan of the day is closed yet', 'date');
  return { date: addDays(date, 1), state: 'OPEN' };
}
