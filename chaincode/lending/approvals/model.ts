import { Type, type Static } from 'typebox';
import { Digest, Instant, MspId, OpaqueId, Page, ReasonCode, strict } from '../../ledger/schemas';

/** What takes two persons of the bank: one who proposes, another who approves. */
export const actions = [
  'PUBLISH_PRODUCT',
  'OVERRIDE_DECISION',
  'DISBURSE',
  'DRAW_DOWN',
  'WAIVE',
  'WRITE_OFF',
  'REVERSE_PAYMENT',
  'ISSUE',
  'REDEEM',
  'BOARD_LOANS',
] as const;
export const Action = Type.Enum(actions);
export type Action = Static<typeof Action>;

export const ProposalStatus = Type.Union([
  Type.Literal('PROPOSED'),
  Type.Literal('EXECUTED'),
  Type.Literal('REJECTED'),
  Type.Literal('WITHDRAWN'),
]);
export type ProposalStatus = Static<typeof ProposalStatus>;

/** Somebody, as the certificate says: two identities are one person where MSP and enrolment id are the same. */
export const Person = Type.Object(
  { msp: MspId, person: Type.String({ minLength: 1, maxLength: 256 }) },
  strict,
);
export type Person = Static<typeof Person>;

/** What the subject that owns an action does with its content; the subject checks it against a schema of its own. */
export const Content = Type.Record(Type.String({ maxLength: 64 }), Type.Unknown());

/** `proposal~<id>`. */
export const Proposal = Type.Object(
  {
    proposalId: OpaqueId,
    action: Action,
    content: Content,
    /** SHA-256 of the content's canonical form: what maker and checker both put their name to. */
    digest: Digest,
    status: ProposalStatus,
    maker: Person,
    madeAt: Instant,
    checker: Type.Optional(Person),
    decidedAt: Type.Optional(Instant),
    /** Why it was rejected. */
    reason: Type.Optional(ReasonCode),
  },
  strict,
);
export type Proposal = Static<typeof Proposal>;

export const ProposeInput = Type.Object({ proposalId: OpaqueId, action: Action, content: Content }, strict);
export type ProposeInput = Static<typeof ProposeInput>;
export const ApproveInput = Type.Object({ proposalId: OpaqueId, digest: Digest }, strict);
export const RejectInput = Type.Object({ proposalId: OpaqueId, reason: ReasonCode }, strict);
export const ProposalIdInput = Type.Object({ proposalId: OpaqueId }, strict);
export const ListProposalsInput = Type.Object({ ...Page.properties, action: Type.Optional(Action) }, strict);
