import fc from 'fast-check';
import { addDays } from '../../../../../chaincode/ledger/calendar';
import {
  parseCycle,
  quarterSettlementDates,
  schedule,
} from '../../../../../chaincode/lending/engine/time/cycle';

const cycle = (text: string) => parseCycle(text);

describe('cycles', () => {
  it('reads durations and stubs', () => {
    expect(cycle('P1ML0')).toEqual({ months: 1, days: 0, stub: 'LONG' });
    expect(cycle('P2WL1')).toEqual({ months: 0, days: 14, stub: 'SHORT' });
    expect(cycle('P1Y6M')).toEqual({ months: 18, days: 0, stub: 'SHORT' });
    expect(cycle('P1QL1')).toEqual({ months: 3, days: 0, stub: 'SHORT' });
    for (const text of ['', 'P', 'P0M', '1M-', 'P1M L', 'P1ML2'])
      expect(() => cycle(text)).toThrow(RangeError);
  });

  it('leaves a remainder to a short period or adds it to the last one', () => {
    const times = (text: string) => schedule('2024-01-15', '2024-04-01', cycle(text), { endOfMonth: 'SD' });
    expect(times('P1ML1')).toEqual(['2024-01-15', '2024-02-15', '2024-03-15', '2024-04-01']);
    expect(times('P1ML0')).toEqual(['2024-01-15', '2024-02-15', '2024-04-01']);
    expect(schedule('2024-01-15', '2024-04-15', cycle('P1ML0'), { endOfMonth: 'SD' })).toHaveLength(4);
    expect(
      schedule('2024-01-15', '2024-04-15', cycle('P1ML0'), { endOfMonth: 'SD', includeEnd: false }),
    ).toEqual(['2024-01-15', '2024-02-15', '2024-03-15']);
  });

  it('keeps to the last day, or to the same day, from the end of a month', () => {
    const times = (endOfMonth: 'EOM' | 'SD', anchor: string) =>
      schedule(anchor, `2023-06-30`, cycle('P1ML1'), { endOfMonth, includeEnd: false });
    expect(times('EOM', '2023-02-28')).toEqual(['2023-02-28', '2023-03-31', '2023-04-30', '2023-05-31']);
    expect(times('SD', '2023-02-28')).toEqual([
      '2023-02-28',
      '2023-03-28',
      '2023-04-28',
      '2023-05-28',
      '2023-06-28',
    ]);
    expect(times('SD', '2023-01-31').slice(1, 3)).toEqual(['2023-02-28', '2023-03-31']);
    expect(times('EOM', '2023-03-30').slice(1, 3)).toEqual(['2023-04-30', '2023-05-30']);
  });

  it('needs an anchor, and without a cycle has only anchor and end', () => {
    expect(schedule(undefined, '2024-01-01', cycle('P1M'), { endOfMonth: 'SD' })).toEqual([]);
    expect(schedule('2023-01-01', '2024-01-01', undefined, { endOfMonth: 'SD' })).toEqual([
      '2023-01-01',
      '2024-01-01',
    ]);
    expect(schedule('2024-02-01', '2024-01-01', cycle('P1M'), { endOfMonth: 'SD' })).toEqual(['2024-01-01']);
  });

  it('refuses what would run beyond four-digit years', () => {
    expect(() => schedule('9999-11-15', '9999-12-31', cycle('P1ML1'), { endOfMonth: 'SD' })).toThrow(
      RangeError,
    );
  });

  it('generates ascending times from anchor to end, whatever the cycle', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 20_000 }),
        fc.integer({ min: 1, max: 2000 }),
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom('D', 'W', 'M', 'Q', 'Y'),
        fc.constantFrom('0', '1'),
        fc.constantFrom('EOM' as const, 'SD' as const),
        (start, length, count, unit, stub, endOfMonth) => {
          const anchor = addDays('1990-01-01', start);
          const end = addDays(anchor, length);
          const times = schedule(anchor, end, cycle(`P${count}${unit}L${stub}`), { endOfMonth });
          expect(times[0]).toBe(anchor);
          expect(times.at(-1)).toBe(end);
          expect([...new Set(times)].sort()).toEqual(times);
        },
      ),
    );
  });

  it('settles on the 20th of the last month of each quarter', () => {
    expect(quarterSettlementDates('2025-03-20', '2025-12-19')).toEqual([
      '2025-03-20',
      '2025-06-20',
      '2025-09-20',
    ]);
    expect(quarterSettlementDates('2025-12-21', '2026-03-20')).toEqual(['2026-03-20']);
    expect(quarterSettlementDates('2025-12-21', '2026-03-19')).toEqual([]);
  });
});
