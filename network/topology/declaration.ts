import type { Node } from 'yaml';
import type { Batch, Department, OrganisationPorts, Role } from './topology';
import { YamlSource, type Located } from './yaml-source';

/** The file as written: roles, templates and ports not yet resolved. */
export interface Declaration {
  readonly name: string;
  readonly portBase: number;
  readonly organisations: readonly DeclaredOrganisation[];
  readonly orderer: { readonly name: Located<string>; readonly msp: Located<string> };
  readonly chaincodes: readonly DeclaredChaincode[];
  readonly channels: readonly DeclaredChannel[];
}

export interface DeclaredOrganisation {
  readonly name: Located<string>;
  readonly msp: Located<string>;
  readonly roles: readonly Role[];
  readonly departments: readonly { readonly line: number; readonly department: Department }[];
  readonly ports: Partial<OrganisationPorts>;
}

export interface DeclaredChaincode {
  readonly name: Located<string>;
  readonly version: string;
  readonly module: string;
}

export interface DeclaredChannel {
  readonly name: Located<string>;
  /** The role for each of whose organisations there is such a channel; undefined for a single channel. */
  readonly template: Role | undefined;
  /** Terms: a role, `this-<role>`, an organisation's name, or `all`. */
  readonly members: readonly Located<string>[];
  readonly chaincodes: readonly {
    readonly name: Located<string>;
    /** Terms: as for members, and `other` and `any`. */
    readonly endorsement: readonly Located<string>[];
  }[];
  readonly settings: ChannelSettings;
}

export interface ChannelSettings {
  readonly acls: Readonly<Record<string, string>>;
  readonly batch: Batch;
  readonly clockSkewSeconds: number;
  readonly simulatedClock: boolean;
}

const roles: readonly Role[] = ['government', 'enterprise', 'bank', 'regulator'];

/**
 * Clients have to learn the fate of their own transactions and hear events, and Fabric's defaults ask Readers for
 * that. Here Readers leaves clients out, since readers may pull whole blocks; so these two go to Writers.
 */
const baseSettings: ChannelSettings = {
  acls: {
    'gateway/ChaincodeEvents': '/Channel/Application/Writers',
    'gateway/CommitStatus': '/Channel/Application/Writers',
  },
  batch: {
    maxMessages: 100,
    preferredBytes: 2 * 1024 * 1024,
    absoluteBytes: 10 * 1024 * 1024,
    timeoutMs: 100,
  },
  clockSkewSeconds: 300,
  simulatedClock: false,
};

const dashed = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const dashedRule = 'must be lower-case letters, digits and single dashes';

/** Reads the shape of a consortium file. @throws {@link TopologyError} on the first thing that is not as expected. */
export function readDeclaration(source: YamlSource): Declaration {
  const root = source.mapping(source.root, 'the consortium', [
    'name',
    'ports',
    'organisations',
    'orderer',
    'chaincodes',
    'defaults',
    'channels',
  ]);
  const ports = root.get('ports');
  const orderer = source.mapping(root.need('orderer'), 'the orderer', ['name', 'msp']);
  const defaults = readSettings(source, root.get('defaults'), 'defaults', baseSettings);
  return {
    name: source.string(root.need('name'), 'name', dashed, dashedRule).value,
    portBase:
      ports === undefined
        ? 7050
        : source.integer(source.mapping(ports, 'ports', ['base']).need('base'), 'ports.base', 1024, 60000)
            .value,
    organisations: source
      .list(root.need('organisations'), 'organisations')
      .map((node) => readOrganisation(source, node)),
    orderer: {
      name: source.string(orderer.need('name'), "the orderer's name", dashed, dashedRule),
      msp: readMsp(source, orderer.need('msp')),
    },
    chaincodes: source.list(root.need('chaincodes'), 'chaincodes').map((node) => readChaincode(source, node)),
    channels: source
      .list(root.need('channels'), 'channels')
      .map((node) => readChannel(source, node, defaults)),
  };
}

function readMsp(source: YamlSource, node: Node): Located<string> {
  return source.string(node, 'msp', /^[A-Za-z][A-Za-z0-9.-]*$/, 'must be letters, digits, dots and dashes');
}

function readOrganisation(source: YamlSource, node: Node): DeclaredOrganisation {
  const mapping = source.mapping(node, 'an organisation', ['name', 'msp', 'roles', 'departments', 'ports']);
  const declaredRoles = source.strings(mapping.need('roles'), 'roles').map((role) => readRole(source, role));
  if (declaredRoles.length === 0) throw source.error(mapping.line, 'an organisation needs at least one role');
  const departments = mapping.get('departments');
  return {
    name: source.string(mapping.need('name'), "an organisation's name", dashed, dashedRule),
    msp: readMsp(source, mapping.need('msp')),
    roles: [...new Set(declaredRoles)],
    departments:
      departments === undefined
        ? []
        : source.list(departments, 'departments').map((item) => readDepartment(source, item)),
    ports: readPorts(source, mapping.get('ports')),
  };
}

