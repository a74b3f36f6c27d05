import { Type, type Static } from 'typebox';
import { Code, Instant, Issuer, OpaqueId, Period, Uscc, strict } from '../../ledger/schemas';
import { QuestionMeasure } from '../../registry/purpose-model';

/** Derived answers: what a bank learns from records that never leave their holder. */

/** A number in its plain decimal form, as thresholds and answers have it. */
export const Decimal = Type.String({ pattern: '^-?(0|[1-9][0-9]{0,19})(\\.[0-9]{1,4})?$' });

/** Lengths of a window: half-years, so that no combination of answers is about one quarter alone (see `narrowing.ts`). */
export const WindowMonths = Type.Union([
  Type.Literal(6),
  Type.Literal(12),
  Type.Literal(18),
  Type.Literal(24),
  Type.Literal(36),
]);

/**
 * One question that a consent allows, with every parameter: nothing is left for the bank to vary. Where `atLeast` or
 * `atMost` stands the answer is yes or no, and the number itself is not given.
 */
export const ConsentQuestion = Type.Object(
  {
    id: Code,
    issuer: Issuer,
    recordType: Code,
    measure: QuestionMeasure,
    /** What is added up; absent for COUNT. */
    field: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    /** For RATIO: what `field` is divided by. */
    of: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    /** Length of the window; TREND compares it with the one of the same length before it. */
    months: WindowMonths,
    atLeast: Type.Optional(Decimal),
    atMost: Type.Optional(Decimal),
  },
  strict,
);
export type ConsentQuestion = Static<typeof ConsentQuestion>;

/** The answer to one question. */
export const Answer = Type.Object(
  {
    question: Code,
    /** What the question is about: the last months of the request's range. */
    window: Period,
    /** UNDEFINED: a division by zero, or too few records for a number that would be one record's own. */
    outcome: Type.Union([
      Type.Literal('YES'),
      Type.Literal('NO'),
      Type.Literal('VALUE'),
      Type.Literal('UNDEFINED'),
    ]),
    value: Type.Optional(Decimal),
    /** Records that it was computed from, by id, in ascending order of id. */
    records: Type.Array(OpaqueId, { maxItems: 500 }),
  },
  strict,
);
export type Answer = Static<typeof Answer>;

/** Signed by the issuer (compact JWS, typ `derived-answers+jws`). */
export const DerivedAnswers = Type.Object(
  {
    requestId: OpaqueId,
    issuer: Issuer,
    enterprise: Uscc,
    asOf: Instant,
    answers: Type.Array(Answer, { minItems: 1, maxItems: 20 }),
  },
  strict,
);
export type DerivedAnswers = Static<typeof DerivedAnswers>;

/** `typ` of an issuer's signed answers. */
export const answersType = 'derived-answers+jws';

/**
 * `asked~<enterprise>~<issuer>`: what was ever asked about an enterprise on this channel, under any of its consents, as
 * far as it narrows numbers down. Policy: the channel's.
 */
export const AskedBefore = Type.Object(
  {
    enterprise: Uscc,
    issuer: Issuer,
    /** Thresholds by measure: `<record type>~<measure>~<field>~<of>`. */
    thresholds: Type.Record(
      Type.String({ maxLength: 300 }),
      Type.Array(Type.Object({ window: Period, at: Decimal }, strict), { maxItems: 200 }),
    ),
  },
  strict,
);
export type AskedBefore = Static<typeof AskedBefore>;
