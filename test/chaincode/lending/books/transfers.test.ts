import { fen } from '../../../../chaincode/ledger/money';
import type { JournalEntry } from '../../../../chaincode/lending/books/model';
import {
  World,
  approver,
  bank,
  channel,
  newSigner,
  officer,
  otherUscc,
  otherUser,
  platform,
  randomId,
  servicer,
  signJws,
  supervisor,
  treasurer,
  user,
  uscc,
  foreignTreasurer,
} from './world';

let world: World;
beforeEach(() => {
  world = new World();
});

describe('deposits', () => {
  it('are opened by the bank for an active enterprise, once', async () => {
    const accountId = randomId();
    await expect(world.run('books:OpenAccount', { accountId, owner: uscc }, user)).rejects.toThrow(
      /^UNAUTHORISED_ROLE/,
    );
    await expect(world.run('books:OpenAccount', { accountId, owner: uscc }, servicer)).rejects.toThrow(
      /^UNAUTHORISED_ROLE/,
    );
    await expect(
      world.run('books:OpenAccount', { accountId, owner: uscc }, foreignTreasurer),
    ).rejects.toThrow(/^UNAUTHORISED_ROLE/);
    await world.run('books:OpenAccount', { accountId, owner: uscc }, officer);
    expect(await world.account(accountId)).toMatchObject({ owner: uscc, balance: '0', held: '0', lines: 0 });
    await expect(world.run('books:OpenAccount', { accountId, owner: uscc }, officer)).rejects.toThrow(
      /^ALREADY_EXISTS/,
    );
    world.enterprise = { ...world.enterprise, status: 'SUSPENDED' };
    await expect(
      world.run('books:OpenAccount', { accountId: randomId(), owner: uscc }, officer),
    ).rejects.toThrow(/^ENTERPRISE_NOT_ACTIVE/);
    await expect(
      world.run('books:OpenAccount', { accountId: randomId(), owner: '91440300MA5EXAMPL1' }, officer),
    ).rejects.toThrow(/^ENTERPRISE_SIGNATURE_INVALID/);
  });

  it('close when they are empty, for good', async () => {
    const account = await world.deposit('5');
    await expect(world.run('books:CloseAccount', { accountId: account }, treasurer)).rejects.toThrow(
      /^STATE_CONFLICT/,
    );
    const to = await world.deposit('0');
    await world.carryOut(world.order('TRANSFER', { from: account, to, amount: '5' }));
    await world.run('books:CloseAccount', { accountId: account }, treasurer);
    await expect(world.run('books:CloseAccount', { accountId: account }, treasurer)).rejects.toThrow(
      /^ACCOUNT_NOT_OPEN/,
    );
    await expect(
      world.carryOut(world.order('TRANSFER', { from: to, to: account, amount: '1' })),
    ).rejects.toThrow(/^ACCOUNT_NOT_OPEN/);
    await expect(world.issue(account, '1')).rejects.toThrow(/^ACCOUNT_NOT_OPEN/);
  });

  it('are seen by owner, bank and supervisor, and by nobody else', async () => {
    const accountId = await world.deposit('100');
    for (const caller of [user, treasurer, officer, supervisor])
      expect(await world.query('books:GetAccount', { accountId }, caller)).toMatchObject({ balance: '100' });
    for (const [name, input] of [
      ['GetAccount', { accountId }],
      ['Statement', { accountId }],
      ['ListAccounts', { owner: uscc }],
      ['GetEntry', { entryId: 'issue.x' }],
    ] as const)
      for (const caller of [otherUser, { ...foreignTreasurer }])
        await expect(world.query(`books:${name}`, input, caller)).rejects.toThrow(/^NOT_YOUR_RECORD/);
    await world.deposit('0', otherUscc);
    const list = async (caller: typeof user) =>
      (await world.query<{ items: { owner: string }[] }>('books:ListAccounts', {}, caller)).items.map(
        ({ owner }) => owner,
      );
    expect(await list(user)).toEqual([uscc]);
    expect(await list(otherUser)).toEqual([otherUscc]);
    expect((await list(supervisor)).sort()).toEqual([uscc, otherUscc].sort());
  });
});

