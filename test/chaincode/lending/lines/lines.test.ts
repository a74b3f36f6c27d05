import { digestOf } from '../../../../chaincode/ledger/canonical';
import type { StatementLine } from '../../../../chaincode/lending/books/model';
import type { Drawdown, DrawQuote } from '../../../../chaincode/lending/lines/model';
import type { StoredFact } from '../../../../chaincode/lending/loans/model';
import {
  LineWorld,
  account,
  applicant,
  lending,
  limit,
  officer,
  otherUscc,
  randomId,
  regulator,
  servicer,
  supervisor,
  user,
  uscc,
} from './world';

let lines: LineWorld;

beforeEach(async () => {
  lines = await LineWorld.open();
});
afterEach(() => {
  const { holds, faults } = lines.trialBalance();
  expect([holds, faults]).toEqual([true, []]);
});

describe('a credit line', () => {
  it('opens with its acceptance: nothing drawn, all of it there', async () => {
    const { world, lineId } = lines;
    expect((await world.view(lineId)).application.state).toBe('ACTIVE');
    expect(await lines.line(applicant)).toMatchObject({
      line: { limit: String(limit), state: 'OPEN', loans: [], drawdowns: 0, drawBy: '2027-11-23' },
      used: '0',
      available: String(limit),
    });
    const { text } = await world.offerView(lineId);
    expect(text.join('\n')).toContain(
      'Credit line of:      CNY 500,000.00, drawn and repaid again and again',
    );
    const listed = await world.query<{ items: unknown[] }>('lines:List', {}, applicant);
    expect(listed.items).toEqual([await lines.line()]);
    const content = { applicationId: lineId, loanId: randomId(), enterprise: uscc };
    await expect(world.fourEyes('DISBURSE', content)).rejects.toThrow('STATE_CONFLICT');
  });

  it('pays each drawdown out as a loan of its own, with its fee as a line of its own', async () => {
    const loanId = await lines.draw('20000000', { termMonths: 6 });
    const { loan, position } = await lines.loan(loanId);
    expect(loan).toMatchObject({
      lineId: lines.lineId,
      paidTo: account,
      terms: { principal: '20000000', termMonths: 6, type: 'LAM', rate: { annual: '0.0485' } },
    });
    expect(position.principal).toBe('20000000');
    expect(await lines.line()).toMatchObject({
      line: { loans: [loanId], drawdowns: 1 },
      used: '20000000',
      available: '30000000',
    });
    const { items } = await lines.world.query<{ items: StatementLine[] }>(
      'books:Statement',
      { accountId: account },
      applicant,
    );
    // 0.2 % of the drawdown.
    expect(items.map(({ kind, amount, balance }) => [kind, amount, balance])).toEqual([
      ['FEE', '-40000', '19960000'],
      ['DISBURSEMENT', '20000000', '20000000'],
    ]);
  });

  it('revolves: what is repaid can be drawn again', async () => {
    const first = await lines.draw(String(limit));
    await expect(lines.draw('1000000')).rejects.toThrow('LINE_LIMIT_EXCEEDED[order.amount]');
    await lines.prepay(first, '20000000', false);
    const second = await lines.draw('20000000');
    expect((await lines.line()).line.loans).toEqual([first, second]);
    await lines.issue('10000000');
    await lines.prepay(first, '40000000', true);
    const third = await lines.draw('30000000');
    expect(await lines.line()).toMatchObject({
      line: { loans: [second, third], drawdowns: 3 },
      used: '50000000',
      available: '0',
    });
  });

  it('holds its limit when two draw at once: the second is computed on a state that has changed', async () => {
    const { ledger } = lines.world;
    const [one, two] = [lines.order('30000000'), lines.order('30000000')];
    for (const order of [one, two]) await lines.orderDraw(order);
    const endorsed = [await lines.endorsePayout(one), await lines.endorsePayout(two)];
    expect(endorsed.map((transaction) => ledger.commit(transaction, lending))).toEqual([
      'VALID',
      'MVCC_READ_CONFLICT',
    ]);
    await expect(lines.endorsePayout(two)).rejects.toThrow('LINE_LIMIT_EXCEEDED');
    expect((await lines.line()).used).toBe('30000000');
  });

  it('says what a drawdown would cost before anybody signs it', async () => {
    const { lineId } = lines;
    const asked = { lineId, amount: '12000000', termMonths: 3 };
    const quote = await lines.world.query<DrawQuote>('lines:Quote', asked, applicant);
    expect(quote).toMatchObject({ validOn: '2026-11-23', fees: '24000' });
    // 120,000 × 4.85 % × 30/360 and 40,000 of principal.
    expect(quote.schedule[0]).toEqual({
      number: 1,
      dueDate: '2026-12-23',
      principal: '4000000',
      interest: '48500',
      total: '4048500',
    });
    expect(quote.schedule).toHaveLength(3);
    await expect(lines.world.query('lines:Quote', { ...asked, termMonths: 13 }, applicant)).rejects.toThrow(
      'PRODUCT_LIMIT_EXCEEDED[termMonths]',
    );
    await expect(lines.world.query('lines:Quote', asked, user(otherUscc))).rejects.toThrow('NOT_YOUR_RECORD');
  });

  it('is closed by the borrower once nothing is owed, and by the bank when nothing can be drawn any more', async () => {
    const { world, lineId } = lines;
    const loanId = await lines.draw('20000000');
    await expect(lines.close()).rejects.toThrow('STATE_CONFLICT');
    await expect(lines.close(user(otherUscc))).rejects.toThrow('UNAUTHORISED_ROLE');
    await expect(lines.close(servicer)).rejects.toThrow('UNAUTHORISED_ROLE');
    await lines.issue('20000000');
    await lines.prepay(loanId, '30000000', true);
    await expect(lines.close(officer)).rejects.toThrow('STATE_CONFLICT');
    world.ledger.tamper(lending, 'lending', 'business-date', { date: '2027-11-24', state: 'OPEN' });
    await expect(lines.draw('20000000')).rejects.toThrow('OFFER_EXPIRED');
    await lines.close(officer);
    expect((await world.view(lineId)).application.state).toBe('REPAID');
    expect(await lines.line()).toMatchObject({ line: { state: 'CLOSED' }, available: '0' });
    await expect(lines.close()).rejects.toThrow('LINE_NOT_OPEN');
    await expect(lines.draw('20000000')).rejects.toThrow('STATE_CONFLICT');
  });
});

