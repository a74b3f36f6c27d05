import { common } from '@hyperledger/fabric-protos';

/** Whose agreement an element of the configuration needs to be changed. */
const changePolicy = 'Admins';

/** What the configuration of a group consists of. */
export interface GroupParts {
  readonly values: Readonly<Record<string, { serializeBinary(): Uint8Array }>>;
  readonly policies: Readonly<Record<string, common.Policy>>;
  readonly groups?: Readonly<Record<string, common.ConfigGroup>>;
}

/** A group of a channel's configuration; everything in it is changed by the group's Admins. */
export function configGroup({ values, policies, groups = {} }: GroupParts): common.ConfigGroup {
  const group = new common.ConfigGroup();
  group.setModPolicy(changePolicy);
  for (const [name, message] of Object.entries(values)) {
    const value = new common.ConfigValue();
    value.setValue(message.serializeBinary());
    value.setModPolicy(changePolicy);
    group.getValuesMap().set(name, value);
  }
  for (const [name, policy] of Object.entries(policies)) {
    const value = new common.ConfigPolicy();
    value.setPolicy(policy);
    value.setModPolicy(changePolicy);
    group.getPoliciesMap().set(name, value);
  }
  for (const [name, child] of Object.entries(groups)) group.getGroupsMap().set(name, child);
  return group;
}

/** The `Capabilities` value: the least version of the protocol that a node must support. */
export function capabilities(version: string): common.Capabilities {
  const value = new common.Capabilities();
  value.getCapabilitiesMap().set(version, new common.Capability());
  return value;
}
