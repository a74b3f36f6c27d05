import { GatewayError } from '@hyperledger/fabric-gateway';
import { peer } from '@hyperledger/fabric-protos';
import { ExponentialBackoff, handleWhen, retry, type RetryPolicy } from 'cockatiel';
import { parseErrorText } from '../../chaincode/ledger/errors';
import { grpcCode, LedgerError, ledgerError, type Stage } from './errors';

/** One attempt at a transaction, with an id of its own. */
export interface TransactionAttempt {
  readonly transactionId: string;
  /** How many organisations are asked, where that is known. */
  readonly endorsers?: number;
  /** Collects endorsements; nothing is ordered yet. */
  endorse(): Promise<EndorsedTransaction>;
}

/** A signed transaction: submitting it again submits the *same* transaction, of which one at most becomes valid. */
export interface EndorsedTransaction {
  readonly result: Uint8Array;
  submit(): Promise<PendingCommit>;
}

export interface PendingCommit {
  status(): Promise<{ readonly code: number; readonly blockNumber: bigint }>;
}

export interface Outcome {
  readonly transactionId: string;
  readonly result: Uint8Array;
  readonly blockNumber: bigint;
}

/** How often and how patiently. Delays in milliseconds; they grow exponentially and are jittered. */
export interface RetrySettings {
  /** New transactions after a read conflict. */
  readonly conflicts: number;
  /** New transactions after a refusal that the endorsers do not share. */
  readonly disagreements: number;
  /** Repetitions of one and the same step after the connection failed. */
  readonly connection: number;
  readonly initialDelay: number;
  readonly maxDelay: number;
}

export const defaultRetries: RetrySettings = {
  conflicts: 6,
  disagreements: 5,
  connection: 4,
  initialDelay: 40,
  maxDelay: 2000,
};

const codes = peer.TxValidationCode;

/**
 * Retries by kind of failure:
 * - a connection that fails: the same step again, and where a transaction may have been ordered, the *same*
 *   transaction, by its id; never a new one before the status of the first is known;
 * - a read conflict (`MVCC_READ_CONFLICT`, `PHANTOM_READ_CONFLICT`), or endorsers that saw different states: a new
 *   transaction after a jittered pause;
 * - a contract's refusal that the endorsers do not share, since some endorse or refuse for another reason: one of them may not
 *   have committed yet what this client has seen committed, so a new transaction, a few times; then the refusal stands;
 * - a contract's refusal on all of them: none.
 */
export class Retries {
  readonly #connection: RetryPolicy;
  readonly #conflict: RetryPolicy;
  readonly #disagreement: RetryPolicy;

  constructor(settings: RetrySettings = defaultRetries) {
    const backoff = new ExponentialBackoff({
      initialDelay: settings.initialDelay,
      maxDelay: settings.maxDelay,
    });
    this.#connection = retry(handleWhen(isConnectionFailure), {
      maxAttempts: settings.connection,
      backoff,
    });
    this.#conflict = retry(handleWhen(isConflict), { maxAttempts: settings.conflicts, backoff });
    this.#disagreement = retry(
      handleWhen((error) => error instanceof Disagreement),
      { maxAttempts: settings.disagreements, backoff },
    );
  }

  /** Runs an evaluation, or another call without effect, again while the peer cannot be reached. */
  async read<T>(call: () => Promise<T>): Promise<T> {
    return this.#step('evaluate', undefined, call);
  }

  /**
   * Brings a transaction onto the ledger.
   *
   * @param begin makes a new attempt, with a new transaction id.
   * @throws LedgerError; with code `TRANSACTION_STATUS_UNKNOWN` where the transaction may yet be committed.
   */
  async transact(begin: () => TransactionAttempt): Promise<Outcome> {
    try {
      return await this.#disagreement.execute(() => this.#conflict.execute(() => this.#attempt(begin())));
    } catch (error) {
      throw error instanceof Disagreement ? error.refusal : error;
    }
  }

  async #attempt(attempt: TransactionAttempt): Promise<Outcome> {
    const { transactionId } = attempt;
    const endorsed = await this.#endorse(attempt);
    const { code, blockNumber } = await this.#commit(transactionId, endorsed);
    if (code === codes.VALID) return { transactionId, result: endorsed.result, blockNumber };
    const name = validationCodeName(code);
    throw new LedgerError(
      code === codes.MVCC_READ_CONFLICT || code === codes.PHANTOM_READ_CONFLICT
        ? 'STATE_CHANGED'
        : 'TRANSACTION_INVALID',
      `the transaction was committed as invalid: ${name}`,
      { stage: 'commit', transactionId },
    );
  }

  async #endorse(attempt: TransactionAttempt): Promise<EndorsedTransaction> {
    const { transactionId, endorsers } = attempt;
    try {
      return await this.#step('endorse', transactionId, () => attempt.endorse());
    } catch (error) {
      if (error instanceof LedgerError && endorsers !== undefined && isDisputed(error, endorsers))
        throw new Disagreement(error);
      throw error;
    }
  }

  /** From the first `submit` on the transaction may be ordered, so any failure to hear of it leaves it in doubt. */
  async #commit(transactionId: string, endorsed: EndorsedTransaction) {
    try {
      const pending = await this.#step('submit', transactionId, () => endorsed.submit());
      return await this.#step('commit', transactionId, () => pending.status());
    } catch (error) {
      if (error instanceof LedgerError && isInDoubt(error))
        throw new LedgerError(
          'TRANSACTION_STATUS_UNKNOWN',
          'the transaction was sent, and no answer came as to whether it is committed',
          { stage: error.stage, transactionId, cause: error },
        );
      throw error;
    }
  }

  async #step<T>(stage: Stage, transactionId: string | undefined, call: () => Promise<T>): Promise<T> {
    try {
      return await this.#connection.execute(call);
    } catch (error) {
      throw ledgerError(error, stage, transactionId);
    }
  }
}

/** Name of a validation code, e.g. `MVCC_READ_CONFLICT`. */
export function validationCodeName(code: number): string {
  return Object.entries(codes).find(([, value]) => value === code)?.[0] ?? String(code);
}

function isConnectionFailure(error: unknown): boolean {
  return (
    error instanceof GatewayError &&
    (error.code === grpcCode.unavailable || error.code === grpcCode.deadlineExceeded)
  );
}

function isInDoubt({ code }: LedgerError): boolean {
  return code === 'LEDGER_UNAVAILABLE' || code === 'LEDGER_TIMEOUT';
}

/** Endorsers at different heights answer differently (ABORTED); the transaction never existed, so a new one is safe. */
function isConflict(error: unknown): boolean {
  if (!(error instanceof LedgerError)) return false;
  if (error.code === 'STATE_CHANGED') return true;
  return (
    error.stage === 'endorse' &&
    !error.fromContract &&
    error.cause instanceof GatewayError &&
    error.cause.code === grpcCode.aborted &&
    error.cause.details.some(({ message }) => message.includes('ProposalResponsePayloads do not match'))
  );
}

/** The endorsers are not of one mind about a refusal. */
class Disagreement extends Error {
  constructor(readonly refusal: LedgerError) {
    super(refusal.message, { cause: refusal });
  }
}

function isDisputed({ fromContract, cause }: LedgerError, endorsers: number): boolean {
  if (!fromContract || !(cause instanceof GatewayError)) return false;
  const refusing = new Set(cause.details.map(({ mspId }) => mspId)).size;
  const reasons = new Set(cause.details.map(({ message }) => parseErrorText(message)?.code)).size;
  return refusing > 0 && (refusing < endorsers || reasons > 1);
}
