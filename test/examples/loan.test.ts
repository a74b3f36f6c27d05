import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson } from '../../chaincode/ledger/canonical';
import { addDays, dayOf } from '../../chaincode/ledger/calendar';
import { decide } from '../../chaincode/lending/applications/decide';
import { admissible } from '../../chaincode/lending/applications/delivered-facts';
import type { Facts, RecordFact } from '../../chaincode/lending/applications/metrics/facts';
import type { Product } from '../../chaincode/lending/products/model';
import { defaultSample, generateSample, type SampleConsortium } from '../../examples/sample/generate';
import type { Row } from '../../examples/sample/extracts';
import { lastMonthOn } from '../../examples/sample/months';
import { penaltyOf } from '../../examples/story/year';

const sample = generateSample(defaultSample);
const product = JSON.parse(
  readFileSync(join(__dirname, '../../chaincode/lending/products/working-capital.json'), 'utf8'),
) as Product;

/** What bank A may see of a firm: the records dated in the months that it asks for, as the agencies attest them. */
function factsAbout(
  uscc: string,
  { extracts, range: { from, to } }: SampleConsortium = sample,
  day = '2026-11-24',
): Facts {
  const records = extracts.flatMap(({ recordType, department, rows }) =>
    rows
      .filter((row) => row.uscc === uscc)
      .map((row) => recordOf(recordType, department, row))
      .filter(({ period }) => period.from <= to && period.to >= from),
  );
  const asked = product.evidence
    .map(({ recordType }) => recordType)
    .filter((type) => type !== 'social-insurance');
  return {
    day,
    records: records.filter(({ recordType }) => asked.includes(recordType)),
    delivered: asked,
  };
}

function recordOf(recordType: string, department: string, row: Row): RecordFact {
  const from = String(row.period_from ?? row.issued_on);
  return {
    id: `${recordType}-${from}`,
    requestId: 'request',
    digest: 'digest',
    recordType,
    issuer: `department:${department}`,
    period: { from, to: String(row.period_to ?? row.issued_on) },
    assurance: row.assurance === 'FILED' ? 'FILED' : 'ISSUED',
    fields: Object.fromEntries(Object.entries(row).map(([column, cell]) => [camel(column), valueOf(cell)])),
  };
}

const camel = (column: string): string =>
  column.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

function valueOf(cell: Row[string]): unknown {
  if (typeof cell === 'bigint') return cell.toString();
  return typeof cell === 'string' && cell.startsWith('[') ? (JSON.parse(cell) as unknown) : cell;
}

describe('the loans of the story', () => {
  const [borrower, , weak] = sample.enterprises;

  it("are decided by the sample's records: the growing firm is approved", () => {
    const asked = { amount: 60_000_000n, termMonths: 12 };
    const result = decide(product, asked, factsAbout(borrower?.uscc ?? ''));
    expect(result).toMatchObject({ outcome: 'APPROVED', grade: 'A', reasons: [] });
    expect(BigInt(result.limit)).toBeGreaterThanOrEqual(asked.amount);
    const measured = new Map(result.metrics.map(({ metric, value }) => [metric, value]));
    expect(measured.get('operating')).toBe('1');
    expect(Number(measured.get('years-in-business'))).toBeGreaterThan(2);
  });

  it('and the firm in distress is declined, for reasons that its records show', () => {
    const result = decide(product, { amount: 30_000_000n, termMonths: 12 }, factsAbout(weak?.uscc ?? ''));
    expect(weak?.profile).toBe('DISTRESSED');
    expect(result.outcome).toBe('DECLINED');
    expect(result.reasons).toContain('KNOCK_OUT_TAX_ARREARS');
    expect(canonicalJson(result)).not.toContain(weak?.uscc ?? 'uscc');
  });

  it('ends its books with the last month that is filed on the day, and never with a December', () => {
    expect(lastMonthOn('2026-11-15')).toBe('2026-09');
    expect(lastMonthOn('2026-11-16')).toBe('2026-10');
    expect(lastMonthOn('2027-01-16')).toBe('2026-11');
    expect(lastMonthOn('2027-02-15')).toBe('2026-11');
    expect(lastMonthOn('2027-02-16')).toBe('2027-01');
  });

  it('have fresh records on any day of the next three years: the sample goes with the date', () => {
    const samples = new Map<string, SampleConsortium>();
    const today = dayOf(Date.now());
    for (let days = 0; days < 3 * 366; days += 9) {
      const day = addDays(today, days);
      const through = lastMonthOn(day);
      const current = samples.get(through) ?? generateSample({ ...defaultSample, enterprises: 3, through });
      samples.set(through, current);
      for (const { uscc } of [current.enterprises[0], current.enterprises[2]].filter(
        (one) => one !== undefined,
      )) {
        const facts = factsAbout(uscc, current, day);
        // Nothing that the product asks for and the firm's agencies deliver is stale or has a gap.
        expect([day, admissible(product, facts).delivered]).toEqual([day, facts.delivered]);
      }
    }
    expect(samples.size).toBeGreaterThan(30);
  });

  it.each(['2027-01', '2027-05', '2028-07'])('are decided the same way with books through %s', (through) => {
    const current = generateSample({ ...defaultSample, through });
    const [growing, , distressed] = current.enterprises;
    const day = addDays(current.range.to, 20);
    const facts = (uscc = '') => factsAbout(uscc, current, day);
    expect(decide(product, { amount: 60_000_000n, termMonths: 12 }, facts(growing?.uscc))).toMatchObject({
      ...{ outcome: 'APPROVED', grade: 'A' },
    });
    expect(decide(product, { amount: 30_000_000n, termMonths: 12 }, facts(distressed?.uscc)).outcome).toBe(
      'DECLINED',
    );
  });

  it('compute the penalty by hand, for 13 nights at 6 % a year of 360 days', () => {
    // 50,101.64 × 0.06 × 13 ÷ 360 = 108.5535…
    expect(penaltyOf(5_010_164n, '0.0400')).toBe('10855');
    // 1,000.00 × 0.06 × 13 ÷ 360 = 2.1666…, up.
    expect(penaltyOf(100_000n, '0.0400')).toBe('217');
  });
});
