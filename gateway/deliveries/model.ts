import { Type, type Static } from 'typebox';
import {
  Code,
  CompactJws,
  Digest,
  Instant,
  Issuer,
  MspId,
  OpaqueId,
  Period,
  ReasonCode,
  Uscc,
} from '../../chaincode/ledger/schemas';
import { Assurance } from '../../chaincode/registry/model';
import { Answer } from '../../chaincode/sharing/questions/model';

const strict = { additionalProperties: false } as const;

/** A record as an analyst reads it: what it says, who says so, how sure it is, and whether it still stands. */
export const DeliveredRecord = Type.Object(
  {
    id: OpaqueId,
    recordType: Code,
    title: Type.String({ description: 'Of the record type.' }),
    period: Period,
    assurance: Assurance,
    issuedAt: Instant,
    statusToday: Type.Union(
      [
        Type.Literal('ACTIVE'),
        Type.Literal('SUPERSEDED'),
        Type.Literal('REVOKED'),
        Type.Literal('NOT_ANCHORED'),
      ],
      { description: 'As the registry has it now; NOT_ANCHORED where its proof no longer holds.' },
    ),
    supersededBy: Type.Optional(OpaqueId),
    reason: Type.Optional(ReasonCode),
    digest: Type.String({ description: 'SHA-256 of the issuer-signed JWT: the digest anchored.' }),
    fields: Type.Record(Type.String(), Type.Unknown(), { description: 'Those disclosed, by name.' }),
  },
  strict,
);
export type DeliveredRecord = Static<typeof DeliveredRecord>;

/** A period without a record in the delivery. */
export const MissingPeriod = Type.Object(
  {
    period: Period,
    reason: Type.Union([Type.Literal('NOT_DUE'), Type.Literal('WITHDRAWN'), Type.Literal('NOT_ATTESTED')], {
      description:
        'NOT_DUE: the period was not over when the holder stated what it holds. WITHDRAWN: the holder has revoked records of that year, and no valid one covers the period. NOT_ATTESTED: the holder has attested nothing for it.',
    }),
  },
  strict,
);
export type MissingPeriod = Static<typeof MissingPeriod>;

/** What the delivery leaves out, of one record type, and why. */
export const TypeCompleteness = Type.Object(
  {
    recordType: Code,
    title: Type.String(),
    nil: Type.Boolean({
      description: 'The holder states that it holds nothing valid of this type in the range.',
    }),
    delivered: Type.Integer(),
    expected: Type.Optional(
      Type.Integer({ description: 'Periods due in the range; absent for types without a cadence.' }),
    ),
    missing: Type.Array(MissingPeriod),
    withheld: Type.Object(
      {
        asked: Type.Integer({ description: 'Valid ones of a type that only questions are asked of.' }),
        outOfRange: Type.Integer(),
        superseded: Type.Integer(),
        revoked: Type.Integer(),
      },
      { ...strict, description: "Records of the holder's sequences that are not delivered, by reason." },
    ),
  },
  strict,
);
export type TypeCompleteness = Static<typeof TypeCompleteness>;

/** A delivery as an analyst reads it. */
export const DeliveryView = Type.Object(
  {
    requestId: OpaqueId,
    consentId: OpaqueId,
    enterprise: Type.Object({ uscc: Uscc, name: Type.Optional(Type.String()) }, strict),
    source: Type.Object(
      {
        issuer: Issuer,
        name: Type.String(),
        region: Type.Optional(Type.String()),
        organisation: MspId,
      },
      strict,
    ),
    range: Period,
    deliveredAt: Instant,
    readableUntil: Instant,
    digest: Digest,
    records: Type.Array(DeliveredRecord),
    answers: Type.Array(Answer, {
      description:
        'To the questions of the request, as the holder signed them: computed by its peer from its records.',
    }),
    completeness: Type.Object(
      {
        asOf: Instant,
        complete: Type.Boolean({ description: 'Nothing due is missing.' }),
        types: Type.Array(TypeCompleteness),
      },
      strict,
    ),
  },
  strict,
);
export type DeliveryView = Static<typeof DeliveryView>;

/** The delivery as it was signed, for whoever verifies with tools of their own. */
export const SdJwtDelivery = Type.Object(
  {
    requestId: OpaqueId,
    presentations: Type.Array(Type.String(), {
      description: 'SD-JWT (RFC 9901): the issuer-signed JWT and the disclosures, each followed by `~`.',
    }),
    completeness: CompactJws,
    answers: Type.Optional(CompactJws),
  },
  strict,
);
