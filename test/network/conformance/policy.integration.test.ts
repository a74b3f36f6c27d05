import { peer } from '@hyperledger/fabric-protos';
import { codeOf, failureOf, json, startProbe, text, type Probe } from './probe';

const { ENDORSEMENT_POLICY_FAILURE, VALID } = peer.TxValidationCode;

let probe: Probe;

beforeAll(async () => {
  probe = await startProbe();
}, 180_000);

afterAll(() => probe.close());

function submit(fn: string, args: string[], endorsers: string[]): Promise<Uint8Array> {
  return probe.contract('agency').submit(fn, { arguments: args, endorsingOrganizations: endorsers });
}

async function get(key: string): Promise<string> {
  return text(await probe.contract('agency').evaluateTransaction('get', key));
}

describe("a chaincode's endorsement policy", () => {
  it('takes one government and one other organisation, whichever', async () => {
    const key = probe.key('pair');
    for (const other of ['PlatformMSP', 'BankAMSP', 'BankBMSP']) {
      expect(await codeOf(submit('put', [key, other], ['AgencyMSP', other]))).toBe(VALID);
    }
  });

  it.each([[['AgencyMSP']], [['PlatformMSP', 'BankAMSP', 'BankBMSP']]])(
    'makes a transaction endorsed by %j invalid',
    async (endorsers) => {
      const key = probe.key('wrong');
      expect(await codeOf(submit('put', [key, 'x'], endorsers))).toBe(ENDORSEMENT_POLICY_FAILURE);
      expect(await get(key)).toBe('');
    },
  );

  it('is met by the gateway where the client names nobody', async () => {
    const key = probe.key('planned');
    await probe.contract('bank-b').submitTransaction('put', key, 'planned');
    expect(await get(key)).toBe('planned');
  });

  it('cannot be met by endorsers whose results differ', async () => {
    const failure = await failureOf(submit('differ', [probe.key('differ')], ['AgencyMSP', 'PlatformMSP']));
    expect(failure).toContain('ProposalResponsePayloads do not match');
  });

  it('cannot be met by organisations that the channel does not have', async () => {
    const pair = probe.contract('platform', { channel: 'pair-bank-a' });
    const options = { arguments: ['key', 'x'], endorsingOrganizations: ['PlatformMSP', 'BankBMSP'] };
    expect(await failureOf(pair.submit('put', options))).toContain('BankBMSP');
  });
});

describe("a key's own policy", () => {
  it("takes the place of the chaincode's", async () => {
    const key = probe.key('key');
    const both = ['AgencyMSP', 'PlatformMSP'];
    await submit('putWithPolicy', [key, 'one', '["BankBMSP"]'], both);
    expect(json(await probe.contract('agency').evaluateTransaction('policyOf', key))).toEqual(['BankBMSP']);
    expect(await codeOf(submit('put', [key, 'two'], both))).toBe(ENDORSEMENT_POLICY_FAILURE);
    expect(await codeOf(submit('put', [key, 'three'], ['BankBMSP']))).toBe(VALID);
    expect(await get(key)).toBe('three');
  });

  it('is changed only by those whom it names', async () => {
    const key = probe.key('takeover');
    const both = ['AgencyMSP', 'PlatformMSP'];
    await submit('putWithPolicy', [key, 'one', '["BankBMSP"]'], both);
    expect(await codeOf(submit('setPolicy', [key, '["AgencyMSP"]'], both))).toBe(ENDORSEMENT_POLICY_FAILURE);
    expect(await codeOf(submit('setPolicy', [key, '["BankAMSP"]'], ['BankBMSP']))).toBe(VALID);
    expect(await codeOf(submit('put', [key, 'two'], ['BankBMSP']))).toBe(ENDORSEMENT_POLICY_FAILURE);
    expect(await codeOf(submit('put', [key, 'three'], ['BankAMSP']))).toBe(VALID);
  });

  it('is found by the gateway from the first simulation', async () => {
    const key = probe.key('found');
    await submit('putWithPolicy', [key, 'one', '["BankAMSP","BankBMSP"]'], ['AgencyMSP', 'PlatformMSP']);
    await probe.contract('agency').submitTransaction('put', key, 'two');
    expect(await get(key)).toBe('two');
  });

  it('counts from the next transaction on, also in the same block', async () => {
    const key = probe.key('order');
    const contract = probe.contract('agency');
    const both = { endorsingOrganizations: ['AgencyMSP', 'PlatformMSP'] };
    const guard = await contract
      .newProposal('putWithPolicy', { ...both, arguments: [key, 'one', '["BankBMSP"]'] })
      .endorse();
    const write = await contract.newProposal('put', { ...both, arguments: [key, 'two'] }).endorse();
    const first = await guard.submit();
    const second = await write.submit();
    expect((await first.getStatus()).code).toBe(VALID);
    expect((await second.getStatus()).code).toBe(ENDORSEMENT_POLICY_FAILURE);
    expect(await get(key)).toBe('one');
  });
});
