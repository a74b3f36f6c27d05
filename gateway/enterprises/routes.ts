import { Type } from 'typebox';
import { canonicalJson } from '../../chaincode/ledger/canonical';
import { CompactJws, Uscc } from '../../chaincode/ledger/schemas';
import { Enterprise, SignedEnterprise } from '../../chaincode/registry/model';
import { Problem } from '../http/problem';
import { route, type Route, type User } from '../http/route';
import { signEnterprise, type LocalIssuers } from '../issuer';
import { LedgerError } from '../ledger/errors';
import { RegistryContract } from '../ledger/registry';
import type { Services } from '../services';

const strict = { additionalProperties: false } as const;
const EnterpriseBody = Type.Object(
  {
    entry: Enterprise,
    signature: Type.Optional(CompactJws),
  },
  {
    ...strict,
    description:
      'Without a signature the gateway signs with the key of the department that the user works for.',
  },
);

/** Enterprises as the registering departments enter them. */
export function enterpriseRoutes({ organisation, topology, ledger, issuers }: Services): readonly Route[] {
  const contract = new RegistryContract(ledger, topology, organisation);
  const registers = organisation.departments.some((department) => department.registers);
  return [
    ...(registers ? [putEnterprise(contract, issuers)] : []),
    route({
      method: 'GET',
      path: '/v1/enterprises/{uscc}',
      id: 'getEnterprise',
      tag: 'enterprises',
      summary: 'The entry of an enterprise, signed by its registering department',
      description: 'A user of an enterprise sees its own entry only.',
      scope: 'enterprises:read',
      params: Type.Object({ uscc: Uscc }, strict),
      responses: { 200: { description: 'The entry.', schema: SignedEnterprise } },
      problems: ['NOT_FOUND', 'NOT_YOUR_RECORD'],
      idempotency: 'none',
      async handler({ params, user }) {
        return { status: 200, body: await contract.enterprise(user.identity, params.uscc) };
      },
    }),
  ];
}

function putEnterprise(contract: RegistryContract, issuers: LocalIssuers): Route {
  return route({
    method: 'POST',
    path: '/v1/enterprises',
    id: 'putEnterprise',
    tag: 'enterprises',
    summary: 'Register an enterprise, or enter a new version of it',
    description:
      'Enrols the public keys of those who sign for the enterprise, and how many of them bind it. The version is one more than the one registered.',
    scope: 'enterprises:write',
    body: EnterpriseBody,
    responses: {
      200: { description: 'A new version was entered.', schema: SignedEnterprise },
      201: { description: 'The enterprise was registered.', schema: SignedEnterprise },
    },
    problems: ['VERSION_CONFLICT', 'ENTERPRISE_INVALID', 'ENTERPRISE_SIGNATURE_INVALID', 'UNAUTHORISED_ROLE'],
    idempotency: 'required',
    async handler({ body: { entry, signature }, user }) {
      const signed = signature === undefined ? await signedBy(issuers, user, entry) : { entry, signature };
      try {
        await contract.putEnterprise(user.identity, signed);
      } catch (error) {
        if (!(error instanceof LedgerError) || error.code !== 'VERSION_CONFLICT') throw error;
        // An attempt at this request whose answer was lost has entered it; signatures differ each time they are made.
        const existing = await enterpriseOrNone(contract, user, entry.uscc);
        if (existing === undefined || canonicalJson(existing.entry) !== canonicalJson(entry)) throw error;
      }
      const registered = await contract.enterprise(user.identity, entry.uscc);
      return {
        status: entry.version === 1 ? 201 : 200,
        body: registered,
        headers: { Location: `/v1/enterprises/${entry.uscc}` },
      };
    },
  });
}

async function signedBy(issuers: LocalIssuers, user: User, entry: Enterprise): Promise<SignedEnterprise> {
  const issuer = issuers.get(entry.registeredBy);
  if (issuer === undefined || entry.registeredBy !== `department:${user.department ?? ''}`)
    throw new Problem(
      'UNAUTHORISED_ROLE',
      'The entry must be registered by the department that you work for',
      {
        errors: [{ field: 'entry.registeredBy', message: 'is not your department' }],
      },
    );
  return signEnterprise(issuer.signer, entry);
}

async function enterpriseOrNone(
  contract: RegistryContract,
  user: User,
  uscc: string,
): Promise<SignedEnterprise | undefined> {
  try {
    return await contract.enterprise(user.identity, uscc);
  } catch (error) {
    if (error instanceof LedgerError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
