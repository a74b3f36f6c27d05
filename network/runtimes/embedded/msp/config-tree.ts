import { common } from '@hyperledger/fabric-protos';
import { compileImplicitMeta, compileSignaturePolicy, rejectAll, type Evaluator } from './policy';

/** The policies of a configuration group and of those below it, compiled when first asked for. */
export class PolicyTree {
  readonly #group: common.ConfigGroup;
  readonly #children: ReadonlyMap<string, PolicyTree>;
  readonly #compiled = new Map<string, Evaluator>();

  constructor(group: common.ConfigGroup) {
    this.#group = group;
    this.#children = new Map(
      group
        .getGroupsMap()
        .toArray()
        .map(([name]) => [name, new PolicyTree(groupOf(group, name))]),
    );
  }

  /** The policy of that name at the path of groups, or undefined where group or policy is missing. */
  policy(path: readonly string[], name: string): Evaluator | undefined {
    const [first, ...rest] = path;
    if (first !== undefined) return this.#children.get(first)?.policy(rest, name);
    const known = this.#compiled.get(name);
    if (known !== undefined) return known;
    const policy = this.#group.getPoliciesMap().get(name)?.getPolicy();
    if (policy === undefined) return undefined;
    const compiled = this.#compile(policy);
    this.#compiled.set(name, compiled);
    return compiled;
  }

  #compile(policy: common.Policy): Evaluator {
    const value = policy.getValue_asU8();
    switch (policy.getType()) {
      case common.Policy.PolicyType.SIGNATURE:
        return compileSignaturePolicy(common.SignaturePolicyEnvelope.deserializeBinary(value));
      case common.Policy.PolicyType.IMPLICIT_META: {
        const meta = common.ImplicitMetaPolicy.deserializeBinary(value);
        // A group without the policy counts among those asked and never agrees.
        const below = [...this.#children.values()].map(
          (child) => child.policy([], meta.getSubPolicy()) ?? rejectAll,
        );
        return compileImplicitMeta(meta.getRule(), below);
      }
      default:
        return rejectAll;
    }
  }
}

/** The group of that name, which the caller knows to exist. */
export function groupOf(group: common.ConfigGroup, name: string): common.ConfigGroup {
  const found = group.getGroupsMap().get(name);
  if (found === undefined) throw new Error(`the channel's configuration has no group ${name}`);
  return found;
}

/** The serialised value of that name, or undefined. */
export function valueOf(group: common.ConfigGroup, name: string): Uint8Array | undefined {
  return group.getValuesMap().get(name)?.getValue_asU8();
}
