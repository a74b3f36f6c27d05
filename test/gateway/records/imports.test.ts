import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { pino } from 'pino';
import type { RecordType } from '../../../chaincode/registry/model';
import { Attester } from '../../../gateway/records/attester';
import { CsvFormError, readLines, type Line } from '../../../gateway/records/csv';
import { Imports, mostBytes, type Import } from '../../../gateway/records/imports';
import { RegistryClient } from '../../../gateway/records/registry';
import { memoryStore } from '../../../gateway/store';
import { tax, usccOf, World } from '../../chaincode/registry/world';
import { ContractLedger, localIssuer, type Moment } from './contract-ledger';

const header =
  'uscc,period_from,period_to,cadence,assurance,filing_status,sales,output_tax,input_tax,tax_payable,tax_paid,filed_on';
const row = (enterprise: number, month: number, sales = '100') => {
  const mm = String(month).padStart(2, '0');
  const last = new Date(Date.UTC(2026, month, 0)).toISOString().slice(0, 10);
  return `${usccOf(enterprise)},2026-${mm}-01,${last},MONTHLY,FILED,FILED,${sales},13,5,8,8,2026-${mm}-28`;
};
const file = (...rows: string[]) => [header, ...rows].join('\n') + '\n';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'imports-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

let world: World;
let vatFiling: RecordType;
let keys: string;
afterAll(() => rmSync(keys, { recursive: true, force: true }));
const shared = { issuer: undefined as ReturnType<typeof localIssuer> | undefined };
beforeAll(async () => {
  world = await World.setUp();
  keys = mkdtempSync(path.join(tmpdir(), 'issuer-'));
  shared.issuer = localIssuer(world, 'tax-shanghai', keys);
  const found = world.state.recordTypes.find(({ code }) => code === 'vat-filing');
  if (found === undefined) throw new Error('no record type');
  vatFiling = found;
});

/** A gateway process: what it keeps in memory is gone with it; ledger, store and keys stay. */
function gateway(ledger: ContractLedger, store = memoryStore()) {
  if (shared.issuer === undefined) throw new Error('no issuer');
  const attester = new Attester(shared.issuer, () => new Date(world.ledger.now));
  const imports = new Imports(folder, store, pino({ level: 'silent' }));
  const registry = new RegistryClient(ledger, tax, 'attester.tax-shanghai');
  const order = { registry, attester, issuer: 'department:tax-shanghai', recordType: vatFiling };
  return {
    imports,
    send: async (text: string): Promise<Import> =>
      (await imports.start(order, Readable.from([Buffer.from(text)]))).done,
  };
}

/** What lies on the ledger of one enterprise's filings: sequence number and period of each anchored record. */
async function anchored(enterprise: number) {
  const handle = shared.issuer?.secrets.handle(usccOf(enterprise), 'vat-filing', 2026) ?? '';
  const registry = new RegistryClient(new ContractLedger(world, tax), tax, 'attester.tax-shanghai');
  const index = (await registry.indexes([handle])).get(handle);
  const anchors = await registry.anchors(index?.entries.map(({ id }) => id) ?? []);
  const head = (await registry.heads([handle])).get(handle);
  return {
    head,
    stored: index?.entries.length ?? 0,
    seqs: [...anchors.values()].map(({ seq }) => seq).sort((a, b) => a - b),
    periods: index?.entries.map(({ period }) => period.from) ?? [],
  };
}

describe('lines of a file', () => {
  const read = async (text: string) => {
    const lines: Line[] = [];
    for await (const line of readLines(Readable.from([text]), vatFiling)) lines.push(line);
    return lines;
  };

  it('are facts, or errors that name line and field and never a value', async () => {
    const lines = await read(
      file(
        row(1, 1),
        row(1, 2).replace(',100,', ',12.5,'),
        row(1, 3).replace(usccOf(1), '91310000MA0000000Z'),
        row(1, 4).replace('2026-04-30', '2026-04-29'),
        `${row(1, 5)},one-too-many`,
        row(1, 6).replace('MONTHLY', 'ANNUAL'),
        row(1, 7),
      ),
    );
    const found = new Map(
      lines.map((line) => [line.line, 'errors' in line ? line.errors[0]?.field : 'fact']),
    );
    expect([...found].sort(([a], [b]) => a - b)).toEqual([
      [2, 'fact'],
      [3, 'sales'],
      [4, 'uscc'],
      [5, 'period'],
      [6, ''],
      [7, 'cadence'],
      [8, 'fact'],
    ]);
    expect(JSON.stringify(lines.filter((line) => 'errors' in line))).not.toMatch(/12\.5|91310000|one-too/);
  });

  it('are not read at all under a header that does not fit', async () => {
    await expect(read('uscc,period_from,period_to,turnover\n')).rejects.toThrow('no column "turnover"');
    await expect(read(row(1, 1))).rejects.toThrow(/^the first line is not a header/);
    await expect(read('uscc,uscc,issued_on\n')).rejects.toThrow(CsvFormError);
    await expect(read('uscc,sales\n')).rejects.toThrow('"issued_on"');
  });
});

