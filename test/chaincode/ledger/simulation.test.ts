import 'reflect-metadata';
import { Context, Contract, Transaction } from 'fabric-contract-api';
import {
  addToIndex,
  exists,
  implicitCollection,
  pageOfIndex,
  privateHash,
  writeDocument,
} from '../../../chaincode/ledger/documents';
import { callChaincode } from '../../../chaincode/ledger/call';
import { callerOf, requireRole } from '../../../chaincode/ledger/caller';
import { transactionTime } from '../../../chaincode/ledger/clock';
import { setKeyPolicy, setKeyThreshold } from '../../../chaincode/ledger/policies';
import { openResponse, sealResponse } from '../../../chaincode/ledger/sealed';
import { TestLedger, type TestTransaction } from '../../support/chaincode/ledger';

class Sample extends Contract {
  @Transaction()
  async Create(ctx: Context, key: string): Promise<string> {
    await writeDocument(ctx, key, { key });
    await setKeyPolicy(ctx, key, [['B', 'C'], ['A']]);
    return '';
  }

  @Transaction()
  async CreateThreshold(ctx: Context, key: string): Promise<string> {
    await writeDocument(ctx, key, { key });
    await setKeyThreshold(ctx, key, 2, ['A', 'B', 'C']);
    return '';
  }

  @Transaction()
  async Write(ctx: Context, key: string): Promise<string> {
    const before = await exists(ctx, key);
    await writeDocument(ctx, key, { key, before });
    return String(await exists(ctx, key));
  }

  @Transaction()
  async Keep(ctx: Context, key: string): Promise<string> {
    await ctx.stub.putPrivateData(implicitCollection('A'), key, Buffer.from('secret'));
    return '';
  }

  @Transaction(false)
  async Read(ctx: Context, key: string): Promise<string> {
    const hash = await privateHash(ctx, 'A', key);
    const value = await ctx.stub.getPrivateData(implicitCollection('A'), key);
    return sealResponse(ctx, 'Read', { hash: hash ?? null, value: Buffer.from(value).toString() });
  }

  @Transaction()
  async Index(ctx: Context, key: string): Promise<string> {
    await addToIndex(ctx, 'by', ['x', key]);
    return '';
  }

  @Transaction(false)
  async List(ctx: Context, bookmark: string): Promise<string> {
    return JSON.stringify(await pageOfIndex(ctx, 'by', ['x'], { pageSize: 2, bookmark }));
  }

  @Transaction(false)
  async Ask(ctx: Context, channel: string): Promise<string> {
    requireRole(callerOf(ctx), 'supervisor');
    transactionTime(ctx, 10);
    return callChaincode<string>(ctx, 'other', 'Answer', {}, channel);
  }

  @Transaction(false)
  Answer(ctx: Context, input: string): Promise<string> {
    requireRole(callerOf(ctx), 'supervisor', 'admin');
    return Promise.resolve(input === '' || input === '{}' ? '"answered"' : '"what?"');
  }

  NotATransaction(): Promise<string> {
    return Promise.resolve('never');
  }
}

function setUp() {
  const ledger = new TestLedger();
  ledger.deploy('one', 'sample', new Sample(), [['A', 'B']]);
  ledger.deploy('two', 'other', new Sample(), [['A']]);
  const run = (fn: string, input = 'k', more: Partial<TestTransaction> = {}): TestTransaction => ({
    channel: 'one',
    chaincode: 'sample',
    function: fn,
    input,
    caller: { msp: 'A', attributes: { role: 'supervisor' } },
    ...more,
  });
  return { ledger, run };
}

