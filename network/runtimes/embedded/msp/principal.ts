import { X509Certificate } from 'node:crypto';
import { msp } from '@hyperledger/fabric-protos';
import { certificateKey } from './certificate';
import type { X509Identity } from './identity';

/** Whether an identity, which is valid in its MSP, is what a principal asks for. */
export type PrincipalMatcher = (identity: X509Identity) => boolean;

const never: PrincipalMatcher = () => false;

function role(bytes: Uint8Array): PrincipalMatcher {
  const wanted = msp.MSPRole.deserializeBinary(bytes);
  const mspId = wanted.getMspIdentifier();
  const roles = msp.MSPRole.MSPRoleType;
  switch (wanted.getRole()) {
    case roles.MEMBER:
      return (identity) => identity.mspId === mspId;
    case roles.ADMIN:
      return (identity) => identity.mspId === mspId && (identity.listedAdmin || identity.role === 'admin');
    case roles.CLIENT:
      return (identity) => identity.mspId === mspId && identity.role === 'client';
    case roles.PEER:
      return (identity) => identity.mspId === mspId && identity.role === 'peer';
    case roles.ORDERER:
      return (identity) => identity.mspId === mspId && identity.role === 'orderer';
    default:
      return never;
  }
}

function organizationUnit(bytes: Uint8Array): PrincipalMatcher {
  const wanted = msp.OrganizationUnit.deserializeBinary(bytes);
  const mspId = wanted.getMspIdentifier();
  const unit = wanted.getOrganizationalUnitIdentifier();
  const certifiers = Buffer.from(wanted.getCertifiersIdentifier_asU8());
  return (identity) =>
    identity.mspId === mspId &&
    identity.organizationalUnits.includes(unit) &&
    certifiers.equals(identity.certifiersIdentifier);
}

function exactIdentity(bytes: Uint8Array): PrincipalMatcher {
  const wanted = msp.SerializedIdentity.deserializeBinary(bytes);
  let key: string;
  try {
    key = `${wanted.getMspid()} ${certificateKey(new X509Certificate(wanted.getIdBytes_asU8()))}`;
  } catch {
    // Fabric treats a principal that is no certificate as one that nobody satisfies.
    return never;
  }
  return (identity) => identity.key === key;
}

/** Parses a principal once. Kinds that Fabric's X.509 MSP does not support are satisfied by nobody. */
export function compilePrincipal(principal: msp.MSPPrincipal): PrincipalMatcher {
  const bytes = principal.getPrincipal_asU8();
  const kinds = msp.MSPPrincipal.Classification;
  switch (principal.getPrincipalClassification()) {
    case kinds.ROLE:
      return role(bytes);
    case kinds.ORGANIZATION_UNIT:
      return organizationUnit(bytes);
    case kinds.IDENTITY:
      return exactIdentity(bytes);
    default:
      return never;
  }
}
