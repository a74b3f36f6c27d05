import type { LoanTerms } from '../../../chaincode/lending/engine/loan';
import type { Chance } from './chance';

/** Terms of many kinds, small and short of breath, so that much happens to a loan within a few weeks. */
export function drawTerms(chance: Chance, startDate: string): LoanTerms {
  const type = chance.weighted({ PAM: 25, LAM: 45, ANN: 30 });
  // Soon after the start: within the days that a run closes.
  const paymentDay = 1 + ((Number(startDate.slice(8)) + chance.between(0, 7)) % 28);
  return {
    type,
    principal: String(chance.between(8000, 60_000)),
    startDate,
    termMonths: chance.between(3, 12),
    rate: { kind: 'FIXED', annual: chance.weighted({ '0.0435': 40, '0.18': 40, '0': 10, '0.0310': 10 }) },
    dayCount: chance.weighted({ A360: 50, A365: 25, '30E360': 25 }),
    interestCycle: 'MONTHLY',
    ...(type === 'LAM' ? { principalCycle: 'MONTHLY' as const } : {}),
    paymentDay: chance.often(0.1) ? 'START' : paymentDay,
    businessDays: chance.often(0.3) ? 'SCF' : 'NULL',
    calendar: chance.often(0.3) ? 'MONDAY_TO_FRIDAY' : 'NONE',
    rounding: chance.weighted({ HALF_UP: 60, HALF_EVEN: 20, DOWN: 10, UP: 10 }),
    grace: {
      // The principal of a bullet loan falls due at maturity alone.
      principalInstalments: type !== 'PAM' && chance.often(0.2) ? 1 : 0,
      // An equal instalment contains its interest.
      interestInstalments: type !== 'ANN' && chance.often(0.1) ? 1 : 0,
      days: chance.often(0.3) ? 3 : 0,
    },
    penalty: { principalRateMultiple: '1.5', onInterest: chance.often(0.5) },
    prepayment: {
      allowed: chance.often(0.9),
      feeRate: chance.often(0.4) ? '0.01' : '0',
      mode: chance.often(0.5) ? 'SHORTEN' : 'REAMORTISE',
      minimum: chance.often(0.2) ? '1000' : '0',
    },
    allocation: ['COSTS', 'PENALTY', 'INTEREST', 'PRINCIPAL'],
    allocationNonAccrual: ['COSTS', 'PRINCIPAL', 'INTEREST', 'PENALTY'],
    nonAccrualAfterDays: chance.often(0.5) ? 5 : 90,
  };
}
