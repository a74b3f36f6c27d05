import { digestOf } from '../../../chaincode/ledger/canonical';
import { contracts } from '../../../chaincode/lending';
import type { PaymentOrder } from '../../../chaincode/lending/books/payment-order';
import type { Evidence, EvidenceInput } from '../../../chaincode/registry/model';
import {
  channel,
  LoansWorld,
  otherUscc,
  randomId,
  regulator,
  servicer as servicerIdentity,
  start,
  uscc,
} from '../../chaincode/lending/loans/world';
import { person, TestGateway } from './gateways';

const treasurer = person('treasurer');
const approver = person('approver');
const officer = person('credit-officer');
const owner = person('enterprise-user', uscc);
const other = person('enterprise-user', otherUscc);
const supervisor = person('supervisor');

/** The enterprise has channels with two banks. */
class TwoBanks extends LoansWorld {
  constructor() {
    super();
    const deployed = contracts.map((Class) => new Class());
    this.ledger.deploy('lending-bank-b', 'lending', deployed, [['BankBMSP', regulator]]);
  }

  override evidence(asked: EvidenceInput): Evidence {
    const evidence = super.evidence(asked);
    const second = { name: 'lending-bank-b', bank: 'BankBMSP', clockSkewSeconds: 300 };
    const { consortium } = evidence;
    return { ...evidence, consortium: { ...consortium, channels: [...consortium.channels, second] } };
  }
}

let world: LoansWorld;
let bank: TestGateway;
let platform: TestGateway;
let authority: TestGateway;
beforeAll(async () => {
  // One gateway an organisation, before each test's own world.
  const current = {
    get ledger() {
      return world.ledger;
    },
  };
  bank = await TestGateway.of(current, 'bank-a', [treasurer, approver, officer]);
  platform = await TestGateway.of(current, 'enterprise', [owner, other]);
  authority = await TestGateway.of(current, 'regulator', [supervisor]);
});
beforeEach(() => {
  world = new TwoBanks();
});

async function signed(order: PaymentOrder, signers = world.signersOf(order.enterprise)) {
  return { order, signatures: await world.sign(order, signers) };
}

const transferOf = (from: string, to: string, amount: string, changes: object = {}) =>
  world.order('TRANSFER', { from, to, amount, ...changes });

