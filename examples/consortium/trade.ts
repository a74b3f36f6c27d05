import { firstMonth, lastMonth, months, type Month } from './months';
import { creditCode, type SampleEnterprise } from './population';
import { Random } from './random';
import type { Sales } from './sales';

/** Invoices of one enterprise in one month, with one partner. Amounts in fen, without tax. */
export interface Dealing {
  readonly uscc: string;
  readonly amount: number;
  readonly count: number;
}

/** What one enterprise invoiced and was invoiced in one month. */
export interface Invoices {
  readonly month: Month;
  readonly issued: number;
  readonly issuedTax: number;
  readonly issuedCount: number;
  readonly received: number;
  readonly receivedTax: number;
  readonly receivedCount: number;
  readonly buyers: readonly Dealing[];
  readonly sellers: readonly Dealing[];
  readonly cancelled: number;
  readonly redLetter: number;
}

/** Invoices start a quarter before the extracts do: quarterly filers need the whole quarter. */
export const firstInvoiceMonth = firstMonth - 1;

/** One enterprise's sale to another in the sample. */
interface Flow {
  readonly seller: SampleEnterprise;
  readonly buyer: SampleEnterprise;
  readonly amount: number;
}

/**
 * Everybody's invoices, month by month. A sale within the sample stands in the seller's and in the buyer's figures with
 * the same amount.
 */
export function trade(
  seed: number,
  enterprises: readonly SampleEnterprise[],
  sales: ReadonlyMap<number, Sales>,
): ReadonlyMap<number, readonly Invoices[]> {
  const customers = new Map(enterprises.map((one) => [one.index, customersOf(seed, one, enterprises)]));
  const result = new Map<number, Invoices[]>(enterprises.map(({ index }) => [index, []]));
  for (const month of months(firstInvoiceMonth, lastMonth)) {
    const flows = enterprises.flatMap((seller) =>
      flowsOf(seed, seller, month, salesAt(sales, seller, month), customers.get(seller.index) ?? []),
    );
    flows.push(...enterprises.flatMap((seller) => circleFlows(seller, enterprises, month, sales)));
    for (const one of enterprises)
      result.get(one.index)?.push(invoicesOf(seed, one, month, salesAt(sales, one, month), flows));
  }
  return result;
}

function salesAt(sales: ReadonlyMap<number, Sales>, { index }: SampleEnterprise, month: Month): number {
  return sales.get(index)?.get(month) ?? 0;
}

/** Steady customers among the sample, each with a share of the sales to enterprises. */
function customersOf(seed: number, seller: SampleEnterprise, all: readonly SampleEnterprise[]) {
  const random = Random.of(seed, 'customers', seller.index);
  const candidates = all.filter(
    ({ industry, index }) => index !== seller.index && industry.suppliers.includes(seller.industry.code),
  );
  const chosen = random.sample(candidates, random.integer(2, 6));
  return chosen.map((buyer) => ({ buyer, share: random.between(0.03, 0.16) }));
}

function flowsOf(
  seed: number,
  seller: SampleEnterprise,
  month: Month,
  amount: number,
  customers: readonly { buyer: SampleEnterprise; share: number }[],
): Flow[] {
  const random = Random.of(seed, 'flows', seller.index, month);
  return customers.flatMap(({ buyer, share }) => {
    // Nobody orders every month, and a small shop cannot take what a factory sells.
    if (!random.chance(0.9)) return [];
    const most = buyer.industry.sales * buyer.size * buyer.industry.inputs * 0.3;
    const part = Math.min(amount * seller.industry.toBusiness * share * random.noise(0.3), most);
    return part < 50_000 ? [] : [{ seller, buyer, amount: Math.round(part) }];
  });
}

/** Sales within a circle or a group, on top of the others. */
function circleFlows(
  seller: SampleEnterprise,
  all: readonly SampleEnterprise[],
  month: Month,
  sales: ReadonlyMap<number, Sales>,
): Flow[] {
  const { partners, profile, index } = seller;
  if (partners.length === 0) return [];
  const ring = [...partners, index].sort((a, b) => a - b);
  const next = ring[(ring.indexOf(index) + 1) % ring.length];
  const buyer = all.find((one) => one.index === next);
  if (buyer === undefined) return [];
  const since = (month - firstInvoiceMonth) / 12;
  // The circle turns ever faster; affiliates keep to a tenth of what they sell.
  const share = profile === 'FRAUD_CIRCLE' ? 0.15 + 0.55 * since : 0.1;
  const first = ring[0] ?? index;
  const base = profile === 'FRAUD_CIRCLE' ? (sales.get(first)?.get(month) ?? 0) : salesAt(sales, seller, month);
  return [{ seller, buyer, amount: Math.round(base * share) }];
}

