import type { PaymentOrder } from '../../chaincode/lending/books/payment-order';
import type { ConsentArtefact } from '../../chaincode/sharing/model';
import { catalogues, spoken } from '../../signer/language';
import { describePaymentOrder } from '../../signer/payment-order';
import { plain } from '../../signer/plain';
import { describeConsent } from '../../signer/words';
import { artefact } from './artefact';

const id = (of: string): string => `${of}-0123456789abcdef`;

const consent: ConsentArtefact = {
  ...artefact,
  replaces: { consentId: id('replaced'), digest: 'd'.repeat(43) },
  questions: (['SUM', 'COUNT', 'RATIO', 'TREND'] as const).map((measure) => ({
    id: `q-${measure.toLowerCase()}`,
    issuer: 'department:tax',
    recordType: 'payment',
    measure,
    field: 'amount',
    of: 'total',
    months: 12,
    atLeast: '3',
    atMost: '4',
  })),
};

const shared = {
  channel: 'lending-bank-a',
  orderId: id('order'),
  enterprise: '91310000MA1K4BCD3X',
  from: id('account'),
  expires: '2099-12-31',
};
const amount = '1234567';
const to = id('payee');
const holdId = id('hold');
const loanId = id('loan');
const orders: readonly PaymentOrder[] = [
  { action: 'TRANSFER', ...shared, to, amount },
  { action: 'HOLD', ...shared, to, amount, until: '2026-12-24' },
  { action: 'POST_HOLD', ...shared, to, amount, holdId },
  { action: 'VOID_HOLD', ...shared, holdId },
  { action: 'REDEEM', ...shared, amount },
  { action: 'REPAY', ...shared, amount, loanId },
  { action: 'PREPAY', ...shared, amount, loanId, extent: 'PART', quotedFor: '2026-12-24' },
  {
    action: 'DRAW_DOWN',
    ...shared,
    amount,
    lineId: id('line'),
    loanId,
    termMonths: 6,
    purpose: 'STOCK',
    payee: { name: 'Mill', account: to },
  },
];

/** Members that take one of a few words, by the word that stands in the documents above. */
const others: Readonly<Record<string, string>> = {
  PERIODIC: 'ONETIME',
  ONETIME: 'PERIODIC',
  MONTH: 'YEAR',
  SUM: 'COUNT',
  COUNT: 'RATIO',
  RATIO: 'TREND',
  TREND: 'SUM',
  PART: 'FULL',
  TRANSFER: 'HOLD',
  HOLD: 'TRANSFER',
  POST_HOLD: 'TRANSFER',
  VOID_HOLD: 'POST_HOLD',
  REDEEM: 'TRANSFER',
  REPAY: 'REDEEM',
  PREPAY: 'REPAY',
  DRAW_DOWN: 'REPAY',
};

/** The document once for every leaf of it, with that leaf alone another, and where it is. */
function changed(value: unknown, path = ''): [string, unknown][] {
  if (typeof value === 'number') return [[path, value + 6]];
  if (typeof value === 'string') {
    const last = value.endsWith('9') ? '8' : '9';
    return [[path, others[value] ?? `${value.slice(0, -1)}${last}`]];
  }
  return Object.entries(value as object).flatMap(([name, member]) =>
    changed(member, `${path}.${name}`).map(([at, other]): [string, unknown] => [
      at,
      Array.isArray(value)
        ? value.map((old: unknown, index) => (String(index) === name ? other : old))
        : { ...(value as object), [name]: other },
    ]),
  );
}

describe.each(Object.entries(catalogues))('in %s', (_language, words) => {
  it.each([consent, { ...consent, fetchType: 'ONETIME' as const }])(
    'a consent reads otherwise when any member of it is another',
    (given) => {
      const read = describeConsent(given, words).join('\n');
      const unseen = changed(given)
        .filter(([, other]) => describeConsent(other as ConsentArtefact, words).join('\n') === read)
        .map(([at]) => at);
      expect(unseen).toEqual([]);
    },
  );

  it.each(orders.map((order) => [order.action, order] as const))('so does a %s', (_action, order) => {
    const read = describePaymentOrder(order, words).join('\n');
    const unseen = changed(order)
      .filter(([, other]) => describePaymentOrder(other as PaymentOrder, words).join('\n') === read)
      .map(([at]) => at);
    expect(unseen).toEqual([]);
  });
});

it('speaks both languages, one after the other', () => {
  expect(spoken('both', ({ fingerprint }) => [fingerprint])).toEqual(['Fingerprint', '', '数字指纹']);
  expect(spoken('zh', ({ fingerprint }) => [fingerprint])).toEqual(['数字指纹']);
});

it.each([
  ['the direction of writing', 'loan \u202enaol', 'loan \\u{202e}naol'],
  ['a line break that fakes a line', 'loan\nWho asks: B', 'loan\\u{a}Who asks: B'],
  ['spaces that push text to the next line', 'loan   Who asks', 'loan \\u{20}\\u{20}Who asks'],
  ['a Cyrillic letter for a Latin one', 'B\u0430nk', 'B\\u{430}nk'],
  ['a whole word of them', '\u0412\u0430nk', '\\u{412}\\u{430}nk'],
  ['a full-width letter', '\uff22ank', '\\u{ff22}ank'],
  ['a mathematical letter', '\u{1d401}ank', '\\u{1d401}ank'],
  ['an invisible character', 'Ba\u200bnk\u3164\u00ad', 'Ba\\u{200b}nk\\u{3164}\\u{ad}'],
  ['a space that is another', 'Bank\u00a0A\u2800', 'Bank\\u{a0}A\\u{2800}'],
  ['a mark on the letter before', 'a\u0338', 'a\\u{338}'],
  ['a radical for a character', '\u2f00', '\\u{2f00}'],
])('shows %s by its number', (_trick, text, shown) => {
  expect(plain(text)).toBe(shown);
});

it('leaves names in Chinese and English as they are', () => {
  for (const text of ['上海银行（松江）、“诚信”', 'Müller & Sons, Łódź – No. 7'])
    expect(plain(text)).toBe(text);
});
