import { issueIdentity, type IdentityDescription } from '../identity/identities';
import type { NetworkFiles } from '../identity/paths';
import type { CallerRole } from '../../chaincode/ledger/caller';
import type { Organisation } from '../topology/topology';

/** Roles of those who work for a department. */
export const departmentRoles = ['registrar', 'attester', 'examiner', 'release-agent'] as const;
export type DepartmentRole = (typeof departmentRoles)[number];

/** Who sets the consortium up, for its organisation. */
export const administratorIdentity = 'administrator';

/** Name in the wallet of a department's identity, e.g. `attester.tax-shanghai`. */
export function departmentIdentity(role: DepartmentRole, department: string): string {
  return `${role}.${department}`;
}

/** Name in the wallet of the user of an enterprise. */
export function enterpriseIdentity(uscc: string): string {
  return `enterprise-user.${uscc}`;
}

/**
 * Issues the identities that gateways, agents and officers act with, from the roles and departments of the topology, with
 * the attributes that the contracts read. What exists is kept.
 */
export async function issueIdentities(context: NetworkFiles): Promise<void> {
  for (const organisation of context.topology.organisations) {
    await issue(context, organisation, administratorIdentity, { role: 'admin' });
    for (const { id: department } of organisation.departments)
      for (const role of departmentRoles)
        await issue(context, organisation, departmentIdentity(role, department), { role, department });
    for (const role of rolesOf(organisation)) await issue(context, organisation, role, { role });
  }
}

/**
 * Issues the identity of a user of an enterprise in the wallet of the enterprises' organisation. Asking again keeps it.
 *
 * @param organisation name; by default the first organisation of that role.
 * @throws where the consortium has none.
 */
export async function issueEnterpriseUser(
  context: NetworkFiles,
  uscc: string,
  organisation?: string,
): Promise<IdentityDescription> {
  const platform =
    organisation ?? context.topology.organisations.find(({ roles }) => roles.includes('enterprise'))?.name;
  if (platform === undefined) throw new Error('the consortium has no organisation of enterprises');
  return issueIdentity(context, platform, {
    id: enterpriseIdentity(uscc),
    ou: 'client',
    attributes: { role: 'enterprise-user', uscc },
  });
}

function rolesOf({ roles }: Organisation): readonly CallerRole[] {
  return [
    ...(roles.includes('bank')
      ? (['credit-officer', 'approver', 'treasurer', 'servicer', 'purge-agent', 'auditor'] as const)
      : []),
    ...(roles.includes('enterprise') ? (['platform-agent'] as const) : []),
    ...(roles.includes('regulator') ? (['supervisor'] as const) : []),
  ];
}

async function issue(
  context: NetworkFiles,
  { name }: Organisation,
  id: string,
  attributes: Readonly<Record<string, string>>,
): Promise<void> {
  await issueIdentity(context, name, { id, ou: 'client', attributes });
}
