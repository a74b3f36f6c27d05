import 'reflect-metadata';
import { Context, Contract, Transaction } from 'fabric-contract-api';
import { canonicalJson } from '../../ledger/canonical';
import { check, parseInput } from '../../ledger/parse';
import { closeLine } from './close';
import { orderDrawdown, withdrawDrawdown } from './draw';
import {
  DrawdownInput,
  DrawQuoteInput,
  LineIdInput,
  ListDrawdownsInput,
  ListLinesInput,
  OrderDrawInput,
} from './model';
import { getDrawdown, getLine, listDrawdowns, listLines, quoteDraw } from './views';

const inputs = {
  draw: check(OrderDrawInput),
  drawdown: check(DrawdownInput),
  drawdowns: check(ListDrawdownsInput),
  lineId: check(LineIdInput),
  list: check(ListLinesInput),
  quote: check(DrawQuoteInput),
} as const;

/** Credit lines from their acceptance to their end. Money is drawn through `approvals`, on the borrower's signed order. */
export class LinesContract extends Contract {
  constructor() {
    super('lines');
  }

  /** The borrower's signatories order a drawdown. Event DrawdownOrdered. */
  @Transaction()
  async Draw(ctx: Context, input: string): Promise<string> {
    const { order, signatures } = parseInput(input, inputs.draw);
    await orderDrawdown(ctx, order, signatures);
    return '';
  }

  /** The borrower takes an order back that is not paid out yet. Event DrawdownWithdrawn. */
  @Transaction()
  async WithdrawDraw(ctx: Context, input: string): Promise<string> {
    const { lineId, loanId } = parseInput(input, inputs.drawdown);
    await withdrawDrawdown(ctx, lineId, loanId);
    return '';
  }

  /** Closes a line under which no loan runs. Event CreditLineClosed. */
  @Transaction()
  async Close(ctx: Context, input: string): Promise<string> {
    await closeLine(ctx, parseInput(input, inputs.lineId).lineId);
    return '';
  }

  /** A CreditLineView. */
  @Transaction(false)
  async Get(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await getLine(ctx, parseInput(input, inputs.lineId).lineId));
  }

  /** A page of CreditLineView. */
  @Transaction(false)
  async List(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await listLines(ctx, parseInput(input, inputs.list)));
  }

  /** A DrawQuote: what a drawdown of today would cost. */
  @Transaction(false)
  async Quote(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await quoteDraw(ctx, parseInput(input, inputs.quote)));
  }

  /** A Drawdown. */
  @Transaction(false)
  async GetDrawdown(ctx: Context, input: string): Promise<string> {
    const { lineId, loanId } = parseInput(input, inputs.drawdown);
    return canonicalJson(await getDrawdown(ctx, lineId, loanId));
  }

  /** A page of a line's Drawdown. */
  @Transaction(false)
  async ListDrawdowns(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await listDrawdowns(ctx, parseInput(input, inputs.drawdowns)));
  }
}
