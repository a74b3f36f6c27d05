import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { daysBetween } from '../../chaincode/ledger/calendar';
import type { RecordType } from '../../chaincode/registry/model';
import { readLines, type Line } from '../../gateway/records/csv';
import { toCsv, type Row } from '../../examples/sample/extracts';
import { generateSample } from '../../examples/sample/generate';

const sample = generateSample({ seed: '1', enterprises: 300 });
const byCode = new Map(sample.enterprises.map((enterprise) => [enterprise.uscc, enterprise]));
const rowsOf = (recordType: string) =>
  sample.buyerExtracts
    .filter((extract) => extract.recordType === recordType)
    .flatMap(({ buyer, rows }) => rows.map((row) => ({ buyer, row })));
const orders = rowsOf('purchase-order');
const payments = rowsOf('payment');
const text = (row: Row, column: string): string => String(row[column]);

describe('the buyers’ orders and payments', () => {
  it('leave the agencies’ extracts as they were', () => {
    const hash = createHash('sha256');
    for (const { department, recordType, rows } of sample.extracts)
      hash.update(`${department}${recordType}${toCsv(rows)}`);
    expect(hash.digest('hex')).toBe('f3eb32fe073e2b1de49a36be3c648337cbaea8efa5a04b5db3faa1e691d161f7');
  });

  it('are the same for the same seed', () => {
    expect(generateSample({ seed: '1', enterprises: 300 }).buyerExtracts).toEqual(sample.buyerExtracts);
  });

  it('are a modest number, about the first firm by all of its buyers, and by each ring about itself', () => {
    expect(orders.length).toBeGreaterThan(300);
    expect(orders.length + payments.length).toBeLessThan(3000);
    const [first] = sample.enterprises;
    const buyers = new Set(
      (sample.books.get(first?.uscc ?? '') ?? []).flatMap(({ issued }) => issued.map(({ uscc }) => uscc)),
    );
    const known = [...buyers].filter((uscc) => byCode.has(uscc)).sort();
    const attesting = orders.filter(({ row }) => row.uscc === first?.uscc).map(({ buyer }) => buyer);
    expect([...new Set(attesting)].sort()).toEqual(known);
    const ring = sample.enterprises.filter(({ profile }) => profile === 'FRAUD_ROUND_TRIP');
    for (const { uscc } of ring) expect(orders.filter(({ row }) => row.uscc === uscc).length).toBe(6);
  });

  it('order what the supplier invoiced in that month, with tax', () => {
    for (const { buyer, row } of orders) {
      const supplier = byCode.get(text(row, 'uscc'));
      const month = sample.books
        .get(text(row, 'uscc'))
        ?.find(({ from }) => from.slice(0, 7) === text(row, 'ordered_on').slice(0, 7));
      const invoiced = month?.issued.find(({ uscc }) => uscc === buyer)?.amount ?? 0n;
      const tax = (invoiced * BigInt(supplier?.industry.vatBasisPoints ?? 0)) / 10_000n;
      expect(row.amount).toBe(invoiced + tax);
      expect(row.buyer).toBe(buyer);
      expect(buyer).not.toBe(row.uscc);
    }
  });

  it('are paid once and in full, in time but by those in distress, and never in the future', () => {
    const open = new Map(orders.map(({ buyer, row }) => [`${buyer}/${text(row, 'order_number')}`, row]));
    expect(open.size).toBe(orders.length);
    for (const { buyer, row } of payments) {
      const key = `${buyer}/${text(row, 'order_number')}`;
      const order = open.get(key);
      open.delete(key);
      expect(order).toMatchObject({ uscc: row.uscc, amount: row.amount, due_on: row.due_on });
      expect(text(row, 'paid_on') <= '2026-10-31').toBe(true);
      const delay = daysBetween(text(row, 'due_on'), text(row, 'paid_on'));
      expect(delay > 0).toBe(byCode.get(buyer)?.profile === 'DISTRESSED');
    }
    for (const row of open.values()) expect(text(row, 'due_on') > '2026-09-15').toBe(true);
  });

  it.each(['purchase-order', 'payment'])('have no line of type %s that the import refuses', async (code) => {
    const file = path.join(__dirname, `../../chaincode/registry/record-types/${code}.json`);
    const type = JSON.parse(readFileSync(file, 'utf8')) as RecordType;
    const rows = rowsOf(code).map(({ row }) => row);
    const lines: Line[] = [];
    for await (const line of readLines(Readable.from([toCsv(rows)]), type)) lines.push(line);
    expect(lines.filter((line) => 'errors' in line)).toEqual([]);
    expect(lines).toHaveLength(rows.length);
  });
});
