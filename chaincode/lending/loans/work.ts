import type { Context } from 'fabric-contract-api';
import { addDays, daysBetween } from '../../ledger/calendar';
import { ContractError } from '../../ledger/errors';
import { fen, lesser, sumOf, toFen } from '../../ledger/money';
import { markActive, markRepaid } from '../applications/loan';
import type { Books } from '../books/books';
import {
  applyFact,
  dueNow,
  endDay,
  startDay,
  type LoanFact,
  type Market,
  type Outcome,
} from '../engine/loan';
import type { ClosedDay, Loan, StoredFact, StoredPosition } from './model';
import { postEntries } from './postings';
import { writeFact, writePosition } from './store';

interface Cause {
  readonly source: StoredFact['source'];
  readonly reference: string;
}

/**
 * What one transaction does to a loan: the engine computes, the books take the postings, and `flush` writes position and
 * facts once. Any act first brings the loan up to its value date, with exactly what the day close would have done.
 */
export class LoanWork {
  readonly #facts: StoredFact[] = [];
  readonly #before: StoredPosition['position']['status'];
  /** What changes while the transaction goes on; written by `flush`. */
  readonly #now: { stored: StoredPosition; runs: boolean };

  constructor(
    private readonly ctx: Context,
    private readonly books: Books,
    private readonly market: Market,
    readonly loan: Loan,
    stored: StoredPosition,
  ) {
    this.#now = { stored, runs: false };
    this.#before = stored.position.status;
  }

  get position(): StoredPosition['position'] {
    return this.#now.stored.position;
  }

  get stored(): StoredPosition {
    return this.#now.stored;
  }

  /**
   * Brings the loan to the morning of a day: closes the day before where the day close has not come to it yet, then lets
   * fall due what falls due.
   *
   * @throws ContractError `LOANS_NOT_CLOSED` where more than that day is missing: the day close leaves none behind.
   */
  async bringTo(day: string): Promise<void> {
    const missing = daysBetween(this.position.closedThrough, day) - 1;
    if (missing < 0)
      throw new ContractError('STATE_INVALID', 'the loan is ahead of the business date', 'position');
    if (missing > 1)
      throw new ContractError('LOANS_NOT_CLOSED', 'earlier days of this loan are not closed yet');
    if (missing === 1) await this.close(addDays(day, -1));
    await this.#take(startDay(this.loan.terms, this.position, day, this.market));
  }

  /** Closes a day of the loan: what falls due, direct debit, ageing, accrual. */
  async close(day: string): Promise<void> {
    await this.#take(startDay(this.loan.terms, this.position, day, this.market));
    await this.#collect(day);
    await this.#take(endDay(this.loan.terms, this.position, day, this.market));
    this.#now.stored = { ...this.stored, closed: closedDay(this.position) };
    if (day === this.loan.disbursedOn) this.#now.runs = true;
  }

  /**
   * Records a fact, valued on the day that the loan was brought to.
   *
   * @param account deposit that money of this fact comes from or goes to.
   * @throws ContractError `STATE_CONFLICT` where money is given and nothing is due.
   */
  async record(fact: LoanFact, cause: Cause, account?: string): Promise<void> {
    const sequence = this.#now.stored.facts;
    const outcome = applyFact(this.loan.terms, this.position, fact);
    await this.#take(outcome, account);
    this.#now.stored = { ...this.#now.stored, facts: sequence + 1 };
    this.#facts.push({
      loanId: this.loan.loanId,
      sequence,
      fact: withTaken(fact, outcome),
      ...cause,
      ...(account === undefined ? {} : { account }),
    });
  }

  /** What may be taken today: costs, penalty, interest and principal that are due. */
  due(): ReturnType<typeof dueNow> {
    return dueNow(this.loan.terms, this.position);
  }

  /** Writes position and facts, and tells the application that its loan runs or is repaid. Call it once, last. */
  async flush(): Promise<void> {
    for (const fact of this.#facts) await writeFact(this.ctx, fact);
    await writePosition(this.ctx, this.#now.stored);
    const { applicationId } = this.loan;
    if (applicationId === undefined) return;
    if (this.position.status === 'REPAID' && this.#before !== 'REPAID')
      await markRepaid(this.ctx, applicationId);
    else if (this.#now.runs) await markActive(this.ctx, applicationId);
  }

  /** Takes what is due and there, as far as the mandate reaches. Never more, and never from another account. */
  async #collect(day: string): Promise<void> {
    const { total } = this.due();
    const { account, cap, expires } = this.loan.directDebit;
    if (total === 0n || day > expires) return;
    const amount = lesser(lesser(total, fen(cap)), await this.books.available(account));
    if (amount <= 0n) return;
    const fact: LoanFact = { type: 'PAID', valueDate: day, amount: toFen(amount) };
    await this.record(fact, { source: 'DIRECT_DEBIT', reference: day }, account);
  }

  async #take(outcome: Outcome, deposit?: string): Promise<void> {
    await postEntries(this.books, outcome.entries, () => {
      if (deposit === undefined)
        throw new ContractError('STATE_INVALID', 'money moves and no account is named', 'loan');
      return { deposit };
    });
    this.#now.stored = { ...this.#now.stored, position: outcome.position };
  }
}

/** What the day that was begun last adds to control totals, once it is over for this loan. */
export function closedDay({ lastDay, principal, daysPastDue }: StoredPosition['position']): ClosedDay {
  const { date, accrued, penalty, collected } = lastDay;
  return { date, accrued: toFen(fen(accrued) + fen(penalty)), collected, principal, daysPastDue };
}

/**
 * A payment as it was taken: no more than was due. Its books can then be computed again after another payment was taken
 * back, without more money coming in than did.
 */
function withTaken(fact: LoanFact, { entries }: Outcome): LoanFact {
  if (!('amount' in fact) || fact.type === 'COST' || fact.type === 'WAIVED') return fact;
  const taken = sumOf(
    entries
      .flatMap(({ lines }) => lines.filter(({ account }) => account === 'CLEARING'))
      .map(({ amount }) => amount),
  );
  if (taken <= 0n) throw new ContractError('STATE_CONFLICT', 'nothing is due', 'amount');
  return { ...fact, amount: toFen(taken) };
}
