import { Type, type Static } from 'typebox';
import { Digest, Instant, MspId, OpaqueId, Page, strict } from '../../ledger/schemas';
import { Consortium, RecordType } from '../model';

/** Changes of consortium state after set-up. */

/** The next state of the consortium, whole, and the record types that are new or of a new version. */
export const NextState = Type.Object(
  {
    consortium: Type.Omit(Consortium, ['history']),
    recordTypes: Type.Array(RecordType, { maxItems: 50 }),
  },
  strict,
);
export type NextState = Static<typeof NextState>;

/** `change~<id>`, key-level policy: the majority of organisations, so that nobody swaps what is voted on. */
export const Change = Type.Object(
  {
    changeId: OpaqueId,
    proposedBy: MspId,
    proposedAt: Instant,
    /** Version of the state that it changes; on any other it has no effect. */
    base: Type.Integer({ minimum: 0 }),
    /** SHA-256 of the canonical form of `next`: what votes name. */
    digest: Digest,
    next: NextState,
    enactedAt: Type.Optional(Instant),
  },
  strict,
);
export type Change = Static<typeof Change>;

/** `vote~<changeId>~<msp>`, key-level policy: that organisation alone. */
export const Vote = Type.Object(
  {
    changeId: OpaqueId,
    msp: MspId,
    vote: Type.Union([Type.Literal('PENDING'), Type.Literal('APPROVE'), Type.Literal('REJECT')]),
    digest: Type.Optional(Digest),
    at: Type.Optional(Instant),
  },
  strict,
);
export type Vote = Static<typeof Vote>;

export const ProposeInput = Type.Object({ changeId: OpaqueId, next: NextState }, strict);
export type ProposeInput = Static<typeof ProposeInput>;
export const VoteInput = Type.Object(
  {
    changeId: OpaqueId,
    digest: Digest,
    vote: Type.Union([Type.Literal('APPROVE'), Type.Literal('REJECT')]),
  },
  strict,
);
export type VoteInput = Static<typeof VoteInput>;
export const ChangeIdInput = Type.Object({ changeId: OpaqueId }, strict);
export const ListChangesInput = Page;
/** Which state of the consortium: of a version, or as it was at an instant; one of them. */
export const StateInput = Type.Object(
  { version: Type.Optional(Type.Integer({ minimum: 1 })), at: Type.Optional(Instant) },
  strict,
);
export type StateInput = Static<typeof StateInput>;

/** A change with its votes, as a member sees it. */
export const ChangeView = Type.Object(
  {
    change: Change,
    votes: Type.Array(Vote),
    /** Approvals that it takes, by the state that it changes. */
    needed: Type.Integer({ minimum: 1 }),
    state: Type.Union([Type.Literal('OPEN'), Type.Literal('ENACTED'), Type.Literal('OVERTAKEN')]),
  },
  strict,
);
export type ChangeView = Static<typeof ChangeView>;

/** The change that set-up counts as. */
export const foundingChange = 'consortium-founding';
