import { peer } from '@hyperledger/fabric-protos';
import type { Contract, Proposal } from '@hyperledger/fabric-gateway';
import { codeOf, failureOf, json, startProbe, text, type Probe } from './probe';

const { MVCC_READ_CONFLICT, PHANTOM_READ_CONFLICT, VALID } = peer.TxValidationCode;

let probe: Probe;
let contract: Contract;

beforeAll(async () => {
  probe = await startProbe();
  contract = probe.contract('agency');
}, 180_000);

afterAll(() => probe.close());

const get = async (key: string): Promise<string> => text(await contract.evaluateTransaction('get', key));

/** Endorses, to be submitted later. */
async function endorsed(proposal: Proposal): Promise<() => Promise<number>> {
  const transaction = await proposal.endorse();
  return async () => (await (await transaction.submit()).getStatus()).code;
}

describe('state', () => {
  it('is read as committed, never as the transaction itself wrote it', async () => {
    const key = probe.key('own');
    await contract.submitTransaction('put', key, 'one');
    expect(text(await contract.submitTransaction('putAndGet', key, 'two'))).toBe('one');
    expect(await get(key)).toBe('two');
  });

  it('is unchanged by an evaluation', async () => {
    const key = probe.key('evaluated');
    await contract.evaluateTransaction('put', key, 'never');
    expect(await get(key)).toBe('');
  });

  it('is gone after a delete', async () => {
    const key = probe.key('deleted');
    await contract.submitTransaction('put', key, 'one');
    await contract.submitTransaction('del', key);
    expect(await get(key)).toBe('');
  });

  it('has a history, newest first, with deletes', async () => {
    const key = probe.key('history');
    await contract.submitTransaction('put', key, 'one');
    await contract.submitTransaction('put', key, 'two');
    await contract.submitTransaction('del', key);
    const changes = json(await contract.evaluateTransaction('history', key));
    expect(changes).toEqual([
      expect.objectContaining({ value: '', isDelete: true }),
      expect.objectContaining({ value: 'two', isDelete: false }),
      expect.objectContaining({ value: 'one', isDelete: false }),
    ]);
  });
});

describe('concurrent transactions', () => {
  it('conflict where both read what one of them writes', async () => {
    const key = probe.key('counter');
    await contract.submitTransaction('put', key, '1');
    const first = await endorsed(contract.newProposal('increment', { arguments: [key] }));
    const second = await endorsed(contract.newProposal('increment', { arguments: [key] }));
    expect(await first()).toBe(VALID);
    expect(await second()).toBe(MVCC_READ_CONFLICT);
    expect(await get(key)).toBe('2');
  });

  it('conflict within one block, too', async () => {
    const key = probe.key('race');
    await contract.submitTransaction('put', key, '1');
    const all = await Promise.all(
      [1, 2, 3].map(() => endorsed(contract.newProposal('increment', { arguments: [key] }))),
    );
    const codes = await Promise.all(all.map((submit) => submit()));
    expect(codes.filter((code) => code === VALID)).toHaveLength(1);
    expect(codes.filter((code) => code === MVCC_READ_CONFLICT)).toHaveLength(2);
    expect(await get(key)).toBe('2');
  });

  it('do not conflict where they only write', async () => {
    const key = probe.key('blind');
    const all = await Promise.all(
      ['a', 'b'].map((value) => endorsed(contract.newProposal('put', { arguments: [key, value] }))),
    );
    expect(await Promise.all(all.map((submit) => submit()))).toEqual([VALID, VALID]);
  });

  it('conflict where a key appears in a range that was read', async () => {
    const prefix = probe.key('phantom');
    const range = [`${prefix}-`, `${prefix}-~`] as const;
    await contract.submitTransaction('put', `${prefix}-1`, 'here');
    const count = await endorsed(
      contract.newProposal('countRange', { arguments: [...range, `${prefix}.count`] }),
    );
    await contract.submitTransaction('put', `${prefix}-2`, 'appeared');
    expect(await count()).toBe(PHANTOM_READ_CONFLICT);
  });
});

