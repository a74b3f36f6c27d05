import type { Logger } from 'pino';
import type { Organisation, Topology } from '../network/topology/topology';
import type { CloseOrders } from './agents/close-orders';
import type { DeadLetters } from './agents/dead-letters';
import type { Users } from './auth/users';
import type { LocalIssuers } from './issuer';
import type { LedgerClient } from './ledger/client';
import type { Metrics } from './metrics/metrics';
import type { Store } from './store';

/** What routes and agents work with: one organisation's view of the network. */
export interface Services {
  readonly topology: Topology;
  /** The organisation that this gateway serves. */
  readonly organisation: Organisation;
  /** Absolute path of the network's directory. */
  readonly directory: string;
  readonly ledger: LedgerClient;
  /** Keys of the departments (or entrusted enterprises) that the organisation attests with. */
  readonly issuers: LocalIssuers;
  readonly users: Users;
  readonly store: Store;
  /** What agents gave up. */
  readonly deadLetters: DeadLetters;
  /** What people asked the servicing agent of a bank to close. */
  readonly closeOrders: CloseOrders;
  readonly logger: Logger;
  /** Where agents note what they took over; absent where nobody watches. */
  readonly metrics?: Metrics;
}
