import type { ProposalStatus } from './model';

export type ProposalEvent = 'APPROVE' | 'REJECT' | 'WITHDRAW';

/** Who may do it: the one who proposed, or anybody else with a checker's role. */
export type By = 'maker' | 'checker';

interface Transition {
  readonly to: ProposalStatus;
  readonly by: By;
}

/** The states of a proposal: state × event → state and who. What is not in the table does not happen. */
export const transitions: Readonly<
  Record<ProposalStatus, Readonly<Partial<Record<ProposalEvent, Transition>>>>
> = {
  PROPOSED: {
    APPROVE: { to: 'EXECUTED', by: 'checker' },
    REJECT: { to: 'REJECTED', by: 'checker' },
    WITHDRAW: { to: 'WITHDRAWN', by: 'maker' },
  },
  EXECUTED: {},
  REJECTED: {},
  WITHDRAWN: {},
};