describe('a drawdown', () => {
  it('takes the quorum over this very order, brought by the borrower, and is carried out once', async () => {
    const { world } = lines;
    const order = lines.order('20000000');
    await expect(lines.orderDraw(order, [0])).rejects.toThrow('QUORUM_MISSING');
    await expect(lines.orderDraw(order, [0, 1], officer)).rejects.toThrow('NOT_YOUR_RECORD');
    const signatures = await lines.sign(order);
    const other = { ...order, amount: '30000000' };
    await expect(world.submit('lines:Draw', { order: other, signatures }, applicant)).rejects.toThrow(
      'STATEMENT_MISMATCH',
    );
    const content = lines.content(order);
    await expect(world.fourEyes('DRAW_DOWN', content)).rejects.toThrow('NOT_FOUND');
    await world.submit('lines:Draw', { order, signatures }, applicant);
    await expect(world.submit('lines:Draw', { order, signatures }, applicant)).rejects.toThrow(
      'ALREADY_EXISTS',
    );
    await expect(lines.orderDraw({ ...order, orderId: randomId() })).rejects.toThrow('ALREADY_EXISTS');
    const both = { ...officer, attributes: { ...officer.attributes, role: 'credit-officer,approver' } };
    await expect(world.fourEyes('DRAW_DOWN', content, both, both)).rejects.toThrow('SAME_PERSON');
    await expect(world.fourEyes('DRAW_DOWN', { ...content, enterprise: otherUscc })).rejects.toThrow(
      'TERMS_MISMATCH',
    );
    await world.fourEyes('DRAW_DOWN', content);
    await expect(world.fourEyes('DRAW_DOWN', content)).rejects.toThrow('STATE_CONFLICT');
    await expect(lines.draw('20000000', { expires: '2026-11-22' })).rejects.toThrow('ORDER_EXPIRED');
    await expect(lines.draw('20000000', { channel: 'lending-bank-b' })).rejects.toThrow('STATEMENT_MISMATCH');
  });

  it('can be withdrawn until it is paid out, and lapses with its last day', async () => {
    const { world, lineId } = lines;
    const order = lines.order('20000000', { expires: '2026-11-23' });
    const { loanId } = order;
    await lines.orderDraw(order);
    const page = { lineId };
    const { items } = await world.query<{ items: Drawdown[] }>('lines:ListDrawdowns', page, officer);
    expect(items).toMatchObject([{ loanId, state: 'ORDERED', order: { amount: '20000000' } }]);
    await expect(world.query('lines:ListDrawdowns', page, user(otherUscc))).rejects.toThrow(
      'NOT_YOUR_RECORD',
    );
    world.ledger.now += 86_400_000;
    await expect(world.fourEyes('DRAW_DOWN', lines.content(order))).rejects.toThrow('ORDER_EXPIRED');
    await expect(world.submit('lines:WithdrawDraw', { lineId, loanId }, officer)).rejects.toThrow(
      'NOT_YOUR_RECORD',
    );
    await world.submit('lines:WithdrawDraw', { lineId, loanId }, applicant);
    await expect(world.submit('lines:WithdrawDraw', { lineId, loanId }, applicant)).rejects.toThrow(
      'STATE_CONFLICT',
    );
    const found = await world.query<Drawdown>('lines:GetDrawdown', { lineId, loanId }, applicant);
    expect(found.state).toBe('WITHDRAWN');
  });

  it('is refused beyond line, sheet or product', async () => {
    for (const [amount, changes, refusal] of [
      ['999999', {}, 'PRODUCT_LIMIT_EXCEEDED[order.amount]'],
      ['50000001', {}, 'LINE_LIMIT_EXCEEDED[order.amount]'],
      ['20000000', { termMonths: 13 }, 'PRODUCT_LIMIT_EXCEEDED[order.termMonths]'],
      ['20000000', { termMonths: 2 }, 'PRODUCT_LIMIT_EXCEEDED[order.termMonths]'],
      ['20000000', { purpose: 'SHARES' }, 'PRODUCT_LIMIT_EXCEEDED[order.purpose]'],
      ['20000000', { from: 'account-9999999999' }, 'TERMS_MISMATCH[order.from]'],
      ['20000000', { lineId: randomId() }, 'NOT_FOUND'],
    ] as const)
      await expect(lines.draw(amount, changes)).rejects.toThrow(refusal);
    expect((await lines.line()).used).toBe('0');
  });

  it('stops while a loan of the line is past due, and goes on once it is cured', async () => {
    const loanId = await lines.draw('12000000');
    await lines.redeem('11976000');
    await lines.closeThrough('2026-12-24');
    expect((await lines.loan(loanId)).position.daysPastDue).toBe(1);
    await expect(lines.draw('1000000')).rejects.toThrow('LINE_NOT_OPEN');
    await lines.issue('2000000');
    const { date } = await lines.today();
    await lines.repay(loanId, '2000000');
    expect(await lines.today()).toEqual({ date, state: 'OPEN' });
    await lines.draw('1000000');
  });

  it('goes on under the consent that replaced the one it was decided on, and ends with that', async () => {
    const { world } = lines;
    const { consent } = world;
    await world.consented({ replaces: { consentId: consent.consentId, digest: digestOf(consent) } });
    await lines.draw('12000000');
    await world.revoke();
    await expect(lines.draw('12000000')).rejects.toThrow('CONSENT_NOT_ACTIVE');
  });

  it('ends with the consent and with the regulator, and what was drawn goes on', async () => {
    const { world } = lines;
    const loanId = await lines.draw('12000000');
    const { code } = world.product;
    await world.submit('products:Suspend', { code, reason: 'SANDBOX_LIMIT' }, supervisor, [regulator]);
    await expect(lines.draw('12000000')).rejects.toThrow('PRODUCT_NOT_OPEN');
    await world.submit('products:Resume', { code }, supervisor, [regulator]);
    await lines.draw('12000000');
    await world.revoke();
    await expect(lines.draw('12000000')).rejects.toThrow('CONSENT_NOT_ACTIVE');
    await lines.closeThrough('2026-12-23');
    expect((await lines.loan(loanId)).position.principal).toBe('11000000');
  });

  it('takes what the signed direct debit can collect', async () => {
    lines = await LineWorld.open({}, { cap: '4500000' });
    await expect(lines.draw('20000000', { termMonths: 3 })).rejects.toThrow('MANDATE_EXCEEDED');
    await lines.draw('20000000', { termMonths: 6 });
  });

  it('is held against the rate ceiling by its own term: a fee weighs more on a short one', async () => {
    const { product } = lines.world;
    lines = await LineWorld.open({
      fees: [{ code: 'drawing', rate: '0.01', amount: '0' }],
      ceilings: product.ceilings.map((ceiling) => ({
        ...ceiling,
        ceiling: { kind: 'ANNUAL' as const, annual: '0.08' },
      })),
    });
    await expect(lines.draw('20000000', { termMonths: 3 })).rejects.toThrow('RATE_CEILING_EXCEEDED');
    await lines.draw('20000000', { termMonths: 12 });
  });

  it('goes to a payee above the threshold', async () => {
    lines = await LineWorld.open({ entrustedAbove: '10000000' });
    await expect(lines.draw('10000001')).rejects.toThrow('INVALID_INPUT[order.payee]');
    const payee = { name: 'Supplier Ltd', account: 'core-account-0000000' };
    await expect(lines.draw('10000001', { payee })).rejects.toThrow('INSUFFICIENT_FUNDS');
    await lines.issue('20001');
    const loanId = await lines.draw('10000001', { payee });
    expect((await lines.loan(loanId)).loan.paidTo).toBe(payee.account);
    // The fee of 0.2 % is the borrower's, and nothing is taken off what the payee gets.
    expect(await lines.balance()).toBe('1');
    await expect(lines.world.applied({ payee })).rejects.toThrow('INVALID_INPUT[payee]');
    await lines.world.applied({ amount: '200000000' });
  });

  it('counts again where a payment of it turns out to be none, though the line was closed meanwhile', async () => {
    const { world, lineId } = lines;
    const loanId = await lines.draw('12000000');
    await lines.closeThrough('2026-12-31');
    await lines.issue('12000000');
    await lines.prepay(loanId, '12000000', true);
    await lines.closeThrough('2027-01-02');
    await lines.close();
    const sequence = (await world.query<StoredFact[]>('loans:Facts', { loanId }, officer)).length - 1;
    await world.fourEyes('REVERSE_PAYMENT', { loanId, sequence, reason: 'RETURNED' });
    expect(await lines.line()).toMatchObject({ line: { state: 'OPEN' }, used: '11000000' });
    expect((await world.view(lineId)).application.state).toBe('ACTIVE');
    await lines.prepay(loanId, '12000000', true);
    await lines.closeThrough('2027-01-04');
    await lines.close();
    expect((await world.view(lineId)).application.state).toBe('REPAID');
  });
});
