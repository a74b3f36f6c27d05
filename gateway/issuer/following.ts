import type { Logger } from 'pino';
import type { Consortium } from '../../chaincode/registry/model';
import type { OpenIssuers } from './issuers';

/** Milliseconds between two looks at consortium state: a key that is voted in takes this long at most. */
const interval = 60_000;

/** Something that runs until it is stopped. */
export interface Following {
  stop(): void;
}

/**
 * Keeps an organisation's issuers at the keys that consortium state has in force. The first look is waited for, so that
 * nothing is signed with a key that has ended; while the ledger is out of reach, what was last known holds.
 *
 * @param consortium reads the state.
 */
export async function followConsortium(
  issuers: Pick<OpenIssuers, 'follow'>,
  consortium: () => Promise<Pick<Consortium, 'organisations'>>,
  logger: Pick<Logger, 'warn'>,
): Promise<Following> {
  const look = async (): Promise<void> => {
    try {
      issuers.follow(await consortium());
    } catch (error) {
      logger.warn({ err: error }, 'the keys in force could not be looked up');
    }
  };
  await look();
  const timer = setInterval(() => void look(), interval);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
