import fc from 'fast-check';
import { addLength } from '../../../chaincode/ledger/calendar';
import type { Limit } from '../../../chaincode/registry/purpose-model';
import { checkCeilings } from '../../../chaincode/sharing/ceilings';
import { isWithinDuration, isWithinFrequency, isWithinMonths } from '../../../chaincode/sharing/limits';
import type { ConsentArtefact } from '../../../chaincode/sharing/model';
import { evidenceOf, issuer, limit, World } from './world';

const world = new World();
const now = Date.UTC(2026, 10, 23);

function check(changes: Partial<ConsentArtefact>): void {
  const artefact = world.artefact(changes);
  const evidence = evidenceOf(world, {
    uscc: artefact.enterprise,
    issuers: artefact.items.map((item) => item.issuer),
    recordTypes: artefact.items.map((item) => item.recordType),
  });
  checkCeilings(artefact, evidence, now);
}
const item = (changes: object) => ({
  items: [{ recordType: 'vat-filing', issuer, fields: ['sales'], ...changes }],
});

describe('the ceilings of a purpose', () => {
  it('admits what stays below them', () => {
    expect(() => check({})).not.toThrow();
  });

  it.each<[string, Partial<ConsentArtefact>]>([
    ['PURPOSE_CEILING_EXCEEDED[items.0.fields]', item({ fields: ['filedOn'] })],
    ['INVALID_INPUT[items.0.fields]', item({ fields: ['invented'] })],
    ['INVALID_INPUT[items.0.fields]', item({ fields: ['sales', 'sales'] })],
    ['UNKNOWN_RECORD_TYPE[items.0.recordType]', item({ recordType: 'love-letter' })],
    ['UNKNOWN_ISSUER[items.0.issuer]', item({ issuer: 'department:nobody' })],
    ['INVALID_INPUT[items]', { items: [...item({}).items, ...item({ fields: ['taxPaid'] }).items] }],
    ['UNKNOWN_PURPOSE[Purpose.code]', { Purpose: { code: 'CURIOSITY', text: 'x' } }],
    ['INVALID_INPUT[Purpose.text]', { Purpose: { code: 'WORKING_CAPITAL_LOAN', text: 'A harmless survey' } }],
    ['PURPOSE_CEILING_EXCEEDED[DataRange]', { DataRange: { from: '2024-12-31', to: '2026-12-31' } }],
    ['INVALID_INPUT[DataRange]', { DataRange: { from: '2026-01-02', to: '2026-01-01' } }],
    ['PURPOSE_CEILING_EXCEEDED[DataLife]', { DataLife: limit('MONTH', 4) }],
    ['PURPOSE_CEILING_EXCEEDED[DataLife]', { DataLife: limit('DAY', 90) }],
    ['PURPOSE_CEILING_EXCEEDED[Frequency]', { Frequency: limit('DAY', 1) }],
    ['PURPOSE_CEILING_EXCEEDED[Frequency]', { Frequency: limit('YEAR', 3) }],
    ['PURPOSE_CEILING_EXCEEDED[consentExpiry]', { consentExpiry: '2027-11-02T00:00:00Z' }],
    ['INVALID_INPUT[consentExpiry]', { consentExpiry: '2026-11-22T00:00:00Z' }],
    ['PURPOSE_CEILING_EXCEEDED[purgeWithinDays]', { purgeWithinDays: 8 }],
    ['PURPOSE_CEILING_EXCEEDED[evidenceYears]', { evidenceYears: 6 }],
  ])('refuses with %s', (text, changes) => {
    expect(() => check(changes)).toThrow(text);
  });
});

describe('limits', () => {
  const length: fc.Arbitrary<Limit> = fc.record({
    unit: fc.constantFrom('DAY' as const, 'MONTH' as const, 'YEAR' as const),
    value: fc.integer({ min: 1, max: 40 }),
  });
  const instant = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2040, 0, 1) });

  it('calls a duration within another only where it is, wherever both begin', () => {
    fc.assert(
      fc.property(length, length, instant, (asked, most, from) => {
        fc.pre(isWithinDuration(asked, most));
        expect(addLength(from, asked)).toBeLessThanOrEqual(addLength(from, most));
      }),
    );
    expect(isWithinDuration(limit('DAY', 365), limit('YEAR', 1))).toBe(true);
    expect(isWithinDuration(limit('MONTH', 12), limit('YEAR', 1))).toBe(true);
    expect(isWithinDuration(limit('MONTH', 1), limit('DAY', 31))).toBe(true);
    expect(isWithinDuration(limit('DAY', 29), limit('MONTH', 1))).toBe(false);
  });

  it('compares frequencies by what may fall into one window', () => {
    expect(isWithinFrequency(limit('MONTH', 1), limit('YEAR', 12))).toBe(true);
    expect(isWithinFrequency(limit('YEAR', 12), limit('MONTH', 1))).toBe(false);
    expect(isWithinFrequency(limit('DAY', 1), limit('MONTH', 30))).toBe(false);
    expect(isWithinFrequency(limit('MONTH', 3), limit('DAY', 3))).toBe(true);
  });

  it('counts a whole year as twelve months', () => {
    expect(isWithinMonths({ from: '2025-01-01', to: '2025-12-31' }, 12)).toBe(true);
    expect(isWithinMonths({ from: '2025-01-01', to: '2026-01-01' }, 12)).toBe(false);
  });
});
