import { Type, type Static } from 'typebox';
import { Limit } from '../registry/purpose-model';
import {
  Cadence,
  CalendarDate,
  Code,
  CompactJws,
  Digest,
  Instant,
  Issuer,
  MspId,
  OpaqueId,
  Page,
  Period,
  ReasonCode,
  Uscc,
  strict,
} from '../ledger/schemas';
import { Archive, Erasure, PurgeDuty } from './ending/model';
import { ConsentQuestion } from './questions/model';

/** What `sharing` keeps and takes. Field names of the consent follow ReBIT's consent artefact (India's Account Aggregator). */

export const ConsentItem = Type.Object(
  {
    recordType: Code,
    /** Who holds it. */
    issuer: Issuer,
    fields: Type.Array(Type.String({ maxLength: 100 }), { minItems: 1, maxItems: 200 }),
  },
  strict,
);
export type ConsentItem = Static<typeof ConsentItem>;

/** What a consent allows, and an enterprise may propose to narrow. */
export const ConsentTerms = Type.Object(
  {
    fetchType: Type.Union([Type.Literal('ONETIME'), Type.Literal('PERIODIC')]),
    consentStart: Instant,
    consentExpiry: Instant,
    DataRange: Period,
    /** How long the bank may read a delivery, from the delivery on. */
    DataLife: Limit,
    /** Most requests to one issuer in the unit of time. */
    Frequency: Limit,
    /** Data that is handed over; may be empty where there are questions. */
    items: Type.Array(ConsentItem, { maxItems: 50 }),
    /** Questions that the holders answer without handing over the data. */
    questions: Type.Optional(Type.Array(ConsentQuestion, { minItems: 1, maxItems: 20 })),
    /** Days after the end within which the bank purges. */
    purgeWithinDays: Type.Integer({ minimum: 0, maximum: 365 }),
    /** What the bank keeps if a loan follows: years of retention of the evidence that the signed loan cites; 0 for nothing. */
    evidenceYears: Type.Integer({ minimum: 0, maximum: 30 }),
  },
  strict,
);
export type ConsentTerms = Static<typeof ConsentTerms>;

/** What the bank asks for and the signatories sign, by digest. Immutable. */
export const ConsentArtefact = Type.Object(
  {
    consentId: OpaqueId,
    channel: Type.String({ maxLength: 249 }),
    bank: MspId,
    enterprise: Uscc,
    /** The consent that this one renews or amends: it ends when this one, signed anew, comes into force. */
    replaces: Type.Optional(Type.Object({ consentId: OpaqueId, digest: Digest }, strict)),
    Purpose: Type.Object({ code: ReasonCode, text: Type.String({ maxLength: 500 }) }, strict),
    ...ConsentTerms.properties,
  },
  strict,
);
export type ConsentArtefact = Static<typeof ConsentArtefact>;

/** `REQUESTED, ACTIVE, PAUSED, REVOKED, REJECTED, REPLACED, EXPIRED`: the table of transitions is `states.ts`. */
export const ConsentState = Type.Union([
  Type.Literal('REQUESTED'),
  Type.Literal('ACTIVE'),
  Type.Literal('PAUSED'),
  Type.Literal('REVOKED'),
  Type.Literal('REJECTED'),
  Type.Literal('REPLACED'),
  Type.Literal('EXPIRED'),
]);
export type ConsentState = Static<typeof ConsentState>;

export const ConsentAction = Type.Union([
  Type.Literal('GRANT'),
  Type.Literal('REJECT'),
  Type.Literal('PAUSE'),
  Type.Literal('RESUME'),
  Type.Literal('REVOKE'),
]);
export type ConsentAction = Static<typeof ConsentAction>;

/**
 * What a signatory signs: the canonical form (RFC 8785) of this object is the payload of a compact JWS, ES256, header
 * `{alg, kid: signatory, typ: 'consent-statement+jws'}`. `version` is the consent's version that the statement is about:
 * 1 for GRANT; a PAUSE names the live version, or the one that is being resumed, whose signatures it undoes; a RESUME one
 * more than the last version that was live or paused.
 */
export const ConsentStatement = Type.Object(
  {
    action: ConsentAction,
    channel: Type.String({ maxLength: 249 }),
    consentId: OpaqueId,
    version: Type.Integer({ minimum: 1, maximum: 1000 }),
    artefactDigest: Digest,
    enterprise: Uscc,
    signatory: OpaqueId,
    /** Random; a statement whose nonce is already recorded is a replay. */
    nonce: OpaqueId,
    signedAt: Instant,
  },
  strict,
);
export type ConsentStatement = Static<typeof ConsentStatement>;

