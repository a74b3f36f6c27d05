import { common, msp } from '@hyperledger/fabric-protos';

/** A principal of a signature policy. */
export type Principal = msp.MSPPrincipal;

/** Any identity of the MSP that has the role; `MEMBER` is any identity at all. */
export function rolePrincipal(
  mspId: string,
  role: msp.MSPRole.MSPRoleTypeMap[keyof msp.MSPRole.MSPRoleTypeMap],
): Principal {
  const value = new msp.MSPRole();
  value.setMspIdentifier(mspId);
  value.setRole(role);
  return principal(msp.MSPPrincipal.Classification.ROLE, value.serializeBinary());
}

/**
 * Any identity of the MSP whose certificate carries the organisational unit.
 *
 * @param certifiers what Fabric calls the certifiers identifier: SHA-256 over the DER of the authority's chain, here
 *   of the one root certificate. A principal without it matches nobody.
 */
export function unitPrincipal(mspId: string, unit: string, certifiers: Uint8Array): Principal {
  const value = new msp.OrganizationUnit();
  value.setMspIdentifier(mspId);
  value.setOrganizationalUnitIdentifier(unit);
  value.setCertifiersIdentifier(certifiers);
  return principal(msp.MSPPrincipal.Classification.ORGANIZATION_UNIT, value.serializeBinary());
}

/** Satisfied by a signature of any one of the principals. */
export function anyOf(principals: readonly Principal[]): common.SignaturePolicyEnvelope {
  return envelope(
    principals,
    outOf(
      1,
      principals.map((_, index) => signedBy(index)),
    ),
  );
}

/**
 * Satisfied by signatures of one peer of each MSP of any one of the sets: the form of endorsement policies, for
 * chaincode definitions and for `LifecycleEndorsement`.
 */
export function signaturePolicy(sets: readonly (readonly string[])[]): common.SignaturePolicyEnvelope {
  const mspIds = [...new Set(sets.flat())].sort();
  const all = sets.map((set) =>
    outOf(
      set.length,
      set.map((mspId) => signedBy(mspIds.indexOf(mspId))),
    ),
  );
  const [only] = all;
  return envelope(
    mspIds.map((mspId) => rolePrincipal(mspId, msp.MSPRole.MSPRoleType.PEER)),
    all.length === 1 && only !== undefined ? only : outOf(1, all),
  );
}

/** A configuration policy that wants the named signature policy. */
export function signatureConfigPolicy(policy: common.SignaturePolicyEnvelope): common.Policy {
  return configPolicy(common.Policy.PolicyType.SIGNATURE, policy.serializeBinary());
}

/** A configuration policy over the policies of that name in the groups below. */
export function implicitPolicy(rule: 'ANY' | 'ALL' | 'MAJORITY', subPolicy: string): common.Policy {
  const value = new common.ImplicitMetaPolicy();
  value.setRule(common.ImplicitMetaPolicy.Rule[rule]);
  value.setSubPolicy(subPolicy);
  return configPolicy(common.Policy.PolicyType.IMPLICIT_META, value.serializeBinary());
}

function configPolicy(
  type: common.Policy.PolicyTypeMap[keyof common.Policy.PolicyTypeMap],
  value: Uint8Array,
): common.Policy {
  const policy = new common.Policy();
  policy.setType(type);
  policy.setValue(value);
  return policy;
}

function principal(
  classification: msp.MSPPrincipal.ClassificationMap[keyof msp.MSPPrincipal.ClassificationMap],
  value: Uint8Array,
): Principal {
  const result = new msp.MSPPrincipal();
  result.setPrincipalClassification(classification);
  result.setPrincipal(value);
  return result;
}

function envelope(
  identities: readonly Principal[],
  rule: common.SignaturePolicy,
): common.SignaturePolicyEnvelope {
  const result = new common.SignaturePolicyEnvelope();
  result.setVersion(0);
  result.setRule(rule);
  result.setIdentitiesList([...identities]);
  return result;
}

function signedBy(index: number): common.SignaturePolicy {
  const policy = new common.SignaturePolicy();
  policy.setSignedBy(index);
  return policy;
}

function outOf(n: number, rules: readonly common.SignaturePolicy[]): common.SignaturePolicy {
  const choice = new common.SignaturePolicy.NOutOf();
  choice.setN(n);
  choice.setRulesList([...rules]);
  const policy = new common.SignaturePolicy();
  policy.setNOutOf(choice);
  return policy;
}
