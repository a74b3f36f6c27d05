import { createHash } from 'node:crypto';
import { peer } from '@hyperledger/fabric-protos';
import { codeOf, failureOf, json, startProbe, text, type Probe } from './probe';

const { ENDORSEMENT_POLICY_FAILURE, VALID } = peer.TxValidationCode;

let probe: Probe;

beforeAll(async () => {
  probe = await startProbe();
}, 180_000);

afterAll(() => probe.close());

/** Writes to an organisation's implicit collection, endorsed by the organisations named. */
function put(msp: string, key: string, value: string, endorsers = [msp]): Promise<Uint8Array> {
  return probe.contract('agency').submit('putPrivate', {
    arguments: [msp, key],
    transientData: { value },
    endorsingOrganizations: endorsers,
  });
}

async function read(organisation: string, msp: string, key: string): Promise<string> {
  return text(await probe.contract(organisation).evaluateTransaction('getPrivate', msp, key));
}

async function hash(organisation: string, msp: string, key: string): Promise<string> {
  return text(await probe.contract(organisation).evaluateTransaction('privateHash', msp, key));
}

const sha256 = (value: string): string => createHash('sha256').update(value).digest('hex');

describe("an organisation's implicit collection", () => {
  it('gives the value to its owner, its hash to all, and nothing but an error to others', async () => {
    const key = probe.key('private');
    await put('AgencyMSP', key, 'secret value');
    expect(await read('agency', 'AgencyMSP', key)).toBe('secret value');
    expect(await hash('bank-a', 'AgencyMSP', key)).toBe(sha256('secret value'));
    expect(await failureOf(read('bank-a', 'AgencyMSP', key))).toMatch(
      /private data matching public hash version is not available/,
    );
  });

  it('gives nothing, and no error, for a key that was never written', async () => {
    const key = probe.key('absent');
    expect(await read('agency', 'AgencyMSP', key)).toBe('');
    expect(await hash('agency', 'AgencyMSP', key)).toBe('');
  });

  it('is in no block in clear', async () => {
    const key = probe.key('unseen');
    const value = `value-${key}`;
    const submitted = await probe.contract('agency').submitAsync('putPrivate', {
      arguments: ['AgencyMSP', key],
      transientData: { value },
      endorsingOrganizations: ['AgencyMSP'],
    });
    const { blockNumber } = await submitted.getStatus();
    const block = await probe
      .contract('agency', { chaincode: 'qscc' })
      .evaluateTransaction('GetBlockByNumber', 'common', String(blockNumber));
    expect(Buffer.from(block).includes(submitted.getTransactionId())).toBe(true);
    expect(Buffer.from(block).includes(value)).toBe(false);
    expect(Buffer.from(block).includes(createHash('sha256').update(value).digest())).toBe(true);
  });

  it('is read by its owner from another channel, in a transaction that writes; the transient map goes with the call', async () => {
    const key = probe.key('lent');
    await put('BankAMSP', key, 'lent value', ['BankAMSP']);
    const pair = probe.contract('bank-a', { channel: 'pair-bank-a' });
    const called = async (...args: string[]) => {
      const answer = await pair.evaluate('call', {
        arguments: ['probe', 'common', JSON.stringify(args)],
        transientData: { sealedWith: 'key' },
      });
      return json(answer) as { status: number; payload: string };
    };
    expect(await called('getPrivate', 'BankAMSP', key)).toMatchObject({ status: 200, payload: 'lent value' });
    expect(JSON.parse((await called('whoami')).payload)).toMatchObject({
      channel: 'common',
      transient: ['sealedWith'],
    });
    const kept = probe.key('kept');
    await pair.submit('callAndPutPrivate', {
      arguments: ['probe', 'common', JSON.stringify(['getPrivate', 'BankAMSP', key]), 'BankAMSP', kept],
      transientData: { sealedWith: 'key' },
      endorsingOrganizations: ['BankAMSP'],
    });
    expect(json(await pair.evaluateTransaction('getPrivate', 'BankAMSP', kept))).toMatchObject({
      payload: 'lent value',
    });
  });

  it("needs its owner's endorsement, and that alone", async () => {
    const key = probe.key('owned');
    expect(await codeOf(put('BankAMSP', key, 'forced', ['AgencyMSP', 'PlatformMSP']))).toBe(
      ENDORSEMENT_POLICY_FAILURE,
    );
    expect(await hash('agency', 'BankAMSP', key)).toBe('');
    expect(await codeOf(put('BankAMSP', key, 'taken', ['BankAMSP']))).toBe(VALID);
    expect(await read('bank-a', 'BankAMSP', key)).toBe('taken');
  });

  it('is endorsed by its owner where the client leaves the choice to the gateway', async () => {
    const key = probe.key('planned');
    await probe
      .contract('agency')
      .submit('putPrivate', { arguments: ['AgencyMSP', key], transientData: { value: 'planned' } });
    expect(await read('agency', 'AgencyMSP', key)).toBe('planned');
  });

  it('can be listed by its owner', async () => {
    const prefix = probe.key('list-');
    for (const name of ['1', '2']) {
      await put('AgencyMSP', prefix + name, 'value');
    }
    const keys = await probe
      .contract('agency')
      .evaluateTransaction('privateRange', 'AgencyMSP', prefix, `${prefix}~`);
    expect(json(keys)).toEqual([`${prefix}1`, `${prefix}2`]);
  });

  it('forgets the value after a delete', async () => {
    const key = probe.key('deleted');
    await put('AgencyMSP', key, 'value');
    const options = { arguments: ['AgencyMSP', key], endorsingOrganizations: ['AgencyMSP'] };
    await probe.contract('agency').submit('delPrivate', options);
    expect(await read('agency', 'AgencyMSP', key)).toBe('');
    expect(await hash('bank-a', 'AgencyMSP', key)).toBe('');
  });
});

describe('a purge', () => {
  const purge = (endorser: string, key: string): Promise<Uint8Array> =>
    probe
      .contract('agency')
      .submit('purge', { arguments: ['AgencyMSP', key], endorsingOrganizations: [endorser] });

  it('removes value and hash', async () => {
    const key = probe.key('purged');
    await put('AgencyMSP', key, 'value');
    expect(await codeOf(purge('AgencyMSP', key))).toBe(VALID);
    expect(await read('agency', 'AgencyMSP', key)).toBe('');
    expect(await hash('bank-a', 'AgencyMSP', key)).toBe('');
  });

  it("needs the owner's endorsement", async () => {
    const key = probe.key('kept');
    await put('AgencyMSP', key, 'value');
    expect(await codeOf(purge('PlatformMSP', key))).toBe(ENDORSEMENT_POLICY_FAILURE);
    expect(await read('agency', 'AgencyMSP', key)).toBe('value');
  });

  it('leaves a value that is written later', async () => {
    const key = probe.key('again');
    await put('AgencyMSP', key, 'old');
    await purge('AgencyMSP', key);
    await put('AgencyMSP', key, 'new');
    expect(await read('agency', 'AgencyMSP', key)).toBe('new');
  });
});
