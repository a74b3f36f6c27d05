import { Type, type Static } from 'typebox';
import { Code, ReasonCode, strict } from '../ledger/schemas';

/** What a consent may be for, and at most allow: consortium state. */

/** A length of time, or a number of times in one unit of it. */
export const Limit = Type.Object(
  {
    unit: Type.Union([Type.Literal('DAY'), Type.Literal('MONTH'), Type.Literal('YEAR')]),
    value: Type.Integer({ minimum: 1, maximum: 1000 }),
  },
  strict,
);
export type Limit = Static<typeof Limit>;

/**
 * What a derived answer measures: the reviewed vocabulary. It is fixed in the contract; a purpose says which of it may be
 * asked of which fields.
 */
export const QuestionMeasure = Type.Union([
  Type.Literal('SUM'),
  Type.Literal('COUNT'),
  Type.Literal('RATIO'),
  Type.Literal('TREND'),
]);

/** The most that a consent for this purpose may allow. */
export const Purpose = Type.Object(
  {
    code: ReasonCode,
    text: Type.String({ maxLength: 500 }),
    items: Type.Array(
      Type.Object(
        { recordType: Code, fields: Type.Array(Type.String({ maxLength: 100 }), { maxItems: 200 }) },
        strict,
      ),
      { maxItems: 50 },
    ),
    /** Questions that may be asked instead of data; none where it is absent. */
    questions: Type.Optional(
      Type.Array(
        Type.Object(
          {
            recordType: Code,
            measures: Type.Array(QuestionMeasure, { minItems: 1, maxItems: 4 }),
            fields: Type.Array(Type.String({ maxLength: 100 }), { maxItems: 200 }),
          },
          strict,
        ),
        { maxItems: 50 },
      ),
    ),
    /** Longest data range, in months. */
    maxRangeMonths: Type.Integer({ minimum: 1, maximum: 240 }),
    /** Most requests to one issuer in the unit of time. */
    maxFrequency: Limit,
    maxDataLife: Limit,
    maxValidityDays: Type.Integer({ minimum: 1, maximum: 3660 }),
    /** Longest time for purging after the end, in days. */
    maxPurgeDays: Type.Integer({ minimum: 0, maximum: 365 }),
    /** Longest retention of evidence that a signed loan cites, in years. */
    maxEvidenceYears: Type.Integer({ minimum: 0, maximum: 30 }),
    /** What is usually enough, within the ceilings: what a bank's request starts from. */
    template: Type.Optional(
      Type.Object(
        {
          fetchType: Type.Union([Type.Literal('ONETIME'), Type.Literal('PERIODIC')]),
          rangeMonths: Type.Integer({ minimum: 1, maximum: 240 }),
          frequency: Limit,
          dataLife: Limit,
          validityDays: Type.Integer({ minimum: 1, maximum: 3660 }),
          purgeDays: Type.Integer({ minimum: 0, maximum: 365 }),
          evidenceYears: Type.Integer({ minimum: 0, maximum: 30 }),
          /** Fewer fields than the ceiling has; those of it where absent. */
          items: Type.Optional(
            Type.Array(
              Type.Object(
                {
                  recordType: Code,
                  fields: Type.Array(Type.String({ maxLength: 100 }), { minItems: 1, maxItems: 200 }),
                },
                strict,
              ),
              { maxItems: 50 },
            ),
          ),
        },
        strict,
      ),
    ),
  },
  strict,
);
export type Purpose = Static<typeof Purpose>;
