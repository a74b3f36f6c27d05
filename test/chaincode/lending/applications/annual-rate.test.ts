import fc from 'fast-check';
import { addDays, daysBetween } from '../../../../chaincode/ledger/calendar';
import { allInAnnualRate, type CashFlow } from '../../../../chaincode/lending/applications/annual-rate';

const start = '2026-01-01';
const flow = (days: number, amount: bigint): CashFlow => ({ date: addDays(start, days), amount });

describe('the all-in annual rate', () => {
  it.each<[string, readonly CashFlow[], string]>([
    // 100,000.00 for 105,000.00 after 365 days: 5 % by definition.
    ['a year', [flow(0, 10_000_000n), flow(365, -10_500_000n)], '0.05'],
    // After 730 days 110,250.00 = 100,000.00 × 1.05²: 5 % again.
    ['two years', [flow(0, 10_000_000n), flow(730, -11_025_000n)], '0.05'],
    // A fee of 1,000.00: 105,000 ÷ 99,000 − 1 = 0.0606060…, rounded up to 0.060607.
    ['a fee', [flow(0, 9_900_000n), flow(365, -10_500_000n)], '0.060607'],
    // 1.05² two years later, half of it a year earlier: solves 52,500 v + 55,125 v² = 100,000 at v = 1 ÷ 1.05.
    ['two payments', [flow(0, 10_000_000n), flow(365, -5_250_000n), flow(730, -5_512_500n)], '0.05'],
    ['nothing', [flow(0, 10_000_000n), flow(100, -10_000_000n)], '0'],
  ])('of %s', (_, flows, rate) => {
    expect(allInAnnualRate(flows)?.toFixed()).toBe(rate);
  });

  it.each<[string, readonly CashFlow[]]>([
    ['nothing received', [flow(0, -1n), flow(10, -5n)]],
    ['nothing paid back', [flow(0, 100n), flow(10, 5n)]],
    ['no flows', []],
    ['a hundredfold a year', [flow(0, 100n), flow(30, -100_000n)]],
  ])('is not told for %s', (_, flows) => {
    expect(allInAnnualRate(flows)).toBeUndefined();
  });

  it('agrees with plain bisection in floating point, whatever the schedule', () => {
    const payment = fc.record({
      gap: fc.integer({ min: 1, max: 95 }),
      share: fc.integer({ min: 1, max: 1000 }),
    });
    fc.assert(
      fc.property(
        fc.array(payment, { minLength: 1, maxLength: 24 }),
        fc.integer({ min: 0, max: 400 }),
        (payments, perMille) => {
          const principal = 10_000_000;
          const shares = payments.reduce((sum, { share }) => sum + share, 0);
          let days = 0;
          const flows: CashFlow[] = [flow(0, BigInt(principal))];
          for (const { gap, share } of payments) {
            days += gap;
            const amount = Math.ceil((principal * (1 + (perMille / 1000) * (days / 365)) * share) / shares);
            flows.push(flow(days, -BigInt(amount)));
          }
          const value = (rate: number) =>
            flows.reduce(
              (sum, { date, amount }) =>
                sum + Number(amount) / (1 + rate) ** (daysBetween(start, date) / 365),
              0,
            );
          let [low, high] = [-0.5, 100];
          for (let step = 0; step < 200; step++) {
            const middle = (low + high) / 2;
            if (value(middle) < 0) low = middle;
            else high = middle;
          }
          const rate = Number(allInAnnualRate(flows)?.toFixed());
          expect(rate).toBeGreaterThanOrEqual(high - 1e-9);
          expect(rate - high).toBeLessThan(1.1e-6);
        },
      ),
      { numRuns: 300 },
    );
  });
});
