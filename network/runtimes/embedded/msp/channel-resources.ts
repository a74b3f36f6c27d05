import { common, msp as mspProtos, orderer, peer } from '@hyperledger/fabric-protos';
import { aclDefaults } from './acl-defaults';
import { groupOf, PolicyTree, valueOf } from './config-tree';
import { ChannelMspManager } from './manager';
import { Msp } from './msp';
import { ChannelPolicy, compileSignaturePolicy, rejectAll } from './policy';
import type { ChannelResources, Policy } from './types';

/** FabricMSPConfig in `msp.MSPConfig.type`; Idemix is another. */
const fabricMspType = 0;

const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a Go duration such as `250ms` or `1m30s`. */
function durationMs(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    throw new Error(`the batch timeout ${text} is not a duration`);
  }
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (durationUnits[unit ?? ''] ?? 0), 0);
}

function readMsp(group: common.ConfigGroup, name: string): Msp {
  const value = valueOf(group, 'MSP');
  if (value === undefined) throw new Error(`the channel's configuration has no MSP for ${name}`);
  const config = mspProtos.MSPConfig.deserializeBinary(value);
  if (config.getType() !== fabricMspType) {
    throw new Error(`${name}: only X.509 MSPs are supported by the embedded runtime`);
  }
  return new Msp(mspProtos.FabricMSPConfig.deserializeBinary(config.getConfig_asU8()));
}

function organisationsOf(group: common.ConfigGroup): { name: string; msp: Msp }[] {
  return group
    .getGroupsMap()
    .toArray()
    .map(([name]) => ({ name, msp: readMsp(groupOf(group, name), name) }));
}

function readBatch(group: common.ConfigGroup): ChannelResources['batch'] {
  const size = orderer.BatchSize.deserializeBinary(valueOf(group, 'BatchSize') ?? new Uint8Array());
  const timeout = orderer.BatchTimeout.deserializeBinary(valueOf(group, 'BatchTimeout') ?? new Uint8Array());
  return {
    maxMessages: size.getMaxMessageCount(),
    absoluteBytes: size.getAbsoluteMaxBytes(),
    preferredBytes: size.getPreferredMaxBytes(),
    timeoutMs: durationMs(timeout.getTimeout()),
  };
}

/** ACLs of the channel, resource to absolute policy path. */
function readAcls(application: common.ConfigGroup): Map<string, string> {
  const value = valueOf(application, 'ACLs');
  if (value === undefined) return new Map();
  const acls = peer.ACLs.deserializeBinary(value).getAclsMap();
  return new Map(
    acls.toArray().map(([resource]) => {
      const path = acls.get(resource)?.getPolicyRef() ?? '';
      return [resource, path.startsWith('/') ? path : `/Channel/Application/${path}`];
    }),
  );
}

class ConfiguredChannel implements ChannelResources {
  readonly channel: string;
  readonly sequence: number;
  readonly msps: ChannelMspManager;
  readonly members: readonly string[];
  readonly ordererMsps: readonly string[];
  readonly batch: ChannelResources['batch'];
  readonly config: common.Config;
  readonly #memberGroups: ReadonlyMap<string, string>;
  readonly #tree: PolicyTree;
  readonly #acls: ReadonlyMap<string, string>;
  readonly #byPath = new Map<string, Policy | undefined>();
  readonly #standalone = new Map<string, Policy>();

  constructor(channel: string, config: common.Config) {
    const root = config.getChannelGroup();
    if (root === undefined) throw new Error(`the configuration of ${channel} is empty`);
    const application = groupOf(root, 'Application');
    const ordering = groupOf(root, 'Orderer');
    const members = organisationsOf(application);
    const orderers = organisationsOf(ordering);
    this.channel = channel;
    this.config = config;
    this.sequence = config.getSequence();
    this.members = members.map(({ msp }) => msp.id);
    this.ordererMsps = orderers.map(({ msp }) => msp.id);
    this.#memberGroups = new Map(members.map(({ name, msp }) => [msp.id, name]));
    this.msps = new ChannelMspManager([...orderers, ...members].map(({ msp }) => msp));
    this.batch = readBatch(ordering);
    this.#tree = new PolicyTree(root);
    this.#acls = readAcls(application);
  }

  memberGroup(mspId: string): string | undefined {
    return this.#memberGroups.get(mspId);
  }

  policy(path: string): Policy | undefined {
    if (!this.#byPath.has(path)) {
      const [empty, channel, ...rest] = path.split('/');
      const name = rest.pop();
      const evaluator =
        empty === '' && channel === 'Channel' && name !== undefined
          ? this.#tree.policy(rest, name)
          : undefined;
      this.#byPath.set(path, evaluator && new ChannelPolicy(this.msps, evaluator));
    }
    return this.#byPath.get(path);
  }

  acl(resource: string): Policy | undefined {
    const path = this.aclPath(resource);
    return path === undefined ? undefined : this.policy(path);
  }

  aclPath(resource: string): string | undefined {
    return this.#acls.get(resource) ?? aclDefaults[resource];
  }

  signaturePolicy(envelope: Uint8Array): Policy {
    return this.#cached('signature', envelope, () =>
      this.#compile(common.SignaturePolicyEnvelope.deserializeBinary(envelope)),
    );
  }

  applicationPolicy(bytes: Uint8Array): Policy {
    return this.#cached('application', bytes, () => {
      const policy = peer.ApplicationPolicy.deserializeBinary(bytes);
      const signature = policy.getSignaturePolicy();
      if (signature !== undefined) return this.#compile(signature);
      return this.policy(policy.getChannelConfigPolicyReference()) ?? this.#reject();
    });
  }

  #compile(envelope: common.SignaturePolicyEnvelope): Policy {
    return new ChannelPolicy(this.msps, compileSignaturePolicy(envelope));
  }

  #reject(): Policy {
    return new ChannelPolicy(this.msps, rejectAll);
  }

  #cached(kind: string, bytes: Uint8Array, compile: () => Policy): Policy {
    const key = `${kind} ${Buffer.from(bytes).toString('latin1')}`;
    let policy = this.#standalone.get(key);
    if (policy === undefined) {
      // A chaincode can write any bytes as a key's policy: what cannot be read is satisfied by nobody.
      try {
        policy = compile();
      } catch {
        policy = this.#reject();
      }
      if (this.#standalone.size > 10_000) this.#standalone.clear();
      this.#standalone.set(key, policy);
    }
    return policy;
  }
}

/** Reads the configuration of a channel. @throws Error that names what is missing or not supported. */
export function channelResources(channel: string, config: common.Config): ChannelResources {
  return new ConfiguredChannel(channel, config);
}

/** The configuration in a block, or undefined where the block carries none. */
export function configOfBlock(block: common.Block): { channel: string; config: common.Config } | undefined {
  const [first] = block.getData()?.getDataList_asU8() ?? [];
  if (first === undefined) return undefined;
  const payload = common.Payload.deserializeBinary(
    common.Envelope.deserializeBinary(first).getPayload_asU8(),
  );
  const header = common.ChannelHeader.deserializeBinary(
    payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array(),
  );
  if (header.getType() !== common.HeaderType.CONFIG) return undefined;
  const config = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8()).getConfig();
  return config === undefined ? undefined : { channel: header.getChannelId(), config };
}
