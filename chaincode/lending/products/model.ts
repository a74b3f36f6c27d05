import { Type, type Static } from 'typebox';
import { NonNegativeFen, PositiveFen } from '../../ledger/money';
import { Code, Digest, Instant, OpaqueId, Page, ReasonCode, strict } from '../../ledger/schemas';
import { Assurance } from '../../registry/model';
import { LoanTerms } from '../engine/loan/model';

/** A share or a rate a year as a decimal fraction, e.g. `0.0435`; may be negative where it is a spread or a bound. */
export const Fraction = Type.String({
  pattern: '^(0|-?(0|[1-9][0-9]{0,3})\\.[0-9]{1,10}|-?[1-9][0-9]{0,3})$',
  description: 'Decimal fraction, not per cent.',
});

/** A bound of a metric: a decimal number, in the metric's own unit. */
export const Bound = Type.String({ pattern: '^-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,10})?$' });

/** What is measured of an applicant, each defined in `applications/metrics/`. */
export const metricCodes = [
  'annual-revenue',
  'revenue-growth',
  'revenue-volatility',
  'periods-not-filed',
  'tax-paid-share',
  'tax-burden-change',
  'invoice-deviation',
  'buyer-concentration',
  'years-in-business',
  'operating',
  'tax-credit-rating',
  'tax-arrears',
  'penalties-unsettled',
  'penalties-recent',
  'payroll-trend',
  'debt-service-coverage',
] as const;
export type MetricCode = (typeof metricCodes)[number];
export const MetricCode = Type.Unsafe<MetricCode>(Type.Union(metricCodes.map((code) => Type.Literal(code))));

/** Kinds of lender that the law treats differently. */
export const LenderType = Type.Union([
  Type.Literal('COMMERCIAL_BANK'),
  Type.Literal('MICRO_LENDER'),
  Type.Literal('PRIVATE_LENDER'),
]);
export type LenderType = Static<typeof LenderType>;

/**
 * The highest all-in annual rate (internal rate of return with all fees) for a kind of lender: a number, or a multiple of a
 * published rate. Private lending in China is bound to four times the one-year LPR, licensed lenders are not: hence by kind.
 */
export const RateCeiling = Type.Object(
  {
    lenderType: LenderType,
    ceiling: Type.Union([
      Type.Object({ kind: Type.Literal('ANNUAL'), annual: Fraction }, strict),
      Type.Object(
        {
          kind: Type.Literal('MULTIPLE'),
          index: Type.Union([Type.Literal('LPR-1Y'), Type.Literal('LPR-5Y')]),
          times: Fraction,
        },
        strict,
      ),
    ]),
  },
  strict,
);
export type RateCeiling = Static<typeof RateCeiling>;

/** Records of one type that a decision rests on. */
export const EvidenceRequirement = Type.Object(
  {
    recordType: Code,
    /** What has to be disclosed of each record. */
    fields: Type.Array(Type.String({ maxLength: 100 }), { minItems: 1, maxItems: 50 }),
    /** How the record has to have come about. */
    assurance: Type.Array(Assurance, { minItems: 1, maxItems: 3 }),
    /** Without these records there is no decision; otherwise their metrics are not available. */
    required: Type.Boolean(),
    /** Fewest records; 0 where none is an answer, such as of arrears. */
    minimumRecords: Type.Integer({ minimum: 0, maximum: 500 }),
    /** Months without a gap, back from the latest period; 0 where the record has no period. */
    months: Type.Integer({ minimum: 0, maximum: 120 }),
    /** Most days from the end of the latest period to the decision; 0 for any. */
    maxAgeDays: Type.Integer({ minimum: 0, maximum: 3660 }),
    /** Most days from the delivery to the decision. */
    maxDeliveryDays: Type.Integer({ minimum: 1, maximum: 366 }),
  },
  strict,
);
export type EvidenceRequirement = Static<typeof EvidenceRequirement>;

/** Points of a metric: those of the last band whose lower bound the value reaches; the first band has none. */
export const ScoreItem = Type.Object(
  {
    metric: MetricCode,
    bands: Type.Array(
      Type.Object(
        { from: Type.Optional(Bound), points: Type.Integer({ minimum: -1000, maximum: 1000 }) },
        strict,
      ),
      { minItems: 1, maxItems: 20 },
    ),
    /** Points where the metric is not available. */
    notAvailable: Type.Integer({ minimum: -1000, maximum: 1000 }),
  },
  strict,
);
export type ScoreItem = Static<typeof ScoreItem>;

/** What declines an application whatever its points. */
export const KnockOut = Type.Object(
  {
    metric: MetricCode,
    when: Type.Union([Type.Literal('BELOW'), Type.Literal('ABOVE')]),
    value: Bound,
    /** Whether a metric that is not available knocks out too. */
    notAvailable: Type.Boolean(),
  },
  strict,
);
export type KnockOut = Static<typeof KnockOut>;

/** What a number of points is worth. */
export const Grade = Type.Object(
  {
    grade: Type.String({ pattern: '^[A-Z][A-Z0-9+-]{0,3}$' }),
    minimumPoints: Type.Integer({ minimum: -100000, maximum: 100000 }),
    /** Added to the index, or to the fixed base. */
    spread: Fraction,
    /** Largest principal as a share of the annual revenue. */
    revenueShare: Fraction,
  },
  strict,
);
export type Grade = Static<typeof Grade>;

