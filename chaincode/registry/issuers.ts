import type { Context } from 'fabric-contract-api';
import type { Caller } from '../ledger/caller';
import { hasRole } from '../ledger/caller';
import { findDepartment, hasOrganisationRole, mspsOfRole } from './consortium';
import { findEnterprise } from './enterprises';
import type { Consortium } from './model';
import type { PublicJwk } from '../ledger/schemas';

/** A key of an issuer, with the calendar dates between which it may sign. */
export interface IssuerKey {
  readonly jwk: PublicJwk;
  readonly from: string;
  readonly to?: string;
}

/** Who attests records: where they are kept, with which keys they are signed, and of which types they may be. */
export interface IssuerPlace {
  readonly issuer: string;
  readonly msp: string;
  readonly attestedBy: 'department' | 'enterprise';
  readonly keys: Readonly<Record<string, IssuerKey>>;
  /** Codes; undefined where every type attested by an enterprise is meant. */
  readonly recordTypes?: readonly string[];
}

/**
 * Looks up an issuer; undefined where the consortium has no such department, or no such enterprise whose entry holds.
 * The records of all enterprises lie with the first organisation of that role, which is their platform.
 */
export async function findIssuer(
  ctx: Context,
  consortium: Consortium,
  issuer: string,
): Promise<IssuerPlace | undefined> {
  const separator = issuer.indexOf(':');
  const kind = issuer.slice(0, separator);
  const id = issuer.slice(separator + 1);
  if (kind === 'department') {
    const place = findDepartment(consortium, id);
    if (place === undefined) return undefined;
    const { keys, recordTypes } = place.department;
    return {
      issuer,
      msp: place.msp,
      attestedBy: 'department',
      recordTypes,
      keys: Object.fromEntries(
        keys.map(({ kid, jwk, from, to }) => [kid, { jwk, from, ...(to === undefined ? {} : { to }) }]),
      ),
    };
  }
  const [msp] = mspsOfRole(consortium, 'enterprise');
  const enterprise = msp === undefined ? undefined : await findEnterprise(ctx, consortium, id);
  if (msp === undefined || enterprise === undefined) return undefined;
  const attesting = enterprise.entry.signatories.filter(({ office }) => office === 'RECORDS');
  return {
    issuer,
    msp,
    attestedBy: 'enterprise',
    keys: Object.fromEntries(
      attesting.map(({ id: kid, jwk, from, to }) => [
        kid,
        { jwk, from, ...(to === undefined ? {} : { to }) },
      ]),
    ),
  };
}

/** Whether a caller acts for an issuer: its own department, its own enterprise, or the enterprises' platform. */
export function actsFor(
  consortium: Consortium,
  caller: Caller,
  issuer: string,
  departmentRoles: readonly ('attester' | 'examiner' | 'release-agent')[],
): boolean {
  if (issuer.startsWith('department:')) {
    const id = issuer.slice('department:'.length);
    return (
      hasRole(caller, ...departmentRoles) &&
      caller.department === id &&
      findDepartment(consortium, id)?.msp === caller.msp
    );
  }
  if (!hasOrganisationRole(consortium, caller.msp, 'enterprise')) return false;
  if (hasRole(caller, 'platform-agent')) return true;
  return hasRole(caller, 'enterprise-user') && issuer === `enterprise:${caller.uscc ?? ''}`;
}