describe('an import', () => {
  it('attests good lines in spite of bad ones, and counts and lists both', async () => {
    const { send } = gateway(new ContractLedger(world, tax));
    const done = await send(file(row(10, 1), row(10, 2, 'secret'), row(10, 3)));
    expect(done).toMatchObject({ status: 'COMPLETED', lines: 3, attested: 2, refused: 1 });
    expect(done.errors).toEqual([{ line: 3, field: 'sales', message: expect.any(String) as string }]);
    expect(JSON.stringify(done)).not.toContain('secret');
    expect(await anchored(10)).toMatchObject({ head: 2, seqs: [1, 2] });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('does nothing when the same file comes again, and says where a line comes with other content', async () => {
    const ledger = new ContractLedger(world, tax);
    const { send } = gateway(ledger);
    const text = file(row(11, 1), row(11, 2), row(11, 2));
    expect(await send(text)).toMatchObject({ attested: 2, alreadyAttested: 1, refused: 0 });
    const before = ledger.calls.length;
    expect(await send(text)).toMatchObject({ attested: 0, alreadyAttested: 3, refused: 0 });
    expect(ledger.calls.length).toBe(before);
    const changed = await send(file(row(11, 1), row(11, 2, '999')));
    expect(changed).toMatchObject({ attested: 0, alreadyAttested: 1, refused: 1 });
    expect(changed.errors[0]?.line).toBe(3);
    expect(await anchored(11)).toMatchObject({ head: 2, stored: 2 });
  });

  it('refuses a file that is too large, and leaves nothing of it', async () => {
    const { send } = gateway(new ContractLedger(world, tax));
    await expect(send('x'.repeat(mostBytes + 1))).rejects.toMatchObject({ code: 'CONTENT_TOO_LARGE' });
    expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
  });

  it('is worked off once when two send the same file at the same time', async () => {
    const { send } = gateway(new ContractLedger(world, tax));
    const text = file(...[1, 2, 3, 4].map((month) => row(12, month)));
    const both = await Promise.all([send(text), send(text)]);
    expect(both[0]).toBe(both[1]);
    expect(await anchored(12)).toMatchObject({ head: 4, seqs: [1, 2, 3, 4] });
  });

  it('fails where the ledger cannot be reached, and is interrupted where the gateway died', async () => {
    const ledger = new ContractLedger(world, tax);
    ledger.fault = () => true;
    const store = memoryStore();
    const { send, imports } = gateway(ledger, store);
    const failed = await send(file(row(13, 1)));
    expect(failed).toMatchObject({ status: 'FAILED', code: 'LEDGER_UNAVAILABLE', attested: 0 });
    expect(await imports.find(failed.id)).toMatchObject({ status: 'FAILED' });
    await store.put(`import~${failed.id}`, { ...failed, status: 'RUNNING' });
    expect(await gateway(ledger, store).imports.find(failed.id)).toMatchObject({ status: 'INTERRUPTED' });
  });

  it('goes on after any number of failures at any step, and never attests a line twice', async () => {
    let enterprise = 100;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom<'no' | Moment>('no', 'before', 'after'), { maxLength: 6 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 10 }), { minLength: 1, maxLength: 6 }),
        async (faults, filed) => {
          enterprise++;
          const text = file(...filed.map((month) => row(enterprise, month)));
          const left = [...faults];
          let pending: 'no' | Moment = 'no';
          let result: Import | undefined;
          for (let tries = 0; tries <= faults.length && result?.status !== 'COMPLETED'; tries++) {
            // A new process each time: nothing but ledger and keys is left of the last one.
            const ledger = new ContractLedger(world, tax);
            ledger.fault = (_name, moment) => {
              if (moment === 'before') pending = left.shift() ?? 'no';
              return pending === moment;
            };
            result = await gateway(ledger).send(text);
          }
          expect(result?.status).toBe('COMPLETED');
          const expected = filed.map((_, index) => index + 1);
          const found = await anchored(enterprise);
          expect(found).toMatchObject({ head: filed.length, stored: filed.length, seqs: expected });
          expect(new Set(found.periods).size).toBe(filed.length);
        },
      ),
      { numRuns: 25 },
    );
  });
});
