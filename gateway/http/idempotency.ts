import { createHmac } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { digestOf, sha256 } from '../../chaincode/ledger/canonical';
import type { LedgerClient } from '../ledger/client';
import { TransactionInDoubt } from '../ledger/errors';
import type { Store } from '../store';
import { toProblem } from './errors';
import { Problem, type ProblemDocument } from './problem';
import type { IdempotencyContext, Reply } from './route';

/** A request that must not be carried out twice. */
export interface IdempotentRequest {
  readonly subject: string;
  /** Method and path, so that one key may serve different resources. */
  readonly target: string;
  /** `Idempotency-Key` as sent. */
  readonly key: string;
  /** Everything that makes the request what it is: parameters and body. */
  readonly content: unknown;
}

/** What is kept of a request. A `begun` one whose process died is carried out again with `resumed` set. */
type Entry = {
  readonly fingerprint: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
} & (
  | { readonly state: 'begun'; readonly inDoubt?: TransactionInDoubt['transaction'] }
  | { readonly state: 'replied'; readonly reply: Reply }
  | { readonly state: 'refused'; readonly problem: KeptProblem }
);

type KeptProblem = Pick<ProblemDocument, 'code' | 'detail' | 'errors' | 'transactionId'>;

const prefix = 'idempotency~';
/** How long an answer is kept, in milliseconds. */
const keepFor = 48 * 3600 * 1000;
/** How long a duplicate waits for the first to finish, in milliseconds. */
const patience = 30_000;

/** Answers repeated requests as it answered the first, and carries none out twice. */
export class Idempotency {
  readonly #store: Store;
  readonly #ledger: Pick<LedgerClient, 'outcome'>;
  readonly #patience: number;
  readonly #running = new Map<string, { readonly fingerprint: string; readonly answer: Promise<Reply> }>();

  /** @param wait how long a duplicate waits, in milliseconds. */
  constructor(store: Store, ledger: Pick<LedgerClient, 'outcome'>, wait = patience) {
    this.#store = store;
    this.#ledger = ledger;
    this.#patience = wait;
  }

  /**
   * Carries a request out, or answers what it was answered before.
   *
   * @throws Problem `IDEMPOTENCY_KEY_REUSED` where the key served other content, `IDEMPOTENCY_IN_PROGRESS` where the
   * first request takes too long, and whatever `execute` throws.
   */
  async run(
    request: IdempotentRequest,
    execute: (context: IdempotencyContext) => Promise<Reply>,
  ): Promise<Reply> {
    const id = prefix + digestOf([request.subject, request.target, request.key]);
    const fingerprint = digestOf(request.content);
    const running = this.#running.get(id);
    if (running !== undefined) return this.#join(running, fingerprint);
    const answer = this.#answer(id, fingerprint, request, execute);
    this.#running.set(id, { fingerprint, answer });
    try {
      return await answer;
    } finally {
      this.#running.delete(id);
    }
  }

  /** Forgets answers that are older than two days. */
  async sweep(now: number): Promise<void> {
    for await (const [id, entry] of this.#store.list(prefix))
      if ((entry as Entry).at + keepFor < now) await this.#store.delete(id);
  }

  async #join(
    running: { readonly fingerprint: string; readonly answer: Promise<Reply> },
    fingerprint: string,
  ): Promise<Reply> {
    if (running.fingerprint !== fingerprint) throw reused();
    const stop = new AbortController();
    const tooLong = delay(this.#patience, undefined, { signal: stop.signal, ref: false }).then(() => {
      throw new Problem('IDEMPOTENCY_IN_PROGRESS', 'The first request with this key is not finished yet', {
        headers: { 'Retry-After': '5' },
      });
    });
    try {
      return await Promise.race([running.answer, tooLong]);
    } finally {
      stop.abort();
      tooLong.catch(() => undefined);
    }
  }

  async #answer(
    id: string,
    fingerprint: string,
    request: IdempotentRequest,
    execute: (context: IdempotencyContext) => Promise<Reply>,
  ): Promise<Reply> {
    const earlier = (await this.#store.get(id)) as Entry | undefined;
    if (earlier !== undefined && earlier.fingerprint !== fingerprint) throw reused();
    if (earlier?.state === 'replied') return replayed(earlier.reply);
    if (earlier?.state === 'refused') throw restored(earlier.problem);
    if (earlier?.inDoubt !== undefined) await this.#settle(earlier.inDoubt);

    const begun = { fingerprint, at: Date.now() };
    if (earlier === undefined) await this.#store.put(id, { ...begun, state: 'begun' } satisfies Entry);
    try {
      const reply = await execute({
        resumed: earlier !== undefined,
        id: (purpose) => derivedId(request, purpose),
      });
      await this.#store.put(id, { ...begun, state: 'replied', reply } satisfies Entry);
      return reply;
    } catch (error) {
      const problem = toProblem(error);
      if (error instanceof TransactionInDoubt)
        await this.#store.put(id, { ...begun, state: 'begun', inDoubt: error.transaction } satisfies Entry);
      else if (isFinal(problem))
        await this.#store.put(id, { ...begun, state: 'refused', problem: kept(problem) } satisfies Entry);
      throw error;
    }
  }

  /** A new transaction only once it is known what became of the first. */
  async #settle(transaction: TransactionInDoubt['transaction']): Promise<void> {
    const { identity, channel, transactionId } = transaction;
    const outcome = await this.#ledger.outcome(identity, channel, transactionId);
    if (!outcome.known)
      throw new Problem(
        'TRANSACTION_STATUS_UNKNOWN',
        'The ledger has not yet said what became of the transaction; ask again with the same key',
        { transactionId, headers: { 'Retry-After': '10' } },
      );
  }
}

/** An id that only this request leads to; hashed with the key as secret, so that the id does not give the key away. */
function derivedId({ subject, target, key }: IdempotentRequest, purpose: string): string {
  const id = createHmac('sha256', sha256(key))
    .update(`${subject}\n${target}\n${purpose}`)
    .digest('base64url');
  // People give ids to commands, which would take one that begins with a hyphen for an option.
  return id.replace(/^-/, 'A');
}

/** Whether the same request would be refused again: a contract decided, or the content is at fault. */
function isFinal(problem: Problem): boolean {
  return problem.status < 500 && problem.status !== 429 && problem.code !== 'STATE_CHANGED';
}

function kept({ code, message, errors, transactionId }: Problem): KeptProblem {
  return {
    code,
    detail: message,
    errors: [...errors],
    ...(transactionId === undefined ? {} : { transactionId }),
  };
}

function restored({ code, detail, errors = [], transactionId }: KeptProblem): Problem {
  return new Problem(code as Problem['code'], detail, {
    errors,
    transactionId,
    headers: { 'Idempotency-Replayed': 'true' },
  });
}

function replayed(reply: Reply): Reply {
  return { ...reply, headers: { ...reply.headers, 'Idempotency-Replayed': 'true' } };
}

function reused(): Problem {
  return new Problem('IDEMPOTENCY_KEY_REUSED', 'This Idempotency-Key was sent before with other content');
}
