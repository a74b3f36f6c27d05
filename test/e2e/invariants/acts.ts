import { randomBytes } from 'node:crypto';
import { addDays } from '../../../chaincode/ledger/calendar';
import type { ErrorCode } from '../../../chaincode/ledger/errors';
import type { Action } from '../../../chaincode/lending/approvals/model';
import { paymentOrderType, type PaymentOrder } from '../../../chaincode/lending/books/payment-order';
import type { BusinessDate } from '../../../chaincode/lending/days/business-date';
import type { LoanTerms } from '../../../chaincode/lending/engine/loan';
import type {
  BoardingStatement,
  LoanView,
  QuoteView,
  StoredFact,
} from '../../../chaincode/lending/loans/model';
import { channel, signBoarding } from '../../../bench/portfolio';
import { enterpriseIdentity } from '../../../network/set-up/identities';
import type { SigningKey } from '../../../signer/keyfile';
import { newNonce, signCanonical } from '../../../signer/signing';
import type { Chance } from './chance';
import type { Draw, Effect, Operation, Step } from './operations';
import { bank, found, markerOf, proposal } from './steps';
import { drawTerms } from './terms';

/** Asks `lending` as the bank's servicer. */
export type Ask = (name: string, input: unknown) => Promise<unknown>;

interface PlacedHold {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly amount: bigint;
}

type Made = Pick<Operation, 'steps' | 'effect'> &
  Partial<Pick<Operation, 'marker' | 'refusedAs' | 'remember'>>;
type OrderOf<A extends PaymentOrder['action']> = Extract<PaymentOrder, { action: A }>;
type Members<A extends PaymentOrder['action']> = Omit<
  OrderOf<A>,
  'action' | 'channel' | 'orderId' | 'enterprise' | 'expires'
>;

/** Deposits that all lanes take from, and deposits of loans that nothing is in. */
const contested = 8;
const poor = 4;
/**
 * Where both endorsers refuse, the client is told of one of them: it may be behind, and not have what the other refuses for
 * another reason.
 */
const behind: readonly ErrorCode[] = ['NOT_FOUND'];
/** More than there is. */
const tooMuch = '1000000000000000';

/**
 * Makes operations of draws: ids, orders and signatures, on the accounts, loans and holds that all lanes share. What they
 * know may be out of date by the time it is carried out; that is intended.
 */
export class Acts {
  readonly #accounts: string[] = [];
  readonly #loans: string[] = [];
  readonly #holds: PlacedHold[] = [];
  /** Steps of orders that were carried out. */
  readonly #carriedOut: Step[] = [];
  /** So that runs in one network do not meet. */
  readonly #run = randomBytes(6).toString('hex');

  constructor(
    private readonly uscc: string,
    private readonly key: SigningKey,
    private readonly ask: Ask,
  ) {}