describe('a transfer', () => {
  let from: string;
  let to: string;
  beforeEach(async () => {
    from = await world.deposit('1000');
    to = await world.deposit('0', otherUscc);
  });

  it('moves money once, with a balanced entry and a line on both statements', async () => {
    const order = world.order('TRANSFER', { from, to, amount: '300' });
    const signatures = await world.sign(order, world.signersOf(uscc));
    await world.run('books:Transfer', { order, signatures }, user);
    expect([await world.balance(from), await world.balance(to)]).toEqual(['700', '300']);
    const entry = await world.query<JournalEntry>(
      'books:GetEntry',
      { entryId: `order.${order.orderId}` },
      treasurer,
    );
    expect(entry.lines).toEqual([
      { date: '2026-11-23', code: 'CUSTOMER_DEPOSITS', deposit: from, amount: '300' },
      { date: '2026-11-23', code: 'CUSTOMER_DEPOSITS', deposit: to, amount: '-300' },
    ]);
    expect(entry.lines.reduce((sum, { amount }) => sum + fen(amount), 0n)).toBe(0n);
    expect(await world.statement(from)).toMatchObject([
      { number: 1, amount: '1000', balance: '1000', kind: 'ISSUE' },
      { number: 2, amount: '-300', balance: '700', kind: 'TRANSFER' },
    ]);
    expect(await world.statement(to)).toMatchObject([{ number: 1, amount: '300', balance: '300' }]);
    await expect(world.run('books:Transfer', { order, signatures }, user)).rejects.toThrow(/^ALREADY_EXISTS/);
    // Signed anew, the same order is still the same order.
    await expect(world.carryOut(order)).rejects.toThrow(/^ALREADY_EXISTS/);
    expect(await world.balance(from)).toBe('700');
  });

  it('counts from the business date, and from the next one once the day is closing', async () => {
    world.businessDate('2026-11-20', 'CLOSING');
    await world.carryOut(world.order('TRANSFER', { from, to, amount: '1' }));
    expect((await world.statement(to)).at(-1)).toMatchObject({ date: '2026-11-21' });
    world.ledger.state(channel, 'lending').public.delete('business-date');
    await expect(world.carryOut(world.order('TRANSFER', { from, to, amount: '1' }))).rejects.toThrow(
      /^BUSINESS_DAY_NOT_OPEN/,
    );
  });

  it('cannot be committed after the business date has changed', async () => {
    const order = world.order('TRANSFER', { from, to, amount: '1' });
    const signatures = await world.sign(order, world.signersOf(uscc));
    const endorsed = await world.ledger.endorse(
      world.transaction('books:Transfer', { order, signatures }, user),
    );
    world.businessDate('2026-11-23', 'CLOSING');
    expect(world.ledger.commit(endorsed, channel)).toBe('MVCC_READ_CONFLICT');
  });

  it('spends nothing twice when two race for the same money', async () => {
    const racing = await Promise.all(
      ['600', '700'].map(async (amount) => {
        const order = world.order('TRANSFER', { from, to, amount });
        const signatures = await world.sign(order, world.signersOf(uscc));
        return { order, signatures };
      }),
    );
    const endorsed = [];
    for (const input of racing)
      endorsed.push(await world.ledger.endorse(world.transaction('books:Transfer', input, user)));
    expect(endorsed.map((one) => world.ledger.commit(one, channel))).toEqual(['VALID', 'MVCC_READ_CONFLICT']);
    expect(await world.balance(from)).toBe('400');
    await expect(world.run('books:Transfer', racing[1], user)).rejects.toThrow(/^INSUFFICIENT_FUNDS/);
  });

  it('cannot be endorsed by the bank alone, nor by others without the bank', async () => {
    const order = world.order('TRANSFER', { from, to, amount: '1' });
    const input = { order, signatures: await world.sign(order, world.signersOf(uscc)) };
    for (const endorsers of [[bank], [platform], [platform, 'RegulatorMSP']])
      await expect(
        world.ledger.submit({ ...world.transaction('books:Transfer', input, user), endorsers }),
      ).rejects.toThrow('ENDORSEMENT_POLICY_FAILURE');
  });

  it('is brought by the owner alone', async () => {
    const order = world.order('TRANSFER', { from, to, amount: '1' });
    const input = { order, signatures: await world.sign(order, world.signersOf(uscc)) };
    for (const caller of [otherUser, treasurer, supervisor])
      await expect(world.run('books:Transfer', input, caller)).rejects.toThrow(/^NOT_YOUR_RECORD/);
  });

  it('takes nothing from another enterprise, whoever signs', async () => {
    // B orders, in its own name and with its own signatures, that A's deposit pays.
    await expect(
      world.carryOut(world.order('TRANSFER', { from, to, amount: '1', enterprise: otherUscc })),
    ).rejects.toThrow(/^NOT_YOUR_RECORD/);
    // B's signatory signs in the name of A.
    const order = world.order('TRANSFER', { from, to, amount: '1' });
    const signatures = await world.sign(order, [world.otherSignatory]);
    await expect(world.run('books:Transfer', { order, signatures }, user)).rejects.toThrow(
      /^SIGNATORY_UNKNOWN/,
    );
  });

  it('is refused beyond what is there, to itself, and to nowhere', async () => {
    await expect(world.carryOut(world.order('TRANSFER', { from, to, amount: '1001' }))).rejects.toThrow(
      /^INSUFFICIENT_FUNDS/,
    );
    await expect(world.carryOut(world.order('TRANSFER', { from, to: from, amount: '1' }))).rejects.toThrow(
      /^INVALID_INPUT\[order.to\]/,
    );
    await expect(
      world.carryOut(world.order('TRANSFER', { from, to: randomId(), amount: '1' })),
    ).rejects.toThrow(/^NOT_FOUND/);
    for (const amount of ['0', '-5', '1.5', '01', '1000000000000000000'])
      await expect(world.carryOut(world.order('TRANSFER', { from, to, amount }))).rejects.toThrow(
        /^INVALID_INPUT\[order.amount\]/,
      );
    expect(await world.balance(from)).toBe('1000');
  });
});

