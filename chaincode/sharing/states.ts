import type { ConsentAction, ConsentState, StopThrough } from './model';

/** What moves a consent: a signed statement (or the one that completes the mandate), or time. */
export type ConsentEvent =
  | 'GRANT_SIGNED'
  | 'GRANT_COMPLETED'
  | 'REJECT_SIGNED'
  | 'PAUSE_SIGNED'
  | 'RESUME_SIGNED'
  | 'RESUME_COMPLETED'
  | 'REVOKE_SIGNED'
  | 'SUCCESSOR_IN_FORCE'
  | 'EXPIRY_REACHED';

export type By = 'signatory' | 'mandate' | 'time';

interface Transition {
  readonly to: ConsentState;
  /** Any one signatory, the number of signatories that the mandate requires, or nobody. */
  readonly by: By;
}

type Row = Readonly<Partial<Record<ConsentEvent, Transition>>>;

const one = (to: ConsentState): Transition => ({ to, by: 'signatory' });
const mandate = (to: ConsentState): Transition => ({ to, by: 'mandate' });
const time = (to: ConsentState): Transition => ({ to, by: 'time' });

/**
 * The states of a consent: state × event → state and who. What is not in the table does not happen.
 *
 * A stop is taken in `REQUESTED` too. Whether a grant is complete is read from the grant key, which the enterprise
 * organisation alone endorses: if its peer could make a consent look unsigned for a moment and a signed stop were then
 * refused, it could show the grant again afterwards. A pause that arrives before the grant waits for it.
 */
export const transitions: Readonly<Record<ConsentState, Row>> = {
  REQUESTED: {
    GRANT_SIGNED: one('REQUESTED'),
    GRANT_COMPLETED: mandate('ACTIVE'),
    REJECT_SIGNED: one('REJECTED'),
    PAUSE_SIGNED: one('REQUESTED'),
    REVOKE_SIGNED: one('REVOKED'),
    SUCCESSOR_IN_FORCE: mandate('REPLACED'),
    EXPIRY_REACHED: time('EXPIRED'),
  },
  ACTIVE: {
    PAUSE_SIGNED: one('PAUSED'),
    REVOKE_SIGNED: one('REVOKED'),
    SUCCESSOR_IN_FORCE: mandate('REPLACED'),
    EXPIRY_REACHED: time('EXPIRED'),
  },
  PAUSED: {
    PAUSE_SIGNED: one('PAUSED'),
    RESUME_SIGNED: one('PAUSED'),
    RESUME_COMPLETED: mandate('ACTIVE'),
    REVOKE_SIGNED: one('REVOKED'),
    SUCCESSOR_IN_FORCE: mandate('REPLACED'),
    EXPIRY_REACHED: time('EXPIRED'),
  },
  REVOKED: {},
  REJECTED: {},
  REPLACED: {},
  EXPIRED: {},
};

const eventOf: Readonly<Record<ConsentAction, ConsentEvent>> = {
  GRANT: 'GRANT_SIGNED',
  REJECT: 'REJECT_SIGNED',
  PAUSE: 'PAUSE_SIGNED',
  RESUME: 'RESUME_SIGNED',
  REVOKE: 'REVOKE_SIGNED',
};

/** Whether a signed statement of this action may be lodged in this state. */
export function admits(state: ConsentState, action: ConsentAction): boolean {
  return transitions[state][eventOf[action]] !== undefined;
}

/** The state after an event; the same state where the table has no such transition. */
export function next(state: ConsentState, event: ConsentEvent): ConsentState {
  return transitions[state][event]?.to ?? state;
}

/** Nothing leads out of an ended consent, and what was delivered under it has to be purged. */
export function hasEnded(state: ConsentState): boolean {
  return Object.keys(transitions[state]).length === 0;
}

/** The keys through which a stop can be lodged, in a fixed order. */
export const stopWays: readonly StopThrough[] = ['enterprise', 'government', 'regulator'];
