import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Gateway } from '@hyperledger/fabric-gateway';
import { networkReset, networkStatus, networkUp } from '../../../network/cli/network';
import { startOf } from '../../../network/processes/alive';
import { readConnectionProfile } from '../../../network/client/profile';
import { compiledProgram, projectRoot } from '../../../network/topology/project';
import { testNetwork, type TestNetwork } from '../../support/network';

const consortium = path.join(projectRoot, 'test', 'support', 'chaincode-host', 'consortium.yaml');
let network: TestNetwork;

beforeAll(async () => {
  network = await testNetwork({ consortium, fresh: true });
}, 240_000);

afterAll(() => network.close());

/** A second network, so that the first stays for the other tests. */
async function another(): Promise<TestNetwork> {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'consortium-')), 'consortium.yaml');
  writeFileSync(file, readFileSync(consortium, 'utf8').replaceAll('./', `${path.dirname(consortium)}/`));
  return testNetwork({ consortium: file, fresh: true });
}

async function ask(chaincode: string, gateway: Gateway): Promise<string> {
  const answer = await gateway.getNetwork('one').getContract(chaincode).submitTransaction('who');
  return Buffer.from(answer).toString();
}

async function height(): Promise<number> {
  const { channels } = await networkStatus(network.directory);
  return channels.find(({ name }) => name === 'one')?.height ?? 0;
}

describe('a network', () => {
  it('tells organisations, channels with heights, chaincodes and what runs', async () => {
    const status = await networkStatus(network.directory);
    expect(status).toMatchObject({ up: true, runtime: network.runtime, remarks: [], gateways: [] });
    expect(status.organisations).toEqual([
      { name: 'org-a', msp: 'OrgAMSP', roles: ['enterprise'], channels: ['one'] },
      { name: 'org-b', msp: 'OrgBMSP', roles: ['bank'], channels: ['one'] },
    ]);
    expect(status.channels).toHaveLength(1);
    expect(status.channels[0]).toMatchObject({ name: 'one', members: ['OrgAMSP', 'OrgBMSP'] });
    expect(status.channels[0]?.chaincodes).toEqual([
      { name: 'first', version: '1.0', sequence: 1 },
      { name: 'second', version: '1.0', sequence: 1 },
    ]);
    expect(status.channels[0]?.height).toBeGreaterThan(1);
  });

  it('serves clients with the identities and profiles of its directory', async () => {
    await network.issue('org-a', { id: 'user', ou: 'client' });
    expect(await ask('first', network.connect('org-a', 'user').gateway)).toBe('first in one');
    expect(readConnectionProfile(network.directory, 'org-b')).toMatchObject({
      msp: 'OrgBMSP',
      channels: ['one'],
    });
  });

  it('runs on untouched when it is brought up again', async () => {
    const before = await networkStatus(network.directory);
    await networkUp({ directory: network.directory, gateways: false, progress: () => undefined });
    const after = await networkStatus(network.directory);
    expect(after.processes).toEqual(before.processes);
    expect(after.channels).toEqual(before.channels);
  });

  it('goes on with its ledger after it was down', async () => {
    const before = await height();
    await network.restart();
    expect(await height()).toBeGreaterThanOrEqual(before);
    expect(await ask('first', network.connect('org-b').gateway)).toBe('first in one');
    expect(await height()).toBeGreaterThan(before);
  });

  it('runs a modified chaincode of one organisation until it is put back', async () => {
    const module = compiledProgram('test', 'support', 'chaincode-host', 'first.js');
    const contract = network.connect('org-b').gateway.getNetwork('one').getContract('second');
    const evaluate = async (): Promise<string> =>
      Buffer.from(await contract.evaluate('who', { endorsingOrganizations: ['OrgBMSP'] })).toString();
    expect(await evaluate()).toBe('second in one');
    await network.replaceChaincode('org-b', 'second', module);
    expect(await evaluate()).toBe('first in one');
    await network.restoreChaincode('org-b', 'second');
    expect(await evaluate()).toBe('second in one');
  });

  it('does not change its engine', async () => {
    const other = network.runtime === 'native' ? 'embedded' : 'native';
    const { directory } = network;
    await expect(
      networkUp({ directory, runtime: other, gateways: false, progress: () => undefined }),
    ).rejects.toThrow(`runs on ${network.runtime}`);
  });
});

describe('reset', () => {
  it('stops and removes a network, even one whose consortium file is gone', async () => {
    const { directory, topology } = await another();
    const { processes } = await networkStatus(directory);
    rmSync(path.dirname(topology.file), { recursive: true });
    await networkReset(directory, () => undefined);
    expect(existsSync(directory)).toBe(false);
    expect(processes.length).toBeGreaterThan(1);
    for (const { pid } of processes) expect(startOf(pid ?? 0)).toBeUndefined();
  });

  it('removes nothing that is not a network', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'no-network-'));
    const file = path.join(directory, 'valuable.txt');
    await networkReset(directory, () => undefined);
    expect(existsSync(directory)).toBe(true);
    writeFileSync(file, 'x');
    await expect(networkReset(directory, () => undefined)).rejects.toThrow('holds no network');
    expect(existsSync(file)).toBe(true);
    rmSync(directory, { recursive: true });
  });
});
