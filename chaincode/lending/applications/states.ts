import { ContractError } from '../../ledger/errors';

/** The states of an application. */
export const applicationStates = [
  'APPLIED',
  'EVIDENCE_COMPLETE',
  'DECIDED',
  'DECLINED',
  'OFFERED',
  'ACCEPTED',
  'DISBURSED',
  'ACTIVE',
  'REPAID',
  'WITHDRAWN',
  'LAPSED',
] as const;
export type ApplicationState = (typeof applicationStates)[number];

/** What moves an application. */
export const applicationEvents = [
  'EVIDENCE_ATTACHED',
  'APPROVED',
  'DECLINED',
  'OVERRIDDEN_TO_APPROVED',
  'OVERRIDDEN_TO_DECLINED',
  'REVIEW_REQUESTED',
  'OFFER_MADE',
  'OFFER_ACCEPTED',
  'LINE_ACCEPTED',
  'MONEY_PAID_OUT',
  'LOAN_RUNS',
  'LOAN_REPAID',
  'PAYMENT_TAKEN_BACK',
  'APPLICANT_WITHDREW',
  'TIME_RAN_OUT',
] as const;
export type ApplicationEvent = (typeof applicationEvents)[number];

type Row = Readonly<Partial<Record<ApplicationEvent, ApplicationState>>>;

/**
 * The states of an application: state × event → state. What is not in the table does not happen.
 *
 * Evidence may be attached anew until it is decided on; a further offer of another amount or term (a counter-offer)
 * replaces the one before; a review is asked for once, which the application itself keeps. An accepted offer binds both
 * sides until the money is paid out or the time to draw it has run out. A credit line is active from its acceptance until
 * it is closed with nothing owed; its drawdowns are loans, and no applications. What was
 * repaid runs again where a payment turns out to be none.
 */
export const transitions: Readonly<Record<ApplicationState, Row>> = {
  APPLIED: { EVIDENCE_ATTACHED: 'EVIDENCE_COMPLETE', APPLICANT_WITHDREW: 'WITHDRAWN' },
  EVIDENCE_COMPLETE: {
    EVIDENCE_ATTACHED: 'EVIDENCE_COMPLETE',
    APPROVED: 'DECIDED',
    DECLINED: 'DECLINED',
    APPLICANT_WITHDREW: 'WITHDRAWN',
  },
  DECIDED: {
    OFFER_MADE: 'OFFERED',
    OVERRIDDEN_TO_APPROVED: 'DECIDED',
    OVERRIDDEN_TO_DECLINED: 'DECLINED',
    APPLICANT_WITHDREW: 'WITHDRAWN',
  },
  DECLINED: { REVIEW_REQUESTED: 'EVIDENCE_COMPLETE', OVERRIDDEN_TO_APPROVED: 'DECIDED' },
  OFFERED: {
    OFFER_MADE: 'OFFERED',
    OFFER_ACCEPTED: 'ACCEPTED',
    LINE_ACCEPTED: 'ACTIVE',
    APPLICANT_WITHDREW: 'WITHDRAWN',
    TIME_RAN_OUT: 'LAPSED',
  },
  ACCEPTED: { MONEY_PAID_OUT: 'DISBURSED', TIME_RAN_OUT: 'LAPSED' },
  DISBURSED: { LOAN_RUNS: 'ACTIVE', LOAN_REPAID: 'REPAID' },
  ACTIVE: { LOAN_REPAID: 'REPAID' },
  REPAID: { PAYMENT_TAKEN_BACK: 'ACTIVE' },
  WITHDRAWN: {},
  LAPSED: {},
};

/** Whether the table has such a transition. */
export function admits(state: ApplicationState, event: ApplicationEvent): boolean {
  return transitions[state][event] !== undefined;
}

/** The state after an event. @throws ContractError `STATE_CONFLICT` where the table has no such transition. */
export function next(state: ApplicationState, event: ApplicationEvent): ApplicationState {
  const to = transitions[state][event];
  if (to === undefined) throw new ContractError('STATE_CONFLICT', `the application is ${state}`);
  return to;
}

/** Whether nothing leads out of a state. */
export function hasEnded(state: ApplicationState): boolean {
  return Object.keys(transitions[state]).length === 0;
}
