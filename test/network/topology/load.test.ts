import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TopologyError } from '../../../network/topology/error';
import { loadTopology } from '../../../network/topology/load';
import { compiledProgram, defaultConsortium } from '../../../network/topology/project';
import type { Topology } from '../../../network/topology/topology';

const sample = readFileSync(defaultConsortium, 'utf8');
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'topology-'));
});

afterAll(() => rmSync(directory, { recursive: true }));

function load(text: string): Topology {
  const file = path.join(directory, 'consortium.yaml');
  writeFileSync(file, text);
  return loadTopology(file);
}

/** The sample with a piece replaced; fails where the piece is not in it. */
function changed(piece: string, replacement: string): string {
  expect(sample).toContain(piece);
  return sample.replace(piece, replacement);
}

function lineOf(text: string, piece: string): number {
  return text.slice(0, text.indexOf(piece)).split('\n').length;
}

function problemOf(text: string): TopologyError {
  try {
    load(text);
  } catch (error) {
    if (error instanceof TopologyError) return error;
    throw error;
  }
  throw new Error('the file was accepted');
}

describe('the sample consortium', () => {
  const topology = loadTopology(defaultConsortium);
  const channel = (name: string) => topology.channels.find((candidate) => candidate.name === name);

  it('has the channels of the design, with one sharing and one lending channel a bank', () => {
    expect(topology.channels.map(({ name }) => name)).toEqual([
      'registry',
      'sharing-bank-a',
      'sharing-bank-b',
      'lending-bank-a',
      'lending-bank-b',
    ]);
    expect(channel('registry')?.members).toHaveLength(6);
    expect(channel('sharing-bank-a')?.members).toEqual([
      'MarketRegulationMSP',
      'TaxMSP',
      'EnterpriseMSP',
      'BankAMSP',
      'RegulatorMSP',
    ]);
    expect(channel('lending-bank-b')?.members).toEqual(['EnterpriseMSP', 'BankBMSP', 'RegulatorMSP']);
  });

  it('lets a loan be endorsed by its bank and one more, who is not a bank', () => {
    expect(channel('lending-bank-a')?.chaincodes).toEqual([
      {
        name: 'lending',
        endorsement: [
          ['BankAMSP', 'EnterpriseMSP'],
          ['BankAMSP', 'RegulatorMSP'],
        ],
      },
    ]);
    expect(channel('lending-bank-a')?.lifecycleEndorsement).toEqual([
      ['EnterpriseMSP', 'RegulatorMSP'],
      ['BankAMSP', 'RegulatorMSP'],
    ]);
  });

  it('simulates the business date on the lending channels alone', () => {
    expect(topology.channels.filter(({ simulatedClock }) => simulatedClock).map(({ name }) => name)).toEqual([
      'lending-bank-a',
      'lending-bank-b',
    ]);
  });

  it('lets registry keys be endorsed by one government and one of another role, and by nobody else', () => {
    const sets = channel('registry')?.chaincodes[0]?.endorsement ?? [];
    expect(sets).toHaveLength(8);
    expect(sets).toContainEqual(['EnterpriseMSP', 'TaxMSP']);
    expect(sets).not.toContainEqual(['MarketRegulationMSP', 'TaxMSP']);
  });

  it('binds sharing to the enterprise platform and the one bank', () => {
    expect(channel('sharing-bank-b')?.chaincodes).toEqual([
      { name: 'sharing', endorsement: [['BankBMSP', 'EnterpriseMSP']] },
    ]);
  });

  it('lets contracts be replaced only by smallest majorities with the regulator', () => {
    const sets = channel('sharing-bank-a')?.lifecycleEndorsement ?? [];
    expect(sets).toHaveLength(6);
    for (const set of sets) {
      expect(set).toHaveLength(3);
      expect(set).toContain('RegulatorMSP');
    }
  });

  it('opens commit status and events to Writers on every channel', () => {
    for (const { acls } of topology.channels)
      expect(acls).toEqual({
        'gateway/ChaincodeEvents': '/Channel/Application/Writers',
        'gateway/CommitStatus': '/Channel/Application/Writers',
      });
  });

  it('finds contracts in the compiled tree', () => {
    expect(topology.chaincodes[0]?.module).toBe(compiledProgram('chaincode', 'registry', 'index.js'));
  });

  it('has no remarks: nowhere does one organisation stand for two', () => {
    expect(topology.remarks).toEqual([]);
  });

  it('moves all ports with the base', () => {
    const moved = loadTopology(defaultConsortium, { portBase: 30000 });
    expect(moved.orderer.ports.orderer).toBe(30000);
    expect(moved.organisations[0]?.ports.peer).toBe(30050);
    expect(topology.organisations[0]?.ports.peer).toBe(topology.orderer.ports.orderer + 50);
  });
});

