import type { Context } from 'fabric-contract-api';
import { requireDocument, writeDocument } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import { fen, toFen } from '../../ledger/money';
import { check } from '../../ledger/parse';
import { Books } from '../books/books';
import type { Market } from '../engine/loan';
import { marketFor } from '../loans/market';
import type { ClosedDay, Loan, StoredPosition } from '../loans/model';
import { hasEnded, loansOf, positionsAfter, retire } from '../loans/store';
import { LoanWork, closedDay } from '../loans/work';
import { businessDateOf, type BusinessDate } from './business-date';
import { DayClose, type ControlTotals } from './model';
import { openNext, requireClosing, startClosing } from './states';

const closeCheck = check(DayClose);

/** Key of a day's close. */
export const closeKey = (date: string) => `close~${date}`;

/** How far the close of a day has come. @throws ContractError `NOT_FOUND`. */
export async function loadClose(ctx: Context, date: string): Promise<DayClose> {
  return requireDocument(ctx, closeKey(date), closeCheck);
}

/** The close of a day before its first page. */
export function newClose(date: string): DayClose {
  return {
    date,
    cursor: '',
    pages: 0,
    done: false,
    totals: { loans: 0, accrued: '0', collected: '0', principal: '0', pastDue: 0 },
  };
}

/**
 * Closes the day for the next loans. Who comes second, after a conflict or with a second agent, meets another cursor and
 * goes on there. A loan that an act has closed already, since payments may arrive meanwhile, is only counted.
 *
 * @throws ContractError `BUSINESS_DAY_NOT_CLOSING`; `STATE_CONFLICT` where all are closed.
 */
export async function closePage(ctx: Context, date: string, most: number): Promise<DayClose> {
  requireClosing(await businessDateOf(ctx), date);
  const close = await loadClose(ctx, date);
  if (close.done) throw new ContractError('STATE_CONFLICT', 'every loan of the day is closed', 'date');
  const after = await nextPage(ctx, close, most);
  await writeDocument(ctx, closeKey(date), after);
  return after;
}

/**
 * Closes a whole day at once, where one transaction takes all its loans.
 *
 * @throws ContractError `LOANS_NOT_CLOSED` where there are more loans than that; `BUSINESS_DAY_NOT_OPEN`.
 */
export async function closeWhole(ctx: Context, date: string, most: number): Promise<BusinessDate> {
  const closing = startClosing(await businessDateOf(ctx), date);
  const close = await nextPage(ctx, newClose(date), most);
  await writeDocument(ctx, closeKey(date), close);
  return openNext(closing, date, close);
}

async function nextPage(ctx: Context, close: DayClose, most: number): Promise<DayClose> {
  const { date } = close;
  const pages = close.pages + 1;
  const page = await positionsAfter(ctx, close.cursor, most);
  const closed = await closeLoans(ctx, page, { date, entryId: `close.${date}.${pages}` });
  return {
    ...close,
    cursor: page.at(-1)?.loanId ?? close.cursor,
    pages,
    done: page.length < most,
    totals: closed.reduce(addTo, close.totals),
  };
}

async function closeLoans(
  ctx: Context,
  page: readonly StoredPosition[],
  { date, entryId }: { readonly date: string; readonly entryId: string },
): Promise<readonly ClosedDay[]> {
  const loans = await loansOf(ctx, page);
  const market = await marketFor(
    ctx,
    [...loans.values()].map(({ terms }) => terms),
  );
  const books = new Books(ctx, date);
  const closed: ClosedDay[] = [];
  for (const stored of page) {
    const loan = loans.get(stored.loanId);
    if (loan === undefined) throw new ContractError('STATE_INVALID', 'a position has no loan', 'position');
    const last = isOpen(stored, date)
      ? await closeLoan(ctx, books, market(loan.terms), loan, stored, date)
      : stored;
    closed.push(dayOf(last, date));
    if (hasEnded(last.position)) await retire(ctx, loan, last);
  }
  await books.flush({ entryId, kind: 'DAY_CLOSE', reference: date });
  return closed;
}

/** A loan that an act of the next day brought up already is only counted, and so is one that has ended. */
function isOpen({ position }: StoredPosition, date: string): boolean {
  return !hasEnded(position) && position.closedThrough < date;
}

async function closeLoan(
  ctx: Context,
  books: Books,
  market: Market,
  loan: Loan,
  stored: StoredPosition,
  date: string,
): Promise<StoredPosition> {
  const work = new LoanWork(ctx, books, market, loan, stored);
  await work.close(date);
  await work.flush();
  return work.stored;
}

/** What a day of a loan came to. A loan that was repaid on the day ends with it; one that begins after it adds nothing. */
function dayOf({ position, closed }: StoredPosition, date: string): ClosedDay {
  const found = hasEnded(position) ? closedDay(position) : closed;
  if (found?.date === date) return found;
  const { principal, daysPastDue } = position;
  return { date, accrued: '0', collected: '0', principal, daysPastDue };
}

function addTo(totals: ControlTotals, day: ClosedDay): ControlTotals {
  return {
    loans: totals.loans + 1,
    accrued: toFen(fen(totals.accrued) + fen(day.accrued)),
    collected: toFen(fen(totals.collected) + fen(day.collected)),
    principal: toFen(fen(totals.principal) + fen(day.principal)),
    pastDue: totals.pastDue + (day.daysPastDue > 0 ? 1 : 0),
  };
}
