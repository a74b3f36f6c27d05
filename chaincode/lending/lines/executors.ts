import { check } from '../../ledger/parse';
import { executorOf, type Executors } from '../approvals/executor';
import { drawDown } from './draw';
import { DrawContent } from './model';
import { loadDrawdown } from './store';

/** What credit lines carry out for two persons of the bank. */
export const executors: Executors = {
  DRAW_DOWN: executorOf<DrawContent>({
    makers: ['credit-officer'],
    checkers: ['approver'],
    content: check(DrawContent),
    evidence: ({ enterprise }) => ({ uscc: enterprise }),
    admit: async (ctx, _situation, { lineId, loanId }) => {
      await loadDrawdown(ctx, lineId, loanId);
    },
    execute: drawDown,
  }),
};
