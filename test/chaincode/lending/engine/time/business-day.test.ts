import { adjust } from '../../../../../chaincode/lending/engine/time/business-day';
import type { Calendar } from '../../../../../chaincode/lending/engine/time/calendar';
import { isBusinessDay } from '../../../../../chaincode/lending/engine/time/calendar';
import { toLocalDateTime } from '../../../../../chaincode/lending/engine/time/moment';

const weekdays: Calendar = { kind: 'MONDAY_TO_FRIDAY' };
/** China's National Day holiday of 2025 and the days worked instead. */
const china: Calendar = {
  kind: 'DATED',
  holidays: ['2025-10-01', '2025-10-02', '2025-10-03', '2025-10-06', '2025-10-07', '2025-10-08'],
  workingWeekends: ['2025-09-28', '2025-10-11'],
};

describe('business days', () => {
  it('knows weekends, holidays and working weekends', () => {
    expect(isBusinessDay({ kind: 'NO_CALENDAR' }, '2025-10-04')).toBe(true);
    expect(isBusinessDay(weekdays, '2025-10-03T00:00:00')).toBe(true);
    expect(isBusinessDay(weekdays, '2025-10-04')).toBe(false);
    expect(isBusinessDay(weekdays, '1969-12-28')).toBe(false);
    expect(isBusinessDay(china, '2025-10-08')).toBe(false);
    expect(isBusinessDay(china, '2025-10-11')).toBe(true);
    expect(isBusinessDay(china, '2025-10-12')).toBe(false);
  });

  // 2024-06-01 is a Saturday, 2024-06-30 a Sunday.
  it.each([
    ['NULL', '2024-06-30', '2024-06-30', '2024-06-30'],
    ['NOS', '2024-06-30', '2024-06-30', '2024-06-30'],
    ['SCF', '2024-06-30', '2024-07-01', '2024-07-01'],
    ['SCMF', '2024-06-30', '2024-06-28', '2024-06-28'],
    ['CSF', '2024-06-30', '2024-07-01', '2024-06-30'],
    ['CSMF', '2024-06-30', '2024-06-28', '2024-06-30'],
    ['SCP', '2024-06-01', '2024-05-31', '2024-05-31'],
    ['SCMP', '2024-06-01', '2024-06-03', '2024-06-03'],
    ['CSP', '2024-06-01', '2024-05-31', '2024-06-01'],
    ['CSMP', '2024-06-01', '2024-06-03', '2024-06-01'],
  ] as const)('%s moves %s to %s and calculates on %s', (convention, day, eventDate, calculationDate) => {
    expect(adjust(convention, weekdays, day)).toEqual({ eventDate, calculationDate });
  });

  it('passes over a holiday longer than a weekend', () => {
    expect(adjust('SCF', china, '2025-10-01').eventDate).toBe('2025-10-09');
    expect(adjust('SCP', china, '2025-10-08').eventDate).toBe('2025-09-30');
  });

  it('reads both lengths of local date-times and midnight at the end of a day', () => {
    expect(toLocalDateTime('2013-08-01T00:00')).toBe('2013-08-01T00:00:00');
    expect(toLocalDateTime('2013-08-01')).toBe('2013-08-01T00:00:00');
    expect(toLocalDateTime('2013-12-31T24:00:00')).toBe('2014-01-01T00:00:00');
    for (const text of ['2013-02-29', '2013-08-01T25:00', '2013-08-01T00:00:00Z', ''])
      expect(() => toLocalDateTime(text)).toThrow(RangeError);
  });
});
