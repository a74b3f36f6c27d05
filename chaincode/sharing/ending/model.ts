import { Type, type Static } from 'typebox';
import { Code, Digest, Instant, OpaqueId, Page, ReasonCode, Uscc, strict } from '../../ledger/schemas';

/** What remains of a delivery once the right to hold it has ended. */

/**
 * `archive~<requestId>`, key-level policy: the bank alone. Evidence that a signed loan cites, sealed: the bytes lie in the
 * bank's collection under the same name, and their private hash is the delivery's.
 */
export const Archive = Type.Object(
  {
    requestId: OpaqueId,
    status: Type.Union([Type.Literal('NONE'), Type.Literal('SEALED'), Type.Literal('ENDED')]),
    /** The signed loan that cites it. */
    applicationId: Type.Optional(OpaqueId),
    sealedAt: Type.Optional(Instant),
    /** End of the retention that the consent allowed. */
    until: Type.Optional(Instant),
    endedAt: Type.Optional(Instant),
  },
  strict,
);
export type Archive = Static<typeof Archive>;

/** What the bank says of its downstream systems: its word, which the ledger cannot check. */
export const Erasure = Type.Object(
  {
    statedAt: Instant,
    /** Systems that had held any of it. */
    systems: Type.Array(Code, { maxItems: 50 }),
  },
  strict,
);
export type Erasure = Static<typeof Erasure>;

/** `opening~<requestId>~<openingId>`, policy: the channel's, so that no bank opens an archive unseen. */
export const ArchiveOpening = Type.Object(
  {
    requestId: OpaqueId,
    openingId: OpaqueId,
    at: Instant,
    reason: ReasonCode,
    /** SHA-256 of organisation and person: the same person opens and reads; no name stands on the ledger. */
    by: Digest,
  },
  strict,
);
export type ArchiveOpening = Static<typeof ArchiveOpening>;

/** By when a bank has to have purged what it may no longer hold, and whether it did. */
export const PurgeDuty = Type.Object(
  {
    /** When the consent, the data life or the retention ended. */
    endedAt: Instant,
    purgeBy: Instant,
    /** It was, or still is, held beyond the deadline. */
    breach: Type.Boolean(),
  },
  strict,
);
export type PurgeDuty = Static<typeof PurgeDuty>;

export const ArchiveInput = Type.Object({ requestId: OpaqueId, applicationId: OpaqueId }, strict);
export type ArchiveInput = Static<typeof ArchiveInput>;
export const StateErasureInput = Type.Object(
  { requestId: OpaqueId, systems: Erasure.properties.systems },
  strict,
);
export type StateErasureInput = Static<typeof StateErasureInput>;
export const OpenArchiveInput = Type.Object(
  { requestId: OpaqueId, openingId: OpaqueId, reason: ReasonCode },
  strict,
);
export type OpenArchiveInput = Static<typeof OpenArchiveInput>;
export const ReadArchiveInput = Type.Object({ requestId: OpaqueId, openingId: OpaqueId }, strict);
export type ReadArchiveInput = Static<typeof ReadArchiveInput>;
export const BreachesInput = Page;

/** A delivery, or an archive, that is held beyond its deadline. */
export const Breach = Type.Object(
  {
    requestId: OpaqueId,
    consentId: OpaqueId,
    enterprise: Uscc,
    what: Type.Union([Type.Literal('DELIVERY'), Type.Literal('ARCHIVE')]),
    endedAt: Instant,
    purgeBy: Instant,
  },
  strict,
);
export type Breach = Static<typeof Breach>;
