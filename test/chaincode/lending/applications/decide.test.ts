import fc from 'fast-check';
import { decide, knocksOut, pointsOf } from '../../../../chaincode/lending/applications/decide';
import { measure } from '../../../../chaincode/lending/applications/metrics';
import type { Facts, RecordFact } from '../../../../chaincode/lending/applications/metrics/facts';
import { metricCodes, type MetricCode } from '../../../../chaincode/lending/products/model';
import { checkProduct } from '../../../../chaincode/lending/products/rules';
import { exampleProduct } from './world';

const product = exampleProduct();
const asked = { amount: 50_000_000n, termMonths: 12 };
const pad = (value: number) => String(value).padStart(2, '0');

let count = 0;
function record(recordType: string, from: string, to: string, fields: Record<string, unknown>): RecordFact {
  const id = `record-${String(++count).padStart(12, '0')}`;
  return {
    id,
    requestId: id,
    digest: id,
    recordType,
    issuer: 'department:x',
    period: { from, to },
    assurance: 'FILED',
    fields,
  };
}

/** Month by its distance back from October 2026. */
function month(back: number): [string, string] {
  const at = 2026 * 12 + 9 - back;
  const [year, number] = [Math.floor(at / 12), (at % 12) + 1];
  const last = new Date(Date.UTC(year, number, 0)).getUTCDate();
  return [`${year}-${pad(number)}-01`, `${year}-${pad(number)}-${pad(last)}`];
}

const vat = (back: number, sales: number, paid = sales / 20) =>
  record('vat-filing', ...month(back), {
    filingStatus: 'FILED',
    sales: String(sales),
    taxPayable: String(sales / 20),
    taxPaid: String(paid),
  });
const facts = (...records: RecordFact[]): Facts => ({
  day: '2026-11-23',
  records,
  delivered: [
    ...new Set(records.map(({ recordType }) => recordType)),
    'tax-arrears',
    'administrative-penalty',
  ],
});
const months = (numbers: number, of: (back: number) => RecordFact) =>
  Array.from({ length: numbers }, (_, back) => of(back));
const valueOf = (metric: MetricCode, given: Facts) =>
  measure(given, { ...asked, testRate: '0.08' }).find((found) => found.metric === metric)?.value;

describe('a metric', () => {
  // Year 24 months back: 12 × 1,000,000; latest: 12 × 1,200,000.
  const two = facts(...months(24, (back) => vat(back, back < 12 ? 1_200_000 : 1_000_000)));
  const invoices = (back: number) =>
    record('e-invoices', ...month(back), {
      issuedAmount: '1080000',
      buyers: [
        { uscc: 'A', amount: '810000', count: 1 },
        { uscc: 'B', amount: '270000', count: 1 },
      ],
    });
  const payroll = (back: number) =>
    record('social-insurance', ...month(back), { payroll: back < 6 ? '90' : '100' });
  const day = (type: string, fields: Record<string, unknown>) =>
    record(type, '2026-05-01', '2026-05-01', fields);
  const statement = record('financial-statement', '2025-01-01', '2025-12-31', {
    operatingCashFlow: '99000000',
    interestExpense: '6000000',
  });
  it.each<[MetricCode, Facts, string | null]>([
    ['annual-revenue', two, '14400000'],
    ['annual-revenue', facts(...months(11, (back) => vat(back, 1_000_000))), null],
    [
      'annual-revenue',
      facts(...months(13, (back) => vat(back, 1_000_000)).filter((_, at) => at !== 5)),
      null,
    ],
    ['revenue-growth', two, '0.2'],
    ['revenue-growth', facts(...months(23, (back) => vat(back, 1_000_000))), null],
    ['revenue-volatility', two, '0'],
    // Six months of 1 and six of 3 (million): mean 2, deviation 1.
    [
      'revenue-volatility',
      facts(...months(12, (back) => vat(back, back < 6 ? 1_000_000 : 3_000_000))),
      '0.5',
    ],
    ['periods-not-filed', two, '0'],
    ['tax-paid-share', facts(...months(12, (back) => vat(back, 1_000_000, 40_000))), '0.8'],
    ['tax-burden-change', two, '0'],
    ['invoice-deviation', facts(...two.records, ...months(12, invoices)), '0.1'],
    ['buyer-concentration', facts(...months(12, invoices)), '0.75'],
    ['years-in-business', facts(day('business-registration', { establishedOn: '2023-05-24' })), '3.416667'],
    ['operating', facts(day('business-registration', { operatingStatus: 'ABNORMAL' })), '0'],
    ['tax-credit-rating', facts(day('tax-credit-rating', { rating: 'M', year: 2025 })), '2'],
    ['tax-arrears', facts(), '0'],
    ['tax-arrears', { ...facts(), delivered: [] }, null],
    [
      'tax-arrears',
      facts(day('tax-arrears', { amount: '700' }), day('tax-arrears', { amount: '300' })),
      '1000',
    ],
    [
      'penalties-unsettled',
      facts(day('administrative-penalty', { settled: false, decidedOn: '2020-01-01' })),
      '1',
    ],
    [
      'penalties-recent',
      facts(day('administrative-penalty', { settled: true, decidedOn: '2024-11-22' })),
      '0',
    ],
    [
      'penalties-recent',
      facts(day('administrative-penalty', { settled: true, decidedOn: '2024-11-23' })),
      '1',
    ],
    ['payroll-trend', facts(...months(12, payroll)), '-0.1'],
    // (99 + 6) ÷ (6 + 50 × 1.08) million = 105 ÷ 60.
    ['debt-service-coverage', facts(statement), '1.75'],
    ['debt-service-coverage', facts(), null],
  ])('%s', (metric, given, value) => {
    expect(valueOf(metric, given)).toBe(value);
  });

  it('is not available without evidence, except what is counted as none', () => {
    const none = measure({ day: '2026-11-23', records: [], delivered: [] }, { ...asked, testRate: '0.08' });
    expect(none.map(({ metric }) => metric)).toEqual([...metricCodes]);
    expect(none.every(({ value }) => value === null)).toBe(true);
  });
});

