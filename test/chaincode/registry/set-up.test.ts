import type { SetUpInput } from '../../../chaincode/registry/model';
import { digestOf } from '../../../chaincode/ledger/canonical';
import { World, admin, attester, bankA, market, officer, platform, registrar, tax } from './world';

describe('set-up', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.create();
  });

  const setUp = (state: SetUpInput, caller = admin) => world.submit('SetUp', state, caller, [market, bankA]);

  it('happens once, by an administrator of a member', async () => {
    await expect(world.query('GetConsortium', {}, officer)).rejects.toThrow(/^NOT_SET_UP/);
    await expect(setUp(world.state, registrar)).rejects.toThrow(/^UNAUTHORISED_ROLE/);
    await expect(setUp(world.state, { ...admin, msp: 'StrangerMSP' })).rejects.toThrow(
      /^UNKNOWN_ORGANISATION/,
    );
    await setUp(world.state);
    expect(await world.query('GetConsortium', {}, officer)).toEqual(world.state.consortium);
    expect(await world.query('GetRecordType', { code: 'payment' }, officer)).toMatchObject({
      code: 'payment',
    });
    await expect(world.query('GetRecordType', { code: 'none' }, officer)).rejects.toThrow(
      /^UNKNOWN_RECORD_TYPE/,
    );
    await expect(setUp(world.state)).rejects.toThrow(/^ALREADY_SET_UP/);
  });

  it('leaves every change to a majority of the organisations', async () => {
    const endorsed = await world.ledger.endorse(
      world.transaction('SetUp', world.state, admin, [market, bankA]),
    );
    expect(world.ledger.commit(endorsed, 'registry')).toBe('VALID');
    // The same writes again, as a modified chaincode of some organisations would make them.
    endorsed.set.reads.clear();
    const commit = (endorsers: string[]) => world.ledger.commit({ ...endorsed, endorsers }, 'registry');
    expect(commit([market, tax, bankA])).toBe('ENDORSEMENT_POLICY_FAILURE');
    expect(commit([market, market, tax, bankA])).toBe('ENDORSEMENT_POLICY_FAILURE');
    expect(commit([platform, tax, bankA, 'RegulatorMSP'])).toBe('VALID');
  });

  it('knows the bank of each sharing and lending channel', () => {
    expect(world.state.consortium.channels.map(({ name, bank }) => [name, bank])).toEqual([
      ['registry', undefined],
      ['sharing-bank-a', 'BankAMSP'],
      ['sharing-bank-b', 'BankBMSP'],
      ['lending-bank-a', 'BankAMSP'],
      ['lending-bank-b', 'BankBMSP'],
    ]);
  });

  it.each<[string, (state: SetUpInput) => void]>([
    [
      'an organisation twice',
      ({ consortium: { organisations } }) => organisations.push(...organisations.slice(0, 1)),
    ],
    ['a digest of something else', ({ consortium }) => (consortium.recordTypes.payment = digestOf('x'))],
    ['a record type too few', ({ recordTypes }) => recordTypes.splice(0, 1)],
    [
      'a purpose with an unknown field',
      ({ consortium }) => consortium.purposes[0]?.items[0]?.fields.push('colour'),
    ],
    [
      'a channel of something that is no bank',
      ({ consortium }) => Object.assign(consortium.channels[1] ?? {}, { bank: tax }),
    ],
    [
      'a department that attests what enterprises attest',
      ({ consortium }) => consortium.organisations[0]?.departments[0]?.recordTypes.push('payment'),
    ],
    [
      'a schema that is none',
      ({ consortium, recordTypes: [first] }) => {
        if (first === undefined) return;
        first.schema = { ...first.schema, type: 'nonsense' };
        consortium.recordTypes[first.code] = digestOf(first);
      },
    ],
  ])('refuses %s', async (_, change) => {
    const state = structuredClone(world.state);
    change(state);
    await expect(setUp(state)).rejects.toThrow(/^INVALID_INPUT\[/);
  });

  it('names the member at fault and never the value', async () => {
    const state = structuredClone(world.state) as { consortium: { channels: unknown[] } };
    state.consortium.channels[0] = { name: 'registry', clockSkewSeconds: 'secret' };
    await expect(setUp(state as unknown as SetUpInput)).rejects.toThrow(
      'INVALID_INPUT[consortium.channels.0.clockSkewSeconds]: must be integer',
    );
    await expect(world.submit('SetUp', '{"a":', admin, [market, bankA])).rejects.toThrow(
      /^INVALID_INPUT: is not JSON$/,
    );
    await expect(world.submit('SetUp', '['.repeat(40), admin, [market, bankA])).rejects.toThrow(
      /^INVALID_INPUT: nests/,
    );
  });

  it('comes before everything else', async () => {
    const record = await world.issue();
    await expect(world.store([record])).rejects.toThrow(/^NOT_SET_UP/);
    await expect(world.anchor([record], attester)).rejects.toThrow(/^NOT_SET_UP/);
  });
});