describe('a few lines more', () => {
  const before = loadTopology(defaultConsortium);
  const bankC = '  - name: bank-c\n    msp: BankCMSP\n    roles: [bank]\n\nchaincodes:\n';
  const jiangsu =
    '      - id: tax-jiangsu\n        name: Jiangsu Tax Service\n        region: Jiangsu\n' +
    '        recordTypes: [vat-filing]\n\n  - name: enterprise\n';

  it('make a third bank: its own channel, in the registry, nobody else moved', () => {
    const topology = load(changed('chaincodes:\n', bankC));
    expect(topology.channels.map(({ name }) => name)).toContain('sharing-bank-c');
    const sharing = topology.channels.find(({ name }) => name === 'sharing-bank-c');
    expect(sharing?.members).toContain('BankCMSP');
    expect(sharing?.members).not.toContain('BankAMSP');
    expect(sharing?.chaincodes[0]?.endorsement).toEqual([['BankCMSP', 'EnterpriseMSP']]);
    const registry = topology.channels.find(({ name }) => name === 'registry');
    expect(registry?.members).toContain('BankCMSP');
    expect(registry?.chaincodes[0]?.endorsement).toContainEqual(['BankCMSP', 'TaxMSP']);
    expect(topology.channels.find(({ name }) => name === 'sharing-bank-a')?.members).not.toContain(
      'BankCMSP',
    );
    expect(topology.organisations.slice(0, 6).map(({ ports }) => ports)).toEqual(
      before.organisations.map(({ ports }) => ports),
    );
    const ports = topology.organisations.flatMap((organisation) =>
      Object.values(organisation.ports as Record<keyof typeof organisation.ports, number>),
    );
    expect(new Set(ports).size).toBe(ports.length);
  });

  it("make a second region's tax office, and change nothing else", () => {
    const topology = load(changed('\n  - name: enterprise\n', jiangsu));
    const offices = topology.organisations.find(({ name }) => name === 'tax')?.departments ?? [];
    expect(offices.map(({ id }) => id)).toEqual(['tax-shanghai', 'tax-zhejiang', 'tax-jiangsu']);
    expect(offices[2]).toMatchObject({ region: 'Jiangsu', recordTypes: ['vat-filing'], registers: false });
    expect(topology.channels).toEqual(before.channels);
  });

  it('make an organisation of two roles, whose single endorsement is remarked where nobody else can give the second', () => {
    const text = `
name: small
orderer: { name: orderer, msp: OrdererMSP }
organisations:
  - { name: org-1, msp: Org1MSP, roles: [enterprise, bank] }
chaincodes:
  - { name: sharing, version: '1', module: sharing }
channels:
  - name: sharing-{bank}
    for: bank
    members: [enterprise, this-bank]
    chaincodes:
      - { name: sharing, endorsement: [enterprise, this-bank] }
`;
    const topology = load(text);
    expect(topology.channels[0]).toMatchObject({
      name: 'sharing-org-1',
      members: ['Org1MSP'],
      chaincodes: [{ name: 'sharing', endorsement: [['Org1MSP']] }],
    });
    expect(topology.remarks).toEqual([expect.stringContaining('channel sharing-org-1, chaincode sharing')]);
  });
});

