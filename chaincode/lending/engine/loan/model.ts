import { Type, type Static } from 'typebox';
import { NonNegativeFen, PositiveFen } from '../../../ledger/money';
import { CalendarDate, strict } from '../../../ledger/schemas';
import type { Calendar } from '../time/calendar';

/** What the engine of a loan takes and gives. Money is in fen; a rate is a fraction a year, `"0.0435"` for 4.35 %. */

/** A fraction a year with at most ten decimals, not negative. */
export const Rate = Type.String({
  pattern: '^(0|[1-9][0-9]{0,2})(\\.[0-9]{1,10})?$',
  description: 'Fraction a year, e.g. 0.0435.',
});

const SignedRate = Type.String({ pattern: '^-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,10})?$' });

export const RateIndex = Type.Union([Type.Literal('LPR-1Y'), Type.Literal('LPR-5Y')]);
export type RateIndex = Static<typeof RateIndex>;

/** Components of a debt, by which a payment is allocated. */
export const DebtComponent = Type.Union([
  Type.Literal('COSTS'),
  Type.Literal('PENALTY'),
  Type.Literal('INTEREST'),
  Type.Literal('PRINCIPAL'),
]);
export type DebtComponent = Static<typeof DebtComponent>;

const AllocationOrder = Type.Array(DebtComponent, { minItems: 4, maxItems: 4, uniqueItems: true });

/**
 * The terms of one loan. The digest of their canonical form is part of the loan: they never change.
 *
 * `type` after ACTUS: `PAM` bullet, `LAM` equal principal, `ANN` equal instalment.
 */
export const LoanTerms = Type.Object(
  {
    type: Type.Union([Type.Literal('PAM'), Type.Literal('LAM'), Type.Literal('ANN')]),
    principal: PositiveFen,
    /** Value date of the disbursement and anchor of the schedule. */
    startDate: CalendarDate,
    termMonths: Type.Integer({ minimum: 1, maximum: 360 }),
    rate: Type.Union([
      Type.Object({ kind: Type.Literal('FIXED'), annual: Rate }, strict),
      Type.Object(
        {
          kind: Type.Literal('FLOATING'),
          index: RateIndex,
          /** Added to the index; may be negative. */
          spread: SignedRate,
          /** The rate is taken anew every so many months from the start on. */
          resetMonths: Type.Integer({ minimum: 1, maximum: 360 }),
          cap: Type.Optional(Rate),
          floor: Type.Optional(Rate),
        },
        strict,
      ),
    ]),
    dayCount: Type.Union([Type.Literal('A360'), Type.Literal('A365'), Type.Literal('30E360')]),
    /** `QUARTER_20`: the 20th of March, June, September and December, and maturity. */
    interestCycle: Type.Union([
      Type.Literal('MONTHLY'),
      Type.Literal('QUARTERLY'),
      Type.Literal('QUARTER_20'),
      Type.Literal('AT_MATURITY'),
    ]),
    /** LAM only, and required there. PAM repays at maturity, ANN on the days of its interest. */
    principalCycle: Type.Optional(Type.Union([Type.Literal('MONTHLY'), Type.Literal('QUARTERLY')])),
    /** The start's day of the month, or another; cycles then count from that day of the start's month. */
    paymentDay: Type.Union([Type.Literal('START'), Type.Integer({ minimum: 1, maximum: 28 })]),
    /**
     * ACTUS's business day conventions, without those that calculate on the scheduled day and pay before it (CSP, CSMP,
     * CSMF): they would collect interest that has not been earned yet (Civil Code 670, 677).
     */
    businessDays: Type.Union([
      Type.Literal('NULL'),
      Type.Literal('NOS'),
      Type.Literal('SCF'),
      Type.Literal('SCMF'),
      Type.Literal('SCP'),
      Type.Literal('SCMP'),
      Type.Literal('CSF'),
    ]),
    /** `NONE`, `MONDAY_TO_FRIDAY`, or the code of a dated calendar, which then comes with the market. */
    calendar: Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_-]{1,63}$' }),
    rounding: Type.Union([
      Type.Literal('HALF_UP'),
      Type.Literal('HALF_EVEN'),
      Type.Literal('DOWN'),
      Type.Literal('UP'),
    ]),
    grace: Type.Object(
      {
        /** So many first instalments carry no principal. */
        principalInstalments: Type.Integer({ minimum: 0, maximum: 359 }),
        /** So many first interest days collect nothing: their interest is due, uncompounded, with the next that does. */
        interestInstalments: Type.Integer({ minimum: 0, maximum: 359 }),
        /** Paid within so many days of its due date, an instalment counts as paid in time. */
        days: Type.Integer({ minimum: 0, maximum: 60 }),
      },
      strict,
    ),
    penalty: Type.Object(
      {
        /** What overdue principal bears, in place of the contract's rate: that rate times this, e.g. 1.5. */
        principalRateMultiple: Type.String({ pattern: '^(0|[1-9][0-9]?)(\\.[0-9]{1,4})?$' }),
        /** Whether overdue interest bears the same. */
        onInterest: Type.Boolean(),
      },
      strict,
    ),
    prepayment: Type.Object(
      {
        allowed: Type.Boolean(),
        /** Fraction of the principal that is paid before it is due. */
        feeRate: Rate,
        /** After a part is prepaid: the same instalments for fewer months, or smaller ones to the same end. */
        mode: Type.Union([Type.Literal('SHORTEN'), Type.Literal('REAMORTISE')]),
        /** Least principal of a prepayment in part. */
        minimum: NonNegativeFen,
      },
      strict,
    ),
    allocation: AllocationOrder,
    allocationNonAccrual: AllocationOrder,
    /** Days past due beyond which interest is no longer income until it is paid. */
    nonAccrualAfterDays: Type.Integer({ minimum: 1, maximum: 360 }),
  },
  strict,
);
export type LoanTerms = Static<typeof LoanTerms>;

