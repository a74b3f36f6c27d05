import type { Logger } from 'pino';
import { addDays } from '../../chaincode/ledger/calendar';
import type { BusinessDate } from '../../chaincode/lending/days/business-date';
import { maxPage, type ControlTotals, type DayClose } from '../../chaincode/lending/days/model';
import { LedgerError } from '../ledger/errors';

/** The bank's business days as the servicing agent works on them. */
export interface Days {
  /** Where the books are; undefined before the first business day. */
  current(): Promise<BusinessDate | undefined>;
  close(date: string): Promise<DayClose>;
  /** Closes a day at once. @throws LedgerError `LOANS_NOT_CLOSED` where one transaction does not take all its loans. */
  closeWhole(date: string, loans: number): Promise<void>;
  startClose(date: string): Promise<void>;
  closePage(date: string, loans: number): Promise<void>;
  complete(date: string): Promise<void>;
}

interface ServicingOptions {
  readonly days: Days;
  readonly logger: Logger;
  /** Loans in a page at first; a page that meets a conflict is halved. */
  readonly page?: number;
}

/** What else may have happened meanwhile: another agent, or this one before it was killed, was quicker. */
const overtaken: ReadonlySet<string> = new Set([
  'BUSINESS_DAY_NOT_OPEN',
  'BUSINESS_DAY_NOT_CLOSING',
  'LOANS_NOT_CLOSED',
  // A page after the last one.
  'STATE_CONFLICT',
]);

/**
 * Closes a bank's business days in order. It keeps nothing between two steps: each asks the ledger where the close is,
 * so it may be killed at any moment, and two of them at once do the work of one.
 */
export class ServicingAgent {
  readonly #stop = new AbortController();
  /** Whether one transaction may take a day's loans, until it turned out not to. */
  #whole = true;

  constructor(private readonly options: ServicingOptions) {}

  /** Ends after the step that is under way. */
  stop(): void {
    this.#stop.abort();
  }

  /**
   * Closes every day up to and including `through`; those that were missed first.
   *
   * @returns control totals by day, of the days whose close this call completed or saw completed.
   * @throws LedgerError where the ledger cannot be reached or refuses.
   */
  async closeThrough(through: string): Promise<ReadonlyMap<string, ControlTotals>> {
    const closed = new Map<string, ControlTotals>();
    let page = this.options.page ?? maxPage;
    let working: string | undefined;
    for (;;) {
      const current = await this.options.days.current();
      if (current !== undefined && working !== undefined && current.date > working) {
        const { totals } = await this.options.days.close(working);
        this.options.logger.info({ date: working, ...totals }, 'business day closed');
        closed.set(working, totals);
        page = this.options.page ?? maxPage;
      }
      if (current === undefined || current.date > through || this.#stop.signal.aborted) return closed;
      working = current.date;
      try {
        await this.#step(current, page);
      } catch (error) {
        if (!(error instanceof LedgerError)) throw error;
        if (error.code === 'LOANS_NOT_CLOSED') this.#whole = false;
        // Payments keep coming: fewer loans in a transaction meet fewer of them.
        if (error.code === 'STATE_CHANGED') page = Math.max(1, Math.floor(page / 2));
        // Whether it came through shows when the ledger is asked again.
        else if (!overtaken.has(error.code) && error.code !== 'TRANSACTION_STATUS_UNKNOWN') throw error;
      }
    }
  }

  async #step({ date, state }: BusinessDate, page: number): Promise<void> {
    const { days } = this.options;
    if (state === 'OPEN') {
      await (this.#whole ? days.closeWhole(date, page) : days.startClose(date));
      return;
    }
    const { done } = await days.close(date);
    await (done ? days.complete(date) : days.closePage(date, page));
  }
}

/** The last day that a bank can close on a real clock: yesterday, in UTC+8. */
export function lastDayOver(today: string): string {
  return addDays(today, -1);
}
