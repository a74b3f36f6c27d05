import { setTimeout as sleep } from 'node:timers/promises';
import type { LedgerClient } from '../../../gateway/ledger/client';
import { LedgerError, TransactionInDoubt } from '../../../gateway/ledger/errors';
import { defaultRetries, Retries } from '../../../gateway/ledger/retry';
import type { NetworkContext } from '../../../network/runtimes/runtime';
import { channel, endorsers, ledgerOf, lending } from '../../../bench/portfolio';
import type { Outcome, Step } from './operations';

/** The network's clients of one kind: the bank's and the borrower's, each on its own peer. */
interface Clients {
  readonly bank: LedgerClient;
  readonly owner: LedgerClient;
}

/** `other` is as patient, on a connection of its own. */
type Patience = 'patient' | 'other' | 'impatient';

/** Short deadlines and few repetitions: processes die all the time here, and what is in doubt is looked up. */
const patient = { evaluateMs: 10_000, endorseMs: 20_000, submitMs: 5000, commitStatusMs: 3000 };
const impatient = { evaluateMs: 10_000, endorseMs: 250, submitMs: 100, commitStatusMs: 8 };
const lookingUp = { evaluateMs: 10_000, endorseMs: 10_000, submitMs: 5000, commitStatusMs: 1500 };

/** How often a step is tried that did not come through, or a lookup that could not be made. */
const tries = 8;

/**
 * Sends steps as a careful client does: with one id for one intention, never anew before it was looked up what became of
 * the last attempt.
 */
export class Sender {
  readonly #clients: Readonly<Record<Patience, Clients>>;
  readonly #lookup: LedgerClient;
  readonly #lookups: Clients;
  /** How often it was in doubt, and how often a step had to be sent again. */
  readonly counts = { doubts: 0, foundOnLedger: 0, again: 0 };

  /** @param untilUp resolves once the network should answer. */
  constructor(
    context: NetworkContext,
    private readonly untilUp: () => Promise<void>,
  ) {
    const few = new Retries({ ...defaultRetries, connection: 1 });
    const once = new Retries({ ...defaultRetries, connection: 1, initialDelay: 1, maxDelay: 2 });
    const clients = (deadlines: typeof patient, retries: Retries): Clients => ({
      bank: ledgerOf(context, 'bank-a', { deadlines, retries }),
      owner: ledgerOf(context, 'enterprise', { deadlines, retries }),
    });
    this.#clients = {
      patient: clients(patient, few),
      other: clients(patient, few),
      impatient: clients(impatient, once),
    };
    this.#lookups = clients(lookingUp, once);
    this.#lookup = this.#lookups.bank;
  }

  /** The bank's client, for the agent of the day close. */
  get bank(): LedgerClient {
    return this.#clients.patient.bank;
  }

  close(): void {
    for (const { bank, owner } of [...Object.values(this.#clients), this.#lookups]) {
      bank.close();
      owner.close();
    }
  }

  /** Asks the contract as the bank's servicer. @throws LedgerError with a refusal, or after the last try. */
  async ask(name: string, input: unknown): Promise<unknown> {
    for (let tried = 1; ; tried++) {
      try {
        return await this.#lookup.evaluate({
          identity: 'servicer',
          channel,
          chaincode: lending,
          name,
          input,
        });
      } catch (error) {
        if (!(error instanceof LedgerError) || error.fromContract || tried === tries) throw error;
        await this.#pause(tried);
      }
    }
  }

  /** Sends a step until it is done, refused or lost. */
  async send(step: Step, patience: Patience): Promise<Outcome> {
    let doubtful = false;
    let last: LedgerError | undefined;
    for (let tried = 1; tried <= tries; tried++) {
      const client = this.#clients[tried === 1 ? patience : 'patient'][step.by];
      const { identity, name, input } = step;
      try {
        const call = { identity, channel, chaincode: lending, name, input, endorsers };
        const { transactionId } = await client.submit(call);
        return { state: 'DONE', transactions: [transactionId] };
      } catch (error) {
        if (!(error instanceof LedgerError)) throw error;
        last = error;
        if (error instanceof TransactionInDoubt) {
          this.counts.doubts++;
          await this.#pause(1);
          const { transactionId } = error.transaction;
          const became = await this.#outcome(step, transactionId);
          if (became === true) return { state: 'DONE', transactions: [transactionId] };
          if (became === undefined) doubtful = true;
        } else if (error.fromContract) {
          if (doubtful && (await this.#isDone(step))) return { state: 'DONE', transactions: [] };
          return { state: 'REFUSED', code: error.code, message: error.message, transactions: [] };
        } else if (error.code === 'STATE_CHANGED' && !doubtful && tried > 2) {
          return { state: 'FAILED', code: error.code, transactions: [] };
        } else if (error.code === 'TRANSACTION_INVALID') {
          return { state: 'FAILED', code: error.code, message: error.message, transactions: [] };
        } else await this.#pause(tried);
        if (doubtful && (await this.#isDone(step))) return { state: 'DONE', transactions: [] };
        this.counts.again++;
      }
    }
    const cause = last?.cause instanceof Error ? `: ${last.cause.message}` : '';
    return {
      state: doubtful ? 'UNKNOWN' : 'FAILED',
      code: last?.code ?? '',
      message: `${last?.message ?? ''}${cause}`,
      transactions: [],
    };
  }

  /** Whether the transaction is valid; undefined where that cannot be learned of now. */
  async #outcome({ by, identity }: Step, transactionId: string): Promise<boolean | undefined> {
    for (let tried = 1; tried <= 3; tried++) {
      try {
        const outcome = await this.#lookups[by].outcome(identity, channel, transactionId);
        return outcome.known ? outcome.valid : undefined;
      } catch (error) {
        if (!(error instanceof LedgerError)) throw error;
        await this.#pause(tried);
      }
    }
    return undefined;
  }

  /** Looks it up by its own id, for as long as the bank's peer may be behind. */
  async #isDone({ done }: Step): Promise<boolean> {
    for (let look = 0; look < 4; look++) {
      if (look > 0) await sleep(150);
      try {
        if (done.shows(await this.ask(done.name, done.input))) {
          this.counts.foundOnLedger++;
          return true;
        }
      } catch (error) {
        if (!(error instanceof LedgerError) || error.code !== 'NOT_FOUND') throw error;
      }
    }
    return false;
  }

  async #pause(tried: number): Promise<void> {
    await this.untilUp();
    await sleep(40 * tried);
  }
}
