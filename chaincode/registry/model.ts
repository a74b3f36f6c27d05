import { Type, type Static } from 'typebox';
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
  Period,
  PublicJwk,
  ReasonCode,
  Uscc,
  strict,
} from '../ledger/schemas';
import { Purpose } from './purpose-model';

/** What `registry` keeps and takes. The gateway derives its OpenAPI document from the same schemas. */

/** 32 random bytes, base64url, chosen by the client: what is hashed onto the public ledger must not be guessable. */
export const Salt = Digest;

const Role = Type.Union([
  Type.Literal('government'),
  Type.Literal('enterprise'),
  Type.Literal('bank'),
  Type.Literal('regulator'),
]);

export const DepartmentKey = Type.Object(
  {
    kid: Type.String({ maxLength: 128 }),
    jwk: PublicJwk,
    from: CalendarDate,
    /** Last day on which it may sign; what was signed before stays verifiable. */
    to: Type.Optional(CalendarDate),
  },
  strict,
);

export const Department = Type.Object(
  {
    id: Code,
    name: Type.String({ maxLength: 200 }),
    region: Type.String({ maxLength: 100 }),
    registers: Type.Boolean(),
    recordTypes: Type.Array(Code, { maxItems: 50 }),
    keys: Type.Array(DepartmentKey, { minItems: 1, maxItems: 20 }),
  },
  strict,
);
export type Department = Static<typeof Department>;

/**
 * Consortium state, one document under the key `consortium`, written at set-up with a key-level policy of the
 * majority of organisations. It is one key on purpose: a new key would fall back to the channel's policy, and two
 * colluding organisations could add a department of their own making.
 */
export const Consortium = Type.Object(
  {
    name: Type.String({ maxLength: 200 }),
    version: Type.Integer({ minimum: 1 }),
    organisations: Type.Array(
      Type.Object(
        {
          msp: MspId,
          name: Type.String({ maxLength: 100 }),
          roles: Type.Array(Role, { minItems: 1, maxItems: 4 }),
          departments: Type.Array(Department, { maxItems: 500 }),
        },
        strict,
      ),
      { minItems: 1, maxItems: 200 },
    ),
    channels: Type.Array(
      Type.Object(
        {
          name: Type.String({ maxLength: 249 }),
          /** The bank that a `sharing-` or `lending-` channel belongs to. */
          bank: Type.Optional(MspId),
          clockSkewSeconds: Type.Integer({ minimum: 1, maximum: 86400 }),
          /** The channel's business date may run ahead of the real one: demonstrations and tests. */
          simulatedClock: Type.Optional(Type.Boolean()),
        },
        strict,
      ),
      { maxItems: 500 },
    ),
    /** Record type code to the digest of its document, which lies under a key of its own. */
    recordTypes: Type.Record(Code, Digest),
    purposes: Type.Array(Purpose, { maxItems: 100 }),
    /** Every version of the state so far, this one last; added by the contract. */
    history: Type.Optional(
      Type.Array(
        Type.Object(
          {
            version: Type.Integer({ minimum: 1 }),
            /** The change that brought it; its text lies there, and counts only by this digest of the state. */
            changeId: OpaqueId,
            digest: Digest,
            from: Instant,
          },
          strict,
        ),
        { maxItems: 500 },
      ),
    ),
  },
  strict,
);
export type Consortium = Static<typeof Consortium>;

/** A kind of record, under the key `type~<code>`; valid only while its digest stands in the consortium state. */
export const RecordType = Type.Object(
  {
    code: Code,
    version: Type.Integer({ minimum: 1 }),
    title: Type.String({ maxLength: 200 }),
    /** Which kind of issuer may attest it. */
    attestedBy: Type.Union([Type.Literal('department'), Type.Literal('enterprise')]),
    /** Cadences that it may be filed at; `NONE` for records that have no period. */
    cadences: Type.Array(Cadence, { minItems: 1, maxItems: 4 }),
    /** Fields about a person: who sees them needs that person's own signature too. */
    personal: Type.Optional(Type.Array(Type.String({ maxLength: 100 }), { maxItems: 50 })),
    /** JSON Schema (2020-12) of the record's fields; each top-level property is one selectively disclosable field. */
    schema: Type.Record(Type.String(), Type.Unknown()),
  },
  strict,
);
export type RecordType = Static<typeof RecordType>;

