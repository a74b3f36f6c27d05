import fc from 'fast-check';
import { expectedPeriods } from '../../../gateway/deliveries/periods';

const of = (from: string, to: string, ...cadences: [string, string][]) =>
  expectedPeriods(
    { from, to },
    cadences.map(([cadence, since]) => ({ cadence: cadence as 'MONTHLY', from: since })),
  ).map((period) => `${period.from}/${period.to}`);

it('expects whole months, quarters and years', () => {
  expect(of('2024-02-01', '2024-04-30', ['MONTHLY', '2020-01-01'])).toEqual([
    '2024-02-01/2024-02-29',
    '2024-03-01/2024-03-31',
    '2024-04-01/2024-04-30',
  ]);
  expect(of('2025-02-01', '2025-12-31', ['QUARTERLY', '2020-01-01'])).toEqual([
    '2025-04-01/2025-06-30',
    '2025-07-01/2025-09-30',
    '2025-10-01/2025-12-31',
  ]);
  expect(of('2024-01-01', '2026-06-30', ['ANNUAL', '2020-01-01'])).toEqual([
    '2024-01-01/2024-12-31',
    '2025-01-01/2025-12-31',
  ]);
});

it('expects no period that the range cuts', () => {
  expect(of('2025-01-02', '2025-03-30', ['MONTHLY', '2020-01-01'])).toEqual(['2025-02-01/2025-02-28']);
});

it('follows a change of cadence, and expects nothing before the first', () => {
  expect(of('2025-01-01', '2025-12-31', ['MONTHLY', '2025-10-01'], ['QUARTERLY', '2025-04-01'])).toEqual([
    '2025-04-01/2025-06-30',
    '2025-07-01/2025-09-30',
    '2025-10-01/2025-10-31',
    '2025-11-01/2025-11-30',
    '2025-12-01/2025-12-31',
  ]);
});

it('expects nothing of what has no period, or has none any more', () => {
  expect(of('2025-01-01', '2025-12-31')).toEqual([]);
  expect(of('2025-01-01', '2025-03-31', ['NONE', '2020-01-01'])).toEqual([]);
  expect(of('2025-01-01', '2025-03-31', ['MONTHLY', '2020-01-01'], ['NONE', '2025-02-01'])).toEqual([
    '2025-01-01/2025-01-31',
  ]);
});

it('never overlaps, leaves the range or goes back', () => {
  const day = fc.date({ min: new Date('2015-01-01'), max: new Date('2030-12-31'), noInvalidDate: true });
  const text = (date: Date) => date.toISOString().slice(0, 10);
  const cadence = fc.constantFrom('MONTHLY', 'QUARTERLY', 'ANNUAL', 'NONE');
  fc.assert(
    fc.property(day, day, fc.array(fc.tuple(cadence, day), { maxLength: 4 }), (a, b, cadences) => {
      const [from, to] = [text(a), text(b)].sort();
      const range = { from: from ?? '', to: to ?? '' };
      const periods = expectedPeriods(
        range,
        cadences.map(([name, since]) => ({ cadence: name as 'MONTHLY', from: text(since) })),
      );
      let last = '';
      for (const period of periods) {
        expect(period.from > last && period.from < period.to).toBe(true);
        expect(period.from >= range.from && period.to <= range.to).toBe(true);
        last = period.to;
      }
    }),
  );
});