/** Where the rate comes from. A fixed rate is the index's on the day of the offer plus the spread. */
export const Pricing = Type.Object(
  {
    kind: Type.Union([Type.Literal('FIXED'), Type.Literal('FLOATING')]),
    index: Type.Union([Type.Literal('LPR-1Y'), Type.Literal('LPR-5Y')]),
    /** Of a floating rate. */
    resetMonths: Type.Optional(Type.Integer({ minimum: 1, maximum: 60 })),
    cap: Type.Optional(Fraction),
    floor: Type.Optional(Fraction),
  },
  strict,
);

/** A fee at disbursement, paid beside the loan and never kept back from it (Civil Code 670). */
export const Fee = Type.Object(
  {
    code: Code,
    /** Share of the principal. */
    rate: Fraction,
    /** Added to the share. */
    amount: NonNegativeFen,
  },
  strict,
);

/**
 * A revolving credit line: what is agreed is a limit, and each drawdown under it is a loan of its own, under the terms that
 * were signed for the line. The product's term is then that of a drawdown.
 */
export const LineTerms = Type.Object(
  {
    /** Months from the offer in which money may be drawn. */
    drawMonths: Type.Integer({ minimum: 1, maximum: 36 }),
    minimumDrawdown: PositiveFen,
  },
  strict,
);

/** The terms of every loan of a product; the rest is decided application by application. */
export const ProductTerms = Type.Omit(LoanTerms, ['principal', 'startDate', 'termMonths', 'rate']);
export type ProductTerms = Static<typeof ProductTerms>;

/** `product~<code>~<version>`, published by two officers, never changed. */
export const Product = Type.Object(
  {
    code: Code,
    version: Type.Integer({ minimum: 1, maximum: 10000 }),
    name: Type.String({ minLength: 1, maxLength: 200 }),
    lenderType: LenderType,
    ceilings: Type.Array(RateCeiling, { maxItems: 5 }),
    minimumAmount: PositiveFen,
    maximumAmount: PositiveFen,
    minimumTermMonths: Type.Integer({ minimum: 1, maximum: 360 }),
    maximumTermMonths: Type.Integer({ minimum: 1, maximum: 360 }),
    /** What the money may be used for. */
    purposes: Type.Array(ReasonCode, { minItems: 1, maxItems: 50 }),
    /** Above this the money goes to the payee (entrusted payment). */
    entrustedAbove: PositiveFen,
    /** Of a credit line, and of no other product. */
    line: Type.Optional(LineTerms),
    pricing: Pricing,
    terms: ProductTerms,
    fees: Type.Array(Fee, { maxItems: 10 }),
    /** Purposes of a consent under which evidence may be used. */
    consentPurposes: Type.Array(ReasonCode, { minItems: 1, maxItems: 10 }),
    evidence: Type.Array(EvidenceRequirement, { minItems: 1, maxItems: 30 }),
    scorecard: Type.Array(ScoreItem, { minItems: 1, maxItems: 50 }),
    knockOuts: Type.Array(KnockOut, { maxItems: 50 }),
    /** From the best on: minimum points fall. */
    grades: Type.Array(Grade, { minItems: 1, maxItems: 20 }),
    limit: Type.Object(
      {
        /** Least debt service coverage with the new loan, where the statements tell it. */
        minimumCoverage: Fraction,
        /** Annual rate at which coverage is tested, so that it does not depend on the grade it decides. */
        testRate: Fraction,
        /** A limit is rounded down to a multiple of this. */
        step: PositiveFen,
      },
      strict,
    ),
    /** Days of the bank that an offer stands, and after that, that the money of a term loan may be drawn. */
    offerDays: Type.Integer({ minimum: 1, maximum: 366 }),
    drawDays: Type.Integer({ minimum: 1, maximum: 366 }),
  },
  strict,
);
export type Product = Static<typeof Product>;

/** `product~<code>~<version>`. */
export const StoredProduct = Type.Object(
  { product: Product, digest: Digest, publishedAt: Instant, proposalId: OpaqueId },
  strict,
);
export type StoredProduct = Static<typeof StoredProduct>;

/** `product-head~<code>`: the latest version. */
export const ProductHead = Type.Object({ code: Code, version: Type.Integer({ minimum: 1 }) }, strict);
export type ProductHead = Static<typeof ProductHead>;

/** `product-stop~<code>`, created with the first version; key-level policy: the regulator alone. */
export const ProductStop = Type.Object(
  {
    code: Code,
    state: Type.Union([Type.Literal('OPEN'), Type.Literal('SUSPENDED')]),
    reason: Type.Optional(ReasonCode),
    at: Type.Optional(Instant),
  },
  strict,
);
export type ProductStop = Static<typeof ProductStop>;

/** A product in one version. */
export const ProductReference = Type.Object({ code: Code, version: Type.Integer({ minimum: 1 }) }, strict);
export type ProductReference = Static<typeof ProductReference>;

/** The latest version where none is named. */
export const GetProductInput = Type.Object(
  { code: Code, version: Type.Optional(Type.Integer({ minimum: 1 })) },
  strict,
);
export const ListProductsInput = Page;
export const SuspendInput = Type.Object({ code: Code, reason: ReasonCode }, strict);
export const ResumeInput = Type.Object({ code: Code }, strict);

export const ProductView = Type.Object({ ...StoredProduct.properties, stop: ProductStop }, strict);
export type ProductView = Static<typeof ProductView>;
