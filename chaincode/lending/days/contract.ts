import 'reflect-metadata';
import { Context, Contract, Transaction } from 'fabric-contract-api';
import { canonicalJson } from '../../ledger/canonical';
import { emit, requireDocument, writeDocument } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import { check, parseInput } from '../../ledger/parse';
import { requireBankStaff, situationOf } from '../situation';
import { businessDateKey, businessDateOf, findBusinessDate, type BusinessDate } from './business-date';
import { BeginInput, DateInput, DayClose } from './model';
import { openNext, requireNotAhead, startClosing } from './states';

const inputs = { begin: check(BeginInput), date: check(DateInput) } as const;
const closeCheck = check(DayClose);

/** Key of a day's close. */
export const closeKey = (date: string) => `close~${date}`;

/** The bank's business days: begun once, then closed one by one. */
export class DaysContract extends Contract {
  constructor() {
    super('days');
  }

  /** The bank's first business day. Event BusinessDateChanged. */
  @Transaction()
  async Begin(ctx: Context, input: string): Promise<string> {
    const { date } = parseInput(input, inputs.begin);
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
    requireBankStaff(await situationOf(ctx), 'servicer');
    await writeDocument(ctx, businessDateKey, startClosing(await businessDateOf(ctx), date));
    const close: DayClose = {
      date,
      cursor: '',
      pages: 0,
      done: false,
      totals: { loans: 0, accrued: '0', collected: '0', principal: '0', pastDue: 0 },
    };
    await writeDocument(ctx, closeKey(date), close);
    emit(ctx, 'BusinessDateChanged', { date });
    return '';
  }

  /** Opens the next day once every loan of this one is closed. Event BusinessDateChanged. */
  @Transaction()
  async Complete(ctx: Context, input: string): Promise<string> {
    const { date } = parseInput(input, inputs.date);
    const situation = await situationOf(ctx);
    requireBankStaff(situation, 'servicer');
    const close = await requireDocument(ctx, closeKey(date), closeCheck);
    const next = openNext(await businessDateOf(ctx), date, close);
    requireNotAhead(next.date, situation.time.day, situation.simulatedClock);
    await writeDocument(ctx, businessDateKey, next);
    emit(ctx, 'BusinessDateChanged', { date: next.date });
    return '';
  }

  /** The BusinessDate. */
  @Transaction(false)
  async Get(ctx: Context, _input: string): Promise<string> {
    return canonicalJson(await businessDateOf(ctx));
  }

  /** The DayClose of a day. */
  @Transaction(false)
  async GetClose(ctx: Context, input: string): Promise<string> {
    const { date } = parseInput(input, inputs.date);
    return canonicalJson(await requireDocument(ctx, closeKey(date), closeCheck));
  }
}
