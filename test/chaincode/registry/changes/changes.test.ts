import { generateKeyPairSync } from 'node:crypto';
import { digestOf } from '../../../../chaincode/ledger/canonical';
import { ChangesContract } from '../../../../chaincode/registry/changes/contract';
import type { ChangeView, NextState } from '../../../../chaincode/registry/changes/model';
import { RegistryContract } from '../../../../chaincode/registry/contract';
import type { Department } from '../../../../chaincode/registry/model';
import type { TestIdentity } from '../../../support/chaincode/ledger';
import { bankA, market, officer, platform, randomId, tax, World } from '../world';

const regulator = 'RegulatorMSP';
const bankB = 'BankBMSP';
const adminOf = (msp: string): TestIdentity => ({ msp, attributes: { role: 'admin' } });

/** The sample consortium, and what an organisation would propose from its state. */
async function scene() {
  const world = await World.create();
  const msps = world.state.consortium.organisations.map(({ msp }) => msp);
  const sets = [market, tax].flatMap((government) =>
    msps.filter((msp) => msp !== market && msp !== tax).map((other) => [government, other]),
  );
  world.ledger.deploy('registry', 'registry', [new RegistryContract(), new ChangesContract()], sets);
  await world.submit('SetUp', world.state, adminOf(market), [market, bankA]);
  const next = (change: (state: NextState) => void = () => undefined): NextState => {
    const consortium = structuredClone(world.state.consortium);
    const state = { consortium: { ...consortium, version: consortium.version + 1 }, recordTypes: [] };
    change(state);
    return state;
  };
  const propose = async (state: NextState, msp = bankA, endorsers = [market, bankA]) => {
    const changeId = randomId();
    await world.submit('changes:Propose', { changeId, next: state }, adminOf(msp), endorsers);
    return changeId;
  };
  const get = async (changeId: string) =>
    (await world.query('changes:Get', { changeId }, officer)) as ChangeView;
  const vote = async (changeId: string, voters: readonly string[], word = 'APPROVE') => {
    const { digest } = (await get(changeId)).change;
    for (const msp of voters)
      await world.submit('changes:Vote', { changeId, digest, vote: word }, adminOf(msp), [msp]);
  };
  const enact = (changeId: string, endorsers = [market, tax, platform, bankA]) =>
    world.submit('changes:Enact', { changeId }, adminOf(bankA), endorsers);
  const live = () => world.query('GetConsortium', {}, officer) as Promise<NextState['consortium']>;
  return { world, next, propose, get, vote, enact, live };
}

const lowered = ({ consortium }: NextState) =>
  Object.assign(consortium.purposes[0] ?? {}, { maxFrequency: { unit: 'YEAR', value: 1 } });

const taxShanghai = ({ consortium }: NextState): Department => {
  const found = consortium.organisations
    .flatMap(({ departments }) => departments)
    .find(({ id }) => id === 'tax-shanghai');
  if (!found) throw new Error('no tax-shanghai');
  return found;
};

const newKey = (kid: string, from: string) => {
  const { x = '', y = '' } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
    format: 'jwk',
  });
  return { kid, jwk: { kty: 'EC' as const, crv: 'P-256' as const, x, y }, from };
};

