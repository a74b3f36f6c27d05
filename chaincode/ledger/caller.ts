import type { Context } from 'fabric-contract-api';
import { ContractError } from './errors';

/** What an identity may do, from the attribute `role` of its certificate, which its own organisation's CA signed. */
export const callerRoles = [
  'admin',
  'registrar',
  'attester',
  'examiner',
  'release-agent',
  'credit-officer',
  'purge-agent',
  'auditor',
  'approver',
  'treasurer',
  'servicer',
  'enterprise-user',
  'platform-agent',
  'supervisor',
] as const;
export type CallerRole = (typeof callerRoles)[number];

/** Who calls, from the certificate alone: nothing that the input says counts. */
export interface Caller {
  readonly msp: string;
  readonly roles: readonly CallerRole[];
  /** Who it is, within the MSP: the enrolment id, or the common name of the certificate's subject. */
  readonly person: string;
  /** Department of an agency that the identity works for. */
  readonly department?: string;
  /** Enterprise that the identity belongs to. */
  readonly uscc?: string;
}

/** Reads the caller's MSP and attributes; unknown roles count for nothing. */
export function callerOf(ctx: Context): Caller {
  const identity = ctx.clientIdentity;
  const given = (identity.getAttributeValue('role') ?? '').split(',');
  const department = identity.getAttributeValue('department');
  const uscc = identity.getAttributeValue('uscc');
  return {
    msp: identity.getMSPID(),
    roles: callerRoles.filter((role) => given.includes(role)),
    person: identity.getAttributeValue('hf.EnrollmentID') ?? commonNameOf(identity.getID()),
    ...(department === null ? {} : { department }),
    ...(uscc === null ? {} : { uscc }),
  };
}

export function hasRole(caller: Caller, ...anyOf: readonly CallerRole[]): boolean {
  return anyOf.some((role) => caller.roles.includes(role));
}

/** @throws ContractError `UNAUTHORISED_ROLE` where the caller has none of the roles. */
export function requireRole(caller: Caller, ...anyOf: readonly CallerRole[]): void {
  if (!hasRole(caller, ...anyOf))
    throw new ContractError('UNAUTHORISED_ROLE', `this takes the role ${anyOf.join(' or ')}`);
}

/** The common name of the subject in fabric-shim's form of an identity, `x509::/C=CN/CN=name::/CN=issuer`. */
function commonNameOf(id: string): string {
  return /\/CN=([^/:]+)/.exec(id.split('::')[1] ?? '')?.[1] ?? id;
}
