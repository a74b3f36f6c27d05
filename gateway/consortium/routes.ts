import { Consortium } from '../../chaincode/registry/model';
import { route, type Route } from '../http/route';
import { RegistryContract } from '../ledger/registry';
import type { Services } from '../services';

/** Who takes part, which departments hold what, and what a bank may ask for which purpose. */
export function consortiumRoutes({ organisation, topology, ledger }: Services): readonly Route[] {
  const contract = new RegistryContract(ledger, topology, organisation);
  return [
    route({
      method: 'GET',
      path: '/v1/consortium',
      id: 'getConsortium',
      tag: 'consortium',
      summary: 'Organisations, departments with their keys, purposes with their ceilings',
      scope: 'registry:read',
      responses: { 200: { description: 'The state of the consortium.', schema: Consortium } },
      problems: ['NOT_SET_UP'],
      idempotency: 'none',
      async handler({ user }) {
        return { status: 200, body: await contract.consortium(user.identity) };
      },
    }),
  ];
}
