import { LedgerError } from '../ledger/errors';
import { Problem } from './problem';
import type { IdempotencyContext } from './route';

/**
 * Passes where a contract found the object there already, and it is the same: an earlier attempt at the request made it.
 *
 * @throws the error itself, where it says anything else.
 */
export async function requireSame(error: unknown, isSame: () => Promise<boolean>): Promise<void> {
  if (!(error instanceof LedgerError) || error.code !== 'ALREADY_EXISTS') throw error;
  if (!(await isSame()))
    throw new Problem('ALREADY_EXISTS', 'The id is in use for something else', { cause: error });
}

/**
 * Passes where an earlier attempt at this very request, whose answer was lost, did what a contract now refuses to do again.
 *
 * @param done whether the ledger shows what the request asks for.
 * @throws the error itself otherwise.
 */
export async function requireDone(
  error: unknown,
  { resumed }: IdempotencyContext,
  done: () => Promise<boolean>,
): Promise<void> {
  if (!(resumed && error instanceof LedgerError && error.fromContract)) throw error;
  if (!(await done())) throw error;
}
