import { Type, type Static } from 'typebox';
import {
  Cadence,
  Code,
  Instant,
  Issuer,
  OpaqueId,
  Period,
  ReasonCode,
  Uscc,
  strict,
} from '../../chaincode/ledger/schemas';
import { Assurance, RecordStatus } from '../../chaincode/registry/model';

const Fields = Type.Record(Type.String({ maxLength: 100 }), Type.Unknown(), {
  description: 'By the JSON Schema of the record type.',
});

export const RecordDraftBody = Type.Object(
  {
    uscc: Uscc,
    recordType: Code,
    period: Period,
    assurance: Type.Optional(Assurance),
    cadence: Type.Optional(Cadence),
    recordKey: Type.Optional(
      Type.String({
        maxLength: 100,
        description: 'The issuer’s own reference, where an enterprise may have several records in a period.',
      }),
    ),
    fields: Fields,
  },
  strict,
);
export type RecordDraftBody = Static<typeof RecordDraftBody>;

export const RecordsBody = Type.Object(
  { records: Type.Array(RecordDraftBody, { minItems: 1, maxItems: 100 }) },
  strict,
);

export const RecordOutcome = Type.Object(
  {
    id: OpaqueId,
    status: Type.Union([
      Type.Literal('ATTESTED'),
      Type.Literal('ALREADY_ATTESTED'),
      Type.Literal('DIFFERS'),
      Type.Literal('REFUSED'),
    ]),
    code: Type.Optional(Type.String()),
    field: Type.Optional(Type.String()),
  },
  strict,
);

/** A record as its holder sees it; to others only id and status are known. */
export const RecordView = Type.Object(
  {
    id: OpaqueId,
    status: RecordStatus,
    attestedAt: Instant,
    changedAt: Type.Optional(Instant),
    supersededBy: Type.Optional(OpaqueId),
    reason: Type.Optional(ReasonCode),
    content: Type.Optional(
      Type.Object(
        {
          issuer: Issuer,
          uscc: Uscc,
          recordType: Code,
          period: Period,
          assurance: Assurance,
          fields: Fields,
        },
        strict,
      ),
    ),
  },
  strict,
);
export type RecordView = Static<typeof RecordView>;

export const SupersedeBody = Type.Object(
  { reason: ReasonCode, fields: Fields, assurance: Type.Optional(Assurance) },
  strict,
);
export const RevokeBody = Type.Object({ reason: ReasonCode }, strict);

export const DocumentBody = Type.Object(
  { department: Code, recordType: Code, period: Period, fields: Fields },
  strict,
);

export const DocumentView = Type.Object(
  {
    id: OpaqueId,
    department: Code,
    status: Type.Union([Type.Literal('SUBMITTED'), Type.Literal('ENDORSED'), Type.Literal('REJECTED')]),
    submittedAt: Instant,
    examinedAt: Type.Optional(Instant),
    recordId: Type.Optional(OpaqueId),
    reason: Type.Optional(ReasonCode),
    content: Type.Optional(
      Type.Object({ uscc: Uscc, recordType: Code, period: Period, fields: Fields }, strict),
    ),
  },
  strict,
);

export const ExamineBody = Type.Object(
  {
    outcome: Type.Union([Type.Literal('ENDORSED'), Type.Literal('REJECTED')]),
    reason: Type.Optional(ReasonCode),
  },
  { ...strict, description: 'A reason goes with `REJECTED`, and only with it.' },
);

export const IdParams = Type.Object({ id: OpaqueId }, strict);
