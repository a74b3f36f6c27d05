import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson } from '../../chaincode/ledger/canonical';
import { decide } from '../../chaincode/lending/applications/decide';
import type { Facts, RecordFact } from '../../chaincode/lending/applications/metrics/facts';
import type { Product } from '../../chaincode/lending/products/model';
import { defaultSample, generateSample } from '../../examples/sample/generate';
import type { Row } from '../../examples/sample/extracts';
import { penaltyOf } from '../../examples/story/year';

const sample = generateSample(defaultSample);
const product = JSON.parse(
  readFileSync(join(__dirname, '../../chaincode/lending/products/working-capital.json'), 'utf8'),
) as Product;

/** What bank A may see of a firm: the records dated in the months that it asks for, as the agencies attest them. */
function factsAbout(uscc: string, { from, to } = { from: '2024-11-01', to: '2026-10-31' }): Facts {
  const records = sample.extracts.flatMap(({ recordType, department, rows }) =>
    rows
      .filter((row) => row.uscc === uscc)
      .map((row) => recordOf(recordType, department, row))
      .filter(({ period }) => period.from <= to && period.to >= from),
  );
  const asked = product.evidence
    .map(({ recordType }) => recordType)
    .filter((type) => type !== 'social-insurance');
  return {
    day: '2026-11-24',
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
    assurance: 'ISSUED',
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

  it('compute the penalty by hand, for 13 nights at 6 % a year of 360 days', () => {
    // 50,101.64 × 0.06 × 13 ÷ 360 = 108.5535…
    expect(penaltyOf(5_010_164n, '0.0400')).toBe('10855');
    // 1,000.00 × 0.06 × 13 ÷ 360 = 2.1666…, up.
    expect(penaltyOf(100_000n, '0.0400')).toBe('217');
  });
});