describe('a bank', () => {
  it('opens a deposit, and two persons put money into it', async () => {
    const opened = await bank.post(treasurer, '/v1/accounts', { owner: uscc }, 'open-account-1');
    expect(opened.status).toBe(201);
    expect(opened.body).toMatchObject({ bank: 'BankAMSP', owner: uscc, balance: '0', status: 'OPEN' });
    const { accountId } = opened.body;
    const content = { account: accountId, amount: '5000', coreReference: randomId() };
    const proposed = await bank.post(treasurer, '/v1/proposals', { action: 'ISSUE', content });
    expect(proposed.body).toMatchObject({ status: 'PROPOSED', digest: digestOf(content) });
    const path = `/v1/proposals/${proposed.body.proposalId}`;
    expect((await bank.get(approver, '/v1/proposals')).body.items).toHaveLength(1);

    const own = await bank.post(treasurer, `${path}:approve`, { digest: digestOf(content) });
    expect([own.status, own.body.code]).toEqual([403, 'SAME_PERSON']);
    const wrong = await bank.post(approver, `${path}:approve`, { digest: digestOf({}) });
    expect([wrong.status, wrong.body.code]).toEqual([409, 'APPROVAL_MISMATCH']);
    const approved = await bank.post(approver, `${path}:approve`, { digest: digestOf(content) });
    expect([approved.status, approved.body.status]).toEqual([200, 'EXECUTED']);
    const again = await bank.post(approver, `${path}:approve`, { digest: digestOf(content) });
    expect(again.body.code).toBe('APPROVAL_NOT_OPEN');

    expect((await bank.get(officer, `/v1/accounts/${accountId}`)).body.balance).toBe('5000');
    const { items } = (await bank.get(officer, `/v1/accounts/${accountId}/statement`)).body;
    expect(items).toMatchObject([{ kind: 'ISSUE', amount: '5000', balance: '5000' }]);
    const entry = await authority.get(supervisor, `/v1/entries/${items[0]?.entryId ?? ''}?bank=BankAMSP`);
    expect(entry.body.lines).toHaveLength(2);
  });

  it('finds a proposal that an attempt before a crash made, or carried out', async () => {
    const account = await world.deposit();
    const body = { action: 'ISSUE', content: { account, amount: '70', coreReference: randomId() } };
    bank.ledger.fault = (name, moment) => name === 'approvals:Propose' && moment === 'after';
    expect((await bank.post(treasurer, '/v1/proposals', body, 'propose-1')).status).toBe(504);
    bank.ledger.fault = undefined;
    const proposed = await bank.post(treasurer, '/v1/proposals', body, 'propose-1');
    expect(proposed.status).toBe(201);

    const path = `/v1/proposals/${proposed.body.proposalId}:approve`;
    const digest = { digest: proposed.body.digest };
    bank.ledger.fault = (name, moment) => name === 'approvals:Approve' && moment === 'after';
    expect((await bank.post(approver, path, digest, 'approve-1')).status).toBe(504);
    bank.ledger.fault = undefined;
    const approved = await bank.post(approver, path, digest, 'approve-1');
    expect([approved.status, approved.body.status]).toEqual([200, 'EXECUTED']);
    expect(await world.balance(account)).toBe('70');
  });

  it('has what it may not do refused by scope, and by the contract', async () => {
    const account = await world.deposit();
    const content = { account, amount: '70', coreReference: randomId() };
    const scoped = await bank.post(approver, '/v1/proposals', { action: 'ISSUE', content });
    expect([scoped.status, scoped.body.code]).toEqual([403, 'INSUFFICIENT_SCOPE']);
    const refused = await bank.post(officer, '/v1/proposals', { action: 'ISSUE', content });
    expect([refused.status, refused.body.code]).toEqual([403, 'UNAUTHORISED_ROLE']);
    const bad = await bank.post(treasurer, '/v1/proposals', {
      action: 'ISSUE',
      content: { ...content, amount: '-1' },
    });
    expect([bad.status, bad.body.code, bad.body.errors[0]?.field]).toEqual([
      400,
      'INVALID_INPUT',
      'content.amount',
    ]);
  });
});

