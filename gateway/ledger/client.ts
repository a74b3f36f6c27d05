/** A call of a contract function by one of the organisation's Fabric identities. */
export interface LedgerCall {
  /** Id of an identity in the organisation's wallet. */
  readonly identity: string;
  readonly channel: string;
  readonly chaincode: string;
  /** Name of the contract function. */
  readonly name: string;
  /** The function's one argument, sent as JSON. Public to all members of the channel where it is submitted. */
  readonly input: unknown;
  /** Confidential data, seen by the endorsing peers only. Objects are sent as canonical JSON (RFC 8785). */
  readonly transient?: Readonly<Record<string, Uint8Array | string | object>>;
}

export interface LedgerSubmission extends LedgerCall {
  /**
   * MSP ids of those who must endorse. Always named where there is transient data: it goes to every endorser, and the
   * peer's own plan does not know who may see it. Absent: the peer plans by the policies.
   */
  readonly endorsers?: readonly string[];
}

/** Outcome of a transaction that is on the ledger and valid. */
export interface Committed {
  /** What the function answered, parsed; undefined where it answered nothing. */
  readonly result: unknown;
  readonly transactionId: string;
  readonly blockNumber: bigint;
}

/** An event of a contract, from a block that is committed. */
export interface LedgerEvent {
  readonly channel: string;
  readonly name: string;
  /** Parsed payload. */
  readonly payload: unknown;
  readonly transactionId: string;
  readonly blockNumber: bigint;
}

/** Where to take up a channel's events again. */
export interface EventPosition {
  readonly blockNumber: bigint;
  /** Transaction of that block whose event was the last one handled; absent: from the start of the block. */
  readonly transactionId?: string;
}

export interface EventStream extends AsyncIterable<LedgerEvent> {
  close(): void;
}

/** What became of a transaction whose answer was lost. */
export type TransactionOutcome =
  { readonly known: true; readonly valid: boolean; readonly code: string } | { readonly known: false };

/**
 * The ledger as the organisation's own peer shows it. Every method has deadlines and retries by kind of failure
 * (see `retry.ts`) and throws {@link import('./errors').LedgerError} otherwise.
 */
export interface LedgerClient {
  /** Runs a function on the organisation's own peer without leaving a trace on the ledger. */
  evaluate(call: LedgerCall): Promise<unknown>;
  /**
   * Evaluates a function that answers private data sealed under a one-time key, and opens the answer.
   * Adds the transient `responseKey` itself.
   */
  readPrivate(call: LedgerCall): Promise<unknown>;
  /** Submits a transaction and waits until it is committed. */
  submit(submission: LedgerSubmission): Promise<Committed>;
  /** Asks what became of an earlier transaction; `known: false` where the deadline passes first. */
  outcome(identity: string, channel: string, transactionId: string): Promise<TransactionOutcome>;
  /**
   * Events of a chaincode, in order, from a position or, where absent, from the next block on. Ends with an error when
   * the connection breaks: the caller opens it again from its checkpoint.
   */
  events(source: {
    readonly identity: string;
    readonly channel: string;
    readonly chaincode: string;
    readonly from?: EventPosition;
  }): Promise<EventStream>;
  close(): void;
}
