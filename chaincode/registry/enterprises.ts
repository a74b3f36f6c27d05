import type { Context } from 'fabric-contract-api';
import { findDocument } from '../ledger/documents';
import { ContractError } from '../ledger/errors';
import { signsCanonical, verifyJws, peekHeader } from '../ledger/jws';
import { check } from '../ledger/parse';
import { findDepartment, type DepartmentPlace } from './consortium';
import { isBindingOffice, SignedEnterprise, type Consortium, type Enterprise } from './model';
import { isUscc } from './uscc';

/** `typ` of the registering department's signature over an enterprise's entry. */
export const enterpriseEntryType = 'enterprise+jws';

export const enterpriseKey = (uscc: string) => `enterprise~${uscc}`;

const signedEnterpriseCheck = check(SignedEnterprise);

/**
 * The department that an entry names, if its signature over the entry holds. Verified at every use: a key-level policy
 * protects an entry from others, not a code that was never registered from two organisations who invent it.
 */
export async function verifyEntry(
  consortium: Consortium,
  { entry, signature }: SignedEnterprise,
): Promise<DepartmentPlace | undefined> {
  const [kind, id = ''] = entry.registeredBy.split(':');
  const place = kind === 'department' ? findDepartment(consortium, id) : undefined;
  if (place?.department.registers !== true) return undefined;
  const kid = peekHeader(signature)?.kid;
  const key = place.department.keys.find((candidate) => candidate.kid === kid);
  if (key === undefined) return undefined;
  const verified = await verifyJws(signature, key.jwk, enterpriseEntryType);
  return verified !== undefined && signsCanonical(verified, entry) ? place : undefined;
}

/** An enterprise as registered; undefined where there is no entry for it whose signature holds. */
export async function findEnterprise(
  ctx: Context,
  consortium: Consortium,
  uscc: string,
): Promise<SignedEnterprise | undefined> {
  const stored = await findDocument(ctx, enterpriseKey(uscc), signedEnterpriseCheck);
  if (stored?.entry.uscc !== uscc) return undefined;
  return (await verifyEntry(consortium, stored)) === undefined ? undefined : stored;
}

/**
 * Decides whether an entry may follow the stored one.
 *
 * @param today calendar date of the transaction, UTC+8.
 * @throws ContractError `ENTERPRISE_INVALID` naming the member, or `VERSION_CONFLICT`.
 */
export function checkEntry(next: Enterprise, stored: Enterprise | undefined, today: string): void {
  if (!isUscc(next.uscc)) refuse('has a wrong check character', 'uscc');
  const { signatories, mandate } = next;
  const ids = signatories.map(({ id }) => id);
  if (new Set(ids).size !== ids.length) refuse('has an id twice', 'signatories');
  const keys = signatories.map(({ jwk }) => `${jwk.x}.${jwk.y}`);
  // One key under two ids would let one person sign twice.
  if (new Set(keys).size !== keys.length) refuse('has a key twice', 'signatories');
  for (const { from, to } of signatories)
    if (to !== undefined && to < from) refuse('has an authority that ends before it begins', 'signatories');
  const binding = signatories.filter(
    ({ office, to }) => isBindingOffice(office) && (to === undefined || to >= today),
  );
  if (binding.length < mandate.required) refuse('asks for more signatures than can be given', 'mandate');
  if (next.version !== (stored?.version ?? 0) + 1)
    throw new ContractError(
      'VERSION_CONFLICT',
      `the stored version is ${stored?.version ?? 0}`,
      'entry.version',
    );
  if (stored !== undefined) checkSuccession(next, stored);
}

/** What was signed stays verifiable: nobody vanishes, and no key, office or first day changes. */
function checkSuccession(next: Enterprise, stored: Enterprise): void {
  if (next.registeredBy !== stored.registeredBy) refuse('cannot change', 'registeredBy');
  for (const before of stored.signatories) {
    const after = next.signatories.find(({ id }) => id === before.id);
    if (after === undefined) return refuse('lacks somebody; end the authority instead', 'signatories');
    const same =
      after.jwk.x === before.jwk.x &&
      after.jwk.y === before.jwk.y &&
      after.office === before.office &&
      after.from === before.from;
    if (!same) refuse('changes a key, an office or a first day', 'signatories');
    // An authority that was taken away does not come back under the same id: the days between would count.
    if (before.to !== undefined && (after.to === undefined || after.to > before.to))
      refuse('prolongs an authority that was ended', 'signatories');
  }
}

function refuse(reason: string, field: string): never {
  throw new ContractError('ENTERPRISE_INVALID', reason, `entry.${field}`);
}
