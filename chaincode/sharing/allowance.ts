import { windowOf } from '../ledger/calendar';
import { ContractError } from '../ledger/errors';
import type { Allowance, ConsentArtefact } from './model';

/** A consent that is for one delivery only has one window that never ends. */
const onceForAll = 'ALL';

interface Spending {
  readonly artefact: Pick<ConsentArtefact, 'fetchType' | 'Frequency'>;
  readonly issuer: string;
  readonly requestId: string;
  /** Time of the transaction, in milliseconds since the epoch. */
  readonly millis: number;
}

/** The window of the consent's frequency that an instant falls in. */
function currentWindow({ artefact, millis }: Spending): string {
  return artefact.fetchType === 'ONETIME' ? onceForAll : windowOf(millis, artefact.Frequency.unit);
}

/** Requests to this issuer that count in the window of now, as far as the allowance knows. */
export function counted(allowance: Allowance, spending: Spending): readonly string[] {
  const held = allowance.windows[spending.issuer];
  return held?.window === currentWindow(spending) ? held.requests : [];
}

/** Most requests to one issuer in one window. */
export function allowed(artefact: Spending['artefact']): number {
  return artefact.fetchType === 'ONETIME' ? 1 : artefact.Frequency.value;
}

/**
 * Spends one request of the consent's frequency.
 *
 * @param refused those of the counted requests that were refused before they were offered: only they are refunded.
 * @throws ContractError `FREQUENCY_EXCEEDED`.
 */
export function spend(allowance: Allowance, spending: Spending, refused: ReadonlySet<string>): Allowance {
  const spent = counted(allowance, spending).filter((id) => !refused.has(id));
  if (spent.length >= allowed(spending.artefact)) {
    throw new ContractError(
      'FREQUENCY_EXCEEDED',
      `the consent allows ${allowed(spending.artefact)} to this issuer in ${currentWindow(spending)}`,
      'issuer',
    );
  }
  return {
    ...allowance,
    windows: {
      ...allowance.windows,
      [spending.issuer]: { window: currentWindow(spending), requests: [...spent, spending.requestId] },
    },
  };
}
