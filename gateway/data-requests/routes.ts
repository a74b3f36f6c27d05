import { Type } from 'typebox';
import { OpaqueId, PageOf } from '../../chaincode/ledger/schemas';
import { RequestDataInput, RequestView } from '../../chaincode/sharing/model';
import { canonicalJson } from '../../chaincode/ledger/canonical';
import { PageQuery, pageSizeOf } from '../http/queries';
import { requireSame } from '../http/repeats';
import { route, type Route } from '../http/route';
import { SharingContract } from '../ledger/sharing';
import type { Services } from '../services';

const strict = { additionalProperties: false } as const;
const RequestParams = Type.Object({ requestId: OpaqueId }, strict);
const asked = Type.Omit(RequestDataInput, ['requestId']).properties;

/** What a bank requests; the gateway adds an id where none is given. */
export const DataRequestBody = Type.Object({ requestId: Type.Optional(OpaqueId), ...asked }, strict);

/** Data requests under a consent. */
export function dataRequestRoutes({ organisation, topology, ledger }: Services): readonly Route[] {
  const contract = new SharingContract(ledger, topology, organisation);
  if (contract.channels.length === 0) return [];
  return [...(organisation.roles.includes('bank') ? [requestData(contract)] : []), ...readRequests(contract)];
}

function requestData(contract: SharingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/data-requests',
    id: 'requestData',
    tag: 'data-requests',
    summary: 'Request data of one holder under an active consent',
    description:
      'Spends the frequency allowance of the consent. The holder answers by itself, usually within seconds: look at the request, then read the delivery.',
    scope: 'data-requests:write',
    body: DataRequestBody,
    responses: { 201: { description: 'The request, not yet answered.', schema: RequestView } },
    problems: [
      'CONSENT_NOT_ACTIVE',
      'BEYOND_CONSENT',
      'PURPOSE_CEILING_EXCEEDED',
      'FREQUENCY_EXCEEDED',
      'QUESTION_BUDGET_SPENT',
      'NOT_FOUND',
      'ALREADY_EXISTS',
    ],
    idempotency: 'required',
    async handler({ body, user, idempotency }) {
      const { requestId = idempotency.id('request'), ...rest } = body;
      const input: RequestDataInput = { requestId, ...rest };
      const { name: channel } = contract.own;
      try {
        await contract.requestData(user.identity, input);
      } catch (error) {
        await requireSame(error, async () => {
          const { request } = await contract.request(user.identity, channel, requestId);
          const { consentId, issuer, items, questions, range } = request;
          const asked = { requestId, consentId, issuer, items, range };
          const same = questions === undefined ? asked : { ...asked, questions };
          return canonicalJson(same) === canonicalJson(input);
        });
      }
      const view = await contract.request(user.identity, channel, requestId);
      return { status: 201, body: view, headers: { Location: `/v1/data-requests/${requestId}` } };
    },
  });
}

function readRequests(contract: SharingContract): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/data-requests',
      id: 'listDataRequests',
      tag: 'data-requests',
      summary: 'Data requests under a consent',
      scope: 'data-requests:read',
      query: Type.Object({ ...PageQuery.properties, consentId: OpaqueId }, strict),
      responses: { 200: { description: 'A page.', schema: PageOf(RequestView) } },
      problems: ['NOT_FOUND', 'NOT_YOUR_RECORD'],
      idempotency: 'none',
      async handler({ query, user }) {
        const { consentId, bookmark = '' } = query;
        const { channel } = await contract.findConsent(user.identity, consentId);
        const page = { consentId, pageSize: pageSizeOf(query), bookmark };
        return { status: 200, body: await contract.requests(user.identity, channel.name, page) };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/data-requests/{requestId}',
      id: 'getDataRequest',
      tag: 'data-requests',
      summary: 'A data request: whether it was offered, refused, delivered, purged',
      scope: 'data-requests:read',
      params: RequestParams,
      responses: { 200: { description: 'The request.', schema: RequestView } },
      problems: ['NOT_FOUND', 'NOT_YOUR_RECORD'],
      idempotency: 'none',
      async handler({ params, user }) {
        const { found } = await contract.findRequest(user.identity, params.requestId);
        return { status: 200, body: found };
      },
    }),
  ];
}