describe('the signatures of an order', () => {
  let from: string;
  let to: string;
  beforeEach(async () => {
    from = await world.deposit('1000');
    to = await world.deposit('0', otherUscc);
  });

  const attempt = async (
    signaturesOf: (order: ReturnType<World['order']>) => Promise<string[]>,
    changes: object = {},
  ) => {
    const order = world.order('TRANSFER', { from, to, amount: '10', ...changes });
    return world.run('books:Transfer', { order, signatures: await signaturesOf(order) }, user);
  };

  it('need the quorum of distinct signatories who may bind the enterprise today', async () => {
    const [anna, bert] = [world.signer(0), world.signer(1)];
    await expect(attempt((order) => world.sign(order, [anna]))).rejects.toThrow(/^QUORUM_MISSING/);
    // One signatory twice, with two nonces.
    await expect(attempt((order) => world.sign(order, [anna, anna]))).rejects.toThrow(/^QUORUM_MISSING/);
    await expect(attempt((order) => world.sign(order, [anna, world.clerk]))).rejects.toThrow(
      /^SIGNATORY_NOT_AUTHORISED\[signatures.1\]/,
    );
    await expect(attempt((order) => world.sign(order, [anna, world.former]))).rejects.toThrow(
      /^SIGNATORY_NOT_AUTHORISED/,
    );
    await expect(attempt((order) => world.sign(order, [anna, newSigner(randomId())]))).rejects.toThrow(
      /^SIGNATORY_UNKNOWN/,
    );
    await expect(
      attempt((order) => world.sign(order, [anna, bert], { nonce: 'the-same-nonce-twice' })),
    ).rejects.toThrow(/^SIGNATURE_REPLAYED/);
    await attempt((order) => world.sign(order, [anna, bert, world.signer(2)]));
    world.enterprise = { ...world.enterprise, status: 'SUSPENDED' };
    await expect(attempt((order) => world.sign(order, [anna, bert]))).rejects.toThrow(
      /^ENTERPRISE_NOT_ACTIVE/,
    );
  });

  it('hold for exactly this order', async () => {
    const both = world.signersOf(uscc);
    const of =
      (changes: object) =>
      (order: object): Promise<string[]> =>
        world.sign({ ...order, ...changes }, both);
    for (const changes of [
      { amount: '11' },
      { to: randomId() },
      { channel: 'lending-bank-b' },
      { action: 'HOLD' },
      { expires: '2027-01-01' },
      { more: true },
      { orderId: randomId() },
    ])
      await expect(attempt(of(changes))).rejects.toThrow(/^STATEMENT_MISMATCH/);
    // A key of a signatory under the name of another.
    const forged = { ...newSigner(world.signer(1).id) };
    await expect(attempt((order) => world.sign(order, [world.signer(0), forged]))).rejects.toThrow(
      /^SIGNATURE_INVALID/,
    );
    await expect(
      attempt((order) => world.sign(order, both, { signatory: world.signer(2).id })),
    ).rejects.toThrow(/^STATEMENT_MISMATCH/);
    await expect(attempt(of({}), { channel: 'lending-bank-b' })).rejects.toThrow(/^STATEMENT_MISMATCH/);
  });

  it('are worth nothing of another type', async () => {
    await expect(
      attempt((order) =>
        Promise.all(
          world
            .signersOf(uscc)
            .map((signer) =>
              signJws(
                { ...order, signatory: signer.id, nonce: randomId(), signedAt: '2026-11-23T04:00:00Z' },
                signer,
                'consent-statement+jws',
              ),
            ),
        ),
      ),
    ).rejects.toThrow(/^SIGNATURE_INVALID/);
  });

  it('end with the order', async () => {
    const both = world.signersOf(uscc);
    await expect(attempt((order) => world.sign(order, both), { expires: '2026-11-22' })).rejects.toThrow(
      /^ORDER_EXPIRED/,
    );
    await attempt((order) => world.sign(order, both), { expires: '2026-11-23' });
  });
});

