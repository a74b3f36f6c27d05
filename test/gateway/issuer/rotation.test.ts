import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Consortium } from '../../../chaincode/registry/model';
import { followConsortium, openIssuers } from '../../../gateway/issuer';
import { fingerprintOf, newDepartmentKey } from '../../../network/set-up';

const name = 'department:tax-shanghai';
let directory: string;
let now: number;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'rotation-'));
  now = Date.parse('2026-11-30T04:00:00Z');
});
afterEach(() => rmSync(directory, { recursive: true }));

const newKey = () => newDepartmentKey(directory, 'tax', 'tax-shanghai');
const stateWith = (keys: Consortium['organisations'][number]['departments'][number]['keys']) => ({
  organisations: [
    {
      msp: 'TaxMSP',
      name: 'tax',
      roles: ['government' as const],
      departments: [
        { id: 'tax-shanghai', name: 'Tax', region: 'Shanghai', registers: false, recordTypes: [], keys },
      ],
    },
  ],
});

describe('keys of a department', () => {
  it('follow one another on the day that was voted, without a restart', async () => {
    const old = await newKey();
    const issuers = await openIssuers(directory, 'tax', () => now);
    const next = await newKey();
    expect(next.kid).not.toBe(old.kid);
    expect(issuers.get(name)?.signer.kid).toBe(old.kid);
    issuers.follow(
      stateWith([
        { ...next, from: '2026-12-01' },
        { ...old, from: '2000-01-01', to: '2026-12-01' },
      ]),
    );
    expect(issuers.get(name)?.signer.kid).toBe(old.kid);
    // Midnight in UTC+8.
    now = Date.parse('2026-11-30T16:00:00Z');
    expect(issuers.get(name)?.signer.kid).toBe(next.kid);
  });

  it('sign nothing where none in force is held, whatever else the state names', async () => {
    const old = await newKey();
    const elsewhere = { kid: 'elsewhere', jwk: old.jwk, from: '2026-11-01' };
    const issuers = await openIssuers(directory, 'tax', () => now);
    issuers.follow(stateWith([{ ...old, from: '2000-01-01' }, elsewhere]));
    expect(issuers.get(name)?.signer.kid).toBe(old.kid);
    issuers.follow(stateWith([{ ...old, from: '2000-01-01', to: '2026-11-29' }, elsewhere]));
    expect(() => issuers.get(name)?.signer).toThrow(/holds no key of the department that is in force/);
  });

  it('stay as last known while the ledger is out of reach', async () => {
    const { kid } = await newKey();
    const issuers = await openIssuers(directory, 'tax', () => now);
    const warn = jest.fn();
    const following = await followConsortium(issuers, () => Promise.reject(new Error('unreachable')), {
      warn,
    });
    following.stop();
    expect(warn).toHaveBeenCalledTimes(1);
    expect(issuers.get(name)?.signer.kid).toBe(kid);
  });

  it('are private, and have a fingerprint that can be read aloud', async () => {
    await newKey();
    const next = await newKey();
    const folder = path.join(directory, 'organisations', 'tax', 'departments', 'tax-shanghai');
    expect(readdirSync(folder)).toEqual([`${next.kid}.jwk`]);
    expect(statSync(path.join(folder, `${next.kid}.jwk`)).mode & 0o777).toBe(0o600);
    expect(fingerprintOf(next)).toMatch(/^([0-9a-f]{4} ){15}[0-9a-f]{4}$/);
    expect(JSON.stringify(next)).not.toContain('"d"');
  });
});
