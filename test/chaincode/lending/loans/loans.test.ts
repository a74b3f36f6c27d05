import { addDays } from '../../../../chaincode/ledger/calendar';
import {
  LoansWorld,
  approver,
  officer,
  otherUser,
  otherUscc,
  randomId,
  servicer,
  start,
  supervisor,
  user,
  uscc,
} from './world';

let world: LoansWorld;
let account: string;

beforeEach(async () => {
  world = new LoansWorld();
  account = await world.deposit('200000');
});
afterEach(() => {
  const { holds, faults, proofs } = world.trialBalance();
  expect(faults).toEqual([]);
  expect(proofs.filter((proof) => !proof.holds)).toEqual([]);
  expect(holds).toBe(true);
});

const repayOrder = (loanId: string, amount: string, members: object = {}) =>
  world.order('REPAY', { from: account, loanId, amount, ...members });

describe('direct debit', () => {
  it('collects what falls due, interest of the days before it and the instalment, and nothing earlier', async () => {
    const loanId = await world.loan(account);
    await world.closeThrough('2026-12-22');
    expect(await world.balance(account)).toBe('200000');
    await world.closeThrough('2026-12-23');
    // 1,200,000 × 6 % × 30/360 = 6,000 and 100,000 of principal.
    expect(await world.balance(account)).toBe('94000');
    const { position, facts } = await world.view(loanId);
    expect(position).toMatchObject({ principal: '1100000', status: 'ACTIVE', daysPastDue: 0, unpaid: [] });
    expect(facts).toBe(2);
    expect((await world.facts(loanId))[1]).toMatchObject({
      source: 'DIRECT_DEBIT',
      account,
      fact: { type: 'PAID', amount: '106000', valueDate: '2026-12-23' },
    });
    expect((await world.close('2026-12-23')).totals).toMatchObject({
      loans: 1,
      collected: '106000',
      principal: '1100000',
      pastDue: 0,
    });
  });

  it('takes what is there, ages the rest, and is cured by a later debit with penalty', async () => {
    const loanId = await world.loan(account);
    await world.closeThrough('2027-01-23');
    // 94,000 were left; 1,100,000 × 6 % × 31/360 = 5,683.33 and 100,000 fell due on 23 January.
    expect(await world.balance(account)).toBe('0');
    const late = (await world.view(loanId)).position;
    expect(late.unpaid).toEqual([{ number: 2, dueDate: '2027-01-23', principal: '11683', interest: '0' }]);
    await world.closeThrough('2027-01-26');
    expect((await world.view(loanId)).position.daysPastDue).toBe(3);
    await world.issue(account, '1000000');
    await world.closeThrough('2027-01-27');
    const cured = (await world.view(loanId)).position;
    expect(cured).toMatchObject({ daysPastDue: 0, unpaid: [], penaltyDue: '0' });
    // 11,683 × 6 % × 1.5 × 4/360 = 11.683 fen of penalty for the 23rd to the 26th.
    expect(await world.balance(account)).toBe(String(1_000_000 - 11_683 - 12));
  });

  it.each([
    ['more than its cap', { cap: '50000' }, '150000'],
    ['anything after it has expired', { expires: '2026-12-22' }, '200000'],
  ])('does not take %s', async (_what, debit, left) => {
    await world.loan(account, {}, debit);
    await world.closeThrough('2026-12-23');
    expect(await world.balance(account)).toBe(left);
  });

  it('leaves held money alone', async () => {
    await world.loan(account);
    const to = await world.deposit('0', otherUscc);
    await world.carryOut(world.order('HOLD', { from: account, to, amount: '150000', until: '2027-12-31' }));
    await world.closeThrough('2026-12-23');
    expect(await world.account(account)).toMatchObject({ balance: '150000', held: '150000' });
  });
});

describe('a repayment', () => {
  it('takes what is due and no more, from the signed account', async () => {
    const loanId = await world.loan(account, {}, { cap: '1' });
    await world.closeThrough('2026-12-24');
    await world.pay(repayOrder(loanId, '150000'));
    const { position } = await world.view(loanId);
    expect(position.unpaid).toEqual([]);
    // With penalty for the 23rd and 24th: 100,000 × 9 % × 2/360 = 50, and 5,999 × 9 % × 2/360 = 3 on the interest.
    expect(await world.balance(account)).toBe(String(200_000 - 106_000 - 53));
  });

  it('is carried out once', async () => {
    const loanId = await world.loan(account, {}, { cap: '1' });
    await world.closeThrough('2026-12-23');
    const order = repayOrder(loanId, '1000');
    await world.pay(order);
    await expect(world.pay(order)).rejects.toThrow('ALREADY_EXISTS');
  });

  it('needs the quorum, the owner, and a deposit of its own', async () => {
    const loanId = await world.loan(account, {}, { cap: '1' });
    await world.closeThrough('2026-12-23');
    const order = repayOrder(loanId, '1000');
    const one = await world.sign(order, [world.signer(0)]);
    await expect(world.run('loans:Repay', { order, signatures: one }, user)).rejects.toThrow(
      'QUORUM_MISSING',
    );
    await expect(world.pay(order, otherUser)).rejects.toThrow('NOT_YOUR_RECORD');
    await expect(world.pay(order, officer)).rejects.toThrow('NOT_YOUR_RECORD');
    const foreign = await world.deposit('5000', otherUscc);
    await expect(world.pay(repayOrder(loanId, '1000', { from: foreign }))).rejects.toThrow('NOT_YOUR_RECORD');
    const others = { from: foreign, enterprise: otherUscc };
    await expect(world.pay(repayOrder(loanId, '1000', others))).rejects.toThrow('NOT_YOUR_RECORD');
  });

  it('is refused where nothing is due, and costs nothing', async () => {
    const loanId = await world.loan(account);
    await expect(world.pay(repayOrder(loanId, '1000'))).rejects.toThrow('STATE_CONFLICT');
    expect(await world.balance(account)).toBe('200000');
  });
});

