import { Type, type Static } from 'typebox';
import { Fen, NonNegativeFen, PositiveFen } from '../../ledger/money';
import {
  CalendarDate,
  Code,
  CompactJws,
  Digest,
  Instant,
  Issuer,
  MspId,
  OpaqueId,
  Page,
  ReasonCode,
  Uscc,
  strict,
} from '../../ledger/schemas';
import { Payee } from '../books/model';
import { LoanTerms } from '../engine/loan/model';
import { Bound, Fraction, Grade, LenderType, MetricCode, ProductReference } from '../products/model';
import { applicationStates } from './states';

/** What applications keep and take. What was disclosed never stands in a public document: digests and ids do. */

export const ApplicationState = Type.Unsafe<(typeof applicationStates)[number]>(
  Type.Union(applicationStates.map((state) => Type.Literal(state))),
);

/** A delivery on the sharing channel that a decision rests on. */
export const CitedDelivery = Type.Object(
  {
    requestId: OpaqueId,
    issuer: Issuer,
    /** SHA-256 of the delivery's bytes, which provider and bank endorsed when it was released. */
    digest: Digest,
  },
  strict,
);
export type CitedDelivery = Static<typeof CitedDelivery>;

export const AttachedEvidence = Type.Object(
  {
    consentId: OpaqueId,
    consentDigest: Digest,
    /** End of the consent: until then the bank may read. */
    consentExpiry: Instant,
    /** Years for which the bank keeps what a signed loan cites. */
    evidenceYears: Type.Integer({ minimum: 0, maximum: 30 }),
    deliveries: Type.Array(CitedDelivery, { minItems: 1, maxItems: 50 }),
    attachedAt: Instant,
  },
  strict,
);
export type AttachedEvidence = Static<typeof AttachedEvidence>;

/** What a positive decision allows: the part of it that offers are held against. */
export const Approval = Type.Object(
  {
    limit: PositiveFen,
    grade: Grade.properties.grade,
    spread: Fraction,
    /** The proposal of two officers that put this in place of the contract's decision. */
    override: Type.Optional(OpaqueId),
  },
  strict,
);
export type Approval = Static<typeof Approval>;

/** `application~<id>`; policy: the channel's, bank AND (enterprise OR regulator). */
export const Application = Type.Object(
  {
    applicationId: OpaqueId,
    enterprise: Uscc,
    /** The applicant's organisation, into whose collection notices go. */
    organisation: MspId,
    product: ProductReference,
    productDigest: Digest,
    amount: PositiveFen,
    termMonths: Type.Integer({ minimum: 1, maximum: 360 }),
    purpose: ReasonCode,
    /** Deposit account of the enterprise at this bank. */
    account: OpaqueId,
    payee: Type.Optional(Payee),
    state: ApplicationState,
    appliedAt: Instant,
    /** 1, and 2 after a review was asked for. */
    round: Type.Integer({ minimum: 1, maximum: 2 }),
    evidence: Type.Optional(AttachedEvidence),
    approval: Type.Optional(Approval),
    /** The offer that stands. */
    offerId: Type.Optional(OpaqueId),
    loanId: Type.Optional(OpaqueId),
    /** Date of the bank by which the money has to be drawn. */
    drawBy: Type.Optional(CalendarDate),
  },
  strict,
);
export type Application = Static<typeof Application>;

/**
 * `decision~<applicationId>`, created with the application; key-level policy: the bank alone. It says that there is a
 * decision and by which hashes to know it, and nothing of what was decided.
 */
export const PublicDecision = Type.Object(
  {
    applicationId: OpaqueId,
    status: Type.Union([Type.Literal('PENDING'), Type.Literal('DECIDED')]),
    round: Type.Integer({ minimum: 0, maximum: 2 }),
    /** SHA-256 of the bank's private document. */
    decision: Type.Optional(Digest),
    /** SHA-256 of the notice to the applicant. */
    notice: Type.Optional(Digest),
    deliveries: Type.Array(CitedDelivery, { maxItems: 50 }),
    decidedAt: Type.Optional(Instant),
  },
  strict,
);
export type PublicDecision = Static<typeof PublicDecision>;

/** A record that a decision rests on. */
export const CitedRecord = Type.Object({ id: OpaqueId, recordType: Code, digest: Digest }, strict);

/** A metric's value in its own unit; null where the evidence does not tell it. */
export const MetricValue = Type.Object(
  { metric: MetricCode, value: Type.Union([Bound, Type.Null()]) },
  strict,
);
export type MetricValue = Static<typeof MetricValue>;

export const Outcome = Type.Union([Type.Literal('APPROVED'), Type.Literal('DECLINED')]);
export type Outcome = Static<typeof Outcome>;

