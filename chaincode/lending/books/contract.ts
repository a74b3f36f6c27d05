import 'reflect-metadata';
import { Context, Contract, Transaction } from 'fabric-contract-api';
import { canonicalJson } from '../../ledger/canonical';
import { check, parseInput } from '../../ledger/parse';
import { closeAccount, expireHold, openAccount, placeHold, postHold, transfer, voidHold } from './acts';
import {
  AccountIdInput,
  EntryIdInput,
  HoldIdInput,
  ListAccountsInput,
  OpenAccountInput,
  OrderIdInput,
  StatementInput,
} from './model';
import { HoldOrder, PostOrder, SignedOrder, TransferOrder, VoidOrder } from './payment-order';
import { getAccount, getEntry, getHold, getOrder, listAccounts, statement } from './views';

const inputs = {
  open: check(OpenAccountInput),
  accountId: check(AccountIdInput),
  transfer: check(SignedOrder(TransferOrder)),
  hold: check(SignedOrder(HoldOrder)),
  post: check(SignedOrder(PostOrder)),
  void: check(SignedOrder(VoidOrder)),
  holdId: check(HoldIdInput),
  orderId: check(OrderIdInput),
  entryId: check(EntryIdInput),
  list: check(ListAccountsInput),
  statement: check(StatementInput),
} as const;

/** Deposits and the journal. Money comes in and goes out by ISSUE and REDEEM, which two persons of the bank decide. */
export class BooksContract extends Contract {
  constructor() {
    super('books');
  }

  /** The bank opens a deposit for an enterprise. Event AccountOpened. */
  @Transaction()
  async OpenAccount(ctx: Context, input: string): Promise<string> {
    await openAccount(ctx, parseInput(input, inputs.open));
    return '';
  }

  /** The bank closes an empty deposit. Event AccountClosed. */
  @Transaction()
  async CloseAccount(ctx: Context, input: string): Promise<string> {
    await closeAccount(ctx, parseInput(input, inputs.accountId).accountId);
    return '';
  }

  /** The owner's signed order moves money to another deposit. Event MoneyTransferred. */
  @Transaction()
  async Transfer(ctx: Context, input: string): Promise<string> {
    const { order, signatures } = parseInput(input, inputs.transfer);
    await transfer(ctx, order, signatures);
    return '';
  }

  /** The owner's signed order reserves money for another deposit. Event HoldPlaced. */
  @Transaction()
  async PlaceHold(ctx: Context, input: string): Promise<string> {
    const { order, signatures } = parseInput(input, inputs.hold);
    await placeHold(ctx, order, signatures);
    return '';
  }

  /** The owner's signed order pays what was reserved. Event HoldEnded. */
  @Transaction()
  async PostHold(ctx: Context, input: string): Promise<string> {
    const { order, signatures } = parseInput(input, inputs.post);
    await postHold(ctx, order, signatures);
    return '';
  }

  /** The owner's signed order gives free what was reserved. Event HoldEnded. */
  @Transaction()
  async VoidHold(ctx: Context, input: string): Promise<string> {
    const { order, signatures } = parseInput(input, inputs.void);
    await voidHold(ctx, order, signatures);
    return '';
  }

  /** Owner or bank end a hold whose last day has passed. Event HoldEnded. */
  @Transaction()
  async ExpireHold(ctx: Context, input: string): Promise<string> {
    await expireHold(ctx, parseInput(input, inputs.holdId).holdId);
    return '';
  }

  /** An Account, for its owner, the bank's staff and the supervisor. */
  @Transaction(false)
  async GetAccount(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await getAccount(ctx, parseInput(input, inputs.accountId).accountId));
  }

  /** A page of Account. */
  @Transaction(false)
  async ListAccounts(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await listAccounts(ctx, parseInput(input, inputs.list)));
  }

  /** A page of StatementLine, the last first. */
  @Transaction(false)
  async Statement(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await statement(ctx, parseInput(input, inputs.statement)));
  }

  /** A Hold. */
  @Transaction(false)
  async GetHold(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await getHold(ctx, parseInput(input, inputs.holdId).holdId));
  }

  /** An ExecutedOrder. */
  @Transaction(false)
  async GetOrder(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await getOrder(ctx, parseInput(input, inputs.orderId).orderId));
  }

  /** A JournalEntry, for the bank's staff and the supervisor. */
  @Transaction(false)
  async GetEntry(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await getEntry(ctx, parseInput(input, inputs.entryId).entryId));
  }
}