/** `typ` of a signed statement about a consent. */
export const statementType = 'consent-statement+jws';

/** A statement as lodged, with the transaction's time. */
export const LodgedStatement = Type.Object({ jws: CompactJws, at: Instant }, strict);
export type LodgedStatement = Static<typeof LodgedStatement>;

/**
 * `consent~<id>`, written once by the bank's request; policy: the channel's (enterprise AND bank). It keeps how many
 * signatures the mandate asked for on that day: a later change of the mandate neither ends a past consent nor completes
 * one that was signed by too few.
 */
export const ConsentRecord = Type.Object(
  {
    artefact: ConsentArtefact,
    digest: Digest,
    requestedAt: Instant,
    required: Type.Integer({ minimum: 1, maximum: 20 }),
    /** Persons whose own signature it takes, since personal fields of theirs are asked for. */
    persons: Type.Array(OpaqueId, { maxItems: 40 }),
  },
  strict,
);
export type ConsentRecord = Static<typeof ConsentRecord>;

/** `grant~<id>`, key-level policy: the enterprise organisation alone. It proves nothing by itself: every use verifies the signatures. */
export const Grant = Type.Object(
  { consentId: OpaqueId, statements: Type.Array(LodgedStatement, { maxItems: 200 }) },
  strict,
);
export type Grant = Static<typeof Grant>;

/**
 * `replacements~<id>`, policy: the channel's. Consents that were asked for in the place of this one. It proves nothing by
 * itself: one of them counts once its own signatures bind the enterprise, and name this consent.
 */
export const Replacements = Type.Object(
  { consentId: OpaqueId, by: Type.Array(OpaqueId, { maxItems: 20 }) },
  strict,
);
export type Replacements = Static<typeof Replacements>;

/**
 * `counter~<id>`, policy: the enterprise organisation. What the enterprise would agree to instead; it binds nobody: the bank
 * asks anew in the place of its request, and the signatories sign that.
 */
export const CounterProposal = Type.Object(
  { consentId: OpaqueId, at: Type.Optional(Instant), terms: Type.Optional(ConsentTerms) },
  strict,
);
export type CounterProposal = Static<typeof CounterProposal>;

/** Through whom a stop is lodged: each has a key `stop~<id>~<through>` under that role's own policy. */
export const StopThrough = Type.Union([
  Type.Literal('enterprise'),
  Type.Literal('government'),
  Type.Literal('regulator'),
]);
export type StopThrough = Static<typeof StopThrough>;
export const Stop = Type.Object(
  { consentId: OpaqueId, through: StopThrough, statements: Type.Array(LodgedStatement, { maxItems: 100 }) },
  strict,
);
export type Stop = Static<typeof Stop>;

/**
 * `use~<consentId>`: requests by issuer that count in a window that is not over; what was refused before it was offered does
 * not count.
 */
export const Allowance = Type.Object(
  {
    consentId: OpaqueId,
    uses: Type.Record(
      Issuer,
      Type.Array(Type.Object({ requestId: OpaqueId, at: Instant }, strict), { maxItems: 1000 }),
    ),
  },
  strict,
);
export type Allowance = Static<typeof Allowance>;

/** What a data request asks for, within the consent. */
const RequestedItems = Type.Array(
  Type.Object(
    {
      recordType: Code,
      fields: Type.Array(Type.String({ maxLength: 100 }), { minItems: 1, maxItems: 200 }),
    },
    strict,
  ),
  { maxItems: 50 },
);

/** Questions of the consent that a request asks, by id. */
const RequestedQuestions = Type.Optional(Type.Array(Code, { minItems: 1, maxItems: 20 }));

/** `request~<id>`, key-level policy: provider AND bank. */
export const DataRequest = Type.Object(
  {
    requestId: OpaqueId,
    consentId: OpaqueId,
    enterprise: Uscc,
    issuer: Issuer,
    /** Organisation that provides. */
    provider: MspId,
    items: RequestedItems,
    questions: RequestedQuestions,
    range: Period,
    consentVersion: Type.Integer({ minimum: 1 }),
    requestedAt: Instant,
    status: Type.Union([Type.Literal('REQUESTED'), Type.Literal('DELIVERED')]),
    deliveredAt: Type.Optional(Instant),
    /** SHA-256 of the delivery's bytes. */
    digest: Type.Optional(Digest),
    /** End of the data life. */
    readableUntil: Type.Optional(Instant),
  },
  strict,
);
export type DataRequest = Static<typeof DataRequest>;