describe('an enterprise', () => {
  it('moves money by an order that is carried out once', async () => {
    const [from, to] = [await world.deposit('1000'), await world.deposit()];
    const body = await signed(transferOf(from, to, '300'));
    const first = await platform.post(owner, '/v1/transfers', body);
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({ bank: 'BankAMSP', action: 'TRANSFER', digest: digestOf(body.order) });
    const second = await platform.post(owner, '/v1/transfers', body);
    expect([second.status, second.body]).toEqual([201, first.body]);
    const { orderId } = body.order;
    const changed = await signed(transferOf(from, to, '301', { orderId }));
    const third = await platform.post(owner, '/v1/transfers', changed);
    expect([third.status, third.body.code]).toEqual([409, 'ALREADY_EXISTS']);
    expect([await world.balance(from), await world.balance(to)]).toEqual(['700', '300']);
    expect((await platform.get(owner, `/v1/orders/${orderId}`)).body).toEqual(first.body);
  });

  it('learns what became of an order whose answer was lost', async () => {
    const [from, to] = [await world.deposit('1000'), await world.deposit()];
    const body = await signed(transferOf(from, to, '1000'));
    platform.ledger.fault = (_name, moment) => moment === 'after';
    expect((await platform.post(owner, '/v1/transfers', body, 'transfer-1')).status).toBe(504);
    platform.ledger.fault = undefined;
    // By now the order is too old to be carried out.
    world.ledger.now += 30 * 86_400_000;
    expect((await platform.post(owner, '/v1/transfers', body, 'transfer-1')).status).toBe(201);
    const later = await signed(transferOf(from, to, '1'));
    expect((await platform.post(owner, '/v1/transfers', later)).body.code).toBe('ORDER_EXPIRED');
    expect(await world.balance(to)).toBe('1000');
  });

  it('is refused too few signatures, more than there is, another channel', async () => {
    const [from, to] = [await world.deposit('1000'), await world.deposit()];
    const few = await signed(transferOf(from, to, '300'), [world.signer(0)]);
    expect((await platform.post(owner, '/v1/transfers', few)).body).toMatchObject({
      status: 422,
      code: 'QUORUM_MISSING',
    });
    const much = await signed(transferOf(from, to, '1001'));
    expect((await platform.post(owner, '/v1/transfers', much)).body).toMatchObject({
      status: 409,
      code: 'INSUFFICIENT_FUNDS',
    });
    const elsewhere = await signed(transferOf(from, to, '1', { channel: 'lending-bank-x' }));
    expect((await platform.post(owner, '/v1/transfers', elsewhere)).body).toMatchObject({
      status: 422,
      code: 'STATEMENT_MISMATCH',
      errors: [{ field: 'order.channel' }],
    });
  });

  it('holds money and pays a part of it', async () => {
    const [from, to] = [await world.deposit('1000'), await world.deposit()];
    const hold = await signed(world.order('HOLD', { from, to, amount: '600', until: '2026-12-01' }));
    const placed = await platform.post(owner, '/v1/holds', hold);
    expect(placed.body).toMatchObject({ holdId: hold.order.orderId, state: 'PENDING' });
    const holdId = placed.body.holdId;
    const post = await signed(world.order('POST_HOLD', { from, to, amount: '250', holdId }));
    const wrong = await platform.post(owner, `/v1/holds/${randomId()}:post`, post);
    expect(wrong.body.code).toBe('STATEMENT_MISMATCH');
    const posted = await platform.post(owner, `/v1/holds/${holdId}:post`, post);
    expect(posted.body).toMatchObject({ state: 'POSTED', posted: '250' });
    expect([await world.balance(from), await world.balance(to)]).toEqual(['750', '250']);
  });

  it('sees its own accounts and no other’s', async () => {
    const [mine, theirs] = [await world.deposit('5'), await world.deposit('6', otherUscc)];
    const { items } = (await platform.get(owner, '/v1/accounts')).body;
    expect(items).toMatchObject([{ bank: 'BankAMSP', accountId: mine }]);
    const path = `/v1/accounts?bank=BankAMSP&owner=${otherUscc}`;
    expect((await platform.get(owner, path)).body.code).toBe('NOT_YOUR_RECORD');
    expect((await authority.get(supervisor, '/v1/accounts?bank=BankAMSP')).body.items).toHaveLength(2);
    expect((await bank.get(officer, `/v1/accounts/${theirs}`)).body.balance).toBe('6');
  });

  it('has to name a bank that it shares a channel with', async () => {
    expect((await platform.get(owner, '/v1/business-days/current')).body).toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ field: 'bank', message: 'is missing' }],
    });
    expect((await platform.get(owner, '/v1/accounts?bank=BankXMSP')).body.code).toBe('UNKNOWN_ORGANISATION');
    const path = '/v1/business-days/current?bank=BankAMSP';
    expect((await platform.get(owner, path)).body).toEqual({ bank: 'BankAMSP', date: start, state: 'OPEN' });
  });
});

describe('business days', () => {
  it('are closed when asked for, no further than a year, and show their totals', async () => {
    const account = await world.deposit('0');
    await world.loan(account);
    const asked = await bank.post(treasurer, '/v1/business-days:close', { through: '2026-11-24' });
    expect([asked.status, asked.body.state]).toEqual([202, 'AHEAD']);
    expect(await bank.closeOrders.through(channel)).toBe('2026-11-24');
    const far = await bank.post(treasurer, '/v1/business-days:close', { through: '2036-11-24' });
    expect([far.status, far.body.code]).toEqual([409, 'BUSINESS_DATE_AHEAD']);
    await world.run('days:StartClose', { date: start }, servicerIdentity);
    const day = `/v1/business-days/${start}`;
    expect((await bank.get(officer, day)).body).toMatchObject({ state: 'CLOSING', close: { pages: 0 } });
    await world.run('days:ClosePage', { date: start, loans: 5 }, servicerIdentity);
    await world.run('days:Complete', { date: start }, servicerIdentity);
    expect((await bank.get(officer, day)).body).toMatchObject({
      state: 'CLOSED',
      close: { done: true, totals: { loans: 1 } },
    });
    expect((await bank.get(officer, '/v1/business-days/2026-11-24')).body.state).toBe('OPEN');
    expect((await bank.get(officer, '/v1/business-days/2026-11-22')).body.code).toBe('NOT_FOUND');
  });

  it('begin once', async () => {
    world.ledger.state(channel, 'lending').public.delete('business-date');
    expect((await bank.get(officer, '/v1/business-days/current')).body.code).toBe('BUSINESS_DAY_NOT_OPEN');
    const begin = (date: string) => bank.post(treasurer, '/v1/business-days:begin', { date });
    expect((await begin(start)).status).toBe(201);
    expect((await begin(start)).status).toBe(201);
    expect((await begin('2026-11-24')).body.code).toBe('ALREADY_EXISTS');
  });
});

