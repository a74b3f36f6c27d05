import { readFileSync } from 'node:fs';
import path from 'node:path';
import { checkSuccessor, rateOn } from '../../../chaincode/registry/reference-data';
import type { DatedCalendar, RateSeries, Reference } from '../../../chaincode/registry/reference-model';
import type { TestIdentity } from '../../support/chaincode/ledger';
import { bankA, officer, platform, tax, user, uscc, World } from './world';

const regulator = 'RegulatorMSP';
const supervisor: TestIdentity = { msp: regulator, attributes: { role: 'supervisor' } };
const lpr: RateSeries = {
  kind: 'RATE',
  code: 'LPR-1Y',
  version: 1,
  values: [
    { from: '2024-10-21', annual: '0.0310' },
    { from: '2025-05-20', annual: '0.0300' },
  ],
};
const calendar: DatedCalendar = {
  kind: 'CALENDAR',
  code: 'CN',
  version: 1,
  from: '2026-01-01',
  to: '2026-12-31',
  holidays: ['2026-01-01', '2026-10-01'],
  workingWeekends: [],
};

describe('published rates', () => {
  it.each([
    ['2024-10-21', '0.0310'],
    ['2025-05-19', '0.0310'],
    ['2025-05-20', '0.0300'],
    ['2030-01-01', '0.0300'],
  ])('hold from their day until the next: %s', (date, annual) => {
    expect(rateOn(lpr, date)).toBe(annual);
  });

  it('are missing before the first', () => {
    expect(() => rateOn(lpr, '2024-10-20')).toThrow('REFERENCE_MISSING');
  });

  it('stand in the sample as they are published', async () => {
    const world = await World.setUp();
    for (const code of ['LPR-1Y', 'LPR-5Y', 'CN']) {
      const file = path.join(__dirname, '../../../chaincode/registry/reference-data', `${code}.json`);
      const given: unknown = JSON.parse(readFileSync(file, 'utf8'));
      await world.submit('PublishReference', given, supervisor, [regulator, tax]);
    }
    const [found] = (await world.query(
      'GetReference',
      { codes: ['LPR-1Y', 'LPR-5Y'] },
      officer,
    )) as Reference[];
    expect(found).toMatchObject({ code: 'LPR-1Y', version: 1 });
    await expect(world.query('GetReference', { codes: ['SHIBOR'] }, user(uscc))).rejects.toThrow(
      'REFERENCE_MISSING',
    );
  });
});

describe('publishing', () => {
  const today = '2026-05-01';
  it.each<[string, Reference, Reference | undefined, string]>([
    ['a version left out', { ...lpr, version: 3 }, lpr, 'VERSION_CONFLICT'],
    ['the same version', lpr, lpr, 'VERSION_CONFLICT'],
    [
      'a value that holds, changed',
      {
        ...lpr,
        version: 2,
        values: [
          { from: '2024-10-21', annual: '0.0310' },
          { from: '2025-05-20', annual: '0.0400' },
        ],
      },
      lpr,
      'STATE_CONFLICT[values]',
    ],
    [
      'a value put in before today',
      { ...lpr, version: 2, values: [...lpr.values, { from: '2026-04-30', annual: '0.0290' }] },
      lpr,
      'STATE_CONFLICT[values]',
    ],
    ['dates out of order', { ...lpr, values: [...lpr.values].reverse() }, undefined, 'INVALID_INPUT[values]'],
    ['another kind', { ...calendar, version: 2 }, lpr, 'INVALID_INPUT[kind]'],
    [
      'a holiday that is past, taken away',
      { ...calendar, version: 2, holidays: ['2026-10-01'] },
      calendar,
      'STATE_CONFLICT[holidays]',
    ],
    ['fewer years', { ...calendar, version: 2, to: '2026-06-30' }, calendar, 'STATE_CONFLICT[from]'],
  ])('refuses %s', (_, next, stored, text) => {
    expect(() => {
      checkSuccessor(next, stored, today);
    }).toThrow(text);
  });

  it('takes what lies in the future, changed', () => {
    checkSuccessor({ ...calendar, version: 2, holidays: ['2026-01-01', '2026-10-02'] }, calendar, today);
    checkSuccessor(
      { ...lpr, version: 2, values: [...lpr.values, { from: today, annual: '0.0290' }] },
      lpr,
      today,
    );
  });

  it('is for the supervisor, and a next version for the regulator alone', async () => {
    const world = await World.setUp();
    await expect(world.submit('PublishReference', lpr, officer, [regulator, tax])).rejects.toThrow(
      'UNAUTHORISED_ROLE',
    );
    const foreign: TestIdentity = { msp: bankA, attributes: { role: 'supervisor' } };
    await expect(world.submit('PublishReference', lpr, foreign, [bankA, tax])).rejects.toThrow(
      'UNAUTHORISED_ROLE',
    );
    await world.submit('PublishReference', lpr, supervisor, [regulator, tax]);
    const next = { ...lpr, version: 2, values: [...lpr.values, { from: '2026-12-21', annual: '0.0290' }] };
    await expect(world.submit('PublishReference', next, supervisor, [tax, platform])).rejects.toThrow(
      'ENDORSEMENT_POLICY_FAILURE',
    );
    await world.submit('PublishReference', next, supervisor, [regulator]);
  });
});
