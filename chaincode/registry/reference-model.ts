import { Type, type Static } from 'typebox';
import { CalendarDate, strict } from '../ledger/schemas';

/** Data that contracts compute with and the financial regulator publishes: rates and calendars, dated. */

export const ReferenceCode = Type.String({ pattern: '^[A-Z][A-Z0-9-]{1,31}$' });

/** A rate a year as a decimal fraction, e.g. `0.0300`. */
const AnnualRate = Type.String({ pattern: '^(0|-?0\\.[0-9]{1,10}|-?[1-9]\\.[0-9]{1,10})$' });

/** A published rate, such as the loan prime rate `LPR-1Y`: each value holds from its day until the next one's. */
export const RateSeries = Type.Object(
  {
    kind: Type.Literal('RATE'),
    code: ReferenceCode,
    version: Type.Integer({ minimum: 1 }),
    values: Type.Array(Type.Object({ from: CalendarDate, annual: AnnualRate }, strict), {
      minItems: 1,
      maxItems: 1200,
    }),
  },
  strict,
);
export type RateSeries = Static<typeof RateSeries>;

/** Business days: Monday to Friday but the holidays, and the weekend days that are worked instead. */
export const DatedCalendar = Type.Object(
  {
    kind: Type.Literal('CALENDAR'),
    code: ReferenceCode,
    version: Type.Integer({ minimum: 1 }),
    /** Years that the lists cover. */
    from: CalendarDate,
    to: CalendarDate,
    holidays: Type.Array(CalendarDate, { maxItems: 3000 }),
    workingWeekends: Type.Array(CalendarDate, { maxItems: 1000 }),
  },
  strict,
);
export type DatedCalendar = Static<typeof DatedCalendar>;

/** `reference~<code>`; key-level policy: any one organisation of the role regulator. */
export const Reference = Type.Union([RateSeries, DatedCalendar]);
export type Reference = Static<typeof Reference>;

export const PublishReferenceInput = Reference;
export const GetReferenceInput = Type.Object(
  { codes: Type.Array(ReferenceCode, { minItems: 1, maxItems: 10 }) },
  strict,
);
