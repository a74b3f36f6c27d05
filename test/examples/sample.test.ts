import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { isUscc } from '../../chaincode/registry/uscc';
import type { RecordType } from '../../chaincode/registry/model';
import { readLines, type Line } from '../../gateway/records/csv';
import { toCsv, type Extract } from '../../examples/sample/extracts';
import { generateSample } from '../../examples/sample/generate';

const sample = generateSample({ seed: '1', enterprises: 300 });
const recordTypeFolder = path.join(__dirname, '../../chaincode/registry/record-types');
const recordTypes = new Map(
  readdirSync(recordTypeFolder).map((file) => {
    const type = JSON.parse(readFileSync(path.join(recordTypeFolder, file), 'utf8')) as RecordType;
    return [type.code, type];
  }),
);
const rowsOf = (recordType: string): Extract['rows'] =>
  sample.extracts.filter((extract) => extract.recordType === recordType).flatMap(({ rows }) => rows);
const honest = sample.enterprises.filter(({ profile }) => !profile.startsWith('FRAUD'));

describe('the sample consortium', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(generateSample({ seed: '1', enterprises: 300 }).extracts).toEqual(sample.extracts);
    expect(generateSample({ seed: '2', enterprises: 300 }).enterprises[0]?.uscc).not.toBe(
      sample.enterprises[0]?.uscc,
    );
  });

  it('has 300 firms with valid and different codes, in both regions and all industries', () => {
    const codes = sample.enterprises.map(({ uscc }) => uscc);
    expect(codes.filter(isUscc)).toHaveLength(300);
    expect(new Set(codes).size).toBe(300);
    expect(new Set(sample.enterprises.map(({ region }) => region.name)).size).toBe(2);
    expect(new Set(sample.enterprises.map(({ industry }) => industry.name)).size).toBe(9);
  });

  it('gives every firm 24 months of filings, monthly or quarterly', () => {
    for (const { uscc, cadence } of sample.enterprises)
      expect(rowsOf('vat-filing').filter((row) => row.uscc === uscc)).toHaveLength(
        cadence === 'MONTHLY' ? 24 : 8,
      );
  });

  it('lets every buyer have received what its sellers issued', () => {
    const [first] = [...sample.books.values()];
    const index = (first?.length ?? 1) - 1;
    for (const { uscc } of sample.enterprises) {
      const received = sample.books.get(uscc)?.[index]?.received ?? [];
      for (const { uscc: seller, amount } of received) {
        const issued = sample.books.get(seller)?.[index]?.issued;
        if (issued !== undefined) expect(issued).toContainEqual(expect.objectContaining({ uscc, amount }));
      }
    }
  });

  it('has honest firms file what they invoice, and more only where consumers buy', () => {
    for (const { uscc, industry } of honest)
      for (const { filedSales, issued } of sample.books.get(uscc) ?? []) {
        const invoiced = issued.reduce((sum, { amount }) => sum + amount, 0n);
        const expected = filedSales - (filedSales * BigInt(industry.uninvoiced)) / 1000n;
        expect(invoiced).toBe(expected);
      }
  });

  it('has overstating firms file more than they invoice at the end, and not before', () => {
    const overstated = sample.enterprises.filter(({ profile }) => profile === 'FRAUD_OVERSTATED');
    expect(overstated.length).toBeGreaterThan(5);
    for (const { uscc } of overstated) {
      const excess = (sample.books.get(uscc) ?? []).map(
        ({ filedSales, issued }) => filedSales > issued.reduce((sum, { amount }) => sum + amount, 0n),
      );
      expect(excess).toEqual([...Array<boolean>(19).fill(false), ...Array<boolean>(6).fill(true)]);
    }
  });

  it('writes balanced statements', () => {
    for (const row of rowsOf('financial-statement'))
      expect(row.total_assets).toBe((row.total_liabilities as bigint) + (row.equity as bigint));
  });

  it.each(sample.extracts.map(({ department, recordType, rows }) => [department, recordType, rows] as const))(
    'writes the extract of %s, %s, without a line that the import refuses',
    async (_, recordType, rows) => {
      const type = recordTypes.get(recordType);
      if (type === undefined) throw new Error(`no record type ${recordType}`);
      const lines: Line[] = [];
      for await (const line of readLines(Readable.from([toCsv(rows)]), type)) lines.push(line);
      expect(lines.filter((line) => 'errors' in line)).toEqual([]);
      expect(lines).toHaveLength(rows.length);
    },
  );
});