function readRole(source: YamlSource, role: Located<string>): Role {
  const known = roles.find((name) => name === role.value);
  if (known === undefined)
    throw source.error(role.line, `"${role.value}" is not a role; roles are ${roles.join(', ')}`);
  return known;
}

function readDepartment(source: YamlSource, node: Node): DeclaredOrganisation['departments'][number] {
  const mapping = source.mapping(node, 'a department', ['id', 'name', 'region', 'recordTypes', 'registers']);
  const registers = mapping.get('registers');
  return {
    line: mapping.line,
    department: {
      id: source.string(mapping.need('id'), "a department's id", dashed, dashedRule).value,
      name: source.string(mapping.need('name'), "a department's name").value,
      region: source.string(mapping.need('region'), "a department's region").value,
      recordTypes: source
        .list(mapping.need('recordTypes'), 'recordTypes')
        .map((item) => source.string(item, 'a record type', dashed, dashedRule).value),
      registers: registers !== undefined && source.boolean(registers, 'registers'),
    },
  };
}

function readPorts(source: YamlSource, node: Node | undefined): Partial<OrganisationPorts> {
  if (node === undefined) return {};
  const mapping = source.mapping(node, 'ports', [
    'peer',
    'operations',
    'gateway',
    'chaincodeListen',
    'chaincode',
  ]);
  return Object.fromEntries(
    mapping
      .keys()
      .map(({ value: key }) => [key, source.integer(mapping.need(key), `port ${key}`, 1024, 65535).value]),
  );
}

function readChaincode(source: YamlSource, node: Node): DeclaredChaincode {
  const mapping = source.mapping(node, 'a chaincode', ['name', 'version', 'module']);
  return {
    name: source.string(mapping.need('name'), "a chaincode's name", dashed, dashedRule),
    version: source.string(
      mapping.need('version'),
      "a chaincode's version",
      /^[A-Za-z0-9_.+-]+$/,
      'may not be used as a version',
    ).value,
    module: source.string(mapping.need('module'), "a chaincode's module").value,
  };
}

function readChannel(source: YamlSource, node: Node, defaults: ChannelSettings): DeclaredChannel {
  const mapping = source.mapping(node, 'a channel', [
    'name',
    'for',
    'members',
    'chaincodes',
    'acls',
    'batch',
    'clockSkewSeconds',
    'simulatedClock',
  ]);
  const template = mapping.get('for');
  return {
    name: source.string(mapping.need('name'), "a channel's name"),
    template: template === undefined ? undefined : readRole(source, source.string(template, 'for')),
    members: source.strings(mapping.need('members'), 'members'),
    chaincodes: source.list(mapping.need('chaincodes'), 'chaincodes').map((item) => {
      const chaincode = source.mapping(item, "a channel's chaincode", ['name', 'endorsement']);
      return {
        name: source.string(chaincode.need('name'), "a chaincode's name"),
        endorsement: source.strings(chaincode.need('endorsement'), 'endorsement'),
      };
    }),
    settings: mergeSettings(source, mapping, defaults),
  };
}

function readSettings(
  source: YamlSource,
  node: Node | undefined,
  what: string,
  defaults: ChannelSettings,
): ChannelSettings {
  if (node === undefined) return defaults;
  // A simulated clock is never a default: the channel that has one says so itself.
  return mergeSettings(source, source.mapping(node, what, ['acls', 'batch', 'clockSkewSeconds']), defaults);
}

function mergeSettings(
  source: YamlSource,
  mapping: { get(key: string): Node | undefined },
  defaults: ChannelSettings,
): ChannelSettings {
  const skew = mapping.get('clockSkewSeconds');
  const simulated = mapping.get('simulatedClock');
  return {
    acls: { ...defaults.acls, ...readAcls(source, mapping.get('acls')) },
    batch: { ...defaults.batch, ...readBatch(source, mapping.get('batch')) },
    clockSkewSeconds:
      skew === undefined
        ? defaults.clockSkewSeconds
        : source.integer(skew, 'clockSkewSeconds', 1, 24 * 3600).value,
    simulatedClock:
      simulated === undefined ? defaults.simulatedClock : source.boolean(simulated, 'simulatedClock'),
  };
}

function readAcls(source: YamlSource, node: Node | undefined): Readonly<Record<string, string>> {
  if (node === undefined) return {};
  const mapping = source.mapping(node, 'acls');
  return Object.fromEntries(
    mapping
      .keys()
      .map(({ value: resource }) => [
        resource,
        source.string(
          mapping.need(resource),
          'a policy path',
          /^\/Channel\/[A-Za-z/]+$/,
          'must be a path such as /Channel/Application/Readers',
        ).value,
      ]),
  );
}

function readBatch(source: YamlSource, node: Node | undefined): Partial<Batch> {
  if (node === undefined) return {};
  const most = 100 * 1024 * 1024;
  const mapping = source.mapping(node, 'batch', [
    'maxMessages',
    'preferredBytes',
    'absoluteBytes',
    'timeoutMs',
  ]);
  return Object.fromEntries(
    mapping
      .keys()
      .map(({ value: key }) => [key, source.integer(mapping.need(key), `batch.${key}`, 1, most).value]),
  );
}