describe('a change of the consortium', () => {
  it('is in force once a majority approved and endorsed it, and what was before stays answerable', async () => {
    const { world, next, propose, get, vote, enact, live } = await scene();
    const state = next(lowered);
    const changeId = await propose(state);
    expect(await get(changeId)).toMatchObject({ state: 'OPEN', needed: 4 });
    await vote(changeId, [market, platform, bankB]);
    await expect(enact(changeId)).rejects.toThrow('VOTES_MISSING[changeId]: 3 of 4');
    await vote(changeId, [regulator]);
    const before = world.ledger.now;
    world.ledger.now += 60_000;
    await enact(changeId);
    expect(await live()).toEqual(state.consortium);
    expect(await get(changeId)).toMatchObject({ state: 'ENACTED' });
    const at = (query: object) =>
      world.query('changes:GetState', query, officer) as Promise<{ consortium: object; until?: string }>;
    const founding = await at({ version: 1 });
    expect(founding.consortium).toEqual(world.state.consortium);
    expect(founding.until).toBe(new Date(world.ledger.now).toISOString());
    expect(await at({ at: new Date(before).toISOString() })).toEqual(founding);
    expect((await at({ at: new Date(world.ledger.now).toISOString() })).consortium).toEqual(state.consortium);
    await expect(at({ version: 3 })).rejects.toThrow('NOT_FOUND');
    await expect(at({ at: '2020-01-01T00:00:00Z' })).rejects.toThrow('NOT_FOUND');
    await expect(at({})).rejects.toThrow('INVALID_INPUT');
  });

  it('takes the endorsements of a majority besides their votes', async () => {
    const { next, propose, vote, enact } = await scene();
    const changeId = await propose(next(lowered));
    await vote(changeId, [market, platform, bankB, regulator]);
    await expect(enact(changeId, [market, bankA])).rejects.toThrow('ENDORSEMENT_POLICY_FAILURE');
    await expect(enact(changeId, [market, tax, platform])).rejects.toThrow('ENDORSEMENT_POLICY_FAILURE');
    await enact(changeId);
  });

  it('counts each organisation once, for these very words, and as it last voted', async () => {
    const { world, next, propose, vote, enact, get } = await scene();
    const changeId = await propose(next(lowered));
    await vote(changeId, [market, market, tax, platform]);
    await expect(enact(changeId)).rejects.toThrow('VOTES_MISSING[changeId]: 3 of 4');
    await vote(changeId, [bankA]);
    await vote(changeId, [tax], 'REJECT');
    await expect(enact(changeId)).rejects.toThrow('VOTES_MISSING[changeId]: 3 of 4');
    const other = { changeId, digest: digestOf('something else'), vote: 'APPROVE' };
    await expect(world.submit('changes:Vote', other, adminOf(tax), [tax])).rejects.toThrow('CHANGE_INVALID');
    const { digest } = (await get(changeId)).change;
    const foreign = { changeId, digest, vote: 'APPROVE' };
    await expect(world.submit('changes:Vote', foreign, adminOf(tax), [bankB])).rejects.toThrow(
      'ENDORSEMENT_POLICY_FAILURE',
    );
    await expect(world.submit('changes:Vote', foreign, officer, [bankA])).rejects.toThrow(
      'UNAUTHORISED_ROLE',
    );
  });

  it('is overtaken by another of the same state', async () => {
    const { next, propose, vote, enact, get } = await scene();
    const [first, second] = [
      await propose(next(lowered)),
      await propose(next(({ consortium }) => void consortium.purposes.pop())),
    ];
    for (const changeId of [first, second]) await vote(changeId, [market, tax, platform, bankB]);
    await enact(first);
    await expect(enact(second)).rejects.toThrow('STATE_CONFLICT');
    await expect(enact(first)).rejects.toThrow('STATE_CONFLICT');
    expect(await get(second)).toMatchObject({ state: 'OVERTAKEN' });
  });

  it('cannot be swapped for another text after the vote', async () => {
    const { world, next, propose, vote, enact } = await scene();
    const changeId = await propose(next(lowered));
    await vote(changeId, [market, tax, platform, bankB]);
    const key = `change~${changeId}`;
    const stored = world.ledger.document('registry', 'registry', key) as { next: NextState };
    const other = next(({ consortium }) => void consortium.purposes.pop());
    world.ledger.tamper('registry', 'registry', key, { ...stored, next: other });
    await expect(enact(changeId)).rejects.toThrow('STATE_INVALID');
    world.ledger.tamper('registry', 'registry', key, { ...stored, next: other, digest: digestOf(other) });
    await expect(enact(changeId)).rejects.toThrow('VOTES_MISSING[changeId]: 0 of 4');
  });

  it.each<[string, (state: NextState) => void, string]>([
    ['another version', ({ consortium }) => (consortium.version = 3), 'VERSION_CONFLICT'],
    ['an agency left out', ({ consortium }) => void consortium.organisations.shift(), 'CHANGE_INVALID'],
    [
      'a department left out',
      ({ consortium }) => void consortium.organisations[0]?.departments.pop(),
      'CHANGE_INVALID',
    ],
    [
      'a key left out',
      (state) => taxShanghai(state).keys.splice(0, 1, newKey('other', '2026-01-01')),
      'CHANGE_INVALID',
    ],
    [
      'a key changed',
      (state) => Object.assign(taxShanghai(state).keys[0] ?? {}, { jwk: newKey('x', '2026-01-01').jwk }),
      'CHANGE_INVALID',
    ],
    [
      'another role',
      ({ consortium }) => consortium.organisations[3]?.roles.push('government'),
      'CHANGE_INVALID',
    ],
    ['a record type left out', ({ consortium }) => delete consortium.recordTypes.payment, 'INVALID_INPUT'],
    [
      "another bank's channel",
      ({ consortium }) => Object.assign(consortium.channels[1] ?? {}, { bank: bankB }),
      'CHANGE_INVALID',
    ],
    [
      'a clock that is no longer real',
      ({ consortium }) => Object.assign(consortium.channels[0] ?? {}, { simulatedClock: true }),
      'CHANGE_INVALID',
    ],
  ])('is not proposed with %s', async (_name, change, code) => {
    const { next, propose } = await scene();
    await expect(propose(next(change))).rejects.toThrow(code);
  });

  it('takes a record type of the next version, and none of the same', async () => {
    const { world, next, propose, vote, enact } = await scene();
    const payment = world.state.recordTypes.find(({ code }) => code === 'payment');
    if (!payment) throw new Error('no payments');
    const withType = (version: number) =>
      next((state) => {
        const changed = { ...payment, version, title: 'Payment, as the buyer attests it' };
        state.recordTypes.push(changed);
        state.consortium.recordTypes.payment = digestOf(changed);
      });
    await expect(propose(withType(payment.version))).rejects.toThrow('CHANGE_INVALID');
    const changeId = await propose(withType(payment.version + 1));
    await vote(changeId, [market, tax, platform, bankB]);
    await enact(changeId);
    expect(await world.query('GetRecordType', { code: 'payment' }, officer)).toMatchObject({
      version: payment.version + 1,
    });
  });

  it('takes a new organisation in, which counts towards the next majority', async () => {
    const { next, propose, vote, enact, get, live } = await scene();
    const joined = next(({ consortium }) =>
      consortium.organisations.push({ msp: 'BankCMSP', name: 'bank-c', roles: ['bank'], departments: [] }),
    );
    const changeId = await propose(joined);
    await vote(changeId, [market, tax, platform, bankB]);
    await enact(changeId);
    const after = { consortium: { ...(await live()), version: 3 }, recordTypes: [] };
    const second = await propose(after);
    expect((await get(second)).votes).toHaveLength(7);
    await vote(second, [market, tax, platform, 'BankCMSP']);
    await expect(enact(second, [market, tax, platform])).rejects.toThrow('ENDORSEMENT_POLICY_FAILURE');
    await enact(second, [market, tax, platform, 'BankCMSP']);
  });
});

