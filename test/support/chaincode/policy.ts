import { common, msp } from '@hyperledger/fabric-protos';

/** Whether the endorsing organisations meet a serialised policy. Each signature counts once, as in Fabric. */
export function meetsEnvelope(policy: Uint8Array, endorsers: readonly string[]): boolean {
  const envelope = common.SignaturePolicyEnvelope.deserializeBinary(policy);
  const msps = envelope
    .getIdentitiesList()
    .map((identity) => msp.MSPRole.deserializeBinary(identity.getPrincipal_asU8()).getMspIdentifier());
  const rule = envelope.getRule();
  return rule !== undefined && satisfied(rule, msps, new Set(endorsers)) !== undefined;
}

/** Whether the endorsers contain one of the sets. */
export function meetsSets(sets: readonly (readonly string[])[], endorsers: readonly string[]): boolean {
  return sets.some((set) => set.every((member) => endorsers.includes(member)));
}

/** Signatures left over after a rule has taken its own, or undefined where it cannot. */
function satisfied(
  rule: common.SignaturePolicy,
  msps: readonly string[],
  available: ReadonlySet<string>,
): ReadonlySet<string> | undefined {
  const nOutOf = rule.getNOutOf();
  if (nOutOf === undefined) {
    const signer = msps[rule.getSignedBy()];
    if (signer === undefined || !available.has(signer)) return undefined;
    return new Set([...available].filter((member) => member !== signer));
  }
  let left = available;
  let met = 0;
  for (const inner of nOutOf.getRulesList()) {
    const rest = satisfied(inner, msps, left);
    if (rest === undefined) continue;
    met++;
    left = rest;
  }
  return met >= nOutOf.getN() ? left : undefined;
}
