import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { DeclaredChannel, DeclaredOrganisation, Declaration } from './declaration';
import { readDeclaration } from './declaration';
import { lifecycleSets, renderPolicy, type Requirement } from './policy';
import { allotPorts, ordererPorts, portsInUse } from './ports';
import { compiledModule } from './project';
import type { Channel, ChaincodeOnChannel, Organisation, Role, Topology } from './topology';
import { YamlSource, type Located } from './yaml-source';

export interface LoadOptions {
  /** First port, in place of the file's `ports.base`: networks of parallel tests must not meet. */
  readonly portBase?: number;
}

/** What a channel's template stands for: the organisation that `this-<role>` means. */
interface Instance {
  readonly role: Role;
  readonly organisation: Organisation;
}

/**
 * Reads and checks a consortium file, expands the channels' templates and renders policies by role.
 *
 * @throws {@link TopologyError} naming file and line; a plain file error where the file cannot be read.
 */
export function loadTopology(file: string, options: LoadOptions = {}): Topology {
  const absolute = path.resolve(file);
  const source = new YamlSource(absolute, readFileSync(absolute, 'utf8'));
  const declaration = readDeclaration(source);
  const portBase = options.portBase ?? declaration.portBase;
  checkNames(source, declaration);

  const organisations = declaration.organisations.map((declared, index): Organisation => ({
    name: declared.name.value,
    msp: declared.msp.value,
    roles: declared.roles,
    departments: declared.departments.map(({ department }) => department),
    ports: { ...allotPorts(portBase, index), ...declared.ports },
  }));
  checkPorts(source, declaration, organisations, portBase);

  const remarks: string[] = [];
  const channels = declaration.channels.flatMap((declared) =>
    instancesOf(source, declared, organisations).map((instance) =>
      expandChannel(source, declaration, declared, instance, organisations, remarks),
    ),
  );
  const twice = duplicate(channels.map(({ name }) => ({ value: name, line: 1 })));
  if (twice !== undefined) throw source.error(1, `channel "${twice.value}" is declared twice`);

  return {
    name: declaration.name,
    file: absolute,
    organisations,
    orderer: {
      name: declaration.orderer.name.value,
      msp: declaration.orderer.msp.value,
      ports: ordererPorts(portBase),
    },
    chaincodes: declaration.chaincodes.map(({ name, version, module }) => ({
      name: name.value,
      version,
      module: compiledModule(path.resolve(path.dirname(absolute), module)),
    })),
    channels,
    remarks,
  };
}

function instancesOf(
  source: YamlSource,
  { name, template }: DeclaredChannel,
  organisations: readonly Organisation[],
): readonly (Instance | undefined)[] {
  if (template === undefined) {
    if (name.value.includes('{'))
      throw source.error(name.line, `channel "${name.value}" needs "for: <role>"`);
    return [undefined];
  }
  if (!name.value.includes(`{${template}}`))
    throw source.error(name.line, `a channel for each ${template} needs {${template}} in its name`);
  return organisations
    .filter(({ roles }) => roles.includes(template))
    .map((organisation) => ({ role: template, organisation }));
}

function expandChannel(
  source: YamlSource,
  declaration: Declaration,
  declared: DeclaredChannel,
  instance: Instance | undefined,
  organisations: readonly Organisation[],
  remarks: string[],
): Channel {
  const name =
    instance === undefined
      ? declared.name.value
      : declared.name.value.replaceAll(`{${instance.role}}`, instance.organisation.name);
  // Fabric's rule for channel names (common/configtx/validator.go).
  if (!/^[a-z][a-z0-9.-]{0,248}$/.test(name))
    throw source.error(declared.name.line, `"${name}" is not a channel name`);

  const named = declared.members.map((term) => ({
    term,
    found: select(source, term, organisations, instance),
  }));
  const empty = named.find(({ found }) => found.length === 0);
  if (empty !== undefined)
    throw source.error(empty.term.line, `channel "${name}": no organisation is "${empty.term.value}"`);
  const members = organisations.filter((organisation) =>
    named.some(({ found }) => found.includes(organisation)),
  );

  const chaincodes = declared.chaincodes.map((chaincode): ChaincodeOnChannel => {
    if (!declaration.chaincodes.some((known) => known.name.value === chaincode.name.value))
      throw source.error(chaincode.name.line, `chaincode "${chaincode.name.value}" is not declared`);
    const requirements = chaincode.endorsement.map((term) =>
      requirement(source, term, chaincode.endorsement, members, instance),
    );
    if (requirements.length === 0)
      throw source.error(
        chaincode.name.line,
        `chaincode "${chaincode.name.value}" needs an endorsement policy`,
      );
    const unmet = requirements.findIndex(({ candidates }) => candidates.length === 0);
    if (unmet >= 0)
      throw source.error(
        chaincode.endorsement[unmet]?.line ?? chaincode.name.line,
        `channel "${name}" has no member for "${requirements[unmet]?.text ?? ''}"`,
      );
    const { sets, shared } = renderPolicy(requirements);
    if (shared)
      remarks.push(
        `channel ${name}, chaincode ${chaincode.name.value}: one organisation stands for several of ` +
          `[${requirements.map(({ text }) => text).join(', ')}], so its endorsement suffices: ` +
          sets.map((set) => set.join(' + ')).join(' or '),
      );
    return { name: chaincode.name.value, endorsement: sets };
  });

  return {
    name,
    members: members.map(({ msp }) => msp),
    chaincodes,
    lifecycleEndorsement: lifecycleSets(members),
    ...declared.settings,
  };
}

