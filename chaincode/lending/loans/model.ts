import { Type, type Static } from 'typebox';
import { Fen, PositiveFen } from '../../ledger/money';
import { CalendarDate, Digest, OpaqueId, Page, ReasonCode, Uscc, strict } from '../../ledger/schemas';
import { SignedDebit } from '../applications/model';
import { Signatures } from '../books/payment-order';
import { LoanFact, LoanTerms, Position } from '../engine/loan';

/** `loan~<id>`, written once when the money is paid out. The terms are the signed sheet's, by digest. */
export const Loan = Type.Object(
  {
    loanId: OpaqueId,
    enterprise: Uscc,
    /** Of a loan that was applied for by itself. */
    applicationId: Type.Optional(OpaqueId),
    /** The credit line that it is a drawdown of. With neither, it was made before it came onto the ledger. */
    lineId: Type.Optional(OpaqueId),
    /** SHA-256 of what the borrower signed. */
    sheetDigest: Digest,
    terms: LoanTerms,
    termsDigest: Digest,
    /** The debit that the borrower signed: one account, most that one day's debit may take, last day. */
    directDebit: SignedDebit,
    /** Account that the money went to: the borrower's, or the payee's (entrusted payment). */
    paidTo: OpaqueId,
    disbursedOn: CalendarDate,
  },
  strict,
);
export type Loan = Static<typeof Loan>;

/** What one day of a loan adds to the day's control totals. */
export const ClosedDay = Type.Object(
  {
    date: CalendarDate,
    /** Interest and penalty. */
    accrued: Fen,
    collected: Fen,
    /** Outstanding at the end of the day. */
    principal: Fen,
    daysPastDue: Type.Integer({ minimum: 0 }),
  },
  strict,
);
export type ClosedDay = Static<typeof ClosedDay>;

/**
 * `position~<loanId>` while the loan runs and `final~<loanId>` afterwards, so that the day close meets only what runs.
 */
export const StoredPosition = Type.Object(
  {
    loanId: OpaqueId,
    position: Position,
    /** How many facts there are: `fact~<loanId>~0` to `fact~<loanId>~<facts-1>`. */
    facts: Type.Integer({ minimum: 1 }),
    /** The day that was closed last; acts of the next day may have come since. */
    closed: Type.Optional(ClosedDay),
  },
  strict,
);
export type StoredPosition = Static<typeof StoredPosition>;

/** Who or what caused a fact. */
export const FactSource = Type.Union([
  Type.Literal('DISBURSEMENT'),
  Type.Literal('BOARDING'),
  Type.Literal('DIRECT_DEBIT'),
  Type.Literal('ORDER'),
  Type.Literal('PROPOSAL'),
]);

/** `fact~<loanId>~<seq>`: what happened to a loan, in the ledger's order. */
export const StoredFact = Type.Object(
  {
    loanId: OpaqueId,
    sequence: Type.Integer({ minimum: 0 }),
    fact: LoanFact,
    source: FactSource,
    /** Id of the order or proposal; the date for a direct debit. */
    reference: Type.String({ maxLength: 64 }),
    /** Deposit that its money came from or went to. */
    account: Type.Optional(OpaqueId),
    /** The proposal of two officers that took it back. */
    reversedBy: Type.Optional(OpaqueId),
  },
  strict,
);
export type StoredFact = Static<typeof StoredFact>;

export const LoanIdInput = Type.Object({ loanId: OpaqueId }, strict);
export const ListLoansInput = Type.Object({ ...Page.properties, enterprise: Type.Optional(Uscc) }, strict);
export const QuoteInput = Type.Object({ loanId: OpaqueId, amount: Type.Optional(PositiveFen) }, strict);

// ── What two officers decide ──────────────────────────────────────────────────────────────────────────────────

export const DisburseContent = Type.Object(
  { applicationId: OpaqueId, loanId: OpaqueId, enterprise: Uscc },
  strict,
);
export type DisburseContent = Static<typeof DisburseContent>;

export const WaiveContent = Type.Object(
  {
    loanId: OpaqueId,
    component: Type.Union([Type.Literal('COSTS'), Type.Literal('PENALTY'), Type.Literal('INTEREST')]),
    amount: PositiveFen,
    reason: ReasonCode,
  },
  strict,
);
export type WaiveContent = Static<typeof WaiveContent>;

export const WriteOffContent = Type.Object({ loanId: OpaqueId, reason: ReasonCode }, strict);
export type WriteOffContent = Static<typeof WriteOffContent>;

/** Takes a payment back: the books are corrected to what they would be without it. */
export const ReversePaymentContent = Type.Object(
  { loanId: OpaqueId, sequence: Type.Integer({ minimum: 1 }), reason: ReasonCode },
  strict,
);
export type ReversePaymentContent = Static<typeof ReversePaymentContent>;

/** `typ` of a borrower's signature over a loan that the bank brings onto the ledger. */
export const boardingType = 'loan-boarding+jws';

/**
 * What the borrower's signatories sign of a loan that was made before it came onto the ledger: what is left of it runs on
 * here, from the bank's business date, under these terms.
 */
export const BoardingStatement = Type.Object(
  {
    action: Type.Literal('BOARD_LOAN'),
    channel: Type.String({ maxLength: 249 }),
    loanId: OpaqueId,
    enterprise: Uscc,
    /** The terms of what is left; `startDate` is the business date. */
    terms: LoanTerms,
    directDebit: SignedDebit,
  },
  strict,
);
export type BoardingStatement = Static<typeof BoardingStatement>;

/** Loans of one borrower. */
export const BoardContent = Type.Object(
  {
    enterprise: Uscc,
    loans: Type.Array(
      Type.Object(
        {
          statement: BoardingStatement,
          signatures: Signatures,
        },
        strict,
      ),
      { minItems: 1, maxItems: 50 },
    ),
  },
  strict,
);
export type BoardContent = Static<typeof BoardContent>;

/** A loan as those who may see it see it. */
export const LoanView = Type.Object(
  { loan: Loan, position: Position, facts: Type.Integer({ minimum: 1 }) },
  strict,
);
export type LoanView = Static<typeof LoanView>;

export const QuoteView = Type.Object(
  {
    loanId: OpaqueId,
    validOn: CalendarDate,
    principal: Fen,
    interest: Fen,
    penalty: Fen,
    costs: Fen,
    fee: Fen,
    total: Fen,
  },
  strict,
);
export type QuoteView = Static<typeof QuoteView>;