  /** What the lanes begin with: deposits, money and loans. To be carried out in this order. */
  opening(seed: (part: number) => Chance, loans: number): readonly (() => Promise<Operation>)[] {
    const accounts = Array.from({ length: contested + poor }, (_, index) => index);
    const first = -1 - loans - 2 * accounts.length;
    const made =
      (number: number, kind: Draw['kind'], make: (chance: Chance) => Promise<Made> | Made) => async () => ({
        number,
        kind,
        way: 'ONCE' as const,
        ...(await make(seed(number))),
      });
    return [
      ...accounts.map((index) => made(first + index, 'OPEN_ACCOUNT', () => this.#open(first + index))),
      ...accounts.slice(0, contested).map((index) => {
        const number = first + accounts.length + index;
        return made(number, 'ISSUE', () => this.#issue(number, this.#accounts[index] ?? '', 600_000n));
      }),
      ...Array.from({ length: Math.ceil(loans / 10) }, (_, index) =>
        made(-1 - index, 'BOARD', (chance) => this.#board(-1 - index, chance, 10)),
      ),
    ];
  }

  /** @throws LedgerError where what it needs to know cannot be asked. */
  async make({ number, kind, way, chance }: Draw): Promise<Operation> {
    const made = await this.#made(number, kind, chance);
    return { number, kind, way, ...made };
  }

  #made(number: number, kind: Draw['kind'], chance: Chance): Promise<Made> | Made {
    const [from, to] = [this.#deposit(chance), this.#deposit(chance)];
    switch (kind) {
      case 'OPEN_ACCOUNT':
        return this.#open(number);
      case 'ISSUE':
        return this.#issue(number, from, BigInt(chance.between(500, 60_000)));
      case 'SAME_PERSON':
        return { ...this.#issue(number, from, 700n, 'treasurer'), refusedAs: ['SAME_PERSON', ...behind] };
      case 'REDEEM':
        return this.#redeem(number, from, chance);
      case 'TRANSFER':
        return this.#transfer(number, from, to, String(chance.between(1, 40_000)));
      case 'OVERDRAFT':
        return this.#overdraft(number, from, chance);
      case 'EXPIRED_ORDER':
        return this.#refused(this.#transfer(number, from, to, '100', -3), 'ORDER_EXPIRED');
      case 'REPLAY':
        return this.#replay(number, chance, from, to);
      case 'HOLD':
        return this.#hold(number, from, to, chance);
      case 'POST_HOLD':
      case 'VOID_HOLD':
        return this.#endHold(number, kind, chance);
      case 'REPAY':
        return this.#repay(number, from, chance);
      case 'PREPAY_PART':
      case 'PREPAY_FULL':
        return this.#prepay(number, kind === 'PREPAY_FULL', from, chance);
      case 'WRONG_QUOTE':
        return this.#wrongQuote(number, from, chance);
      case 'UNKNOWN_LOAN':
        return this.#unknownLoan(number, from, chance);
      case 'WAIVE':
        return this.#waive(number, chance);
      case 'WRITE_OFF':
        return this.#writeOff(number, chance);
      case 'REVERSE':
        return this.#reverse(number, chance);
      case 'BOARD':
        return this.#board(number, chance, chance.between(1, 3));
      case 'CLOSE_DAY':
        return { steps: [], effect: {} };
    }
  }

  // ── Deposits ──────────────────────────────────────────────────────────────────────────────────────────────────

  #open(number: number): Made {
    const accountId = this.#id('account', number);
    return {
      steps: [
        {
          ...bank('treasurer', 'books:OpenAccount', { accountId, owner: this.uscc }),
          done: found('books:GetAccount', { accountId }),
        },
      ],
      marker: `account~${accountId}`,
      effect: {},
      remember: () => this.#accounts.push(accountId),
    };
  }

  #issue(number: number, account: string, amount: bigint, checker = 'approver'): Made {
    const coreReference = this.#id('core', number);
    return {
      steps: proposal(
        this.#id('proposal', number),
        'ISSUE',
        { account, amount: String(amount), coreReference },
        'treasurer',
        checker,
      ),
      marker: `entry~issue.${coreReference}`,
      effect: { moves: [{ account, amount }], issued: amount },
    };
  }

  async #redeem(number: number, from: string, chance: Chance): Promise<Made> {
    const amount = BigInt(chance.between(1, 30_000));
    const order = this.#order(number, 'REDEEM', { from, amount: String(amount) });
    const content = { order, signatures: [await this.#sign(order)] };
    return {
      steps: proposal(this.#id('proposal', number), 'REDEEM', content, 'treasurer', 'approver'),
      marker: markerOf(order),
      effect: { moves: [{ account: from, amount: -amount }], issued: -amount },
    };
  }

  async #transfer(number: number, from: string, to: string, amount: string, days?: number): Promise<Made> {
    const order = this.#order(number, 'TRANSFER', { from, to, amount }, days);
    return this.#ordered(order, 'books:Transfer', {
      moves: [
        { account: from, amount: -BigInt(amount) },
        { account: to, amount: BigInt(amount) },
      ],
    });
  }

  async #overdraft(number: number, from: string, chance: Chance): Promise<Made> {
    const to = chance.one(this.#accounts.slice(0, contested).filter((account) => account !== from)) ?? '';
    const made = chance.often(0.5)
      ? await this.#transfer(number, from, to, tooMuch)
      : await this.#reserve(number, from, to, BigInt(tooMuch), addDays(await this.#date(), 9));
    return this.#refused(made, 'INSUFFICIENT_FUNDS');
  }

  async #replay(number: number, chance: Chance, from: string, to: string): Promise<Made> {
    const step = chance.one(this.#carriedOut.slice(-200));
    if (step === undefined) return this.#transfer(number, from, to, '1');
    return { steps: [step], effect: {}, refusedAs: ['ALREADY_EXISTS'] };
  }

  async #hold(number: number, from: string, to: string, chance: Chance): Promise<Made> {
    const until = addDays(await this.#date(), chance.between(1, 6));
    return this.#reserve(number, from, to, BigInt(chance.between(1, 30_000)), until);
  }

  async #reserve(number: number, from: string, to: string, amount: bigint, until: string): Promise<Made> {
    const order = this.#order(number, 'HOLD', { from, to, amount: String(amount), until });
    const made = await this.#ordered(order, 'books:PlaceHold', { holds: [{ account: from, amount }] });
    const remember = () => {
      made.remember?.();
      this.#holds.push({ id: order.orderId, from, to, amount });
    };
    return { ...made, marker: `order~${order.orderId}`, remember };
  }

  async #endHold(number: number, kind: 'POST_HOLD' | 'VOID_HOLD', chance: Chance): Promise<Made> {
    // Of the last ones, so that some are met that have ended, and some by two lanes at once.
    const hold = chance.one(this.#holds.slice(-25));
    if (hold === undefined) return this.#transfer(number, this.#deposit(chance), this.#deposit(chance), '1');
    const { id: holdId, from, to } = hold;
    const free = { holds: [{ account: from, amount: -hold.amount }] };
    if (kind === 'VOID_HOLD') {
      const order = this.#order(number, kind, { from, holdId });
      const made = await this.#ordered(order, 'books:VoidHold', free);
      return { ...made, marker: `order~${order.orderId}` };
    }
    const amount = BigInt(chance.between(1, Number(hold.amount) + 10));
    const moves = [
      { account: from, amount: -amount },
      { account: to, amount },
    ];
    const order = this.#order(number, kind, { from, to, amount: String(amount), holdId });
    return this.#ordered(order, 'books:PostHold', { ...free, moves });
  }

  // ── Loans ─────────────────────────────────────────────────────────────────────────────────────────────────────

  async #repay(number: number, from: string, chance: Chance): Promise<Made> {
    const { loanId } = await this.#inArrears(chance);
    const amount = String(chance.between(1, 20_000));
    const order = this.#order(number, 'REPAY', { from, amount, loanId });
    return this.#ordered(order, 'loans:Repay', {});
  }