/** What the engine is told of the world; it must answer the same for the same date ever after. */
export interface Market {
  /** The index on a date, as published by then. @throws where none is known. */
  rateOn(index: RateIndex, date: string): string;
  /** Asked only where the terms name a calendar of their own. It must cover the dates up to the next instalment. */
  readonly calendar: Calendar;
}

/** One line of a schedule. */
export const Instalment = Type.Object(
  {
    number: Type.Integer({ minimum: 1 }),
    dueDate: CalendarDate,
    principal: NonNegativeFen,
    interest: NonNegativeFen,
    total: NonNegativeFen,
  },
  strict,
);
export type Instalment = Static<typeof Instalment>;

const onDay = { valueDate: CalendarDate };

/** What happened to a loan, with the date that it counts from. Everything that the books say follows from terms and facts. */
export const LoanFact = Type.Union([
  /** The principal was paid out; the first fact of every loan, on the terms' start. */
  Type.Object({ type: Type.Literal('DISBURSED'), ...onDay }, strict),
  /** Money for what is due. No more than what is due is taken. */
  Type.Object({ type: Type.Literal('PAID'), ...onDay, amount: PositiveFen }, strict),
  /**
   * Money for what is due and then for principal that is not, with its fee. `amount` is all that the payer gives; `full`: to
   * end the loan, of which no more is taken than its whole debt.
   */
  Type.Object({ type: Type.Literal('PREPAID'), ...onDay, amount: PositiveFen, full: Type.Boolean() }, strict),
  /** A cost of enforcement that the borrower owes at once. */
  Type.Object({ type: Type.Literal('COST'), ...onDay, amount: PositiveFen }, strict),
  /** The bank gives up what is due. */
  Type.Object(
    {
      type: Type.Literal('WAIVED'),
      ...onDay,
      component: Type.Union([Type.Literal('COSTS'), Type.Literal('PENALTY'), Type.Literal('INTEREST')]),
      amount: PositiveFen,
    },
    strict,
  ),
  /** The bank takes the whole debt out of its books; the claim stays. */
  Type.Object({ type: Type.Literal('WRITTEN_OFF'), ...onDay }, strict),
  /** Money for a claim that was written off. */
  Type.Object({ type: Type.Literal('RECOVERED'), ...onDay, amount: PositiveFen }, strict),
  /** The bank called the loan in: everything falls due on this day. */
  Type.Object({ type: Type.Literal('TERMINATED'), ...onDay }, strict),
]);
export type LoanFact = Static<typeof LoanFact>;

/** An instalment that has been fixed and not been paid in full: what of it is left. */
export const UnpaidInstalment = Type.Object(
  {
    number: Type.Integer({ minimum: 1 }),
    dueDate: CalendarDate,
    principal: NonNegativeFen,
    interest: NonNegativeFen,
  },
  strict,
);
export type UnpaidInstalment = Static<typeof UnpaidInstalment>;

/** An exact amount: an integer of `fen / (10^10 × days of the year)` for interest, of a 10^4th of that for penalty. */
const Exact = Type.String({ pattern: '^(0|[1-9][0-9]{0,59})$' });

export const LoanStatus = Type.Union([
  Type.Literal('ACTIVE'),
  Type.Literal('NON_ACCRUAL'),
  Type.Literal('REPAID'),
  Type.Literal('WRITTEN_OFF'),
]);
export type LoanStatus = Static<typeof LoanStatus>;

