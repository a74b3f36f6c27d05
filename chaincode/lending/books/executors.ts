import { Type, type Static } from 'typebox';
import { fen, PositiveFen } from '../../ledger/money';
import { check } from '../../ledger/parse';
import { OpaqueId, strict } from '../../ledger/schemas';
import { executorOf, type Executors } from '../approvals/executor';
import { Books } from './books';
import { acceptOrder, orderEntryId, requireOwnDeposit } from './orders';
import { RedeemOrder, SignedOrder } from './payment-order';

/** Money that arrived in the core banking system for an enterprise becomes a deposit here. */
export const IssueContent = Type.Object(
  {
    account: OpaqueId,
    amount: PositiveFen,
    /** Id of the line in the core system; each is issued once. */
    coreReference: OpaqueId,
  },
  strict,
);
export type IssueContent = Static<typeof IssueContent>;

/** A deposit goes back to the core banking system. The owner's signed order is part of it: the bank alone takes nothing. */
export const RedeemContent = SignedOrder(RedeemOrder);
export type RedeemContent = Static<typeof RedeemContent>;

/** Id of the journal entry that books a line of the core system: a second one of the same line meets it. */
export const issueEntryId = (coreReference: string) => `issue.${coreReference}`;

/** What the books carry out for two persons of the bank. */
export const executors: Executors = {
  ISSUE: executorOf<IssueContent>({
    makers: ['treasurer'],
    checkers: ['treasurer', 'approver'],
    content: check(IssueContent),
    execute: async (ctx, _situation, { account, amount, coreReference }) => {
      const books = await Books.today(ctx);
      await books.post([
        { code: 'CASH_AT_CORE', amount: fen(amount) },
        { deposit: account, amount: -fen(amount) },
      ]);
      await books.flush({ entryId: issueEntryId(coreReference), kind: 'ISSUE', reference: coreReference });
    },
  }),
  REDEEM: executorOf<RedeemContent>({
    makers: ['treasurer'],
    checkers: ['treasurer', 'approver'],
    content: check(RedeemContent),
    evidence: ({ order }) => ({ uscc: order.enterprise }),
    execute: async (ctx, situation, { order, signatures }) => {
      await acceptOrder(ctx, situation, order, signatures);
      const books = await Books.today(ctx);
      requireOwnDeposit(await books.account(order.from), order);
      const amount = fen(order.amount);
      await books.post([
        { deposit: order.from, amount },
        { code: 'CASH_AT_CORE', amount: -amount },
      ]);
      await books.flush({ entryId: orderEntryId(order.orderId), kind: 'REDEEM', reference: order.orderId });
    },
  }),
};