describe('a loan', () => {
  it('pays what is due, and no more, once', async () => {
    const account = await world.deposit('1000');
    const loanId = await world.loan(account);
    await world.closeThrough('2026-12-24');
    await world.issue(account, '500000');
    const path = `/v1/loans/${loanId}`;
    const order = (changes: object = {}) =>
      world.order('REPAY', { from: account, loanId, amount: '300000', ...changes });
    const body = await signed(order());
    const astray = await platform.post(owner, '/v1/loans/another-loan-0000000/repayments', body);
    expect([astray.status, astray.body.errors[0]?.field]).toEqual([422, 'order.loanId']);
    const unsigned = { ...body, signatures: body.signatures.slice(0, 1) };
    expect((await platform.post(owner, `${path}/repayments`, unsigned)).body.code).toBe('QUORUM_MISSING');

    const paid = await platform.post(owner, `${path}/repayments`, body, 'repayment-1');
    expect([paid.status, paid.body]).toMatchObject([201, { position: { unpaid: [], penaltyDue: '0' } }]);
    // 106,000 fell due on the 23rd, of which 1,000 were there; 9 % a year on the 105,000 left, for two days.
    expect(await world.balance(account)).toBe(String(500_000 - 105_000 - 53));
    expect((await platform.post(owner, `${path}/repayments`, body, 'repayment-1')).status).toBe(201);
    expect((await platform.post(owner, `${path}/repayments`, body, 'repayment-2')).status).toBe(201);
    expect(await world.balance(account)).toBe(String(500_000 - 105_000 - 53));

    const more = await platform.post(owner, `${path}/repayments`, await signed(order()));
    expect([more.status, more.body.code]).toEqual([409, 'STATE_CONFLICT']);
    const foreign = await world.deposit('5000', otherUscc);
    const others = world.order('REPAY', {
      ...{ enterprise: otherUscc, from: foreign, loanId, amount: '1' },
    });
    const meddling = await platform.post(other, `${path}/repayments`, await signed(others));
    expect([meddling.status, meddling.body.code]).toEqual([403, 'NOT_YOUR_RECORD']);
  });

  it('is read with facts, schedule and quote, repaid and prepaid', async () => {
    const account = await world.deposit('5000000');
    const loanId = await world.loan(account);
    const path = `/v1/loans/${loanId}`;
    expect((await platform.get(owner, '/v1/loans')).body.items).toMatchObject([
      { bank: 'BankAMSP', loan: { loanId } },
    ]);
    expect((await bank.get(officer, '/v1/loans')).body.items).toHaveLength(1);
    expect((await bank.get(officer, `/v1/loans?enterprise=${uscc}`)).body.items).toHaveLength(1);
    expect((await bank.get(officer, `${path}/schedule`)).body.items).toHaveLength(12);
    await world.closeThrough('2026-12-01');

    const quote = (await bank.get(officer, `${path}/quote`)).body;
    expect(quote).toMatchObject({ validOn: '2026-12-02', principal: '1200000' });
    const order = (members: object) =>
      world.order('PREPAY', {
        ...{ from: account, loanId, amount: quote.total, extent: 'FULL' as const },
        ...{ quotedFor: '2026-12-02', ...members },
      });
    const stale = await signed(order({ quotedFor: '2026-12-01' }));
    expect((await platform.post(owner, `${path}/prepayments`, stale)).body.code).toBe('QUOTE_EXPIRED');
    const paid = await platform.post(owner, `${path}/prepayments`, await signed(order({})));
    expect([paid.status, paid.body.position.status]).toEqual([201, 'REPAID']);
    expect((await platform.get(owner, `${path}/facts`)).body.items).toHaveLength(2);
    expect((await platform.get(other, path)).body.code).toBe('NOT_YOUR_RECORD');
  });
});