describe('the scorecard', () => {
  const item = {
    metric: 'revenue-growth' as const,
    bands: [{ points: 1 }, { from: '0', points: 2 }, { from: '0.5', points: 3 }],
    notAvailable: -5,
  };
  it.each([
    [null, -5],
    ['-0.000001', 1],
    ['0', 2],
    ['0.499999', 2],
    ['0.5', 3],
  ])('%s gives %i', (value, points) => {
    expect(pointsOf(item, value)).toBe(points);
  });

  it.each([
    ['BELOW', '1', '0.99', true],
    ['BELOW', '1', '1', false],
    ['ABOVE', '1', '1', false],
    ['ABOVE', '1', '1.01', true],
    ['ABOVE', '1', null, true],
  ] as const)('knocks out %s %s at %s: %s', (when, value, measured, out) => {
    expect(knocksOut({ metric: 'operating', when, value, notAvailable: true }, measured)).toBe(out);
  });
});

describe('a decision', () => {
  it('takes the least bound for its limit and says which', () => {
    checkProduct(product);
    const good = months(24, (back) => vat(back, back < 12 ? 12_000_000 : 11_000_000));
    // B: a fifth of 144,000,000 fen, in steps of 100,000.
    expect(decide(product, asked, facts(...good))).toMatchObject({
      outcome: 'APPROVED',
      limit: '28800000',
      reasons: ['LIMIT_BY_REVENUE'],
    });
  });

  it('is never above product or revenue, names a reason for every no, and is the same again', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.integer({ min: 0, max: 60_000_000 }).map((value) => value * 20),
          { minLength: 0, maxLength: 26 },
        ),
        fc.bigInt({ min: 1_000_000n, max: 300_000_000n }),
        (sales, amount) => {
          const given = facts(...sales.map((value, back) => vat(back, value)));
          const result = decide(product, { amount, termMonths: 12 }, given);
          expect(
            decide(product, { amount, termMonths: 12 }, { ...given, records: [...given.records].reverse() }),
          ).toEqual(result);
          if (result.outcome === 'DECLINED') {
            expect(result.reasons.length).toBeGreaterThan(0);
            expect(result.limit).toBe('0');
            return;
          }
          const revenue = sales.slice(0, 12).reduce((sum, value) => sum + value, 0);
          expect(BigInt(result.limit)).toBeLessThanOrEqual(BigInt(product.maximumAmount));
          expect(Number(result.limit)).toBeLessThanOrEqual(revenue / 4);
          expect(BigInt(result.limit) % BigInt(product.limit.step)).toBe(0n);
        },
      ),
      { numRuns: 300 },
    );
  });
});