function invoicesOf(
  seed: number,
  one: SampleEnterprise,
  month: Month,
  sales: number,
  flows: readonly Flow[],
): Invoices {
  const random = Random.of(seed, 'invoices', one.index, month);
  const inside = flows.filter(({ seller }) => seller === one).map((flow) => dealing(random, flow, flow.buyer));
  const bought = flows.filter(({ buyer }) => buyer === one).map((flow) => dealing(random, flow, flow.seller));
  const inner = total(inside.filter(({ uscc }) => !isPartner(one, flows, uscc)));
  const outside = outsiders(seed, one, 'buyer', random, Math.max(0, sales * one.industry.toBusiness - inner));
  const { extra, cancelled, redLetter } = inflation(seed, one, month, sales, random);
  const buyers = merge([...inside, ...outside, ...extra]);
  const toConsumers = Math.round(sales * (1 - one.industry.toBusiness));
  const needed = Math.max(0, sales * one.industry.inputs * random.noise(0.1) - total(bought));
  const sellers = merge([...bought, ...outsiders(seed, one, 'seller', random, needed)]);
  const issued = total(buyers) + toConsumers;
  const received = total(sellers);
  const rate = one.cadence === 'QUARTERLY' ? 1 : one.industry.rate;
  return {
    month,
    issued,
    issuedTax: Math.round((issued * rate) / 100),
    issuedCount: count(buyers) + Math.ceil(toConsumers / 60_000),
    received,
    receivedTax: Math.round((received * 12) / 100),
    receivedCount: count(sellers),
    buyers,
    sellers,
    cancelled: cancelled + (random.chance(0.25) ? random.integer(1, 3) : 0),
    redLetter: redLetter + (random.chance(0.15) ? 1 : 0),
  };
}

function isPartner(one: SampleEnterprise, flows: readonly Flow[], uscc: string): boolean {
  return flows.some(({ seller, buyer }) => seller === one && buyer.uscc === uscc && one.partners.includes(buyer.index));
}

/** The last quarter's doubled sales: one order that stays, or invoices to newcomers that are taken back. */
function inflation(seed: number, one: SampleEnterprise, month: Month, sales: number, random: Random) {
  const none = { extra: [] as Dealing[], cancelled: 0, redLetter: 0 };
  const late = month > lastMonth - 4;
  if (!late || month === lastMonth) {
    const reversed = month === lastMonth && one.profile === 'FRAUD_INFLATED';
    return reversed ? { ...none, cancelled: random.integer(18, 30), redLetter: random.integer(12, 25) } : none;
  }
  const amount = Math.round(sales * random.between(0.9, 1.2));
  if (one.profile === 'LOOKS_INFLATED')
    return { ...none, extra: [{ uscc: outsider(seed, one, 'order', 0), amount, count: random.integer(2, 5) }] };
  if (one.profile !== 'FRAUD_INFLATED') return none;
  const newcomers = [0, 1, 2].map((at) => ({
    uscc: outsider(seed, one, 'newcomer', at + month * 3),
    amount: Math.round(amount / 3),
    count: random.integer(6, 12),
  }));
  return { extra: newcomers, cancelled: random.integer(8, 16), redLetter: random.integer(6, 14) };
}

function dealing(random: Random, { amount }: Flow, other: SampleEnterprise): Dealing {
  return { uscc: other.uscc, amount, count: Math.max(1, Math.round(amount / random.between(4e6, 9e6))) };
}

/** What is dealt with enterprises that are not in the sample: a few steady ones. */
function outsiders(
  seed: number,
  one: SampleEnterprise,
  side: 'buyer' | 'seller',
  random: Random,
  amount: number,
): Dealing[] {
  if (amount < 10_000) return [];
  const steady = Random.of(seed, 'outsiders', one.index, side);
  const number = steady.integer(3, 6);
  const weights = Array.from({ length: number }, () => steady.between(0.4, 2) * random.noise(0.2));
  const sum = weights.reduce((all, weight) => all + weight, 0);
  return weights.map((weight, at) => {
    const part = Math.round((amount * weight) / sum);
    return { uscc: outsider(seed, one, side, at), amount: part, count: Math.max(1, Math.round(part / 6e6)) };
  });
}

/** Code of an enterprise elsewhere; its running number is beyond those of any sample. */
function outsider(seed: number, one: SampleEnterprise, side: string, at: number): string {
  const random = Random.of(seed, 'outsider', one.index, side, at);
  return creditCode(seed + random.integer(1, 1e6), random.integer(5000, 9999), random.pick(['320505', '440305', '370202']));
}

/** One line for each partner, largest first. */
function merge(dealings: readonly Dealing[]): Dealing[] {
  const merged = new Map<string, Dealing>();
  for (const { uscc, amount, count: number } of dealings) {
    const before = merged.get(uscc) ?? { uscc, amount: 0, count: 0 };
    merged.set(uscc, { uscc, amount: before.amount + amount, count: before.count + number });
  }
  return [...merged.values()].sort((a, b) => b.amount - a.amount || (a.uscc < b.uscc ? -1 : 1));
}

const total = (dealings: readonly Dealing[]): number => dealings.reduce((sum, { amount }) => sum + amount, 0);
const count = (dealings: readonly Dealing[]): number => dealings.reduce((sum, one) => sum + one.count, 0);