describe('queries', () => {
  const keys = (count: number, prefix: string): string[] =>
    Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(4, '0')}`);

  it('give a whole range, in order, end excluded, over several messages', async () => {
    const prefix = probe.key('many-');
    await contract.submitTransaction('putMany', prefix, '230');
    const found = json(await contract.evaluateTransaction('range', prefix, `${prefix}0220`));
    expect(found).toEqual(keys(220, prefix));
  });

  it('give pages that follow each other by their bookmarks', async () => {
    const prefix = probe.key('page-');
    await contract.submitTransaction('putMany', prefix, '5');
    const found: string[] = [];
    let bookmark = '';
    do {
      const page = json(await contract.evaluateTransaction('page', prefix, `${prefix}~`, '2', bookmark)) as {
        keys: string[];
        count: number;
        bookmark: string;
      };
      expect(page.count).toBe(page.keys.length);
      found.push(...page.keys);
      bookmark = page.bookmark;
    } while (bookmark !== '');
    expect(found).toEqual(keys(5, prefix));
  });

  it('by page do not go with writes', async () => {
    const prefix = probe.key('page-put-');
    await contract.submitTransaction('putMany', prefix, '3');
    expect(
      await failureOf(contract.submitTransaction('pageAndPut', prefix, `${prefix}~`, `${prefix}result`)),
    ).toContain('Transaction has already performed a paginated query. Writes are not allowed');
  });

  it('by composite key find what simple ranges do not', async () => {
    const type = probe.key('type');
    for (const parts of [
      ['a', '1'],
      ['a', '2'],
      ['b', '1'],
    ]) {
      await contract.submitTransaction('putComposite', type, JSON.stringify(parts), 'value');
    }
    expect(json(await contract.evaluateTransaction('compositeRange', type, '["a"]'))).toEqual([
      ['a', '1'],
      ['a', '2'],
    ]);
    const simple = json(await contract.evaluateTransaction('range', '', '')) as string[];
    expect(simple.some((key) => key.startsWith('\0'))).toBe(false);
  });

  it('in a rich language are refused by LevelDB', async () => {
    expect(await failureOf(contract.evaluateTransaction('richQuery'))).toContain('GET_QUERY_RESULT failed');
  });
});

describe('calls between chaincodes', () => {
  const call = async (
    as: Contract,
    chaincode: string,
    channel: string,
    ...args: string[]
  ): Promise<unknown> => json(await as.evaluateTransaction('call', chaincode, channel, JSON.stringify(args)));

  it('on one channel are part of the transaction', async () => {
    const key = probe.key('called');
    await contract.submitTransaction(
      'callAndPut',
      'helper',
      '',
      JSON.stringify(['put', key, 'by helper']),
      probe.key('caller'),
    );
    expect(await call(contract, 'helper', '', 'get', key)).toMatchObject({
      status: 200,
      payload: 'by helper',
    });
    expect(await get(key)).toBe('');
  });

  it('of another channel read it, and their writes vanish', async () => {
    const key = probe.key('cross');
    await contract.submitTransaction('put', key, 'on common');
    const pair = probe.contract('platform', { channel: 'pair-bank-a' });
    expect(await call(pair, 'probe', 'common', 'get', key)).toMatchObject({
      status: 200,
      payload: 'on common',
    });
    const args = JSON.stringify(['put', key, 'changed']);
    await pair.submitTransaction('callAndPut', 'probe', 'common', args, probe.key('answer'));
    expect(await get(key)).toBe('on common');
  });

  it('of a channel that the organisation is not in are refused', async () => {
    const failure = await failureOf(call(contract, 'probe', 'pair-bank-a', 'get', 'any'));
    expect(failure).toContain('INVOKE_CHAINCODE failed');
  });

  it("give a callee's error by its status", async () => {
    expect(await call(contract, 'helper', '', 'fail', 'NOT_THIS_WAY: no')).toMatchObject({
      status: 500,
      message: 'NOT_THIS_WAY: no',
    });
  });
});

describe('an error of a contract', () => {
  it('reaches the client with its text and the peer that gave it, and nothing is written', async () => {
    const key = probe.key('failed');
    const failure = await failureOf(contract.submitTransaction('putAndFail', key, 'RULE_BROKEN: not today'));
    expect(failure).toContain('AgencyMSP: chaincode response 500, RULE_BROKEN: not today');
    expect(await get(key)).toBe('');
  });

  it('reaches the client of an evaluation, too', async () => {
    expect(await failureOf(contract.evaluateTransaction('fail', 'RULE_BROKEN: no'))).toContain(
      'chaincode response 500, RULE_BROKEN: no',
    );
  });
});

describe('evaluation', () => {
  it('tells the contract who asks, in which transaction and when', async () => {
    const answer = json(await contract.evaluateTransaction('whoami')) as Record<string, unknown>;
    expect(answer).toMatchObject({ msp: 'AgencyMSP', creator: 'AgencyMSP', channel: 'common' });
    expect(Math.abs(Number(answer.seconds) - Date.now() / 1000)).toBeLessThan(120);
  });

  it('is done by the peer of the organisation that it names', async () => {
    const key = probe.key('named');
    const owner = probe.contract('bank-a');
    await owner.submit('putPrivate', {
      arguments: ['BankAMSP', key],
      transientData: { value: 'of bank A' },
      endorsingOrganizations: ['BankAMSP'],
    });
    const read = { arguments: ['BankAMSP', key], endorsingOrganizations: ['BankAMSP'] };
    expect(text(await owner.evaluate('getPrivate', read))).toBe('of bank A');
    const elsewhere = { arguments: ['BankAMSP', key], endorsingOrganizations: ['BankBMSP'] };
    expect(await failureOf(owner.evaluate('getPrivate', elsewhere))).toContain('BankBMSP: ');
  });

  it('is refused on a channel that the organisation is not in', async () => {
    const outside = probe.contract('agency', { channel: 'pair-bank-a' });
    await expect(outside.evaluateTransaction('get', 'any')).rejects.toThrow();
    await expect(codeOf(outside.submitTransaction('put', 'any', 'x'))).rejects.toThrow();
  });
});
