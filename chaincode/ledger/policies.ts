import { common, msp } from '@hyperledger/fabric-protos';
import type { Context } from 'fabric-contract-api';

/**
 * Gives a key its own endorsement policy: any one of the sets of distinct MSPs, by their peers. Set it once, in the
 * transaction that creates the key: Fabric then checks it at every later write, this chaincode or another's version.
 *
 * The shim's `KeyEndorsementPolicy` knows only "all of", so the envelope is built from the protobufs. Fabric's evaluator
 * uses each signature once, which is why the sets are of *distinct* MSPs.
 */
export async function setKeyPolicy(
  ctx: Context,
  key: string,
  anyOf: readonly (readonly string[])[],
): Promise<void> {
  const sets = anyOf.map((set) => [...new Set(set)]);
  if (sets.length === 0 || sets.some((set) => set.length === 0))
    throw new TypeError('a key policy names somebody in each of its sets');
  const msps = [...new Set(sets.flat())].sort();
  const rules = sets.map((set) =>
    outOf(
      set.length,
      set.map((member) => signedBy(msps.indexOf(member))),
    ),
  );
  const [only] = rules;
  const rule = rules.length === 1 && only !== undefined ? only : outOf(1, rules);
  await ctx.stub.setStateValidationParameter(key, envelope(msps, rule));
}

/** Gives a key a policy of at least so many of the MSPs, by their peers. */
export async function setKeyThreshold(
  ctx: Context,
  key: string,
  needed: number,
  msps: readonly string[],
): Promise<void> {
  const distinct = [...new Set(msps)].sort();
  if (needed < 1 || needed > distinct.length) throw new TypeError('the threshold cannot be met');
  const rule = outOf(
    needed,
    distinct.map((_, index) => signedBy(index)),
  );
  await ctx.stub.setStateValidationParameter(key, envelope(distinct, rule));
}

function signedBy(index: number): common.SignaturePolicy {
  const policy = new common.SignaturePolicy();
  policy.setSignedBy(index);
  return policy;
}

function outOf(needed: number, rules: common.SignaturePolicy[]): common.SignaturePolicy {
  const nOutOf = new common.SignaturePolicy.NOutOf();
  nOutOf.setN(needed);
  nOutOf.setRulesList(rules);
  const policy = new common.SignaturePolicy();
  policy.setNOutOf(nOutOf);
  return policy;
}

function envelope(msps: readonly string[], rule: common.SignaturePolicy): Uint8Array {
  const result = new common.SignaturePolicyEnvelope();
  result.setVersion(0);
  result.setRule(rule);
  result.setIdentitiesList(
    msps.map((identifier) => {
      const role = new msp.MSPRole();
      role.setMspIdentifier(identifier);
      role.setRole(msp.MSPRole.MSPRoleType.PEER);
      const principal = new msp.MSPPrincipal();
      principal.setPrincipalClassification(msp.MSPPrincipal.Classification.ROLE);
      principal.setPrincipal(role.serializeBinary());
      return principal;
    }),
  );
  return result.serializeBinary();
}