export const Office = Type.Union([
  Type.Literal('LEGAL_REPRESENTATIVE'),
  Type.Literal('DIRECTOR'),
  Type.Literal('FINANCE'),
  Type.Literal('RECORDS'),
  Type.Literal('PERSON'),
]);
export type Office = Static<typeof Office>;

/** Whether signatures of this office bind the enterprise: those who attest records, and persons for themselves, do not. */
export function isBindingOffice(office: Office): boolean {
  return office !== 'RECORDS' && office !== 'PERSON';
}

/** One who signs for an enterprise: an opaque id, an office, a public key; no name. */
export const Signatory = Type.Object(
  {
    id: OpaqueId,
    office: Office,
    jwk: PublicJwk,
    /** Personal fields, as `<record type>.<field>`, that are about this person, whose own signature a consent to them takes. */
    concerns: Type.Optional(
      Type.Array(Type.String({ pattern: '^[a-z][a-z0-9-]{1,63}\\.[A-Za-z0-9]{1,100}$' }), { maxItems: 20 }),
    ),
    from: CalendarDate,
    /** Last day of the authority; what was signed before stays valid. */
    to: Type.Optional(CalendarDate),
  },
  strict,
);
export type Signatory = Static<typeof Signatory>;

export const Enterprise = Type.Object(
  {
    uscc: Uscc,
    name: Type.String({ minLength: 1, maxLength: 200 }),
    status: Type.Union([Type.Literal('ACTIVE'), Type.Literal('SUSPENDED'), Type.Literal('DEREGISTERED')]),
    /** Signatures by this many distinct signatories bind the enterprise. Offices `RECORDS` and `PERSON` do not count. */
    mandate: Type.Object({ required: Type.Integer({ minimum: 1, maximum: 20 }) }, strict),
    signatories: Type.Array(Signatory, { minItems: 1, maxItems: 40 }),
    registeredBy: Issuer,
    version: Type.Integer({ minimum: 1 }),
  },
  strict,
);
export type Enterprise = Static<typeof Enterprise>;

/** As stored under `enterprise~<uscc>` and as submitted: the entry is the JWS payload (RFC 8785), signed by the registering department. */
export const SignedEnterprise = Type.Object({ entry: Enterprise, signature: CompactJws }, strict);
export type SignedEnterprise = Static<typeof SignedEnterprise>;

export const Assurance = Type.Union([
  Type.Literal('ISSUED'),
  Type.Literal('FILED'),
  Type.Literal('VERIFIED'),
]);
export type Assurance = Static<typeof Assurance>;

/**
 * Claims of a record's issuer-signed JWT (SD-JWT VC, RFC 9901) that every recipient sees. The record's fields are
 * selectively disclosable, each on its own.
 */
export const RecordClaims = Type.Object({
  iss: Issuer,
  /** The enterprise that the record is about. */
  sub: Uscc,
  /** Record id. */
  jti: OpaqueId,
  /** `urn:sme-credit:record:<code>:<version>`. */
  vct: Type.String({ pattern: '^urn:sme-credit:record:[a-z][a-z0-9-]{1,63}:[0-9]+$' }),
  /** Seconds since the epoch. */
  iat: Type.Integer(),
  handle: Digest,
  seq: Type.Integer({ minimum: 1 }),
  period: Period,
  assurance: Assurance,
  _sd: Type.Array(Digest, { maxItems: 200 }),
  _sd_alg: Type.Literal('sha-256'),
});
export type RecordClaims = Static<typeof RecordClaims>;

export const RecordStatus = Type.Union([
  Type.Literal('ACTIVE'),
  Type.Literal('SUPERSEDED'),
  Type.Literal('REVOKED'),
]);
export type RecordStatus = Static<typeof RecordStatus>;

/** Public, under `record~<id>`: all that other organisations learn of a record. Key-level policy: the issuer's organisation. */
export const Anchor = Type.Object(
  {
    id: OpaqueId,
    /** Organisation whose implicit collection holds the record. */
    msp: MspId,
    handle: Digest,
    seq: Type.Integer({ minimum: 1 }),
    /** SHA-256 of the issuer-signed JWT; counts only if the private hash in the issuer's collection agrees. */
    digest: Digest,
    status: RecordStatus,
    attestedAt: Instant,
    supersededBy: Type.Optional(OpaqueId),
    reason: Type.Optional(ReasonCode),
    changedAt: Type.Optional(Instant),
  },
  strict,
);
export type Anchor = Static<typeof Anchor>;

