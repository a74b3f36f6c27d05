import { holdTransitions, timeAdmits, type HoldEvent } from '../../../../chaincode/lending/books/holds';
import type { Hold, HoldState } from '../../../../chaincode/lending/books/model';
import { World, channel, otherUscc, otherUser, randomId, servicer, treasurer, user } from './world';

let world: World;
let from: string;
let to: string;
beforeEach(async () => {
  world = new World();
  from = await world.deposit('1000');
  to = await world.deposit('0', otherUscc);
});

const states: readonly HoldState[] = ['PENDING', 'POSTED', 'VOIDED', 'EXPIRED'];
const events: readonly HoldEvent[] = ['POST', 'VOID', 'EXPIRE'];
const place = async (amount = '400', until = '2026-11-25') => {
  const order = world.order('HOLD', { from, to, amount, until });
  await world.carryOut(order);
  return order.orderId;
};
const hold = (holdId: string) => world.query<Hold>('books:GetHold', { holdId }, user);
const post = (holdId: string, amount = '400') =>
  world.carryOut(world.order('POST_HOLD', { from, to, amount, holdId }));
const cancel = (holdId: string) => world.carryOut(world.order('VOID_HOLD', { from, holdId }));
const expire = (holdId: string, caller = servicer) => world.run('books:ExpireHold', { holdId }, caller);

describe('the table of holds', () => {
  it('lets a hold end once', () => {
    const table = states.flatMap((state) => events.map((event) => holdTransitions[state][event] ?? '-'));
    expect(table).toEqual(['POSTED', 'VOIDED', 'EXPIRED', '-', '-', '-', '-', '-', '-', '-', '-', '-']);
  });

  it('posts up to the last day, expires after it, and gives back always', () => {
    const until = '2026-11-25';
    const on = (date: string) => events.map((event) => timeAdmits(event, until, date));
    expect(on('2026-11-24')).toEqual([true, true, false]);
    expect(on('2026-11-25')).toEqual([true, true, false]);
    expect(on('2026-11-26')).toEqual([false, true, true]);
  });

  it.each(states.flatMap((state) => events.map((event) => [state, event] as const)))(
    'is what the contract does: %s × %s',
    async (state, event) => {
      const holdId = await place();
      if (state === 'POSTED') await post(holdId);
      if (state === 'VOIDED') await cancel(holdId);
      if (state === 'EXPIRED' || event === 'EXPIRE') world.businessDate('2026-11-26');
      if (state === 'EXPIRED') await expire(holdId);
      if (event === 'POST') world.businessDate('2026-11-25');
      expect((await hold(holdId)).state).toBe(state);
      const before = [await world.account(from), await world.account(to)];
      const act = { POST: post, VOID: cancel, EXPIRE: (id: string) => expire(id) }[event](holdId);
      const expected = holdTransitions[state][event];
      if (expected === undefined) {
        await expect(act).rejects.toThrow(/^HOLD_NOT_OPEN/);
        expect([await world.account(from), await world.account(to)]).toEqual(before);
      } else {
        await act;
        expect((await hold(holdId)).state).toBe(expected);
        expect(await world.account(from)).toMatchObject({ held: '0' });
      }
    },
  );
});

describe('a hold', () => {
  it('reserves what nothing else can spend', async () => {
    await place('400');
    expect(await world.account(from)).toMatchObject({ balance: '1000', held: '400', lines: 1 });
    await expect(world.carryOut(world.order('TRANSFER', { from, to, amount: '601' }))).rejects.toThrow(
      /^INSUFFICIENT_FUNDS/,
    );
    await expect(place('601')).rejects.toThrow(/^INSUFFICIENT_FUNDS/);
    await world.carryOut(world.order('TRANSFER', { from, to, amount: '600' }));
    expect(await world.account(from)).toMatchObject({ balance: '400', held: '400' });
    await expect(world.run('books:CloseAccount', { accountId: from }, treasurer)).rejects.toThrow(
      /^STATE_CONFLICT/,
    );
  });

  it('pays a part and gives the rest free', async () => {
    const holdId = await place('400');
    await expect(post(holdId, '401')).rejects.toThrow(/^INSUFFICIENT_FUNDS/);
    await post(holdId, '150');
    expect(await hold(holdId)).toMatchObject({ state: 'POSTED', posted: '150', amount: '400' });
    expect(await world.account(from)).toMatchObject({ balance: '850', held: '0' });
    expect(await world.balance(to)).toBe('150');
    expect((await world.statement(to)).at(-1)).toMatchObject({ kind: 'HOLD_POSTED', reference: holdId });
  });

  it('is posted for its own account, by its own deposit and enterprise', async () => {
    const holdId = await place();
    const other = await world.deposit('1000');
    await expect(
      world.carryOut(world.order('POST_HOLD', { from, to: other, amount: '1', holdId })),
    ).rejects.toThrow(/^STATEMENT_MISMATCH/);
    await expect(
      world.carryOut(world.order('POST_HOLD', { from: other, to, amount: '1', holdId })),
    ).rejects.toThrow(/^NOT_YOUR_RECORD/);
    await expect(
      world.carryOut(world.order('VOID_HOLD', { from: to, holdId, enterprise: otherUscc })),
    ).rejects.toThrow(/^NOT_YOUR_RECORD/);
    await expect(expire(holdId, otherUser)).rejects.toThrow(/^NOT_YOUR_RECORD/);
    await expect(world.query('books:GetHold', { holdId }, otherUser)).rejects.toThrow(/^NOT_YOUR_RECORD/);
    await expect(expire(randomId())).rejects.toThrow(/^NOT_FOUND/);
  });

  it('runs by the business date: not after its last day, not in the past', async () => {
    const holdId = await place('400', '2026-11-23');
    await expect(expire(holdId)).rejects.toThrow(/^HOLD_NOT_OPEN: the hold still runs/);
    await expect(place('1', '2026-11-22')).rejects.toThrow(/^INVALID_INPUT\[order.until\]/);
    // After the cut-off an act counts from the next day.
    world.businessDate('2026-11-23', 'CLOSING');
    await expect(post(holdId)).rejects.toThrow(/^HOLD_NOT_OPEN: the last day/);
    await expire(holdId, user);
    expect(await world.account(from)).toMatchObject({ balance: '1000', held: '0' });
  });

  it('is posted once when posting and voiding race', async () => {
    const holdId = await place();
    const endorsed = [];
    for (const [name, order] of [
      ['PostHold', world.order('POST_HOLD', { from, to, amount: '400', holdId })],
      ['VoidHold', world.order('VOID_HOLD', { from, holdId })],
    ] as const) {
      const signatures = await world.sign(order, world.signersOf(order.enterprise));
      endorsed.push(
        await world.ledger.endorse(world.transaction(`books:${name}`, { order, signatures }, user)),
      );
    }
    expect(endorsed.map((one) => world.ledger.commit(one, channel))).toEqual(['VALID', 'MVCC_READ_CONFLICT']);
    expect(await world.account(from)).toMatchObject({ balance: '600', held: '0' });
  });
});
