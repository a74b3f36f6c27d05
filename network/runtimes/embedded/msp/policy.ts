import { common } from '@hyperledger/fabric-protos';
import { X509Identity } from './identity';
import type { ChannelMspManager } from './manager';
import { compilePrincipal } from './principal';
import type { Identity, Policy, SignedData } from './types';

/** Evaluates on identities whose signatures are verified. */
export type Evaluator = (identities: readonly X509Identity[]) => boolean;

/** Marks in `used` the identities that it uses up; what it marked counts only where it returns true. */
type Gate = (identities: readonly X509Identity[], used: boolean[]) => boolean;

export const rejectAll: Evaluator = () => false;

type Matchers = readonly ReturnType<typeof compilePrincipal>[];

function compileGate(rule: common.SignaturePolicy | undefined, principals: Matchers): Gate {
  const cases = common.SignaturePolicy.TypeCase;
  switch (rule?.getTypeCase()) {
    case cases.SIGNED_BY: {
      const principal = principals[rule.getSignedBy()];
      if (principal === undefined)
        throw new Error('a signature policy names a principal that it does not have');
      return (identities, used) => {
        const index = identities.findIndex((identity, i) => used[i] !== true && principal(identity));
        if (index >= 0) used[index] = true;
        return index >= 0;
      };
    }
    case cases.N_OUT_OF: {
      const nOutOf = rule.getNOutOf();
      const needed = nOutOf?.getN() ?? 0;
      const gates = (nOutOf?.getRulesList() ?? []).map((inner) => compileGate(inner, principals));
      // Fabric goes through all rules, also when enough hold, and never revises what an earlier rule used up.
      return (identities, used) => {
        let verified = 0;
        for (const gate of gates) {
          const trial = [...used];
          if (!gate(identities, trial)) continue;
          verified++;
          for (const [i, value] of trial.entries()) used[i] = value;
        }
        return verified >= needed;
      };
    }
    default:
      throw new Error('a signature policy has an empty rule');
  }
}

/**
 * Compiles a signature policy with the semantics of Fabric's cauthdsl: each signature counts once.
 * @throws Error where the policy is malformed.
 */
export function compileSignaturePolicy(envelope: common.SignaturePolicyEnvelope): Evaluator {
  const gate = compileGate(envelope.getRule(), envelope.getIdentitiesList().map(compilePrincipal));
  return (identities) => gate(identities, new Array<boolean>(identities.length).fill(false));
}

/** Compiles an ImplicitMeta policy over the policies of that name of the groups below. */
export function compileImplicitMeta(
  rule: common.ImplicitMetaPolicy['getRule'] extends () => infer R ? R : never,
  subPolicies: readonly Evaluator[],
): Evaluator {
  const rules = common.ImplicitMetaPolicy.Rule;
  const count = subPolicies.length;
  const threshold = { [rules.ANY]: 1, [rules.ALL]: count, [rules.MAJORITY]: Math.floor(count / 2) + 1 }[rule];
  // Fabric: with no group below, nothing is asked for.
  const needed = count === 0 ? 0 : threshold;
  return (identities) => {
    let satisfied = 0;
    for (const policy of subPolicies) {
      if (satisfied >= needed) break;
      if (policy(identities)) satisfied++;
    }
    return satisfied >= needed;
  };
}

/** A policy over the MSPs of a channel. */
export class ChannelPolicy implements Policy {
  readonly #msps: ChannelMspManager;
  readonly #evaluator: Evaluator;

  constructor(msps: ChannelMspManager, evaluator: Evaluator) {
    this.#msps = msps;
    this.#evaluator = evaluator;
  }

  evaluate(signatures: readonly SignedData[]): boolean {
    return this.#evaluator(this.#msps.validIdentities(signatures));
  }

  evaluateIdentities(identities: readonly Identity[]): boolean {
    const seen = new Set<string>();
    const distinct: X509Identity[] = [];
    for (const identity of identities) {
      if (!(identity instanceof X509Identity) || seen.has(identity.key)) continue;
      seen.add(identity.key);
      distinct.push(identity);
    }
    return this.#evaluator(distinct);
  }
}
