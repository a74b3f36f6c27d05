import { ContractError } from '../../ledger/errors';

/** The states of a drawdown that the borrower ordered. */
export const drawdownStates = ['ORDERED', 'PAID_OUT', 'WITHDRAWN'] as const;
export type DrawdownState = (typeof drawdownStates)[number];

export const drawdownEvents = ['BANK_PAID', 'BORROWER_WITHDREW'] as const;
export type DrawdownEvent = (typeof drawdownEvents)[number];

/** State × event → state. An order that the bank does not pay out lapses by its own last day. */
export const transitions: Readonly<
  Record<DrawdownState, Readonly<Partial<Record<DrawdownEvent, DrawdownState>>>>
> = {
  ORDERED: { BANK_PAID: 'PAID_OUT', BORROWER_WITHDREW: 'WITHDRAWN' },
  PAID_OUT: {},
  WITHDRAWN: {},
};

/** The state after an event. @throws ContractError `STATE_CONFLICT` where the table has no such transition. */
export function next(state: DrawdownState, event: DrawdownEvent): DrawdownState {
  const to = transitions[state][event];
  if (to === undefined) throw new ContractError('STATE_CONFLICT', `the drawdown is ${state}`, 'loanId');
  return to;
}