describe('an unusable file is refused with the line', () => {
  const cases: readonly (readonly [string, string, string, string, string])[] = [
    [
      'a role that there is not',
      'roles: [regulator]',
      'roles: [supervisor]',
      'roles: [supervisor]',
      'is not a role',
    ],
    ['an unknown key', 'msp: TaxMSP', 'msp: TaxMSP\n    mps: X', 'mps: X', 'no key "mps"'],
    ['a missing MSP', '    msp: BankAMSP\n', '', 'name: bank-a', 'needs "msp"'],
    [
      'an MSP used twice',
      'msp: BankBMSP',
      'msp: BankAMSP',
      'msp: BankAMSP\n    roles: [bank]\n\n  - name: regulator',
      'declared twice',
    ],
    [
      'an organisation named twice',
      'name: bank-b',
      'name: bank-a',
      'name: bank-a\n    msp: BankBMSP',
      'declared twice',
    ],
    [
      'a department named twice',
      'id: tax-zhejiang',
      'id: amr-zhejiang',
      'id: amr-zhejiang\n        name: Zhejiang Tax',
      'declared twice',
    ],
    ['an unusable name', 'name: bank-a', 'name: Bank_A', 'name: Bank_A', 'lower-case'],
    [
      'a version that YAML takes for a number',
      "version: '1.0'",
      'version: 1.0',
      'version: 1.0',
      'non-empty string',
    ],
    [
      'a channel of an undeclared chaincode',
      '- name: sharing\n        endorsement',
      '- name: pledging\n        endorsement',
      'name: pledging',
      'is not declared',
    ],
    [
      'this-bank outside a template',
      'members: [all]',
      'members: [government, this-bank]',
      'members: [government, this-bank]',
      'needs a channel declared "for: bank"',
    ],
    [
      'a template without its place in the name',
      'name: sharing-{bank}',
      'name: sharing',
      'name: sharing\n    for',
      'needs {bank}',
    ],
    [
      'a place in the name without a template',
      '    for: bank\n',
      '',
      'name: sharing-{bank}',
      'needs "for: <role>"',
    ],
    [
      'a member that nobody is',
      'members: [all]',
      'members: [auditors]',
      'members: [auditors]',
      'no organisation is "auditors"',
    ],
    [
      'an endorser that is no member',
      'endorsement: [enterprise, this-bank]',
      'endorsement: [enterprise, auditor]',
      'endorsement: [enterprise, auditor]',
      'no member for "auditor"',
    ],
    [
      'departments outside government',
      '    roles: [enterprise]',
      '    roles: [enterprise]\n    departments: [{ id: x, name: X, region: Y, recordTypes: [] }]',
      'name: enterprise',
      'is no government',
    ],
    ['a batch that is no number', 'timeoutMs: 100', 'timeoutMs: soon', 'timeoutMs: soon', 'whole number'],
    [
      'an ACL that names no policy',
      'clockSkewSeconds: 300',
      "acls: { 'event/Block': Readers }",
      "acls: { 'event/Block'",
      'must be a path',
    ],
    [
      'a port used twice',
      'msp: TaxMSP',
      'msp: TaxMSP\n    ports: { peer: 7100 }',
      'name: tax\n',
      'port 7100 is used twice',
    ],
    ['text that is not YAML', 'roles: [regulator]', 'roles: [regulator', 'roles: [regulator', ''],
  ];

  it.each(cases)('%s', (_name, piece, replacement, where, problem) => {
    const text = changed(piece, replacement);
    const error = problemOf(text);
    const line = lineOf(text, where);
    expect(error.problem).toContain(problem);
    // A parser may notice an unclosed bracket only on the lines that follow it.
    if (problem !== '') expect(error.line).toBe(line);
    else expect(error.line).toBeGreaterThanOrEqual(line);
    expect(error.message).toContain(`consortium.yaml:${error.line}: `);
  });
});
