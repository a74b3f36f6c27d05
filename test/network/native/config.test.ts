import type { Release } from '../../../network/runtimes/native/binaries';
import { ordererConfig, peerConfig } from '../../../network/runtimes/native/config';
import { loadTopology } from '../../../network/topology/load';
import { defaultConsortium } from '../../../network/topology/project';

const topology = loadTopology(defaultConsortium);
const organisation = topology.organisations[0];
if (organisation === undefined) throw new Error('the sample consortium has no organisation');
const member = organisation;
const releases: Release[] = ['2.5', '3.1'];

/** Every leaf of a configuration with its path. */
function leaves(value: unknown, path = ''): [string, unknown][] {
  if (value === null || typeof value !== 'object') return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`));
}

const peer = (release: Release): Map<string, unknown> =>
  new Map(leaves(peerConfig('/network', member, release, '/network/builder')));
const orderer = (release: Release): Map<string, unknown> =>
  new Map(leaves(ordererConfig('/network', topology.orderer, release)));

describe.each(releases)('configuration for Fabric %s', (release) => {
  it('lets the data of invalid transactions neither stall commits nor linger', () => {
    const settings = peer(release);
    const pvtData = 'peer.gossip.pvtData';
    expect(settings.get(`${pvtData}.skipPullingInvalidTransactionsDuringCommit`)).toBe(true);
    expect(settings.get(`${pvtData}.pullRetryThreshold`)).toBe('2s');
    expect(settings.get('ledger.pvtdataStore.purgeInterval')).toBe(1);
  });

  it('listens on loopback only, at the ports of the topology', () => {
    const addresses = [...peer(release), ...orderer(release)].filter(([path]) =>
      /(listenaddress|\.address|endpoint|bootstrap|chaincodeaddress)$/i.test(path),
    );
    // Without Docker, which is what an empty endpoint means.
    const spoken = addresses.filter(([path]) => path !== 'vm.endpoint');
    expect(spoken.length).toBeGreaterThan(6);
    for (const [path, address] of spoken) {
      expect(`${path} ${String(address)}`).toMatch(/^\S+ 127\.0\.0\.1(:\d+)?$/);
    }
    expect(peer(release).get('peer.listenAddress')).toBe(`127.0.0.1:${member.ports.peer}`);
    expect(orderer(release).get('General.ListenPort')).toBe(topology.orderer.ports.orderer);
  });

  it('authenticates the administrator of the orderer by certificate', () => {
    const settings = orderer(release);
    expect(settings.get('Admin.TLS.Enabled')).toBe(true);
    expect(settings.get('Admin.TLS.ClientAuthRequired')).toBe(true);
    expect(settings.get('ChannelParticipation.Enabled')).toBe(true);
  });

  it('has no Kafka section, which the orderer of 3.x refuses', () => {
    expect([...orderer(release).keys()].filter((path) => path.startsWith('Kafka'))).toEqual([]);
  });
});

it('tells the orderer of 2.5, and only that one, that there is no system channel', () => {
  expect(orderer('2.5').get('General.BootstrapMethod')).toBe('none');
  expect(orderer('3.1').has('General.BootstrapMethod')).toBe(false);
});

it('gives a peer of 3.1 the settings that 2.5 does not know', () => {
  const added = [...peer('3.1').keys()].filter((path) => !peer('2.5').has(path));
  expect(added).toEqual(
    expect.arrayContaining(['peer.deliveryclient.policy', 'chaincode.runtimeParams.useWriteBatch']),
  );
});
