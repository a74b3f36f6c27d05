import type { Context } from 'fabric-contract-api';
import { check } from '../../ledger/parse';
import { executorOf, type Executors } from '../approvals/executor';
import type { LoanFact } from '../engine/loan';
import { openWork } from './acts';
import { boardLoans } from './board';
import { disburse } from './disburse';
import { BoardContent, DisburseContent, ReversePaymentContent, WaiveContent, WriteOffContent } from './model';
import { requireReversible, reversePayment } from './reverse';
import { loadPosition } from './store';

/** A fact that two officers put to a loan and that moves no money. */
async function put(
  ctx: Context,
  loanId: string,
  proposalId: string,
  kind: string,
  factOn: (valueDate: string) => LoanFact,
): Promise<void> {
  const { work, books } = await openWork(ctx, loanId);
  await work.record(factOn(books.date), { source: 'PROPOSAL', reference: proposalId });
  await work.flush();
  await books.flush({ entryId: `proposal.${proposalId}`, kind, reference: loanId });
}

const running = async (ctx: Context, loanId: string): Promise<void> => {
  await loadPosition(ctx, loanId);
};

/** What loans carry out for two persons of the bank. */
export const executors: Executors = {
  DISBURSE: executorOf<DisburseContent>({
    makers: ['credit-officer'],
    checkers: ['approver'],
    content: check(DisburseContent),
    evidence: ({ enterprise }) => ({ uscc: enterprise }),
    execute: disburse,
  }),
  WAIVE: executorOf<WaiveContent>({
    makers: ['credit-officer'],
    checkers: ['approver'],
    content: check(WaiveContent),
    admit: (ctx, _situation, { loanId }) => running(ctx, loanId),
    execute: (ctx, _situation, { loanId, component, amount }, { proposalId }) =>
      put(ctx, loanId, proposalId, 'WAIVER', (valueDate) => ({
        type: 'WAIVED',
        valueDate,
        component,
        amount,
      })),
  }),
  WRITE_OFF: executorOf<WriteOffContent>({
    makers: ['credit-officer'],
    checkers: ['approver'],
    content: check(WriteOffContent),
    admit: (ctx, _situation, { loanId }) => running(ctx, loanId),
    execute: (ctx, _situation, { loanId }, { proposalId }) =>
      put(ctx, loanId, proposalId, 'WRITE_OFF', (valueDate) => ({ type: 'WRITTEN_OFF', valueDate })),
  }),
  BOARD_LOANS: executorOf<BoardContent>({
    makers: ['credit-officer'],
    checkers: ['approver'],
    content: check(BoardContent),
    evidence: ({ enterprise }) => ({ uscc: enterprise }),
    execute: boardLoans,
  }),
  REVERSE_PAYMENT: executorOf<ReversePaymentContent>({
    makers: ['servicer', 'credit-officer'],
    checkers: ['approver'],
    content: check(ReversePaymentContent),
    admit: async (ctx, _situation, { loanId }) => {
      await requireReversible(ctx, loanId);
    },
    execute: reversePayment,
  }),
};
