import { Type } from 'typebox';
import { OpaqueId } from '../../chaincode/ledger/schemas';
import { peekCompleteness } from '../../chaincode/sharing/completeness';
import { route, type Route } from '../http/route';
import { RegistryContract } from '../ledger/registry';
import { SharingContract } from '../ledger/sharing';
import type { Services } from '../services';
import { DeliveryView, SdJwtDelivery } from './model';
import { sdJwtOf } from './sd-jwt';
import { deliveryView, recordIds } from './view';

const strict = { additionalProperties: false } as const;

/** What was delivered to a bank. */
export function deliveryRoutes({ organisation, topology, ledger }: Services): readonly Route[] {
  if (!organisation.roles.includes('bank')) return [];
  const contract = new SharingContract(ledger, topology, organisation);
  const registry = new RegistryContract(ledger, topology, organisation);
  return [
    route({
      method: 'GET',
      path: '/v1/deliveries/{requestId}',
      id: 'readDelivery',
      tag: 'deliveries',
      summary:
        'What was delivered: fields with source, period, assurance and status today, and what is missing and why',
      description:
        'Read from the own peer while the consent is active and the data life runs. `format=sd-jwt` gives what was signed instead.',
      scope: 'deliveries:read',
      params: Type.Object({ requestId: OpaqueId }, strict),
      query: Type.Object(
        { format: Type.Optional(Type.Union([Type.Literal('view'), Type.Literal('sd-jwt')])) },
        strict,
      ),
      responses: {
        200: { description: 'The delivery.', schema: Type.Union([DeliveryView, SdJwtDelivery]) },
      },
      problems: [
        'NOT_FOUND',
        'CONSENT_NOT_ACTIVE',
        'REQUEST_NOT_OPEN',
        'DATA_LIFE_ENDED',
        'PURGED',
        'PRIVATE_READ_REFUSED',
        'DELIVERY_UNPROVEN',
      ],
      idempotency: 'none',
      async handler({ params: { requestId }, query, user }) {
        const [delivery, request] = await Promise.all([
          contract.delivery(user.identity, requestId),
          contract.request(user.identity, contract.own.name, requestId),
        ]);
        if (query.format === 'sd-jwt') return { status: 200, body: sdJwtOf(delivery) };
        const evidence = await registry.evidence(user.identity, {
          uscc: request.request.enterprise,
          issuers: [request.request.issuer],
          recordTypes: peekCompleteness(delivery.completeness).types.map(({ recordType }) => recordType),
          records: [...recordIds(delivery)],
        });
        return { status: 200, body: await deliveryView(request, delivery, evidence) };
      },
    }),
  ];
}
