import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { paymentOrderType, type PaymentOrder } from '../../chaincode/lending/books/payment-order';
import { verifyQuorum } from '../../chaincode/lending/signatures';
import type { Enterprise } from '../../chaincode/registry/model';
import { createKeyFile, unlock, type SigningKey } from '../../signer/keyfile';
import { describePaymentOrder, parsePaymentOrder, signPaymentOrder, yuan } from '../../signer/payment-order';

const compiled = process.env.SIGNER_MAIN ?? resolve(__dirname, '../../dist/signer/main.js');

const shared = {
  channel: 'lending-bank-a',
  orderId: 'order-0123456789abcdef',
  enterprise: '91310000MA1K4BCD3X',
  from: 'account-from-0123456',
  expires: '2099-12-31',
};
const others = { to: 'account-to-0123456789', amount: '1234567' };
const orders: readonly PaymentOrder[] = [
  { action: 'TRANSFER', ...shared, ...others },
  { action: 'HOLD', ...shared, ...others, until: '2026-12-24' },
  { action: 'POST_HOLD', ...shared, ...others, holdId: 'hold-0123456789abcdef' },
  { action: 'VOID_HOLD', ...shared, holdId: 'hold-0123456789abcdef' },
  { action: 'REDEEM', ...shared, amount: '1234567' },
  { action: 'REPAY', ...shared, amount: '1234567', loanId: 'loan-0123456789abcdef' },
  {
    action: 'PREPAY',
    ...shared,
    amount: '1234567',
    loanId: 'loan-0123456789abcdef',
    extent: 'PART',
    quotedFor: '2026-12-24',
  },
  {
    action: 'DRAW_DOWN',
    ...shared,
    amount: '1234567',
    lineId: 'line-0123456789abcdef',
    loanId: 'loan-0123456789abcdef',
    termMonths: 6,
    purpose: 'STOCK',
  },
];

function enterpriseOf(signers: readonly SigningKey[]): Enterprise {
  return {
    uscc: shared.enterprise,
    name: 'Example',
    status: 'ACTIVE',
    mandate: { required: signers.length },
    signatories: signers.map(({ signatory, jwk }) => ({
      id: signatory,
      jwk,
      office: 'DIRECTOR',
      from: '2020-01-01',
    })),
    registeredBy: 'department:amr-shanghai',
    version: 1,
  };
}

it.each([
  ['1', 'CNY 0.01'],
  ['99', 'CNY 0.99'],
  ['100', 'CNY 1.00'],
  ['123456', 'CNY 1,234.56'],
  ['99900', 'CNY 999.00'],
  ['100000', 'CNY 1,000.00'],
  ['999999999999999999', 'CNY 9,999,999,999,999,999.99'],
])('reads %s fen as %s', (fen, words) => {
  expect(yuan(fen)).toBe(words);
});

it.each(orders.map((order) => [order.action, order] as const))('says all of a %s', (_action, order) => {
  const words = describePaymentOrder(order).join('\n');
  for (const [member, value] of Object.entries(order))
    if (member !== 'action' && member !== 'extent')
      expect(words).toContain(typeof value === 'object' ? value.name : String(value));
  expect(parsePaymentOrder(JSON.stringify(order))).toEqual(order);
});

it('names the payee of a drawdown in place of the own account', () => {
  const [draw] = orders.slice(-1);
  const paid = { ...draw, payee: { name: 'Supplier\u202e Ltd', account: 'account-payee-012345' } };
  const words = describePaymentOrder(parsePaymentOrder(JSON.stringify(paid))).join('\n');
  expect(words).toContain('Paid out to:   Supplier\\u{202e} Ltd, account account-payee-012345');
  expect(words).not.toContain(`Paid out to:   the account`);
});

it('shows and signs nothing that is no order', () => {
  for (const wrong of [
    {},
    { ...orders[0], note: 'hidden' },
    { ...orders[0], amount: '1e3' },
    { ...orders[0], action: 'GIVE' },
    { ...orders[0], to: 'a\u202eb-0123456789abcdef' },
  ])
    expect(() => parsePaymentOrder(JSON.stringify(wrong))).toThrow('not a payment order');
});

it('signs what the contract takes for the quorum, and nothing that has expired', async () => {
  const signers = await Promise.all(
    [0, 1].map(async () => unlock(await createKeyFile('correct horse'), 'correct horse')),
  );
  const [first] = signers;
  if (first === undefined) throw new Error('no signer');
  for (const order of orders) {
    const signatures = await Promise.all(
      signers.map((signer) => signPaymentOrder(order, signer, '2026-11-23T04:00:00.000Z')),
    );
    const quorum = {
      enterprise: enterpriseOf(signers),
      typ: paymentOrderType,
      common: order,
      day: '2026-11-23',
      field: 'signatures',
    };
    expect((await verifyQuorum(signatures, quorum)).map(({ signatory }) => signatory)).toEqual(
      signers.map(({ signatory }) => signatory).sort(),
    );
  }
  const [order] = orders;
  if (order === undefined) throw new Error('no order');
  // 16:30 UTC on the 23rd is the 24th in UTC+8.
  await expect(
    signPaymentOrder({ ...order, expires: '2026-11-23' }, first, '2026-11-23T16:30:00.000Z'),
  ).rejects.toThrow('until 2026-11-23 only');
});

it('is a command that shows, then signs, by exit codes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'payment-order-'));
  try {
    const path = (name: string) => join(folder, name);
    writeFileSync(path('passphrase'), 'correct horse\n');
    const run = (args: readonly string[], input = '') =>
      spawnSync(process.execPath, [compiled, ...args], { input, encoding: 'utf8', timeout: 20_000 });
    const key = ['--key', path('key.json'), '--passphrase-file', path('passphrase')];
    expect(run(['create', ...key]).status).toBe(0);
    const text = JSON.stringify(orders[0]);
    expect(run(['show-order', '-'], text)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('CNY 12,345.67') as string,
    });
    const signed = run(['sign-order', '--order', '-', ...key, '--yes'], text);
    expect(signed).toMatchObject({ status: 0, stderr: expect.stringContaining('leaves at once') as string });
    expect(signed.stdout.trim().split('.')).toHaveLength(3);
    expect(run(['sign-order', '--order', '-', ...key], text)).toMatchObject({ status: 1, stdout: '' });
    expect(run(['sign-order', '--order', '-', ...key, '--yes'], '{}')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('Refused') as string,
    });
    expect(run(['sign-order', ...key])).toMatchObject({ status: 2 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
