import fc from 'fast-check';
import {
  addDays,
  addLength,
  addMonths,
  dayOf,
  daysBetween,
  startOfDay,
  toInstant,
  toMillis,
  windowOf,
  yearsOf,
} from '../../../chaincode/ledger/calendar';

const millis = fc.integer({ min: Date.UTC(1970, 0, 1), max: Date.UTC(2199, 11, 31) });
const zone = 8 * 3_600_000;

describe('calendar', () => {
  it('agrees with the platform on instants and on dates in UTC+8', () => {
    fc.assert(
      fc.property(millis, (at) => {
        expect(toInstant(at)).toBe(new Date(at).toISOString());
        expect(toMillis(toInstant(at))).toBe(at);
        expect(dayOf(at)).toBe(new Date(at + zone).toISOString().slice(0, 10));
      }),
    );
  });

  it('adds days and months as the platform does where the month is long enough', () => {
    fc.assert(
      fc.property(
        millis,
        fc.integer({ min: -400, max: 400 }),
        fc.integer({ min: -30, max: 30 }),
        (at, days, months) => {
          const day = dayOf(at);
          const later = new Date(`${day}T00:00:00Z`);
          later.setUTCDate(later.getUTCDate() + days);
          expect(addDays(day, days)).toBe(later.toISOString().slice(0, 10));
          expect(daysBetween(day, addDays(day, days))).toBe(days);
          const first = `${day.slice(0, 8)}01`;
          const month = new Date(`${first}T00:00:00Z`);
          month.setUTCMonth(month.getUTCMonth() + months);
          expect(addMonths(first, months)).toBe(month.toISOString().slice(0, 10));
        },
      ),
    );
  });

  it('ends on the last day of a shorter month', () => {
    expect(addMonths('2024-01-31', 1)).toBe('2024-02-29');
    expect(addMonths('2025-01-31', 1)).toBe('2025-02-28');
    expect(addMonths('2024-02-29', 12)).toBe('2025-02-28');
    expect(addMonths('2026-01-15', -1)).toBe('2025-12-15');
  });

  it('keeps the time of day in UTC+8 when it adds a length', () => {
    const at = toMillis('2026-01-30T18:30:00Z');
    expect(dayOf(at)).toBe('2026-01-31');
    expect(toInstant(addLength(at, { unit: 'MONTH', value: 1 }))).toBe('2026-02-27T18:30:00.000Z');
    expect(toInstant(addLength(at, { unit: 'YEAR', value: 1 }))).toBe('2027-01-30T18:30:00.000Z');
    expect(toInstant(addLength(at, { unit: 'DAY', value: 2 }))).toBe('2026-02-01T18:30:00.000Z');
  });

  it('cuts windows at midnight in UTC+8', () => {
    const at = toMillis('2025-12-31T16:00:00Z');
    expect(windowOf(at, 'DAY')).toBe('2026-01-01');
    expect(windowOf(at, 'MONTH')).toBe('2026-01');
    expect(windowOf(at - 1, 'YEAR')).toBe('2025');
    expect(startOfDay('2026-01-01')).toBe(at);
  });

  it('lists the years that a period touches', () => {
    expect(yearsOf({ from: '2024-12-31', to: '2026-01-01' })).toEqual([2024, 2025, 2026]);
    expect(yearsOf({ from: '2024-01-01', to: '2024-12-31' })).toEqual([2024]);
  });

  it.each(['2026-02-29', '2026-13-01', '2026-00-10', '26-01-01'])('refuses %s', (day) => {
    expect(() => startOfDay(day)).toThrow(RangeError);
  });

  it.each([
    '2026-02-28T24:00:00Z',
    '2026-02-28T10:00:60Z',
    '2026-02-28T10:00:00+08:00',
    '2026-02-30T10:00:00Z',
  ])('refuses the instant %s', (instant) => {
    expect(() => toMillis(instant)).toThrow(RangeError);
  });
});
