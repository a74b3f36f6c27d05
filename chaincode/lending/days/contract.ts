import 'reflect-metadata';
import { Context, Contract, Transaction } from 'fabric-contract-api';
import { canonicalJson } from '../../ledger/canonical';
import { emit, writeDocument } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import { check, parseInput } from '../../ledger/parse';
import { NoInput } from '../../registry/model';
import { situationOf } from '../../registry/situation';
import { requireBankStaff, requireInsight } from '../situation';
import {
  businessDateKey,
  businessDateOf,
  findBusinessDate,
  valueDateOf,
  type BusinessDate,
} from './business-date';
import { closeKey, closePage, closeWhole, loadClose, newClose } from './close';
import { ClosePageInput, DateInput } from './model';
import { openNext, requireNotAhead, startClosing } from './states';

const inputs = {
  date: check(DateInput),
  page: check(ClosePageInput),
  none: check(NoInput),
} as const;

/** The bank's business days: begun once, then closed one by one. */
export class DaysContract extends Contract {
  constructor() {
    super('days');
  }

  /** The bank's first business day. Event BusinessDateChanged. */
  @Transaction()
  async Begin(ctx: Context, input: string): Promise<string> {
    const { date } = parseInput(input, inputs.date);
    const situation = await situationOf(ctx);
    requireBankStaff(situation, 'servicer', 'treasurer');
    if ((await findBusinessDate(ctx)) !== undefined)
      throw new ContractError('ALREADY_EXISTS', 'the bank has begun its first business day');
    requireNotAhead(date, situation.time.day, situation.simulatedClock);
    await writeDocument(ctx, businessDateKey, { date, state: 'OPEN' } satisfies BusinessDate);
    emit(ctx, 'BusinessDateChanged', { date });
    return '';
  }

  /** Begins the close of the day: what comes now counts from the next day. Event BusinessDateChanged. */
  @Transaction()
  async StartClose(ctx: Context, input: string): Promise<string> {
    const { date } = parseInput(input, inputs.date);
    const situation = await situationOf(ctx);
    requireBankStaff(situation, 'servicer');
    const closing = startClosing(await businessDateOf(ctx), date);
    requireNotAhead(valueDateOf(closing), situation.time.day, situation.simulatedClock);
    await writeDocument(ctx, businessDateKey, closing);
    await writeDocument(ctx, closeKey(date), newClose(date));
    emit(ctx, 'BusinessDateChanged', { date });
    return '';
  }

  /** Closes the day for the next so many loans, in the order of their ids. Event LoansClosed. */
  @Transaction()
  async ClosePage(ctx: Context, input: string): Promise<string> {
    const { date, loans } = parseInput(input, inputs.page);
    requireBankStaff(await situationOf(ctx), 'servicer');
    const { pages } = await closePage(ctx, date, loans);
    emit(ctx, 'LoansClosed', { date, pages });
    return '';
  }

  /**
   * Closes a day in one transaction where it takes all the loans: Start, the only page, and Complete at once. Event
   * BusinessDateChanged.
   */
  @Transaction()
  async CloseWhole(ctx: Context, input: string): Promise<string> {
    const { date, loans } = parseInput(input, inputs.page);
    const situation = await situationOf(ctx);
    requireBankStaff(situation, 'servicer');
    const next = await closeWhole(ctx, date, loans);
    requireNotAhead(next.date, situation.time.day, situation.simulatedClock);
    await writeDocument(ctx, businessDateKey, next);
    emit(ctx, 'BusinessDateChanged', { date: next.date });
    return '';
  }

  /** Opens the next day once every loan of this one is closed. Event BusinessDateChanged. */
  @Transaction()
  async Complete(ctx: Context, input: string): Promise<string> {
    const { date } = parseInput(input, inputs.date);
    const situation = await situationOf(ctx);
    requireBankStaff(situation, 'servicer');
    const next = openNext(await businessDateOf(ctx), date, await loadClose(ctx, date));
    requireNotAhead(next.date, situation.time.day, situation.simulatedClock);
    await writeDocument(ctx, businessDateKey, next);
    emit(ctx, 'BusinessDateChanged', { date: next.date });
    return '';
  }

  /** The BusinessDate. */
  @Transaction(false)
  async Get(ctx: Context, input: string): Promise<string> {
    parseInput(input, inputs.none);
    return canonicalJson(await businessDateOf(ctx));
  }

  /** The DayClose of a day, for the bank's staff and the supervisor: its totals are the bank's whole book. */
  @Transaction(false)
  async GetClose(ctx: Context, input: string): Promise<string> {
    const { date } = parseInput(input, inputs.date);
    requireInsight(await situationOf(ctx));
    return canonicalJson(await loadClose(ctx, date));
  }
}