describe('contracts on the in-memory ledger', () => {
  it('takes the channel policy for a new key and the key policy from then on', async () => {
    const { ledger, run } = setUp();
    await expect(ledger.submit(run('Create'))).rejects.toThrow('ENDORSEMENT_POLICY_FAILURE');
    await ledger.submit(run('Create', 'k', { endorsers: ['A', 'B'] }));
    await expect(ledger.submit(run('Write', 'k', { endorsers: ['B'] }))).rejects.toThrow(
      'ENDORSEMENT_POLICY_FAILURE',
    );
    await ledger.submit(run('Write', 'k', { endorsers: ['A'] }));
    await ledger.submit(run('Write', 'k', { endorsers: ['C', 'B'] }));
  });

  it('counts distinct organisations for a threshold', async () => {
    const { ledger, run } = setUp();
    await ledger.submit(run('CreateThreshold', 'k', { endorsers: ['A', 'B'] }));
    await expect(ledger.submit(run('Write', 'k', { endorsers: ['C'] }))).rejects.toThrow(
      'ENDORSEMENT_POLICY_FAILURE',
    );
    await ledger.submit(run('Write', 'k', { endorsers: ['C', 'B'] }));
  });

  it('never shows a transaction its own writes, and conflicts on what it read', async () => {
    const { ledger, run } = setUp();
    const one = await ledger.endorse(run('Write', 'k', { endorsers: ['A', 'B'] }));
    const two = await ledger.endorse(run('Write', 'k', { endorsers: ['A', 'B'] }));
    expect(one.payload).toBe('false');
    expect(ledger.commit(one, 'one')).toBe('VALID');
    expect(ledger.commit(two, 'one')).toBe('MVCC_READ_CONFLICT');
  });

  it('keeps private data with its organisation and the hash with everybody', async () => {
    const { ledger, run } = setUp();
    const transient = { responseKey: Buffer.alloc(32, 7).toString('base64url') };
    await expect(ledger.submit(run('Keep', 'k', { endorsers: ['B'] }))).rejects.toThrow(
      'ENDORSEMENT_POLICY_FAILURE',
    );
    await ledger.submit(run('Keep'));
    const sealed = await ledger.evaluate(run('Read', 'k', { transient }));
    expect(openResponse(sealed, transient.responseKey)).toMatchObject({ value: 'secret' });
    expect(() => openResponse(sealed, Buffer.alloc(32, 8).toString('base64url'))).toThrow();
    await expect(ledger.evaluate(run('Read', 'k', { transient, endorsers: ['B'] }))).rejects.toThrow(
      'private data matching public hash version is not available',
    );
    await expect(ledger.evaluate(run('Read'))).rejects.toThrow('RESPONSE_KEY_REQUIRED[responseKey]');
    await expect(ledger.evaluate(run('Read', 'k', { transient: { responseKey: 'short' } }))).rejects.toThrow(
      'RESPONSE_KEY_REQUIRED[responseKey]',
    );
  });

  it('pages an index', async () => {
    const { ledger, run } = setUp();
    for (const key of ['a', 'b', 'c']) await ledger.submit(run('Index', key, { endorsers: ['A', 'B'] }));
    const first = JSON.parse(await ledger.evaluate(run('List', ''))) as { keys: unknown; bookmark: string };
    expect(first.keys).toEqual([
      ['x', 'a'],
      ['x', 'b'],
    ]);
    expect(JSON.parse(await ledger.evaluate(run('List', first.bookmark)))).toEqual({
      keys: [['x', 'c']],
      bookmark: '',
    });
  });

  it("passes on a callee's code, and refuses what is not a transaction", async () => {
    const { ledger, run } = setUp();
    expect(await ledger.evaluate(run('Ask', 'two'))).toBe('answered');
    await expect(
      ledger.evaluate(run('Answer', '', { caller: { msp: 'A', attributes: { role: 'attester' } } })),
    ).rejects.toThrow(/^UNAUTHORISED_ROLE: /);
    await expect(ledger.evaluate(run('Ask', 'three'))).rejects.toThrow(/^CALLEE_FAILED: /);
    await expect(ledger.evaluate(run('NotATransaction'))).rejects.toThrow('does not exist');
  });

  it.each([-10_001, 10_001])('refuses a clock that is off by %d ms', async (offset) => {
    const { ledger, run } = setUp();
    ledger.clockOffset = offset;
    await expect(ledger.evaluate(run('Ask', 'two'))).rejects.toThrow(/^CLOCK_SKEW: /);
    ledger.clockOffset = Math.sign(offset) * 10_000;
    expect(await ledger.evaluate(run('Ask', 'two'))).toBe('answered');
  });
});
