import type { Context } from 'fabric-contract-api';
import { digestOf } from '../../ledger/canonical';
import { addToIndex, exists, requireDocument, writeDocument } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import { check } from '../../ledger/parse';
import { markUnpaid } from '../applications/loan';
import type { LoanSheet } from '../applications/model';
import { CreditLine, Drawdown } from './model';
import { next, type DrawdownEvent } from './states';

const lineKey = (id: string) => `credit-line~${id}`;
const drawdownKey = (loanId: string) => `drawdown~${loanId}`;

/** Enterprise, line. */
export const lineIndex = 'creditLineBy';

/** Line, loan. */
export const drawdownIndex = 'drawdownBy';

const lineCheck = check(CreditLine);
const drawdownCheck = check(Drawdown);

/** Opens the line of a sheet that was just accepted. */
export async function openLine(ctx: Context, sheet: LoanSheet): Promise<void> {
  const { applicationId: lineId, enterprise, account, terms, drawBy } = sheet;
  const line: CreditLine = {
    lineId,
    enterprise,
    account,
    limit: terms.principal,
    sheetDigest: digestOf(sheet),
    drawBy,
    state: 'OPEN',
    loans: [],
    drawdowns: 0,
  };
  await writeLine(ctx, line);
  await addToIndex(ctx, lineIndex, [enterprise, lineId]);
}

/** @throws ContractError `NOT_FOUND`; `STATE_INVALID` where it lies under another's key. */
export async function loadLine(ctx: Context, lineId: string): Promise<CreditLine> {
  const line = await requireDocument(ctx, lineKey(lineId), lineCheck);
  if (line.lineId !== lineId)
    throw new ContractError('STATE_INVALID', 'the stored credit line contradicts itself', 'credit-line');
  return line;
}

/** Writes a line. Two that draw at once both write it, so that the second is invalid and computed again. */
export async function writeLine(ctx: Context, line: CreditLine): Promise<void> {
  await writeDocument(ctx, lineKey(line.lineId), line);
}

/**
 * A loan of the line that was repaid runs again. It counts again; and a line that was closed when nothing was owed is open
 * again, to be closed when that is so.
 */
export async function reopenLine(ctx: Context, lineId: string, loanId: string): Promise<void> {
  const line = await loadLine(ctx, lineId);
  if (line.state === 'CLOSED') await markUnpaid(ctx, lineId);
  const loans = line.loans.includes(loanId) ? line.loans : [...line.loans, loanId];
  await writeLine(ctx, { ...line, state: 'OPEN', loans });
}

/** Writes what was just ordered. @throws ContractError `ALREADY_EXISTS`. */
export async function createDrawdown(ctx: Context, drawdown: Drawdown): Promise<void> {
  const { lineId, loanId } = drawdown;
  if (await exists(ctx, drawdownKey(loanId)))
    throw new ContractError('ALREADY_EXISTS', 'there is a drawdown of this id', 'order.loanId');
  await writeDocument(ctx, drawdownKey(loanId), drawdown);
  await addToIndex(ctx, drawdownIndex, [lineId, loanId]);
}

/** A drawdown of a line. @throws ContractError `NOT_FOUND`. */
export async function loadDrawdown(ctx: Context, lineId: string, loanId: string): Promise<Drawdown> {
  const drawdown = await requireDocument(ctx, drawdownKey(loanId), drawdownCheck);
  if (drawdown.loanId !== loanId || drawdown.lineId !== lineId)
    throw new ContractError('NOT_FOUND', 'there is no such drawdown of the line', 'loanId');
  return drawdown;
}

/** Writes a drawdown as it is after an event. @throws ContractError `STATE_CONFLICT`. */
export async function moveDrawdown(ctx: Context, drawdown: Drawdown, event: DrawdownEvent): Promise<void> {
  const moved: Drawdown = { ...drawdown, state: next(drawdown.state, event) };
  await writeDocument(ctx, drawdownKey(drawdown.loanId), moved);
}