/** What the pure decision gives. */
export const DecisionResult = Type.Object(
  {
    outcome: Outcome,
    metrics: Type.Array(MetricValue, { maxItems: 50 }),
    /** Points of each metric of the scorecard. */
    scores: Type.Array(Type.Object({ metric: MetricCode, points: Type.Integer() }, strict), { maxItems: 50 }),
    points: Type.Integer(),
    grade: Type.Optional(Grade.properties.grade),
    spread: Type.Optional(Fraction),
    /** 0 where declined. */
    limit: NonNegativeFen,
    reasons: Type.Array(ReasonCode, { maxItems: 50 }),
  },
  strict,
);
export type DecisionResult = Static<typeof DecisionResult>;

/**
 * Private, `decision~<id>~<round>` in the bank's collection. It holds measures and digests and not the fields that were
 * delivered: those end with the consent.
 */
export const PrivateDecision = Type.Object(
  {
    salt: Digest,
    applicationId: OpaqueId,
    round: Type.Integer({ minimum: 1, maximum: 2 }),
    product: ProductReference,
    productDigest: Digest,
    /** Day on which it was decided, which freshness and age are counted to. */
    day: CalendarDate,
    deliveries: Type.Array(CitedDelivery, { maxItems: 50 }),
    records: Type.Array(CitedRecord, { maxItems: 2000 }),
    result: DecisionResult,
  },
  strict,
);
export type PrivateDecision = Static<typeof PrivateDecision>;

/** Private, `notice~<id>~<round>`: in the bank's collection, and once it is given, in the applicant's organisation's. */
export const Notice = Type.Object(
  {
    salt: Digest,
    applicationId: OpaqueId,
    round: Type.Integer({ minimum: 1, maximum: 2 }),
    outcome: Outcome,
    reasons: Type.Array(ReasonCode, { maxItems: 50 }),
    limit: NonNegativeFen,
    grade: Type.Optional(Grade.properties.grade),
    spread: Type.Optional(Fraction),
    /** SHA-256 of the bank's private decision. */
    decision: Digest,
  },
  strict,
);
export type Notice = Static<typeof Notice>;

export const SheetInstalment = Type.Object(
  {
    number: Type.Integer({ minimum: 1 }),
    dueDate: CalendarDate,
    principal: Fen,
    interest: Fen,
    total: Fen,
  },
  strict,
);

/**
 * The loan sheet: all that the signatories sign, by its digest, and that `sheet-words.ts` says in words. Dates are as if
 * the money were paid out on `terms.startDate`; paid out later, by `drawBy` at the latest, the same terms count from that
 * day.
 */
export const LoanSheet = Type.Object(
  {
    channel: Type.String({ maxLength: 249 }),
    bank: MspId,
    enterprise: Uscc,
    applicationId: OpaqueId,
    offerId: OpaqueId,
    product: ProductReference,
    productDigest: Digest,
    productName: Type.String({ maxLength: 200 }),
    lenderType: LenderType,
    purpose: ReasonCode,
    account: OpaqueId,
    /** Whom the money goes to instead of the borrower's account (entrusted payment). */
    payee: Type.Optional(Payee),
    terms: LoanTerms,
    termsDigest: Digest,
    /** The contract's rate a year on the day of the offer. */
    annualRate: Fraction,
    /** Internal rate of return a year of all payments and fees (PBoC announcement 2021 No. 3), rounded up to 6 places. */
    allInAnnualRate: Fraction,
    fees: Type.Array(Type.Object({ code: Code, amount: NonNegativeFen }, strict), { maxItems: 10 }),
    schedule: Type.Array(SheetInstalment, { minItems: 1, maxItems: 360 }),
    totalInterest: NonNegativeFen,
    totalFees: NonNegativeFen,
    /** What all instalments and fees come to. */
    totalToPay: PositiveFen,
    /** What happens with data and evidence. */
    evidence: Type.Object(
      {
        consentId: OpaqueId,
        consentExpiry: Instant,
        /** Years for which what this loan cites is kept after the consent has ended. */
        retentionYears: Type.Integer({ minimum: 0, maximum: 30 }),
        deliveries: Type.Array(CitedDelivery, { minItems: 1, maxItems: 50 }),
      },
      strict,
    ),
    /** Least cap of the direct debit that the acceptance has to name: the largest instalment. */
    leastDebitCap: PositiveFen,
    /**
     * Of a credit line: the principal is its limit, the term the longest of a drawdown, and schedule and totals are those of
     * the whole limit drawn at once. Each drawdown is a loan under these terms.
     */
    line: Type.Optional(Type.Object({ minimumDrawdown: PositiveFen }, strict)),
    offeredOn: CalendarDate,
    /** Last day of the bank on which it can be accepted. */
    expires: CalendarDate,
    /** Last day of the bank on which an accepted loan, or anything of a line, is paid out. */
    drawBy: CalendarDate,
  },
  strict,
);
export type LoanSheet = Static<typeof LoanSheet>;

