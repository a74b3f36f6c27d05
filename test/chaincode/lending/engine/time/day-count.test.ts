import fc from 'fast-check';
import { addDays } from '../../../../../chaincode/ledger/calendar';
import {
  dayCountFraction,
  dayCounts,
  yearFraction,
} from '../../../../../chaincode/lending/engine/time/day-count';

describe('day counts', () => {
  it.each([
    ['A360', '2024-01-31', '2024-03-01', 30, 360],
    ['A365', '2024-01-31', '2024-03-01', 30, 365],
    ['30E360', '2024-01-31', '2024-03-31', 60, 360],
    ['30E360', '2024-02-29', '2024-03-31', 31, 360],
    ['30E360', '2023-02-28', '2024-02-28', 360, 360],
  ] as const)('%s from %s to %s is %d/%d', (convention, from, to, days, basis) => {
    expect(dayCountFraction(convention, from, to)).toEqual({ days, basis });
    expect(yearFraction(convention, from, to).times(basis).toNumber()).toBeCloseTo(days, 12);
  });

  it('divides actual days by the length of the year they are in', () => {
    // 2023-11-01 to 2024-01-01: 61 days of 365; to 2024-03-01: 60 days of 366; two whole years between in the second.
    expect(yearFraction('AA', '2023-11-01', '2024-03-01').toFixed(12)).toBe(
      (61 / 365 + 60 / 366).toFixed(12),
    );
    expect(yearFraction('AA', '2023-11-01', '2026-01-01').toFixed(12)).toBe((61 / 365 + 2).toFixed(12));
    expect(yearFraction('AA', '2024-01-01', '2025-01-01').toString()).toBe('1');
    expect(yearFraction('AA', '2024-03-01', '2023-11-01').toFixed(12)).toBe(
      (-(61 / 365 + 60 / 366)).toFixed(12),
    );
  });

  it('treats month ends as the 30th under ISDA, but not a maturity in February', () => {
    expect(yearFraction('30E360ISDA', '2023-02-28', '2023-03-31').times(360).toNumber()).toBe(30);
    expect(yearFraction('30E360ISDA', '2023-01-31', '2023-02-28').times(360).toNumber()).toBe(30);
    expect(
      yearFraction('30E360ISDA', '2023-01-31', '2023-02-28', { maturity: '2023-02-28T00:00:00' })
        .times(360)
        .toNumber(),
    ).toBe(28);
  });

  it('gives months of 28 days years of 336', () => {
    expect(yearFraction('28E336', '2023-01-31', '2023-02-28').times(336).toNumber()).toBe(28);
    expect(yearFraction('28E336', '2023-01-15', '2024-01-15').toNumber()).toBe(1);
  });

  it('counts 23:59:59 as the next day', () => {
    for (const convention of dayCounts)
      expect(yearFraction(convention, '2013-01-01T00:00:00', '2013-12-31T23:59:59').toString()).toBe(
        yearFraction(convention, '2013-01-01', '2014-01-01').toString(),
      );
  });

  it('adds up over adjacent periods where days are actual and the basis is fixed', () => {
    const day = fc.integer({ min: 0, max: 40_000 }).map((days) => addDays('1990-01-01', days));
    fc.assert(
      fc.property(fc.constantFrom('A360', 'A365'), day, day, day, (convention, a, b, c) => {
        const sum = dayCountFraction(convention, a, b).days + dayCountFraction(convention, b, c).days;
        return sum === dayCountFraction(convention, a, c).days;
      }),
    );
  });
});