describe('a prepayment', () => {
  const prepayOrder = (loanId: string, amount: string, extent: 'PART' | 'FULL', quotedFor: string) =>
    world.order('PREPAY', { from: account, loanId, amount, extent, quotedFor });

  it('in whole ends the loan at the price that was quoted for the day', async () => {
    await world.issue(account, '2000000');
    const loanId = await world.loan(account);
    await world.closeThrough('2026-12-02');
    const quote = await world.query<Record<string, string>>('loans:Quote', { loanId }, user);
    // Ten days: 1,200,000 × 6 % × 10/360 = 2,000.
    expect(quote).toMatchObject({
      validOn: '2026-12-03',
      principal: '1200000',
      interest: '2000',
      total: '1202000',
    });
    await world.pay(prepayOrder(loanId, '1202000', 'FULL', '2026-12-03'));
    expect((await world.view(loanId)).position).toMatchObject({ status: 'REPAID', principal: '0' });
    expect(await world.balance(account)).toBe('998000');
    await world.closeThrough('2026-12-04');
    expect((await world.close('2026-12-03')).totals).toMatchObject({ loans: 1, collected: '1202000' });
    expect((await world.close('2026-12-04')).totals).toMatchObject({ loans: 0 });
    expect(world.trialBalance().codes).toMatchObject({ PRINCIPAL: 0n, INTEREST_INCOME: -2000n });
    await expect(world.pay(repayOrder(loanId, '1'))).rejects.toThrow('LOAN_NOT_ACTIVE');
  });

  it('at a quote of another day is refused', async () => {
    await world.issue(account, '2000000');
    const loanId = await world.loan(account);
    await world.closeThrough(start);
    await expect(world.pay(prepayOrder(loanId, '1202000', 'FULL', start))).rejects.toThrow('QUOTE_EXPIRED');
  });

  it('is not quoted while a day is being closed that the loan still has before it', async () => {
    const loanId = await world.loan(account);
    await world.run('days:StartClose', { date: start }, servicer);
    const quote = () => world.query<Record<string, string>>('loans:Quote', { loanId }, user);
    await expect(quote()).rejects.toThrow('LOANS_NOT_CLOSED');
    await world.run('days:ClosePage', { date: start, loans: 10 }, servicer);
    expect(await quote()).toMatchObject({ validOn: addDays(start, 1), principal: '1200000' });
  });

  it('that the terms do not allow is refused', async () => {
    await world.issue(account, '2000000');
    const prepayment = { allowed: false, feeRate: '0', mode: 'SHORTEN' as const, minimum: '0' };
    const loanId = await world.loan(account, { prepayment });
    await expect(world.pay(prepayOrder(loanId, '100000', 'PART', start))).rejects.toThrow(
      'PREPAYMENT_REFUSED',
    );
  });
});