/**
 * Public, under `head~<handle>`: the last record of a handle. Key-level policy: the issuer's organisation. It counts only
 * if that record's anchor does.
 */
export const Head = Type.Object({ msp: MspId, seq: Type.Integer({ minimum: 1 }), id: OpaqueId }, strict);
export type Head = Static<typeof Head>;

/** In the issuer's implicit collection under `index~<handle>`: what the handle's sequence numbers are. */
export const HandleIndex = Type.Object(
  {
    /** The rest can be guessed from anchors and public codes, and the hash of the document is public. */
    salt: Salt,
    handle: Digest,
    issuer: Issuer,
    subject: Uscc,
    recordType: Code,
    /** Year of the handle key: the year in which the record's period ends. */
    year: Type.Integer({ minimum: 1990, maximum: 2200 }),
    entries: Type.Array(
      Type.Object({ seq: Type.Integer({ minimum: 1 }), id: OpaqueId, period: Period }, strict),
      { maxItems: 1000 },
    ),
  },
  strict,
);
export type HandleIndex = Static<typeof HandleIndex>;

/**
 * In the issuer's collection under `cadence~<id>`: how often the enterprise has to file a record type, dated. The id is
 * base64url(HMAC-SHA256(record-id key, `<uscc>|<type>|cadence`)): hashes of private keys are public, and a code in
 * one could be found by trial.
 */
export const CadenceHistory = Type.Object(
  {
    salt: Salt,
    id: Digest,
    issuer: Issuer,
    subject: Uscc,
    recordType: Code,
    cadences: Type.Array(Type.Object({ cadence: Cadence, from: CalendarDate }, strict), { maxItems: 50 }),
  },
  strict,
);
export type CadenceHistory = Static<typeof CadenceHistory>;

// ── Inputs ────────────────────────────────────────────────────────────────────────────────────────────────────

export const SetUpInput = Type.Object(
  { consortium: Type.Omit(Consortium, ['history']), recordTypes: Type.Array(RecordType, { maxItems: 50 }) },
  strict,
);
export type SetUpInput = Static<typeof SetUpInput>;

/** Transient `records` of `StoreRecords`. */
export const StoreRecordsTransient = Type.Object(
  {
    /** Fresh for each transaction; goes into every private document that could be guessed. */
    salt: Salt,
    records: Type.Array(
      Type.Object(
        { jwt: CompactJws, disclosures: Type.Array(Type.String({ maxLength: 65536 }), { maxItems: 200 }) },
        strict,
      ),
      { minItems: 1, maxItems: 100 },
    ),
    cadences: Type.Optional(
      Type.Array(
        Type.Object(
          { id: Digest, uscc: Uscc, recordType: Code, cadence: Cadence, from: CalendarDate },
          strict,
        ),
        { maxItems: 100 },
      ),
    ),
  },
  strict,
);
export type StoreRecordsTransient = Static<typeof StoreRecordsTransient>;

export const AnchorRecordsInput = Type.Object(
  {
    records: Type.Array(
      Type.Object(
        { id: OpaqueId, handle: Digest, seq: Type.Integer({ minimum: 1 }), digest: Digest },
        strict,
      ),
      {
        minItems: 1,
        maxItems: 100,
      },
    ),
  },
  strict,
);
export type AnchorRecordsInput = Static<typeof AnchorRecordsInput>;

export const ReviseRecordInput = Type.Object(
  {
    id: OpaqueId,
    status: Type.Union([Type.Literal('SUPERSEDED'), Type.Literal('REVOKED')]),
    reason: ReasonCode,
    supersededBy: Type.Optional(OpaqueId),
  },
  strict,
);
export type ReviseRecordInput = Static<typeof ReviseRecordInput>;

/** Transient `document` of `SubmitDocument`. */
export const DocumentTransient = Type.Object(
  {
    /** Fresh: the document's digest is public. */
    salt: Salt,
    uscc: Uscc,
    recordType: Code,
    period: Period,
    /** The fields as the enterprise states them; the agency examines them and attests a record of assurance `VERIFIED`. */
    fields: Type.Record(Type.String({ maxLength: 100 }), Type.Unknown()),
  },
  strict,
);
export type DocumentTransient = Static<typeof DocumentTransient>;

