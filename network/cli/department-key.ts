import type { NetworkFiles } from '../identity/paths';
import { fingerprintOf, newDepartmentKey } from '../set-up';

/**
 * Makes the next key of a department, and says what the ceremony reads back and what a proposal to the consortium names.
 * Nothing of it is secret.
 *
 * @throws where the topology has no such organisation, or the organisation no such department.
 */
export async function newKeyOf(
  { topology, directory }: NetworkFiles,
  organisation: string,
  department: string,
): Promise<string> {
  const found = topology.organisations.find(({ name }) => name === organisation);
  if (found === undefined) throw new Error(`there is no organisation "${organisation}"`);
  if (!found.departments.some(({ id }) => id === department))
    throw new Error(`${organisation} has no department "${department}"`);
  const key = await newDepartmentKey(directory, organisation, department);
  return [
    `department   ${department} of ${found.msp}`,
    `kid          ${key.kid}`,
    `fingerprint  ${fingerprintOf(key)}`,
    `public key   ${JSON.stringify(key)}`,
  ].join('\n');
}