/** `offer~<id>`, key-level policy: the provider alone. */
export const Offer = Type.Object(
  {
    requestId: OpaqueId,
    status: Type.Union([Type.Literal('PENDING'), Type.Literal('OFFERED'), Type.Literal('REFUSED')]),
    at: Type.Optional(Instant),
    digest: Type.Optional(Digest),
    reason: Type.Optional(ReasonCode),
  },
  strict,
);
export type Offer = Static<typeof Offer>;

/** `purge~<id>`, key-level policy: the bank alone. The proof of the purge is the absent private hash, not this word. */
export const PurgeStatement = Type.Object(
  {
    requestId: OpaqueId,
    status: Type.Union([Type.Literal('HELD'), Type.Literal('PURGED')]),
    at: Type.Optional(Instant),
    erasure: Type.Optional(Erasure),
  },
  strict,
);
export type PurgeStatement = Static<typeof PurgeStatement>;

/** Why a sequence number of a handle is not in the delivery, or that it is. */
export const CompletenessEntry = Type.Object(
  {
    seq: Type.Integer({ minimum: 1 }),
    id: OpaqueId,
    state: Type.Union([
      Type.Literal('DELIVERED'),
      /** In the range, and not handed over: questions alone are asked of its type. */
      Type.Literal('WITHHELD'),
      Type.Literal('OUT_OF_RANGE'),
      Type.Literal('SUPERSEDED'),
      Type.Literal('REVOKED'),
    ]),
  },
  strict,
);
export type CompletenessEntry = Static<typeof CompletenessEntry>;

/** Signed by the issuer (compact JWS, typ `completeness+jws`): how all that it holds in the range relates to what it delivers. */
export const Completeness = Type.Object(
  {
    requestId: OpaqueId,
    issuer: Issuer,
    enterprise: Uscc,
    range: Period,
    asOf: Instant,
    types: Type.Array(
      Type.Object(
        {
          recordType: Code,
          cadences: Type.Array(Type.Object({ cadence: Cadence, from: CalendarDate }, strict), {
            maxItems: 50,
          }),
          /** No record of this type in the range is valid today. */
          nil: Type.Boolean(),
          /** One for every year that the range touches. */
          handles: Type.Array(
            Type.Object(
              {
                handle: Digest,
                year: Type.Integer({ minimum: 1990, maximum: 2200 }),
                /** 0 and 0 where nothing was attested. */
                first: Type.Integer({ minimum: 0 }),
                last: Type.Integer({ minimum: 0 }),
                entries: Type.Array(CompletenessEntry, { maxItems: 500 }),
              },
              strict,
            ),
            { maxItems: 30 },
          ),
        },
        strict,
      ),
      { maxItems: 50 },
    ),
  },
  strict,
);
export type Completeness = Static<typeof Completeness>;

/** Transient `delivery` of `Release`, and what lies in the bank's collection under `delivery~<requestId>` (canonical JSON). */
export const Delivery = Type.Object(
  {
    requestId: OpaqueId,
    presentations: Type.Array(
      Type.Object(
        { jwt: CompactJws, disclosures: Type.Array(Type.String({ maxLength: 65536 }), { maxItems: 200 }) },
        strict,
      ),
      { maxItems: 500 },
    ),
    completeness: CompactJws,
    /** Signed by the issuer: what it answers to the request's questions. */
    answers: Type.Optional(CompactJws),
  },
  strict,
);
export type Delivery = Static<typeof Delivery>;

// ── Inputs ────────────────────────────────────────────────────────────────────────────────────────────────────

export const RequestConsentInput = ConsentArtefact;
export const LodgeStatementInput = Type.Object({ consentId: OpaqueId, statement: CompactJws }, strict);
export const CounterConsentInput = Type.Object({ consentId: OpaqueId, terms: ConsentTerms }, strict);
export type CounterConsentInput = Static<typeof CounterConsentInput>;
export const LodgeStopInput = Type.Object(
  { consentId: OpaqueId, through: StopThrough, statement: CompactJws },
  strict,
);
export const RequestDataInput = Type.Object(
  {
    requestId: OpaqueId,
    consentId: OpaqueId,
    issuer: Issuer,
    items: RequestedItems,
    questions: RequestedQuestions,
    range: Period,
  },
  strict,
);
export type RequestDataInput = Static<typeof RequestDataInput>;

/** Names of the events. Each carries the id named here and nothing else; `DataPurged` a list of `requestIds`. */
export const sharingEvents = {
  ConsentRequested: 'consentId',
  ConsentSigned: 'consentId',
  ConsentCountered: 'consentId',
  ConsentStopped: 'consentId',
  DataRequested: 'requestId',
  DataOffered: 'requestId',
  DataRefused: 'requestId',
  DataDelivered: 'requestId',
  DataPurged: 'requestIds',
  ArchiveSealed: 'requestId',
  ArchiveOpened: 'requestId',
  ErasureStated: 'requestId',
} as const;

