import fc from 'fast-check';
import type { DebtComponent, LoanFact, LoanTerms } from '../../../../../chaincode/lending/engine/loan';
import { addDay } from './terms';

const rate = fc.integer({ min: 0, max: 2500 }).map((points) => (points / 10_000).toFixed(4));
const order = fc.shuffledSubarray<DebtComponent>(['COSTS', 'PENALTY', 'INTEREST', 'PRINCIPAL'], {
  minLength: 4,
  maxLength: 4,
});

/** Terms that a bank might offer, mostly within a year, and some that none would. */
export const anyTerms: fc.Arbitrary<LoanTerms> = fc
  .record({
    type: fc.constantFrom('PAM' as const, 'LAM' as const, 'ANN' as const),
    principal: fc.oneof(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 900_000_000 })),
    start: fc.integer({ min: 0, max: 1_500 }),
    termMonths: fc.integer({ min: 1, max: 9 }),
    fixed: fc.boolean(),
    annual: rate,
    spread: fc.integer({ min: -400, max: 400 }).map((points) => (points / 10_000).toFixed(4)),
    resetMonths: fc.constantFrom(1, 3, 6),
    bounds: fc.option(fc.tuple(rate, rate), { nil: undefined }),
    dayCount: fc.constantFrom('A360' as const, 'A365' as const, '30E360' as const),
    interestCycle: fc.constantFrom(
      'MONTHLY' as const,
      'QUARTERLY' as const,
      'QUARTER_20' as const,
      'AT_MATURITY' as const,
    ),
    principalCycle: fc.constantFrom('MONTHLY' as const, 'QUARTERLY' as const),
    paymentDay: fc.oneof(fc.constant('START' as const), fc.integer({ min: 1, max: 28 })),
    businessDays: fc.constantFrom(...(['NULL', 'NOS', 'SCF', 'SCMF', 'SCP', 'SCMP', 'CSF'] as const)),
    calendar: fc.constantFrom('NONE', 'MONDAY_TO_FRIDAY'),
    rounding: fc.constantFrom(...(['HALF_UP', 'HALF_EVEN', 'DOWN', 'UP'] as const)),
    principalInstalments: fc.constantFrom(0, 0, 1, 2),
    interestInstalments: fc.constantFrom(0, 0, 1, 2),
    graceDays: fc.constantFrom(0, 0, 1, 3, 15),
    multiple: fc.constantFrom('1.3', '1.5', '2', '1.0625'),
    onInterest: fc.boolean(),
    feeRate: fc.constantFrom('0', '0.01', '0.0125', '0.3'),
    mode: fc.constantFrom('SHORTEN' as const, 'REAMORTISE' as const),
    orders: fc.tuple(order, order),
    nonAccrualAfterDays: fc.constantFrom(3, 30, 90),
  })
  .map((given): LoanTerms => {
    const { type, bounds, interestCycle } = given;
    const instalments = type === 'PAM' ? 0 : given.principalInstalments;
    const [floor, cap] = bounds === undefined ? [] : [...bounds].sort();
    return {
      type,
      principal: given.principal.toString(),
      startDate: addDay('2023-11-20', given.start),
      termMonths:
        given.termMonths +
        (given.principalInstalments + given.interestInstalments) * (interestCycle === 'MONTHLY' ? 1 : 3),
      rate: given.fixed
        ? { kind: 'FIXED', annual: given.annual }
        : {
            kind: 'FLOATING',
            index: 'LPR-1Y',
            spread: given.spread,
            resetMonths: given.resetMonths,
            ...(floor === undefined || cap === undefined ? {} : { floor, cap }),
          },
      dayCount: given.dayCount,
      interestCycle: type === 'ANN' && interestCycle === 'AT_MATURITY' ? 'MONTHLY' : interestCycle,
      ...(type === 'LAM' ? { principalCycle: given.principalCycle } : {}),
      paymentDay: given.paymentDay,
      businessDays: given.businessDays,
      calendar: given.calendar,
      rounding: given.rounding,
      grace: {
        principalInstalments: instalments,
        interestInstalments:
          interestCycle === 'AT_MATURITY'
            ? 0
            : type === 'ANN'
              ? Math.min(instalments, given.interestInstalments)
              : given.interestInstalments,
        days: given.graceDays,
      },
      penalty: { principalRateMultiple: given.multiple, onInterest: given.onInterest },
      prepayment: { allowed: true, feeRate: given.feeRate, mode: given.mode, minimum: '0' },
      allocation: given.orders[0],
      allocationNonAccrual: given.orders[1],
      nonAccrualAfterDays: given.nonAccrualAfterDays,
    };
  });

interface Draw {
  readonly day: number;
  readonly kind: number;
  readonly share: number;
  readonly component: 'COSTS' | 'PENALTY' | 'INTEREST';
}

const draw = fc.record<Draw>({
  day: fc.integer({ min: 0, max: 1_000 }),
  kind: fc.integer({ min: 0, max: 99 }),
  share: fc.integer({ min: 1, max: 1_300 }),
  component: fc.constantFrom('COSTS', 'PENALTY', 'INTEREST'),
});

function factOf(terms: LoanTerms, days: number, { day, kind, share, component }: Draw): LoanFact {
  const valueDate = addDay(terms.startDate, Math.floor((day * days) / 1_000));
  const amount = ((BigInt(terms.principal) * BigInt(share)) / 1_000n + 1n).toString();
  const small = (BigInt(amount) / 50n + 1n).toString();
  if (kind < 55) return { type: 'PAID', valueDate, amount };
  if (kind < 72) return { type: 'PREPAID', valueDate, amount, full: false };
  if (kind < 80) return { type: 'COST', valueDate, amount: small };
  if (kind < 90) return { type: 'WAIVED', valueDate, component, amount: small };
  if (kind < 93) return { type: 'TERMINATED', valueDate };
  if (kind < 96) return { type: 'WRITTEN_OFF', valueDate };
  return { type: 'RECOVERED', valueDate, amount: small };
}

/** A loan, what happened to it in the ledger's order, and a day to look at it. */
export const anyLoan = anyTerms.chain((terms) => {
  const days = terms.termMonths * 31 + 60;
  return fc.record({
    terms: fc.constant(terms),
    facts: fc.array(draw, { maxLength: 14 }).map((draws) => draws.map((each) => factOf(terms, days, each))),
    through: fc.integer({ min: 0, max: days }).map((count) => addDay(terms.startDate, count)),
  });
});

/** An index that moves with the month. */
export function indexOn(date: string): string {
  return (0.02 + (Number(date.slice(5, 7)) * 7 + Number(date.slice(2, 4))) / 5_000).toFixed(4);
}