  async #prepay(number: number, full: boolean, from: string, chance: Chance): Promise<Made> {
    const loanId = this.#loan(chance);
    const asked = full ? {} : { amount: String(chance.between(500, 15_000)) };
    const quoted = (await this.ask('loans:Quote', { loanId, ...asked })) as QuoteView;
    return this.#prepayment(number, { from, loanId, quotedFor: quoted.validOn, full, amount: quoted.total });
  }

  async #prepayment(
    number: number,
    { full, ...members }: { from: string; loanId: string; quotedFor: string; amount: string; full: boolean },
  ): Promise<Made> {
    const order = this.#order(number, 'PREPAY', { ...members, extent: full ? 'FULL' : 'PART' });
    return this.#ordered(order, 'loans:Prepay', {});
  }

  async #wrongQuote(number: number, from: string, chance: Chance): Promise<Made> {
    const quotedFor = addDays(await this.#date(), chance.often(0.5) ? -1 : 5);
    const made = await this.#prepayment(number, {
      from,
      loanId: this.#loan(chance),
      quotedFor,
      full: false,
      amount: '9000',
    });
    // Where the loan has ended or its day is not closed, that is found first.
    return this.#refused(made, 'QUOTE_EXPIRED', 'LOAN_NOT_ACTIVE', 'LOANS_NOT_CLOSED', ...behind);
  }

  async #unknownLoan(number: number, from: string, chance: Chance): Promise<Made> {
    const loanId = this.#id('nowhere', number);
    const made = chance.often(0.5)
      ? await this.#ordered(this.#order(number, 'REPAY', { from, amount: '100', loanId }), 'loans:Repay', {})
      : await this.#prepayment(number, {
          from,
          loanId,
          quotedFor: await this.#date(),
          full: true,
          amount: '100',
        });
    return this.#refused(made, 'NOT_FOUND');
  }

  async #waive(number: number, chance: Chance): Promise<Made> {
    const { loanId, position } = await this.#inArrears(chance);
    const ofPenalty = position !== undefined && position.penaltyDue !== '0' && chance.often(0.5);
    const content = {
      loanId,
      component: ofPenalty ? 'PENALTY' : 'INTEREST',
      amount: String(chance.between(1, 5)),
      reason: 'HARDSHIP',
    };
    return this.#decided(number, 'WAIVE', content);
  }

  #writeOff(number: number, chance: Chance): Made {
    return this.#decided(number, 'WRITE_OFF', { loanId: this.#loan(chance), reason: 'INSOLVENCY' });
  }

  async #reverse(number: number, chance: Chance): Promise<Made> {
    let sequence = 1;
    let loanId = this.#loan(chance);
    for (let look = 0; look < 3; look++) {
      const facts = (await this.ask('loans:Facts', { loanId })) as readonly StoredFact[];
      const payments = facts.filter(
        ({ fact: { type }, reversedBy }) =>
          reversedBy === undefined && (type === 'PAID' || type === 'PREPAID'),
      );
      const payment = chance.one(payments.slice(-2));
      if (payment !== undefined) {
        ({ sequence } = payment);
        break;
      }
      loanId = this.#loan(chance);
    }
    return this.#decided(number, 'REVERSE_PAYMENT', { loanId, sequence, reason: 'BOUNCED' }, 'servicer');
  }

  async #board(number: number, chance: Chance, count: number): Promise<Made> {
    const startDate = await this.#date();
    const loans = await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const account = this.#debited(chance);
        const statement: BoardingStatement = {
          action: 'BOARD_LOAN',
          channel,
          loanId: this.#id(`loan${index}`, number),
          enterprise: this.uscc,
          terms: drawTerms(chance, startDate),
          directDebit: {
            account,
            cap: chance.often(0.3) ? '900' : '100000000',
            expires: addDays(startDate, chance.often(0.2) ? 20 : 2000),
          },
        };
        return { statement, signatures: [await signBoarding(statement, this.key)] };
      }),
    );
    const principals = loans.map(({ statement }): LoanTerms['principal'] => statement.terms.principal);
    return {
      ...this.#decided(number, 'BOARD_LOANS', { enterprise: this.uscc, loans }),
      effect: { boarded: principals.reduce((sum, principal) => sum + BigInt(principal), 0n) },
      remember: () => this.#loans.push(...loans.map(({ statement }) => statement.loanId)),
    };
  }

  // ── Parts ─────────────────────────────────────────────────────────────────────────────────────────────────────

  #refused(made: Made | Promise<Made>, ...refusedAs: ErrorCode[]): Promise<Made> {
    return Promise.resolve(made).then((one) => ({ ...one, refusedAs }));
  }

  #decided(number: number, action: Action, content: object, maker = 'credit-officer'): Made {
    return {
      steps: proposal(this.#id('proposal', number), action, content, maker, 'approver'),
      marker: `entry~proposal.${this.#id('proposal', number)}`,
      effect: {},
    };
  }

  #order<A extends PaymentOrder['action']>(
    number: number,
    action: A,
    members: Members<A>,
    days = 2,
  ): OrderOf<A> {
    const expires = addDays(new Date().toISOString().slice(0, 10), days);
    const orderId = this.#id('order', number);
    return { action, channel, orderId, enterprise: this.uscc, expires, ...members } as unknown as OrderOf<A>;
  }

  async #ordered(order: PaymentOrder, name: string, effect: Effect): Promise<Made> {
    const step: Step = {
      by: 'owner',
      identity: enterpriseIdentity(this.uscc),
      name,
      input: { order, signatures: [await this.#sign(order)] },
      done: found('books:GetOrder', { orderId: order.orderId }),
    };
    return { steps: [step], marker: markerOf(order), effect, remember: () => this.#carriedOut.push(step) };
  }

  /** Not by the signer's own command: it refuses to sign an order that has expired. */
  #sign(order: PaymentOrder): Promise<string> {
    const { signatory } = this.key;
    const signedAt = new Date().toISOString();
    return signCanonical({ ...order, signatory, nonce: newNonce(), signedAt }, paymentOrderType, this.key);
  }

  #deposit(chance: Chance): string {
    return chance.one(this.#accounts.slice(0, contested)) ?? '';
  }

  /** A deposit for a loan to be debited from: as often as not one that stays empty, so that it falls into arrears. */
  #debited(chance: Chance): string {
    return chance.often(0.5) ? this.#deposit(chance) : (chance.one(this.#accounts.slice(contested)) ?? '');
  }

  #loan(chance: Chance): string {
    // Old ones have ended.
    return chance.one(this.#loans.slice(-150)) ?? '';
  }

  /** A loan that has something due, if one is met soon. */
  async #inArrears(chance: Chance): Promise<{ loanId: string; position?: LoanView['position'] }> {
    let loanId = this.#loan(chance);
    for (let look = 0; look < 8; look++) {
      const { position } = (await this.ask('loans:Get', { loanId })) as LoanView;
      if (position.unpaid.length > 0) return { loanId, position };
      loanId = this.#loan(chance);
    }
    return { loanId };
  }

  async #date(): Promise<string> {
    const { date, state } = (await this.ask('days:Get', {})) as BusinessDate;
    return state === 'OPEN' ? date : addDays(date, 1);
  }

  #id(kind: string, number: number): string {
    return `${kind}-${this.#run}-${number < 0 ? `x${-number}` : number}`.padEnd(24, '_');
  }
}