describe("a department's key", () => {
  it('rotates: what the old one signed stays, what it signs from then on is refused', async () => {
    const { world, next, propose, vote, enact } = await scene();
    const old = await world.issue();
    await world.store([old]);
    await world.anchor([old]);
    const changeId = await propose(
      next((state) => {
        const department = taxShanghai(state);
        Object.assign(department.keys[0] ?? {}, { to: '2026-11-23' });
        department.keys.push(newKey('tax-shanghai-2', '2026-11-24'));
      }),
    );
    await vote(changeId, [market, tax, platform, bankB]);
    await enact(changeId);
    world.ledger.now = Date.parse('2026-11-25T00:00:00Z');
    const issuer = 'department:tax-shanghai';
    const evidence = await world.evidence({ issuers: [issuer], records: [old.id] });
    expect(evidence.anchors[old.id]).toMatchObject({ status: 'ACTIVE' });
    expect(Object.keys(evidence.issuers[issuer]?.keys ?? {})).toHaveLength(2);
    expect(evidence.issuers[issuer]?.inForce).toEqual(['tax-shanghai-2']);
    const late = await world.issue({ seq: 2, period: { from: '2026-02-01', to: '2026-02-28' } });
    await expect(world.store([late])).rejects.toThrow('RECORD_SIGNATURE_INVALID');
  });

  it('that was ended is not prolonged', async () => {
    const { next, propose, vote, enact, live } = await scene();
    const changeId = await propose(
      next((state) => Object.assign(taxShanghai(state).keys[0] ?? {}, { to: '2026-11-23' })),
    );
    await vote(changeId, [market, tax, platform, bankB]);
    await enact(changeId);
    const again: NextState = {
      consortium: { ...structuredClone(await live()), version: 3 },
      recordTypes: [],
    };
    Object.assign(taxShanghai(again).keys[0] ?? {}, { to: '2027-11-23' });
    await expect(propose(again)).rejects.toThrow('CHANGE_INVALID');
  });
});
