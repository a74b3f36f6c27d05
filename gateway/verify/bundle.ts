import { Type, type Static } from 'typebox';
import { OpaqueId } from '../../chaincode/ledger/schemas';
import { SignedEnterprise } from '../../chaincode/registry/model';
import { Delivery } from '../../chaincode/sharing/model';

const strict = { additionalProperties: false } as const;

/** A delivery with the proof of it: what `verify-delivery` takes. */
export const DeliveryBundle = Type.Object(
  {
    version: Type.Literal(1),
    channel: Type.String({ maxLength: 249 }),
    requestId: OpaqueId,
    delivery: Delivery,
    /** The enterprise's entry, signed by the department that registered it. */
    enterprise: SignedEnterprise,
    /** Whole blocks of the channel in base64, oldest first: those that wrote consent, signatures, request, offer and release. */
    blocks: Type.Array(Type.String(), { minItems: 1, maxItems: 500 }),
  },
  strict,
);
export type DeliveryBundle = Static<typeof DeliveryBundle>;
