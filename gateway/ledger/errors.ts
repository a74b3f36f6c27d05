import { status as grpcStatus } from '@grpc/grpc-js';
import { GatewayError } from '@hyperledger/fabric-gateway';
import { parseErrorText, type ErrorCode } from '../../chaincode/ledger/errors';

/** gRPC's codes, as the plain numbers that the client library has in its errors. */
export const grpcCode: Readonly<
  Record<'unavailable' | 'deadlineExceeded' | 'cancelled' | 'aborted', number>
> = {
  unavailable: grpcStatus.UNAVAILABLE,
  deadlineExceeded: grpcStatus.DEADLINE_EXCEEDED,
  cancelled: grpcStatus.CANCELLED,
  aborted: grpcStatus.ABORTED,
};

/** How far a call had come when it failed. */
export type Stage = 'evaluate' | 'endorse' | 'submit' | 'commit';

interface LedgerErrorDetails {
  readonly stage: Stage;
  readonly transactionId?: string | undefined;
  readonly field?: string | undefined;
  /** True where the code comes from a contract, which decided; repeating the call changes nothing. */
  readonly fromContract?: boolean;
  readonly cause?: unknown;
}

/** What fails without any contract having decided. */
export type LedgerFailure =
  | 'LEDGER_UNAVAILABLE'
  | 'LEDGER_TIMEOUT'
  | 'LEDGER_REFUSED'
  | 'ENDORSEMENT_FAILED'
  | 'TRANSACTION_INVALID'
  | 'TRANSACTION_STATUS_UNKNOWN'
  | 'STATE_CHANGED';

/** A call of the ledger failed. `code` is the contract's own where a contract refused. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError';
  readonly stage: Stage;
  readonly transactionId: string | undefined;
  /** The member of the input that the contract names. */
  readonly field: string | undefined;
  readonly fromContract: boolean;

  constructor(
    readonly code: ErrorCode | LedgerFailure,
    message: string,
    details: LedgerErrorDetails,
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.stage = details.stage;
    this.transactionId = details.transactionId;
    this.field = details.field;
    this.fromContract = details.fromContract ?? false;
  }
}

/**
 * Says what a failure of the client library means.
 *
 * @param error what the library threw; anything but a `GatewayError` is a programming error and thrown again.
 * @param transactionId the transaction that the call was about.
 */
export function ledgerError(error: unknown, stage: Stage, transactionId?: string): LedgerError {
  if (!(error instanceof GatewayError)) throw error;
  const details = { stage, transactionId, cause: error };
  for (const text of [...error.details.map(({ message }) => message), error.cause.details, error.message]) {
    const refused = parseErrorText(text);
    if (refused !== undefined)
      return new LedgerError(refused.code, refused.reason, {
        ...details,
        field: refused.field,
        fromContract: true,
      });
  }
  switch (error.code) {
    case grpcCode.unavailable:
      return new LedgerError('LEDGER_UNAVAILABLE', 'the peer cannot be reached', details);
    case grpcCode.deadlineExceeded:
    case grpcCode.cancelled:
      return new LedgerError('LEDGER_TIMEOUT', 'the peer did not answer in time', details);
    default:
      return stage === 'endorse'
        ? new LedgerError('ENDORSEMENT_FAILED', 'the transaction was not endorsed', details)
        : new LedgerError('LEDGER_REFUSED', 'the peer refused the call', details);
  }
}

/** Where to ask what became of a transaction. */
export interface TransactionReference {
  readonly identity: string;
  readonly channel: string;
  readonly transactionId: string;
}

/** A transaction was sent, and whether it is or will be committed is not known: no new one may take its place yet. */
export class TransactionInDoubt extends LedgerError {
  constructor(
    readonly transaction: TransactionReference,
    error: LedgerError,
  ) {
    super('TRANSACTION_STATUS_UNKNOWN', error.message, {
      stage: error.stage,
      transactionId: transaction.transactionId,
      cause: error,
    });
  }
}