/** Where a loan stands. */
export const Position = Type.Object(
  {
    /** Last day whose end has been computed; the loan's business is at the day after. */
    closedThrough: CalendarDate,
    /** That day after, once its beginning has been computed. */
    startedOn: Type.Optional(CalendarDate),
    status: LoanStatus,
    /** All principal owed, due or not. */
    principal: NonNegativeFen,
    rate: Rate,
    /** ANN: principal and interest of an instalment; LAM: principal of one; PAM: 0. */
    instalmentAmount: NonNegativeFen,
    /** Number of the instalment that takes what is left. */
    lastInstalment: Type.Integer({ minimum: 1 }),
    /** The next instalment to be fixed, until none is left. */
    next: Type.Optional(
      Type.Object(
        { number: Type.Integer({ minimum: 1 }), calculationDate: CalendarDate, dueDate: CalendarDate },
        strict,
      ),
    ),
    nextReset: Type.Optional(CalendarDate),
    /** A prepayment of today, after which the instalments are computed anew at the end of the day. */
    resize: Type.Optional(Type.Literal(true)),
    /** Interest since the last interest day, exact, and what of it has been posted. */
    accruedExact: Exact,
    accrued: NonNegativeFen,
    /** Interest of the grace period, due with the first instalment that follows it. */
    deferred: NonNegativeFen,
    /** All penalty there ever was, exact; what of it has been posted; what of that is owed. */
    penaltyExact: Exact,
    penaltyPosted: NonNegativeFen,
    penaltyDue: NonNegativeFen,
    costsDue: NonNegativeFen,
    unpaid: Type.Array(UnpaidInstalment, { maxItems: 720 }),
    /** Days from the oldest unpaid due date to `closedThrough`; 0 within the days of grace. */
    daysPastDue: Type.Integer({ minimum: 0 }),
    /** First day after `closedThrough` on which anything but accrual can happen; absent when nothing will. */
    nextEvent: Type.Optional(CalendarDate),
    /** What is left of the claim after a write-off. */
    claim: Type.Optional(NonNegativeFen),
    principalRepaid: NonNegativeFen,
    principalWrittenOff: NonNegativeFen,
    /** Control totals of the day that was started last. */
    lastDay: Type.Object(
      {
        date: CalendarDate,
        /** Interest and penalty posted, as income or as a memo. */
        accrued: NonNegativeFen,
        penalty: NonNegativeFen,
        /** Money in. */
        collected: NonNegativeFen,
      },
      strict,
    ),
  },
  strict,
);
export type Position = Static<typeof Position>;

/** Accounts of a loan. `CLEARING` is money in (debit) or out, which the books map to a deposit. */
export const LoanAccount = Type.Union([
  Type.Literal('PRINCIPAL'),
  Type.Literal('INTEREST_RECEIVABLE'),
  Type.Literal('PENALTY_RECEIVABLE'),
  Type.Literal('COSTS_RECEIVABLE'),
  Type.Literal('INTEREST_NOT_ACCRUED'),
  Type.Literal('INTEREST_NOT_ACCRUED_CONTRA'),
  Type.Literal('INTEREST_INCOME'),
  Type.Literal('PENALTY_INCOME'),
  Type.Literal('FEE_INCOME'),
  Type.Literal('COSTS_INCOME'),
  Type.Literal('WAIVER_EXPENSE'),
  Type.Literal('WRITE_OFF_EXPENSE'),
  Type.Literal('RECOVERY_INCOME'),
  Type.Literal('CLEARING'),
]);
export type LoanAccount = Static<typeof LoanAccount>;

/** What an entry of a loan's books is for. */
export type EntryKind =
  | 'DISBURSEMENT'
  | 'ACCRUAL'
  | 'PENALTY'
  | 'PAYMENT'
  | 'PREPAYMENT'
  | 'COST'
  | 'WAIVER'
  | 'WRITE_OFF'
  | 'RECOVERY'
  | 'NON_ACCRUAL'
  | 'CURE'
  | 'REVERSAL';

/** One side of an entry: a debit is positive, a credit negative. */
export interface EntryLine {
  readonly account: LoanAccount;
  readonly amount: bigint;
}

/** A balanced entry with its value date. */
export interface Entry {
  readonly date: string;
  readonly kind: EntryKind;
  readonly lines: readonly EntryLine[];
}

/** What a step of the engine gives: where the loan stands now and what is to be posted. */
export interface Outcome {
  readonly position: Position;
  readonly entries: readonly Entry[];
}

/** What may be collected today, in fen. */
export interface AmountsDue {
  readonly costs: bigint;
  readonly penalty: bigint;
  readonly interest: bigint;
  readonly principal: bigint;
  readonly total: bigint;
}

/** What a prepayment of today would pay, in fen. `total` never exceeds an amount that was offered. */
export interface Quote {
  readonly principal: bigint;
  readonly interest: bigint;
  readonly penalty: bigint;
  readonly costs: bigint;
  readonly fee: bigint;
  readonly total: bigint;
}
