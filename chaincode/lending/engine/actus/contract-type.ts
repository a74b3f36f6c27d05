import type { PayoffTable } from './payoffs';
import type { ScheduledEvent } from './schedules';
import type { Contract, State } from './state';
import type { Terms } from './terms';
import type { TransitionTable } from './transitions';

/** What makes a contract type: when its events are and what they do. A further type is a further one of these. */
export interface ContractType {
  /** The end of the contract, given or computed. */
  readonly maturity: (terms: Terms) => string;
  /** Times at which principal is redeemed, the end included where it is part of the plan. */
  readonly redemptionTimes: (terms: Terms, maturity: string) => readonly string[];
  /** Times at which interest is due, before capitalization and business days. */
  readonly interestTimes: (terms: Terms, maturity: string) => readonly string[];
  /** Events of principal and of the interest base; interest, rates, fees and the rest are common to all types. */
  readonly principalEvents: (contract: Contract) => readonly ScheduledEvent[];
  /** Completes the state at the status date. */
  readonly begin: (contract: Contract, state: State) => State;
  readonly payoffs: PayoffTable;
  readonly transitions: TransitionTable;
}
