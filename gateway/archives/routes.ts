import { Type } from 'typebox';
import { Code, OpaqueId, ReasonCode } from '../../chaincode/ledger/schemas';
import { RequestView } from '../../chaincode/sharing/model';
import { SdJwtDelivery } from '../deliveries/model';
import { sdJwtOf } from '../deliveries/sd-jwt';
import { requireSame } from '../http/repeats';
import { route, type Route } from '../http/route';
import { SharingContract } from '../ledger/sharing';
import type { Services } from '../services';

const strict = { additionalProperties: false } as const;
const RequestParams = Type.Object({ requestId: OpaqueId }, strict);
const Opened = Type.Object({ requestId: OpaqueId, openingId: OpaqueId }, strict);

/** Sealed evidence of signed loans, and what a bank says of its downstream systems. */
export function archiveRoutes({ organisation, topology, ledger }: Services): readonly Route[] {
  if (!organisation.roles.includes('bank')) return [];
  const contract = new SharingContract(ledger, topology, organisation);
  return [openArchive(contract), readArchive(contract), stateErasure(contract)];
}

function openArchive(contract: SharingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/archives/{requestId}/openings',
    id: 'openArchive',
    tag: 'archives',
    summary: 'Open the sealed evidence of a signed loan, for a reason',
    description:
      'The entry is on the ledger before anything can be read: enterprise and regulator see it in the access log. The archive can then be read for a quarter of an hour, by the same person.',
    scope: 'archives:open',
    params: RequestParams,
    body: Type.Object({ reason: ReasonCode }, strict),
    responses: { 201: { description: 'It is open.', schema: Opened } },
    problems: ['NOT_FOUND', 'STATE_CONFLICT'],
    idempotency: 'required',
    async handler({ params: { requestId }, body: { reason }, user, idempotency }) {
      const openingId = idempotency.id('opening');
      try {
        await contract.openArchive(user.identity, { requestId, openingId, reason });
      } catch (error) {
        // The id is this request's own: what exists under it an interrupted attempt made.
        await requireSame(error, () => Promise.resolve(true));
      }
      return { status: 201, body: { requestId, openingId } };
    },
  });
}

function readArchive(contract: SharingContract): Route {
  return route({
    method: 'GET',
    path: '/v1/archives/{requestId}/openings/{openingId}/delivery',
    id: 'readArchive',
    tag: 'archives',
    summary: 'The sealed evidence, as it was signed',
    scope: 'archives:open',
    params: Opened,
    responses: { 200: { description: 'The delivery.', schema: SdJwtDelivery } },
    problems: ['NOT_FOUND', 'STATE_CONFLICT', 'ARCHIVE_NOT_OPEN', 'PURGED', 'PRIVATE_READ_REFUSED'],
    idempotency: 'none',
    async handler({ params, user }) {
      return { status: 200, body: sdJwtOf(await contract.archive(user.identity, params)) };
    },
  });
}

function stateErasure(contract: SharingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/data-requests/{requestId}/erasure',
    id: 'stateErasure',
    tag: 'archives',
    summary: 'State that downstream systems hold nothing of a delivery any more',
    description:
      'After the ledger purge, once. It is the bank’s signed word; the enterprise sees it in its log.',
    scope: 'archives:open',
    params: RequestParams,
    body: Type.Object(
      {
        systems: Type.Array(Code, {
          maxItems: 50,
          description: 'Codes of the systems that had held any of it.',
        }),
      },
      strict,
    ),
    responses: { 200: { description: 'The request with the statement.', schema: RequestView } },
    problems: ['NOT_FOUND', 'STATE_CONFLICT'],
    idempotency: 'required',
    async handler({ params: { requestId }, body: { systems }, user }) {
      await contract.stateErasure(user.identity, { requestId, systems });
      return { status: 200, body: await contract.request(user.identity, contract.own.name, requestId) };
    },
  });
}
