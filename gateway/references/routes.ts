import { Type } from 'typebox';
import { canonicalJson } from '../../chaincode/ledger/canonical';
import { strict } from '../../chaincode/ledger/schemas';
import { Reference, ReferenceCode } from '../../chaincode/registry/reference-model';
import { Problem } from '../http/problem';
import { route, type Route } from '../http/route';
import { LedgerError } from '../ledger/errors';
import { RegistryContract } from '../ledger/registry';
import type { Services } from '../services';

const CodeParams = Type.Object({ code: ReferenceCode }, strict);

/** Rates and calendars that loans are computed with: everybody reads them, the regulator publishes them. */
export function referenceRoutes({ organisation, topology, ledger }: Services): readonly Route[] {
  const contract = new RegistryContract(ledger, topology, organisation);
  return [getReference(contract), ...(organisation.roles.includes('regulator') ? [publish(contract)] : [])];
}

function getReference(contract: RegistryContract): Route {
  return route({
    method: 'GET',
    path: '/v1/references/{code}',
    id: 'getReference',
    tag: 'references',
    summary: 'A published rate or calendar, in its latest version, with its whole past',
    description: 'The loan prime rates are `LPR-1Y` and `LPR-5Y`, the calendar of business days is `CN`.',
    scope: 'registry:read',
    params: CodeParams,
    responses: { 200: { description: 'What is published.', schema: Reference } },
    problems: ['NOT_FOUND'],
    idempotency: 'none',
    async handler({ params: { code }, user: { identity } }) {
      const found = await referenceOrNone(contract, identity, code);
      if (found === undefined) throw new Problem('NOT_FOUND', `Nothing is published under ${code}`);
      return { status: 200, body: found };
    },
  });
}

function publish(contract: RegistryContract): Route {
  return route({
    method: 'POST',
    path: '/v1/references/{code}:publish',
    id: 'publishReference',
    tag: 'references',
    summary: 'Publish a rate or a calendar, or its next version',
    description:
      'The version is one more than the one published. What has begun to hold cannot be changed, since loans were computed with it.',
    scope: 'references:publish',
    params: CodeParams,
    body: Reference,
    responses: {
      200: { description: 'The next version is published.', schema: Reference },
      201: { description: 'The first version is published.', schema: Reference },
    },
    problems: ['VERSION_CONFLICT', 'STATE_CONFLICT', 'INVALID_INPUT', 'UNAUTHORISED_ROLE'],
    idempotency: 'required',
    async handler({ params: { code }, body, user: { identity } }) {
      if (body.code !== code)
        throw new Problem('INVALID_INPUT', 'The code is another one than the path names', {
          errors: [{ field: 'code', message: `is not ${code}` }],
        });
      try {
        await contract.publishReference(identity, body);
      } catch (error) {
        if (!(error instanceof LedgerError) || error.code !== 'VERSION_CONFLICT') throw error;
        // The same content in the same version: an attempt whose answer was lost has published it.
        const published = await referenceOrNone(contract, identity, code);
        if (published === undefined || canonicalJson(published) !== canonicalJson(body)) throw error;
      }
      const headers = { Location: `/v1/references/${code}` };
      return { status: body.version === 1 ? 201 : 200, body, headers };
    },
  });
}

async function referenceOrNone(
  contract: RegistryContract,
  identity: string,
  code: string,
): Promise<Reference | undefined> {
  try {
    return await contract.reference(identity, code);
  } catch (error) {
    if (error instanceof LedgerError && error.code === 'REFERENCE_MISSING') return undefined;
    throw error;
  }
}
