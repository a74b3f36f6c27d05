import {
  applyFact,
  dueNow,
  endDay,
  openLoan,
  startDay,
  type Entry,
  type LoanFact,
  type LoanTerms,
  type Market,
  type Position,
} from '../../../../../chaincode/lending/engine/loan';

/** 120 000 yuan for a year at 3.6 % on 360 days: 1 200 fen of interest a day. */
const common = {
  principal: '12000000',
  startDate: '2026-01-15',
  termMonths: 12,
  rate: { kind: 'FIXED', annual: '0.036' },
  dayCount: 'A360',
  interestCycle: 'MONTHLY',
  paymentDay: 'START',
  businessDays: 'NULL',
  calendar: 'NONE',
  rounding: 'HALF_UP',
  grace: { principalInstalments: 0, interestInstalments: 0, days: 0 },
  penalty: { principalRateMultiple: '1.5', onInterest: true },
  prepayment: { allowed: true, feeRate: '0.01', mode: 'SHORTEN', minimum: '100' },
  allocation: ['COSTS', 'PENALTY', 'INTEREST', 'PRINCIPAL'],
  allocationNonAccrual: ['COSTS', 'PRINCIPAL', 'INTEREST', 'PENALTY'],
  nonAccrualAfterDays: 90,
} satisfies Omit<LoanTerms, 'type'>;

/** Common terms in equal principal: 10 000 yuan a month. */
export const plain: LoanTerms = { ...common, type: 'LAM', principalCycle: 'MONTHLY' };

/** Common terms of another type. */
export function ofType(type: 'PAM' | 'ANN', changes: Partial<LoanTerms> = {}): LoanTerms {
  return { ...common, type, ...changes };
}

/** An index that was 3 % and is 3.5 % from July 2026 on. */
export const market: Market = {
  rateOn: (_, date) => (date < '2026-07-01' ? '0.0300' : '0.0350'),
  calendar: { kind: 'NO_CALENDAR' },
};

export function addDay(day: string, days = 1): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** Runs a loan by the engine's daily functions, as the contracts do, and keeps all that it posted. */
export class Run {
  position: Position;
  readonly entries: Entry[] = [];

  constructor(
    readonly terms: LoanTerms,
    readonly world: Market = market,
  ) {
    const { position, entries } = openLoan(terms, world);
    this.position = position;
    this.entries.push(...entries);
  }

  /** Ends all days before a day and begins it. */
  to(day: string): this {
    for (let date = addDay(this.position.closedThrough); date < day; date = addDay(date))
      this.take(endDay(this.terms, this.position, date, this.world));
    return this.take(startDay(this.terms, this.position, day, this.world));
  }

  fact(fact: LoanFact): this {
    return this.take(applyFact(this.terms, this.position, fact));
  }

  /** Pays all that is due on a day. */
  payDue(day: string): this {
    this.to(day);
    const { total } = dueNow(this.terms, this.position);
    return this.fact({ type: 'PAID', valueDate: day, amount: total.toString() });
  }

  /** Ends a day. */
  through(day: string): this {
    this.to(day);
    return this.take(endDay(this.terms, this.position, day, this.world));
  }

  get due(): Record<string, bigint> {
    return { ...dueNow(this.terms, this.position) };
  }

  private take({ position, entries }: { position: Position; entries: readonly Entry[] }): this {
    this.position = position;
    this.entries.push(...entries);
    return this;
  }
}

/** Balances by account, without those of nothing. */
export function balances(entries: readonly Entry[]): Record<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { lines } of entries)
    for (const { account, amount } of lines) sums.set(account, (sums.get(account) ?? 0n) + amount);
  return Object.fromEntries([...sums].filter(([, sum]) => sum !== 0n).sort(([a], [b]) => (a < b ? -1 : 1)));
}
