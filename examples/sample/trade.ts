import { uscc, type SampleEnterprise } from './enterprises';
import type { Month } from './months';
import type { Random } from './random';

/** What one firm invoiced another in a month; fen and number of invoices. */
export interface Trade {
  readonly uscc: string;
  readonly amount: bigint;
  readonly count: number;
}

/** A firm's month, as it happened; filings and invoices follow from it. Fen. */
export interface Books extends Month {
  /** What it tells the tax office that it sold. */
  readonly filedSales: bigint;
  readonly issued: readonly Trade[];
  readonly received: readonly Trade[];
  readonly cancelled: number;
  readonly redLetter: number;
  readonly employees: number;
  readonly payroll: bigint;
}

const perMille = (amount: bigint, share: number): bigint => (amount * BigInt(share)) / 1000n;
const total = (trades: readonly Trade[]): bigint => trades.reduce((sum, { amount }) => sum + amount, 0n);

/**
 * The months of all firms. Whatever one firm of the consortium invoices another, the other has received; firms outside the
 * consortium fill up what is missing to the industry's share of purchases.
 */
export function tradeOf(
  random: Random,
  enterprises: readonly SampleEnterprise[],
  months: readonly Month[],
): ReadonlyMap<string, readonly Books[]> {
  const taken = new Set(enterprises.map((enterprise) => enterprise.uscc));
  const outside = Array.from({ length: 60 }, (_, index) =>
    uscc(random.fork(`outside-${index}`), '440000', taken),
  );
  const partners = new Map(
    enterprises.map((enterprise) => [enterprise.uscc, buyersOf(random, enterprise, enterprises, outside)]),
  );
  const books = new Map<string, Books[]>(enterprises.map((enterprise) => [enterprise.uscc, []]));
  months.forEach((month, index) => {
    const received = new Map<string, Trade[]>();
    const sales = enterprises.map((enterprise) => {
      const own = random.fork(`${enterprise.uscc}/${month.from}`);
      const sold = salesOf(own, enterprise, month, index, months.length);
      const invoiced = sold - perMille(sold, enterprise.industry.uninvoiced);
      const issued = split(own, invoiced, partners.get(enterprise.uscc) ?? []);
      for (const { uscc: buyer, amount, count } of issued)
        received.set(buyer, [...(received.get(buyer) ?? []), { uscc: enterprise.uscc, amount, count }]);
      return { enterprise, own, sold, issued };
    });
    for (const { enterprise, own, sold, issued } of sales) {
      const inside = received.get(enterprise.uscc) ?? [];
      const missing = perMille(sold, enterprise.industry.purchases) - total(inside);
      const fill = missing > 0n ? [{ uscc: own.pick(outside), amount: missing, count: own.int(1, 12) }] : [];
      books.get(enterprise.uscc)?.push({
        ...month,
        filedSales: filedOf(enterprise, sold, index, months.length),
        issued,
        received: [...inside, ...fill],
        cancelled: own.int(0, 2),
        redLetter: own.int(0, 1),
        ...staffOf(own, enterprise, sold),
      });
    }
  });
  return books;
}

/** Those whom a firm sells to: the ring or group that it belongs to, or some of the others and some outside. */
function buyersOf(
  random: Random,
  enterprise: SampleEnterprise,
  enterprises: readonly SampleEnterprise[],
  outside: readonly string[],
): readonly string[] {
  const own = random.fork(`${enterprise.uscc}/buyers`);
  const group = enterprises.filter(({ group: name }) => enterprise.group !== '' && name === enterprise.group);
  const next = group[(group.indexOf(enterprise) + 1) % group.length];
  const others = enterprises
    .filter(({ uscc: code, group: name }) => code !== enterprise.uscc && name === '')
    .map(({ uscc: code }) => code);
  const strangers = [...own.sample(others, own.int(1, 3)), ...own.sample(outside, own.int(1, 3))];
  if (next === undefined) return strangers;
  // A ring lives from itself; a group also sells to others.
  return enterprise.profile === 'FRAUD_ROUND_TRIP' ? [next.uscc] : [next.uscc, ...strangers];
}

function salesOf(
  random: Random,
  { industry, sales, profile }: SampleEnterprise,
  month: Month,
  index: number,
  months: number,
): bigint {
  const seasonal = perMille(sales, industry.season[month.month - 1] ?? 1000);
  // A ring moves what it needs to move, a little different each time.
  if (profile === 'FRAUD_ROUND_TRIP') return perMille(sales, random.int(990, 1010));
  return perMille(perMille(seasonal, random.int(930, 1070)), trendOf(profile, index, months));
}

/** Per mille of the average, by profile and time. */
function trendOf(profile: Profile, index: number, months: number): number {
  const left = months - 1 - index;
  switch (profile) {
    case 'GROWING':
      return 800 + 18 * index;
    case 'DISTRESSED':
      return left < 12 ? Math.max(300, 1000 - 60 * (12 - left)) : 1000;
    case 'FRAUD_SUDDEN':
      return left < 5 ? 9000 : 500;
    case 'HONEST_CONTRACT':
      return left < 6 ? 2600 : 1000;
    default:
      return 990 + 2 * index;
  }
}

type Profile = SampleEnterprise['profile'];

function filedOf({ profile }: SampleEnterprise, sold: bigint, index: number, months: number): bigint {
  return profile === 'FRAUD_OVERSTATED' && months - 1 - index < 6 ? perMille(sold, 1450) : sold;
}

/** Staff follows the average sales, and the honest contract; sudden fraud hires nobody. */
function staffOf(
  random: Random,
  { industry, sales, profile }: SampleEnterprise,
  sold: bigint,
): { employees: number; payroll: bigint } {
  const basis =
    profile === 'FRAUD_SUDDEN'
      ? perMille(sales, 200)
      : profile === 'HONEST_CONTRACT' || profile === 'GROWING'
        ? (sales + sold) / 2n
        : sales;
  const payroll = perMille(perMille(basis, industry.payroll), random.int(970, 1030));
  const wage = 900_000n;
  const employees = payroll / wage;
  return { employees: Number(employees < 1n ? 1n : employees), payroll };
}

/** Splits an amount over the partners; the last one takes the remainder. */
function split(random: Random, amount: bigint, partners: readonly string[]): readonly Trade[] {
  const weights = partners.map(() => BigInt(random.int(1, 9)));
  const sum = weights.reduce((all, weight) => all + weight, 0n);
  let left = amount;
  return partners.map((partner, index) => {
    const part = index === partners.length - 1 ? left : (amount * (weights[index] ?? 0n)) / sum;
    left -= part;
    return { uscc: partner, amount: part, count: random.int(1, 20) };
  });
}
