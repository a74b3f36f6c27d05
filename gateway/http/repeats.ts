import { LedgerError } from '../ledger/errors';
import { Problem } from './problem';

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