/** The organisations that a term names: `all`, a role, `this-<role>` in a template, or one organisation. */
function select(
  source: YamlSource,
  term: Located<string>,
  organisations: readonly Organisation[],
  instance: Instance | undefined,
): readonly Organisation[] {
  if (term.value === 'all') return organisations;
  if (term.value.startsWith('this-')) {
    if (instance === undefined || term.value !== `this-${instance.role}`)
      throw source.error(term.line, `"${term.value}" needs a channel declared "for: ${term.value.slice(5)}"`);
    return [instance.organisation];
  }
  const named = organisations.filter(({ name }) => name === term.value);
  return named.length > 0
    ? named
    : organisations.filter(({ roles }) => roles.some((role) => role === term.value));
}

/** `other` is met by whoever has a role that no other requirement of the policy names; `any` by every member. */
function requirement(
  source: YamlSource,
  term: Located<string>,
  policy: readonly Located<string>[],
  members: readonly Organisation[],
  instance: Instance | undefined,
): Requirement {
  const candidates =
    term.value === 'any'
      ? members
      : term.value === 'other'
        ? members.filter(({ roles }) => roles.some((role) => !policy.some(({ value }) => value === role)))
        : select(source, term, members, instance);
  return { text: term.value, candidates: candidates.map(({ msp }) => msp) };
}

function checkNames(source: YamlSource, declaration: Declaration): void {
  const { organisations, orderer, chaincodes } = declaration;
  const departments = organisations.flatMap((organisation) =>
    organisation.departments.map(({ line, department }) => ({ value: department.id, line })),
  );
  const kinds: readonly (readonly [string, readonly Located<string>[]])[] = [
    ['organisation', [...organisations.map(({ name }) => name), orderer.name]],
    ['MSP', [...organisations.map(({ msp }) => msp), orderer.msp]],
    ['department', departments],
    ['chaincode', chaincodes.map(({ name }) => name)],
  ];
  for (const [kind, names] of kinds) {
    const twice = duplicate(names);
    if (twice !== undefined) throw source.error(twice.line, `${kind} "${twice.value}" is declared twice`);
  }
  if (organisations.length === 0) throw source.error(1, 'a consortium needs organisations');
  const office = organisations.find(
    ({ roles, departments: own }) => own.length > 0 && !roles.includes('government'),
  );
  if (office !== undefined)
    throw source.error(office.name.line, `"${office.name.value}" has departments but is no government`);
}

function checkPorts(
  source: YamlSource,
  declaration: Declaration,
  organisations: readonly Organisation[],
  portBase: number,
): void {
  const count = declaration.chaincodes.length;
  const lineOf = (declared: DeclaredOrganisation | undefined): number => declared?.name.line ?? 1;
  const ports = [
    ...Object.values(ordererPorts(portBase)).map((port) => ({ value: String(port), line: 1 })),
    ...organisations.flatMap((organisation, index) =>
      portsInUse(organisation.ports, count).map((port) => ({
        value: String(port),
        line: lineOf(declaration.organisations[index]),
      })),
    ),
  ];
  const twice = duplicate(ports);
  if (twice !== undefined) throw source.error(twice.line, `port ${twice.value} is used twice`);
  const beyond = ports.find(({ value }) => Number(value) > 65535);
  if (beyond !== undefined) throw source.error(beyond.line, `port ${beyond.value} is above 65535`);
}

/** The second occurrence of a repeated value. */
function duplicate(values: readonly Located<string>[]): Located<string> | undefined {
  const seen = new Set<string>();
  return values.find(({ value }) => {
    if (seen.has(value)) return true;
    seen.add(value);
    return false;
  });
}
