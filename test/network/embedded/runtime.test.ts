import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { peer } from '@hyperledger/fabric-protos';
import { startChaincodeHosts } from '../../../network/chaincode-host/launch';
import { networkStatus } from '../../../network/cli/network';
import { embeddedServices } from '../../../network/runtimes/embedded/services';
import { projectRoot } from '../../../network/topology/project';
import { failureOf, startProbe, text, type Probe } from '../conformance/probe';

const { MVCC_READ_CONFLICT, VALID } = peer.TxValidationCode;
const sources = path.join(projectRoot, 'test', 'support', 'probe');

let directory: string;
let consortium: string;
let probe: Probe;

/** The probe's consortium with another version of its chaincode. */
function declare(version: string): void {
  const declared = readFileSync(path.join(sources, 'consortium.yaml'), 'utf8')
    .replaceAll('./contract', path.join(sources, 'contract'))
    .replace("version: '1.0'", `version: '${version}'`);
  writeFileSync(consortium, declared);
}

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'sme-probe-'));
  consortium = path.join(directory, 'consortium.yaml');
  declare('1.0');
  probe = await startProbe({ runtime: 'embedded', fresh: true, consortium });
}, 180_000);

afterAll(async () => {
  await probe.close();
  rmSync(directory, { recursive: true, force: true });
});

async function channel(name: string): Promise<unknown> {
  const { channels } = await networkStatus(probe.network.directory);
  return channels.find((candidate) => candidate.name === name);
}

describe('the embedded runtime', () => {
  it('defines the chaincodes of every channel once', async () => {
    expect(await channel('pair-bank-a')).toMatchObject({
      height: 2,
      chaincodes: [{ name: 'probe', version: '1.0', sequence: 1 }],
    });
    await probe.network.restart();
    expect(await channel('pair-bank-a')).toMatchObject({ height: 2 });
  });

  it('tells of a chaincode that dies, and goes on with it when it is back', async () => {
    const contract = probe.contract('agency');
    await contract.submitTransaction('put', 'survivor', 'here');
    expect(await failureOf(contract.evaluateTransaction('die'))).toContain('chaincode stream terminated');
    await startChaincodeHosts(probe.network.context, embeddedServices(probe.network.topology));
    expect(text(await contract.evaluateTransaction('get', 'survivor'))).toBe('here');
  });

  it('raises the sequence of a definition that changed, which ends what was endorsed before', async () => {
    const contract = probe.contract('agency');
    const before = await contract.newProposal('put', { arguments: ['late', 'x'] }).endorse();
    declare('1.1');
    await probe.network.restart();
    expect(await channel('common')).toMatchObject({
      chaincodes: [
        { name: 'helper', version: '1.0', sequence: 1 },
        { name: 'probe', version: '1.1', sequence: 2 },
      ],
    });
    const late = await before.submit();
    expect((await late.getStatus()).code).toBe(MVCC_READ_CONFLICT);
    const commit = await contract.submitAsync('put', { arguments: ['now', 'x'] });
    expect((await commit.getStatus()).code).toBe(VALID);
    expect(text(await contract.evaluateTransaction('get', 'survivor'))).toBe('here');
  });

  it('says what it does not support', async () => {
    const contract = probe.contract('agency');
    expect(
      await failureOf(
        contract.submit('putCollection', {
          arguments: ['explicit', 'key'],
          endorsingOrganizations: ['AgencyMSP'],
        }),
      ),
    ).toContain('explicit collections are not supported by the embedded runtime');
    const lscc = probe.contract('agency', { chaincode: 'lscc' });
    expect(await failureOf(lscc.evaluateTransaction('getchaincodes'))).toContain(
      'the system chaincode lscc is not supported by the embedded runtime',
    );
    const cscc = probe.contract('agency', { chaincode: 'cscc' });
    expect(await failureOf(cscc.evaluateTransaction('JoinChain', 'x'))).toContain(
      'the function JoinChain of cscc is not supported by the embedded runtime',
    );
  });
});
