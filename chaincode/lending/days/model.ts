import { Type, type Static } from 'typebox';
import { Fen } from '../../ledger/money';
import { CalendarDate, OpaqueId, strict } from '../../ledger/schemas';

/** Most loans that one transaction of the day close takes; the agent asks for fewer after a conflict. */
export const maxPage = 200;

/** What was done to the loans of a day, over all pages. */
export const ControlTotals = Type.Object(
  {
    loans: Type.Integer({ minimum: 0 }),
    /** Interest and penalty accrued for the day. */
    accrued: Fen,
    /** Collected by direct debit. */
    collected: Fen,
    /** Principal outstanding at the end of the day. */
    principal: Fen,
    /** Loans with something past due at the end of the day. */
    pastDue: Type.Integer({ minimum: 0 }),
  },
  strict,
);
export type ControlTotals = Static<typeof ControlTotals>;

/** `close~<date>`: how far the close of a day has come. Each page reads and writes it, so no loan-day is done twice. */
export const DayClose = Type.Object(
  {
    date: CalendarDate,
    /** The last loan that is done; empty at the start. */
    cursor: Type.Union([OpaqueId, Type.Literal('')]),
    pages: Type.Integer({ minimum: 0 }),
    done: Type.Boolean(),
    totals: ControlTotals,
  },
  strict,
);
export type DayClose = Static<typeof DayClose>;

/** A business day, by its date. */
export const DateInput = Type.Object({ date: CalendarDate }, strict);
export const ClosePageInput = Type.Object(
  { date: CalendarDate, loans: Type.Integer({ minimum: 1, maximum: maxPage }) },
  strict,
);