/** `offer~<id>`; policy: the channel's. */
export const Offer = Type.Object(
  {
    offerId: OpaqueId,
    applicationId: OpaqueId,
    sheet: LoanSheet,
    digest: Digest,
    /** Hash of the decision that it rests on. */
    decision: Digest,
    state: Type.Union([
      Type.Literal('OPEN'),
      Type.Literal('REPLACED'),
      Type.Literal('ACCEPTED'),
      Type.Literal('WITHDRAWN'),
      Type.Literal('LAPSED'),
    ]),
    madeAt: Instant,
  },
  strict,
);
export type Offer = Static<typeof Offer>;

/** What the borrower lets the bank debit, signed with the acceptance. */
export const SignedDebit = Type.Object(
  { account: OpaqueId, cap: PositiveFen, expires: CalendarDate },
  strict,
);
export type SignedDebit = Static<typeof SignedDebit>;

/** `typ` of a signed acceptance. */
export const acceptanceType = 'loan-acceptance+jws';

/** What a signatory signs: payload of a compact JWS, in canonical form. */
export const AcceptanceStatement = Type.Object(
  {
    action: Type.Literal('ACCEPT_LOAN'),
    channel: Type.String({ maxLength: 249 }),
    applicationId: OpaqueId,
    offerId: OpaqueId,
    sheetDigest: Digest,
    directDebit: SignedDebit,
    enterprise: Uscc,
    signatory: OpaqueId,
    nonce: OpaqueId,
    signedAt: Instant,
  },
  strict,
);
export type AcceptanceStatement = Static<typeof AcceptanceStatement>;

/** `mandate~<applicationId>`: the signed acceptance with its direct debit. Written once. */
export const Mandate = Type.Object(
  {
    applicationId: OpaqueId,
    enterprise: Uscc,
    offerId: OpaqueId,
    sheetDigest: Digest,
    directDebit: SignedDebit,
    acceptances: Type.Array(CompactJws, { minItems: 1, maxItems: 20 }),
    signatories: Type.Array(OpaqueId, { minItems: 1, maxItems: 20 }),
    acceptedAt: Instant,
  },
  strict,
);
export type Mandate = Static<typeof Mandate>;

// ── Inputs ────────────────────────────────────────────────────────────────────────────────────────────────────

export const ApplyInput = Type.Object(
  {
    applicationId: OpaqueId,
    product: ProductReference,
    amount: PositiveFen,
    termMonths: Type.Integer({ minimum: 1, maximum: 360 }),
    purpose: ReasonCode,
    account: OpaqueId,
    payee: Type.Optional(Payee),
  },
  strict,
);
export type ApplyInput = Static<typeof ApplyInput>;

export const AttachEvidenceInput = Type.Object(
  {
    applicationId: OpaqueId,
    consentId: OpaqueId,
    requestIds: Type.Array(OpaqueId, { minItems: 1, maxItems: 50, uniqueItems: true }),
  },
  strict,
);
export type AttachEvidenceInput = Static<typeof AttachEvidenceInput>;

export const ApplicationIdInput = Type.Object({ applicationId: OpaqueId }, strict);
export const OfferIdInput = Type.Object({ offerId: OpaqueId }, strict);
/** The round that is decided, by default the application's. */
export const ReadInput = Type.Object(
  { applicationId: OpaqueId, round: Type.Optional(Type.Integer({ minimum: 1, maximum: 2 })) },
  strict,
);
export const MakeOfferInput = Type.Object(
  {
    applicationId: OpaqueId,
    offerId: OpaqueId,
    amount: PositiveFen,
    termMonths: Type.Integer({ minimum: 1, maximum: 360 }),
  },
  strict,
);
export type MakeOfferInput = Static<typeof MakeOfferInput>;

export const AcceptInput = Type.Object(
  {
    applicationId: OpaqueId,
    offerId: OpaqueId,
    acceptances: Type.Array(CompactJws, { minItems: 1, maxItems: 20 }),
  },
  strict,
);
export type AcceptInput = Static<typeof AcceptInput>;

export const ListApplicationsInput = Type.Object(
  { ...Page.properties, enterprise: Type.Optional(Uscc) },
  strict,
);

/** Content of `OVERRIDE_DECISION`: two officers put their judgement in place of the contract's. */
export const OverrideContent = Type.Object(
  {
    applicationId: OpaqueId,
    round: Type.Integer({ minimum: 1, maximum: 2 }),
    outcome: Outcome,
    reason: ReasonCode,
    /** Of an approval. */
    limit: Type.Optional(PositiveFen),
    grade: Type.Optional(Grade.properties.grade),
  },
  strict,
);
export type OverrideContent = Static<typeof OverrideContent>;

// ── Views ─────────────────────────────────────────────────────────────────────────────────────────────────────

export const ApplicationView = Type.Object({ application: Application, decision: PublicDecision }, strict);
export type ApplicationView = Static<typeof ApplicationView>;

export const OfferView = Type.Object(
  { offer: Offer, text: Type.Array(Type.String({ maxLength: 1000 }), { maxItems: 1000 }) },
  strict,
);
export type OfferView = Static<typeof OfferView>;
