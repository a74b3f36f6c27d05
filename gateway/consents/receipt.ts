import { Type, type Static } from 'typebox';
import { toMillis } from '../../chaincode/ledger/calendar';
import { Digest, Instant, OpaqueId } from '../../chaincode/ledger/schemas';
import type { Consortium } from '../../chaincode/registry/model';
import { ConsentState, type ConsentItem, type ConsentView } from '../../chaincode/sharing/model';

const strict = { additionalProperties: false } as const;
const text = Type.String({ maxLength: 2000 });

const Party = Type.Object(
  {
    party_id: text,
    party_name: text,
    party_role: Type.Union([
      Type.Literal('pii_controller'),
      Type.Literal('pii_principal'),
      Type.Literal('data_source'),
    ]),
    party_type: text,
  },
  strict,
);

/**
 * A receipt with the field names of ISO/IEC TS 27560:2023 (header, PII processing, parties, events, receipt metadata). What
 * is shared is for the most part about an enterprise and not a person; the fields are used as they stand all the same, so that
 * what reads receipts reads these.
 */
export const ConsentReceipt = Type.Object(
  {
    receipt_id: Digest,
    record_metadata: Type.Object(
      {
        schema_version: Type.Literal('ISO/IEC TS 27560:2023'),
        record_id: OpaqueId,
        pii_principal_id: text,
        /** SHA-256 of the artefact's canonical form (RFC 8785): what the signatories signed. */
        record_digest: Digest,
      },
      strict,
    ),
    pii_processing: Type.Object(
      {
        language: Type.Literal('en'),
        purposes: Type.Array(
          Type.Object(
            {
              purpose: text,
              purpose_type: text,
              lawful_basis: Type.Literal('consent'),
              pii_information: Type.Array(
                Type.Object(
                  {
                    pii_type: text,
                    pii_attribute: Type.Array(text),
                    pii_source: text,
                    pii_optional: Type.Boolean(),
                  },
                  strict,
                ),
              ),
              pii_controllers: Type.Array(text),
              collection_method: text,
              processing_method: text,
              storage_locations: Type.Array(text),
              retention_period: text,
              geographic_restrictions: text,
              recipient_third_parties: Type.Array(text),
              withdrawal_method: text,
              jurisdiction: text,
            },
            strict,
          ),
        ),
      },
      strict,
    ),
    party_identification: Type.Array(Party),
    events: Type.Array(
      Type.Object(
        {
          event_time: Instant,
          event_type: Type.Literal('explicit'),
          event_state: ConsentState,
          validity_duration: Type.Optional(text),
          entity_id: text,
        },
        strict,
      ),
    ),
  },
  strict,
);
export type ConsentReceipt = Static<typeof ConsentReceipt>;

const units = { DAY: 'D', MONTH: 'M', YEAR: 'Y' } as const;

/** ISO 8601 duration between two instants, in whole days. */
function daysOf(from: string, to: string): string {
  return `P${Math.ceil((toMillis(to) - toMillis(from)) / 86_400_000)}D`;
}

function information({ recordType, issuer, fields }: ConsentItem) {
  return { pii_type: recordType, pii_attribute: [...fields], pii_source: issuer, pii_optional: false };
}

/** The receipt of a consent as it stands now. Pure. */
export function receiptOf(
  view: ConsentView,
  { organisations }: Pick<Consortium, 'organisations'>,
): ConsentReceipt {
  const { artefact, digest, state, requestedAt, grantedAt, endedAt } = view;
  const nameOf = (msp: string): string =>
    organisations.find((organisation) => organisation.msp === msp)?.name ?? msp;
  const validity = daysOf(artefact.consentStart, artefact.consentExpiry);
  const issuers = [
    ...new Set([...artefact.items, ...(artefact.questions ?? [])].map(({ issuer }) => issuer)),
  ];
  const event = (event_time: string, event_state: ConsentState, entity_id: string) => ({
    event_time,
    event_type: 'explicit' as const,
    event_state,
    entity_id,
  });
  return {
    receipt_id: digest,
    record_metadata: {
      schema_version: 'ISO/IEC TS 27560:2023',
      record_id: artefact.consentId,
      pii_principal_id: artefact.enterprise,
      record_digest: digest,
    },
    pii_processing: {
      language: 'en',
      purposes: [
        {
          purpose: artefact.Purpose.text,
          purpose_type: artefact.Purpose.code,
          lawful_basis: 'consent',
          pii_information: [
            ...artefact.items.map(information),
            ...(artefact.questions ?? []).map(({ id, issuer, recordType }) => ({
              pii_type: `answer:${recordType}`,
              pii_attribute: [id],
              pii_source: issuer,
              pii_optional: false,
            })),
          ],
          pii_controllers: [artefact.bank],
          collection_method: `released by each holder at the bank's request, ${artefact.fetchType === 'ONETIME' ? 'once' : `at most ${artefact.Frequency.value} times a ${artefact.Frequency.unit}`}`,
          processing_method: `records of ${artefact.DataRange.from} to ${artefact.DataRange.to}`,
          storage_locations: [`private data collection of ${artefact.bank} on channel ${artefact.channel}`],
          retention_period: `P${artefact.DataLife.value}${units[artefact.DataLife.unit]}, purged within ${artefact.purgeWithinDays} days of the end; evidence of a signed loan ${artefact.evidenceYears} years`,
          geographic_restrictions: 'the consortium’s peers',
          recipient_third_parties: [],
          withdrawal_method:
            'a statement REVOKE signed by any one signatory, lodged through the enterprises’ platform, a government agency or the regulator',
          jurisdiction: 'CN',
        },
      ],
    },
    party_identification: [
      {
        party_id: artefact.bank,
        party_name: nameOf(artefact.bank),
        party_role: 'pii_controller',
        party_type: 'bank',
      },
      {
        party_id: artefact.enterprise,
        party_name: artefact.enterprise,
        party_role: 'pii_principal',
        party_type: 'enterprise',
      },
      ...issuers.map((issuer) => ({
        party_id: issuer,
        party_name: issuer,
        party_role: 'data_source' as const,
        party_type: issuer.split(':')[0] ?? '',
      })),
    ],
    events: [
      event(requestedAt, 'REQUESTED', artefact.bank),
      ...(grantedAt === undefined
        ? []
        : [{ ...event(grantedAt, 'ACTIVE', artefact.enterprise), validity_duration: validity }]),
      ...(endedAt === undefined ? [] : [event(endedAt, state, artefact.enterprise)]),
    ],
  };
}