/** Public, under `submission~<id>`; key-level policy: the addressed department's organisation. */
export const Submission = Type.Object(
  {
    id: OpaqueId,
    department: Code,
    msp: MspId,
    digest: Digest,
    status: Type.Union([Type.Literal('SUBMITTED'), Type.Literal('ENDORSED'), Type.Literal('REJECTED')]),
    submittedAt: Instant,
    examinedAt: Type.Optional(Instant),
    recordId: Type.Optional(OpaqueId),
    reason: Type.Optional(ReasonCode),
  },
  strict,
);
export type Submission = Static<typeof Submission>;

export const SubmitDocumentInput = Type.Object({ id: OpaqueId, department: Code }, strict);
export type SubmitDocumentInput = Static<typeof SubmitDocumentInput>;
export const ExamineDocumentInput = Type.Object(
  {
    id: OpaqueId,
    outcome: Type.Union([Type.Literal('ENDORSED'), Type.Literal('REJECTED')]),
    recordId: Type.Optional(OpaqueId),
    reason: Type.Optional(ReasonCode),
  },
  strict,
);
export type ExamineDocumentInput = Static<typeof ExamineDocumentInput>;

/** What `sharing` asks in one call; every list is bounded by what one delivery may hold. */
export const EvidenceInput = Type.Object(
  {
    uscc: Type.Optional(Uscc),
    issuers: Type.Optional(Type.Array(Issuer, { maxItems: 50 })),
    recordTypes: Type.Optional(Type.Array(Code, { maxItems: 50 })),
    records: Type.Optional(Type.Array(OpaqueId, { maxItems: 500 })),
    handles: Type.Optional(Type.Array(Digest, { maxItems: 200 })),
  },
  strict,
);
export type EvidenceInput = Static<typeof EvidenceInput>;

/** Answer of `Evidence`: only what was verified; what does not hold is absent. */
export interface Evidence {
  /** Organisations' roles, channels and purposes (departments' keys come by issuer). */
  readonly consortium: Omit<Consortium, 'recordTypes' | 'history'>;
  /** Present if registered, and its registering department's signature holds. */
  readonly enterprise?: Enterprise;
  /** Issuer to organisation and keys by `kid`; for an enterprise those of its signatories of office `RECORDS`. */
  readonly issuers: Readonly<
    Record<
      string,
      {
        readonly msp: string;
        /** Every key that it ever signed with. */
        readonly keys: Readonly<Record<string, PublicJwk>>;
        /** Those of them that may sign today. */
        readonly inForce: readonly string[];
      }
    >
  >;
  readonly recordTypes: Readonly<Record<string, RecordType>>;
  /** Record id to anchor; present only if the private hash in the issuer's collection equals the digest. */
  readonly anchors: Readonly<Record<string, Anchor>>;
  /** Handle to its last sequence number; 0 where nothing was ever anchored; absent where the head on the ledger does not hold. */
  readonly heads: Readonly<Record<string, number>>;
}

/** A record as its holder reads it: the issuer-signed JWT and all its disclosures. */
export const HeldRecord = Type.Object(
  {
    id: OpaqueId,
    jwt: CompactJws,
    disclosures: Type.Array(Type.String({ maxLength: 65536 }), { maxItems: 200 }),
  },
  strict,
);
export type HeldRecord = Static<typeof HeldRecord>;

export const IdsInput = Type.Object({ ids: Type.Array(OpaqueId, { minItems: 1, maxItems: 200 }) }, strict);
export const IdInput = Type.Object({ id: OpaqueId }, strict);
export const HandlesInput = Type.Object(
  { handles: Type.Array(Digest, { minItems: 1, maxItems: 200 }) },
  strict,
);
/** Ids of {@link CadenceHistory}. */
export const CadencesInput = Type.Object({ ids: Type.Array(Digest, { minItems: 1, maxItems: 200 }) }, strict);
export const UsccInput = Type.Object({ uscc: Uscc }, strict);
export const CodeInput = Type.Object({ code: Code }, strict);

/** Of functions that take nothing: `{}`. */
export const NoInput = Type.Object({}, strict);