export const OfferInput = Type.Object({ requestId: OpaqueId, digest: Digest }, strict);
export const RefuseInput = Type.Object({ requestId: OpaqueId, reason: ReasonCode }, strict);
export const RequestIdInput = Type.Object({ requestId: OpaqueId }, strict);
export const PurgeInput = Type.Object(
  { requestIds: Type.Array(OpaqueId, { minItems: 1, maxItems: 50 }) },
  strict,
);
export const ConsentIdInput = Type.Object({ consentId: OpaqueId }, strict);
export const ListConsentsInput = Type.Object({ ...Page.properties, enterprise: Type.Optional(Uscc) }, strict);
export const ListRequestsInput = Type.Object({ ...Page.properties, consentId: OpaqueId }, strict);
export const AccessLogInput = Type.Object({ ...Page.properties, enterprise: Uscc }, strict);

// ── Views ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** A consent as a caller sees it: what was asked, what holds now, who has signed. */
export const ConsentView = Type.Object(
  {
    artefact: ConsentArtefact,
    digest: Digest,
    state: ConsentState,
    /** The live version, or 0 before the first grant is complete. */
    version: Type.Integer({ minimum: 0 }),
    requestedAt: Instant,
    required: Type.Integer({ minimum: 1 }),
    /** The version that a RESUME has to name. */
    nextVersion: Type.Integer({ minimum: 1 }),
    /** Signatories whose valid statements count towards the next version (GRANT or RESUME). */
    signedBy: Type.Array(OpaqueId),
    /** Persons without whose own signature it does not take effect. */
    persons: Type.Array(OpaqueId),
    replacedBy: Type.Optional(OpaqueId),
    /** Consents that were asked for in the place of this one. */
    replacements: Type.Array(OpaqueId),
    counterProposal: Type.Optional(ConsentTerms),
    grantedAt: Type.Optional(Instant),
    endedAt: Type.Optional(Instant),
    stoppedThrough: Type.Array(StopThrough),
  },
  strict,
);
export type ConsentView = Static<typeof ConsentView>;

export const RequestView = Type.Object(
  {
    request: DataRequest,
    offer: Offer,
    purge: PurgeStatement,
    held: Type.Boolean({ description: 'The private hash of the delivery is on the ledger.' }),
    archive: Archive,
    duty: Type.Optional(PurgeDuty),
    archiveDuty: Type.Optional(PurgeDuty),
  },
  strict,
);
export type RequestView = Static<typeof RequestView>;

export const AccessLogEntry = Type.Object(
  {
    at: Instant,
    event: Type.Union([
      Type.Literal('CONSENT_REQUESTED'),
      Type.Literal('CONSENT_SIGNED'),
      Type.Literal('CONSENT_COUNTERED'),
      Type.Literal('CONSENT_REPLACED'),
      Type.Literal('CONSENT_STOPPED'),
      Type.Literal('DATA_REQUESTED'),
      Type.Literal('DATA_OFFERED'),
      Type.Literal('DATA_REFUSED'),
      Type.Literal('DATA_DELIVERED'),
      Type.Literal('DATA_PURGED'),
      Type.Literal('PURGE_OVERDUE'),
      Type.Literal('ERASURE_STATED'),
      Type.Literal('DATA_ARCHIVED'),
      Type.Literal('ARCHIVE_OPENED'),
      Type.Literal('ARCHIVE_ENDED'),
    ]),
    bank: MspId,
    consentId: OpaqueId,
    requestId: Type.Optional(OpaqueId),
    issuer: Type.Optional(Issuer),
    detail: Type.Optional(Type.String({ maxLength: 2000 })),
  },
  strict,
);
export type AccessLogEntry = Static<typeof AccessLogEntry>;

/** A request whose data the bank may no longer keep, for its purge agent. */
export const DataDueEntry = Type.Object(
  {
    requestId: OpaqueId,
    consentId: OpaqueId,
    /** When the consent or the data life ended. */
    endedAt: Instant,
    /** By when it has to be purged; later is a breach. */
    purgeBy: Instant,
    what: Type.Union([Type.Literal('DELIVERY'), Type.Literal('ARCHIVE')]),
    /** Whether the consent lets the bank keep it where a signed loan cites it. */
    archivable: Type.Boolean(),
  },
  strict,
);
export type DataDueEntry = Static<typeof DataDueEntry>;
