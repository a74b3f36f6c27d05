import { Type } from 'typebox';
import { PageOf } from '../../chaincode/ledger/schemas';
import { Breach } from '../../chaincode/sharing/ending/model';
import { pageAcross } from '../http/paging';
import { PageQuery, pageSizeOf } from '../http/queries';
import { route, type Route } from '../http/route';
import { SharingContract } from '../ledger/sharing';
import type { Services } from '../services';

/** What banks hold beyond the deadline for purging it. */
export function breachRoutes({ organisation, topology, ledger }: Services): readonly Route[] {
  const { roles } = organisation;
  if (!roles.includes('bank') && !roles.includes('regulator')) return [];
  const contract = new SharingContract(ledger, topology, organisation);
  return [
    route({
      method: 'GET',
      path: '/v1/breaches',
      id: 'listBreaches',
      tag: 'breaches',
      summary: 'Deliveries and archives that are held beyond their deadline',
      description:
        'The regulator sees all banks, one after the other; a bank its own. The proof is the private hash on the ledger. An enterprise finds its own in the access log.',
      scope: 'breaches:read',
      query: Type.Object({ ...PageQuery.properties }, { additionalProperties: false }),
      responses: { 200: { description: 'A page.', schema: PageOf(Breach) } },
      problems: ['NOT_YOUR_RECORD'],
      idempotency: 'none',
      async handler({ query, user }) {
        const page = { pageSize: pageSizeOf(query), bookmark: query.bookmark };
        const body = await pageAcross(contract.channels, page, ({ name }, input) =>
          contract.breaches(user.identity, name, input),
        );
        return { status: 200, body };
      },
    }),
  ];
}
