import 'reflect-metadata';
import { Context, Contract, Transaction } from 'fabric-contract-api';
import { canonicalJson } from '../../ledger/canonical';
import { check, parseInput } from '../../ledger/parse';
import { PrepayOrder, RepayOrder, SignedOrder } from '../books/payment-order';
import { prepay, repay } from './acts';
import { ListLoansInput, LoanIdInput, QuoteInput } from './model';
import { factsOf, getLoan, listLoans, quoteOf, scheduleOf } from './views';

const inputs = {
  loanId: check(LoanIdInput),
  list: check(ListLoansInput),
  quote: check(QuoteInput),
  repay: check(SignedOrder(RepayOrder)),
  prepay: check(SignedOrder(PrepayOrder)),
} as const;

/** Loans from the disbursement to the last repayment. What two officers decide comes through `approvals`. */
export class LoansContract extends Contract {
  constructor() {
    super('loans');
  }

  /** The borrower's signed order pays what is due. Event LoanPaid. */
  @Transaction()
  async Repay(ctx: Context, input: string): Promise<string> {
    const { order, signatures } = parseInput(input, inputs.repay);
    await repay(ctx, order, signatures);
    return '';
  }

  /** The borrower's signed order pays principal before it is due, as quoted for the day. Event LoanPaid. */
  @Transaction()
  async Prepay(ctx: Context, input: string): Promise<string> {
    const { order, signatures } = parseInput(input, inputs.prepay);
    await prepay(ctx, order, signatures);
    return '';
  }

  /** A LoanView. */
  @Transaction(false)
  async Get(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await getLoan(ctx, parseInput(input, inputs.loanId).loanId));
  }

  /** A page of LoanView. */
  @Transaction(false)
  async List(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await listLoans(ctx, parseInput(input, inputs.list)));
  }

  /** StoredFact, all of a loan. */
  @Transaction(false)
  async Facts(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await factsOf(ctx, parseInput(input, inputs.loanId).loanId));
  }

  /** Instalment, all of a loan. */
  @Transaction(false)
  async Schedule(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await scheduleOf(ctx, parseInput(input, inputs.loanId).loanId));
  }

  /** A QuoteView: what a prepayment of today would pay. */
  @Transaction(false)
  async Quote(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await quoteOf(ctx, parseInput(input, inputs.quote)));
  }
}
