import { Type, type Static } from 'typebox';
import { NonNegativeFen, PositiveFen } from '../../ledger/money';
import { CalendarDate, Digest, Instant, OpaqueId, Page, Uscc, strict } from '../../ledger/schemas';
import { DrawOrder, SignedOrder } from '../books/payment-order';
import { SheetInstalment } from '../applications/model';
import { Fraction } from '../products/model';
import { drawdownStates, type DrawdownState } from './states';

/** Most drawdowns of a line that run at once: each further one reads where all of them stand. */
export const mostDrawdowns = 50;

/**
 * `credit-line~<id>`: a revolving credit line, open from its acceptance on; its id is its application's. How much of it is
 * used is not written anywhere: it is what its loans owe.
 */
export const CreditLine = Type.Object(
  {
    lineId: OpaqueId,
    enterprise: Uscc,
    /** The deposit that drawdowns go to and are debited from. */
    account: OpaqueId,
    limit: PositiveFen,
    /** SHA-256 of the sheet that the borrower signed. */
    sheetDigest: Digest,
    /** Last date of the bank on which money may be drawn. */
    drawBy: CalendarDate,
    state: Type.Union([Type.Literal('OPEN'), Type.Literal('CLOSED')]),
    /** Its loans that were not repaid when money was drawn last, that drawdown included; and those that run again since. */
    loans: Type.Array(OpaqueId, { maxItems: 2 * mostDrawdowns }),
    /** How often money was drawn. */
    drawdowns: Type.Integer({ minimum: 0 }),
  },
  strict,
);
export type CreditLine = Static<typeof CreditLine>;

/** A line with what is used of it, and what that leaves. */
export const CreditLineView = Type.Object(
  { line: CreditLine, used: NonNegativeFen, available: NonNegativeFen },
  strict,
);
export type CreditLineView = Static<typeof CreditLineView>;

/** `drawdown~<loanId>`: what the borrower's signatories ordered, and what became of it. */
export const Drawdown = Type.Object(
  {
    loanId: OpaqueId,
    lineId: OpaqueId,
    enterprise: Uscc,
    order: DrawOrder,
    state: Type.Unsafe<DrawdownState>(Type.Union(drawdownStates.map((state) => Type.Literal(state)))),
    orderedAt: Instant,
  },
  strict,
);
export type Drawdown = Static<typeof Drawdown>;

/** Content of `DRAW_DOWN`: two persons of the bank pay out what was ordered, and can change nothing of it. */
export const DrawContent = Type.Object({ lineId: OpaqueId, loanId: OpaqueId, enterprise: Uscc }, strict);
export type DrawContent = Static<typeof DrawContent>;

/** What a drawdown of today would cost. */
export const DrawQuote = Type.Object(
  {
    lineId: OpaqueId,
    validOn: CalendarDate,
    allInAnnualRate: Fraction,
    fees: NonNegativeFen,
    schedule: Type.Array(SheetInstalment, { maxItems: 360 }),
  },
  strict,
);
export type DrawQuote = Static<typeof DrawQuote>;

export const OrderDrawInput = SignedOrder(DrawOrder);
export const DrawdownInput = Type.Object({ lineId: OpaqueId, loanId: OpaqueId }, strict);
export const ListDrawdownsInput = Type.Object({ ...Page.properties, lineId: OpaqueId }, strict);
export const LineIdInput = Type.Object({ lineId: OpaqueId }, strict);
export const ListLinesInput = Type.Object({ ...Page.properties, enterprise: Type.Optional(Uscc) }, strict);
export const DrawQuoteInput = Type.Object(
  { lineId: OpaqueId, amount: PositiveFen, termMonths: Type.Integer({ minimum: 1, maximum: 360 }) },
  strict,
);
export type DrawQuoteInput = Static<typeof DrawQuoteInput>;
