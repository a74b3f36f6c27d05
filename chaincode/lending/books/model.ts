import { Type, type Static } from 'typebox';
import { Fen, NonNegativeFen } from '../../ledger/money';
import { CalendarDate, Digest, Instant, OpaqueId, Page, Uscc, strict } from '../../ledger/schemas';
import { LedgerCode } from './codes';

/**
 * Id of a journal entry: what it books, as kind and id: `order.<id>`, `issue.<reference>`, `close.<date>.<page>`. The kind
 * comes first because some ids are chosen by clients: no enterprise's order can take up the id of a day's close.
 */
export const EntryId = Type.String({ pattern: '^[a-z]{2,16}([.][A-Za-z0-9_-]{1,64}){1,3}$' });

/** Somebody outside or inside the bank whom the money is for. */
export const Payee = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 200 }), account: OpaqueId },
  strict,
);
export type Payee = Static<typeof Payee>;

/** `account~<id>`: a deposit of an enterprise, tokenised: issued by the bank against money in its core system. */
export const Account = Type.Object(
  {
    accountId: OpaqueId,
    /** The enterprise whose money it is. */
    owner: Uscc,
    status: Type.Union([Type.Literal('OPEN'), Type.Literal('CLOSED')]),
    balance: NonNegativeFen,
    /** Part of the balance that pending holds reserve. */
    held: NonNegativeFen,
    openedAt: Instant,
    /** How many lines its statement has: `line~<account>~1` to `line~<account>~<lines>`. */
    lines: Type.Integer({ minimum: 0 }),
  },
  strict,
);
export type Account = Static<typeof Account>;

/** One line of a journal entry, debit positive. A deposit is named exactly where the code is `CUSTOMER_DEPOSITS`. */
export const JournalLine = Type.Object(
  {
    /** Value date, UTC+8: what one transaction books may count from more than one day. */
    date: CalendarDate,
    code: LedgerCode,
    amount: Fen,
    deposit: Type.Optional(OpaqueId),
  },
  strict,
);
export type JournalLine = Static<typeof JournalLine>;

/** `entry~<id>`: written once, never changed; its lines sum to zero on each date. */
export const JournalEntry = Type.Object(
  {
    entryId: EntryId,
    /** Business date of the booking, UTC+8. */
    date: CalendarDate,
    kind: Type.String({ pattern: '^[A-Z][A-Z0-9_]{1,63}$' }),
    /** What it is about: a loan, an order, a proposal, a reference of the core system. */
    reference: Type.String({ maxLength: 128 }),
    lines: Type.Array(JournalLine, { minItems: 2, maxItems: 2000 }),
  },
  strict,
);
export type JournalEntry = Static<typeof JournalEntry>;

/** `line~<account>~<number>`: a line of a deposit's statement, in the order of booking. */
export const StatementLine = Type.Object(
  {
    accountId: OpaqueId,
    number: Type.Integer({ minimum: 1 }),
    /** Value date; it may be earlier than that of the line before, while a day is being closed. */
    date: CalendarDate,
    entryId: EntryId,
    kind: JournalEntry.properties.kind,
    reference: JournalEntry.properties.reference,
    /** As the customer reads it: money in is positive. */
    amount: Fen,
    /** Balance after it. */
    balance: Fen,
  },
  strict,
);
export type StatementLine = Static<typeof StatementLine>;

export const HoldState = Type.Union([
  Type.Literal('PENDING'),
  Type.Literal('POSTED'),
  Type.Literal('VOIDED'),
  Type.Literal('EXPIRED'),
]);
export type HoldState = Static<typeof HoldState>;

/** `hold~<id>`: money of one deposit reserved for another, until it is posted, voided or expires. */
export const Hold = Type.Object(
  {
    holdId: OpaqueId,
    enterprise: Uscc,
    from: OpaqueId,
    to: OpaqueId,
    amount: NonNegativeFen,
    /** Last business date on which it can be posted. */
    until: CalendarDate,
    state: HoldState,
    /** What was posted, at most the amount. */
    posted: NonNegativeFen,
  },
  strict,
);
export type Hold = Static<typeof Hold>;

/** `order~<id>`: a signed order that was carried out; its id is used up. */
export const ExecutedOrder = Type.Object(
  {
    orderId: OpaqueId,
    action: Type.String(),
    enterprise: Uscc,
    digest: Digest,
    signatories: Type.Array(OpaqueId, { minItems: 1, maxItems: 20 }),
    at: Instant,
  },
  strict,
);
export type ExecutedOrder = Static<typeof ExecutedOrder>;

export const OpenAccountInput = Type.Object({ accountId: OpaqueId, owner: Uscc }, strict);
export const AccountIdInput = Type.Object({ accountId: OpaqueId }, strict);
export const HoldIdInput = Type.Object({ holdId: OpaqueId }, strict);
export const OrderIdInput = Type.Object({ orderId: OpaqueId }, strict);
export const EntryIdInput = Type.Object({ entryId: EntryId }, strict);
export const ListAccountsInput = Type.Object({ ...Page.properties, owner: Type.Optional(Uscc) }, strict);
export const StatementInput = Type.Object({ ...Page.properties, accountId: OpaqueId }, strict);
