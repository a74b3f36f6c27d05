import type { HoldState } from './model';

export type HoldEvent = 'POST' | 'VOID' | 'EXPIRE';

/** The states of a hold: state × event → state. What is not in the table does not happen: a hold ends once. */
export const holdTransitions: Readonly<Record<HoldState, Readonly<Partial<Record<HoldEvent, HoldState>>>>> = {
  PENDING: { POST: 'POSTED', VOID: 'VOIDED', EXPIRE: 'EXPIRED' },
  POSTED: {},
  VOIDED: {},
  EXPIRED: {},
};

/**
 * Whether time admits the event: a hold is posted up to its last business date and expires after it. Voiding is always
 * possible, since it only gives back.
 *
 * @param date value date of the act.
 */
export function timeAdmits(event: HoldEvent, until: string, date: string): boolean {
  if (event === 'POST') return date <= until;
  return event === 'VOID' || date > until;
}