describe('what two officers decide', () => {
  it('writes a loan off and lets nothing more be collected', async () => {
    const poor = await world.deposit('1');
    const loanId = await world.loan(poor);
    await world.closeThrough('2027-01-31');
    await world.approved('WRITE_OFF', { loanId, reason: 'INSOLVENT' }, officer, approver);
    expect((await world.view(loanId)).position).toMatchObject({ status: 'WRITTEN_OFF', principal: '0' });
    await world.issue(poor, '5000000');
    await world.closeThrough('2027-03-01');
    expect(await world.balance(poor)).toBe('5000000');
  });

  it('waives penalty, never more than there is', async () => {
    const poor = await world.deposit('0');
    const loanId = await world.loan(poor);
    await world.closeThrough('2027-01-02');
    const { penaltyDue } = (await world.view(loanId)).position;
    expect(BigInt(penaltyDue)).toBeGreaterThan(0n);
    await world.approved(
      'WAIVE',
      { loanId, component: 'PENALTY', amount: penaltyDue, reason: 'GOODWILL' },
      officer,
      approver,
    );
    expect((await world.view(loanId)).position.penaltyDue).toBe('0');
    await expect(
      world.approved(
        'WAIVE',
        { loanId, component: 'PENALTY', amount: '1', reason: 'GOODWILL' },
        officer,
        approver,
      ),
    ).rejects.toThrow('LOAN_NOT_ACTIVE');
  });

  it('takes a payment back: the money returns, and the books are those without it', async () => {
    const loanId = await world.loan(account);
    await world.closeThrough('2026-12-30');
    await world.approved('REVERSE_PAYMENT', { loanId, sequence: 1, reason: 'RETURNED' }, officer, approver);
    expect(await world.balance(account)).toBe('200000');
    const { position } = await world.view(loanId);
    expect(position).toMatchObject({ principal: '1200000', daysPastDue: 7 });
    expect(position.unpaid).toEqual([
      { number: 1, dueDate: '2026-12-23', principal: '100000', interest: '6000' },
    ]);
    expect((await world.facts(loanId))[1]?.reversedBy).toBeDefined();
    await expect(
      world.approved('REVERSE_PAYMENT', { loanId, sequence: 1, reason: 'RETURNED' }, officer, approver),
    ).rejects.toThrow('NOT_FOUND');
    await world.closeThrough('2026-12-31');
    expect((await world.view(loanId)).position.unpaid).toEqual([]);
  });

  it.each([
    ['on the same day', '2026-12-26'],
    ['after the loan was put away', '2027-02-26'],
  ])('takes the payment back that had ended a loan, %s', async (_when, through) => {
    const other = await world.loan(account);
    const loanId = await world.loan(account);
    await world.closeThrough('2026-12-26');
    await world.issue(account, '5000000');
    const order = world.order('PREPAY', {
      ...{ from: account, loanId, amount: '2000000', extent: 'FULL', quotedFor: '2026-12-27' },
    });
    await world.pay(order);
    expect((await world.view(loanId)).position.status).toBe('REPAID');
    await world.closeThrough(through);
    const sequence = (await world.facts(loanId)).length - 1;
    const { amount } = (await world.facts(loanId))[sequence]?.fact as { amount: string };
    const before = BigInt(await world.balance(account));
    await world.approved('REVERSE_PAYMENT', { loanId, sequence, reason: 'RETURNED' }, officer, approver);
    expect(BigInt(await world.balance(account)) - before).toBe(BigInt(amount));
    // As if it had not been paid: nobody was there to debit the instalments since, so they are past due.
    await world.closeThrough(addDays(through, 1));
    const twin = await world.view(other);
    const revived = (await world.view(loanId)).position;
    expect(revived).toMatchObject({ status: 'ACTIVE', unpaid: [], daysPastDue: 0 });
    expect(revived.principal).toBe(twin.position.principal);
  });
});

describe('a loan that is brought onto the ledger', () => {
  const board = (loans: unknown[]) =>
    world.approved('BOARD_LOANS', { enterprise: uscc, loans }, officer, approver);

  it('needs its borrower, this channel, its terms from today on and its own deposit', async () => {
    const statement = world.boarding(account);
    await expect(board([await world.signBoarding(statement, [world.signer(0)])])).rejects.toThrow(
      'QUORUM_MISSING',
    );
    const foreign = await world.deposit('0', otherUscc);
    await expect(board([await world.signBoarding(world.boarding(foreign))])).rejects.toThrow(
      'NOT_YOUR_RECORD',
    );
    const earlier = world.boarding(account, { startDate: addDays(start, -1) });
    await expect(board([await world.signBoarding(earlier)])).rejects.toThrow('TERMS_MISMATCH');
    const elsewhere = { ...statement, channel: 'lending-bank-b' };
    await expect(board([await world.signBoarding(elsewhere)])).rejects.toThrow('STATEMENT_MISMATCH');
    const signed = await world.signBoarding(statement);
    const richer = { ...signed, statement: { ...statement, terms: { ...statement.terms, principal: '1' } } };
    await expect(board([richer])).rejects.toThrow('STATEMENT_MISMATCH');
    await board([signed]);
    await expect(board([signed])).rejects.toThrow('ALREADY_EXISTS');
  });
});

it('shows a loan to its borrower, the bank and the supervisor, and to nobody else', async () => {
  const loanId = await world.loan(account);
  await expect(world.query('loans:Get', { loanId }, otherUser)).rejects.toThrow('NOT_YOUR_RECORD');
  await expect(world.query('loans:List', { enterprise: uscc }, otherUser)).rejects.toThrow('NOT_YOUR_RECORD');
  for (const whose of [{}, { enterprise: uscc }])
    for (const caller of [user, officer, supervisor]) {
      const page = await world.query<{ items: unknown[] }>('loans:List', whose, caller);
      expect(page.items).toHaveLength(1);
    }
  expect(await world.query('loans:List', {}, otherUser)).toMatchObject({ items: [] });
  await world.closeThrough(start);
  await expect(world.query('days:GetClose', { date: start }, user)).rejects.toThrow('NOT_YOUR_RECORD');
  await expect(world.query('loans:Schedule', { loanId }, user)).resolves.toHaveLength(12);
  await expect(world.query('loans:Get', { loanId: randomId() }, servicer)).rejects.toThrow('NOT_FOUND');
});