describe('money in and out', () => {
  it('comes in once for a line of the core system, decided by two', async () => {
    const account = await world.deposit('0');
    const coreReference = randomId();
    await world.issue(account, '500', coreReference);
    await expect(world.issue(account, '500', coreReference)).rejects.toThrow(/^ALREADY_EXISTS/);
    expect(await world.balance(account)).toBe('500');
    await expect(
      world.propose('ISSUE', { account, amount: '1', coreReference: randomId() }, user),
    ).rejects.toThrow(/^UNAUTHORISED_ROLE/);
    await expect(
      world.propose('ISSUE', { account, amount: '-1', coreReference: randomId() }, treasurer),
    ).rejects.toThrow(/^INVALID_INPUT\[content.amount\]/);
  });

  it('goes out by the order of its owner and never by the bank alone', async () => {
    const from = await world.deposit('500');
    const order = world.order('REDEEM', { from, amount: '200' });
    const signatures = await world.sign(order, world.signersOf(uscc));
    await expect(world.approved('REDEEM', { order, signatures: signatures.slice(0, 1) })).rejects.toThrow(
      /^QUORUM_MISSING/,
    );
    await expect(
      world.approved('REDEEM', { order: { ...order, amount: '300' }, signatures }),
    ).rejects.toThrow(/^STATEMENT_MISMATCH/);
    await world.approved('REDEEM', { order, signatures });
    expect(await world.balance(from)).toBe('300');
    await expect(world.approved('REDEEM', { order, signatures })).rejects.toThrow(/^ALREADY_EXISTS/);
    const much = world.order('REDEEM', { from, amount: '301' });
    await expect(
      world.approved('REDEEM', { order: much, signatures: await world.sign(much, world.signersOf(uscc)) }),
    ).rejects.toThrow(/^INSUFFICIENT_FUNDS/);
    const foreign = world.order('REDEEM', { from, amount: '1', enterprise: otherUscc });
    await expect(
      world.approved(
        'REDEEM',
        {
          order: foreign,
          signatures: await world.sign(foreign, world.signersOf(otherUscc)),
        },
        treasurer,
        approver,
      ),
    ).rejects.toThrow(/^NOT_YOUR_RECORD/);
  });
});
