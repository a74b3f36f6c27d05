import { Decimal } from '../../engine/decimal';
import {
  amountOf,
  latestEnd,
  monthsOf,
  ratio,
  recordsOf,
  sumOf,
  valueOf,
  windowOf,
  type Facts,
} from './facts';

/**
 * Measures of the turnover that the tax office knows: VAT filings, beside the e-invoices of the same months. A "year" is
 * the twelve months that end with the latest filed period. All amounts are fen; every measure is null where a filing that
 * it needs is missing or does not tell a field.
 */

const vat = 'vat-filing';
const invoices = 'e-invoices';

/** VAT filings of one of the last years: 0 is the latest, 1 the one before. */
function yearOf(facts: Facts, back: 0 | 1) {
  const records = recordsOf(facts, vat);
  const end = latestEnd(records);
  const all = end === undefined ? undefined : windowOf(records, end, back === 0 ? 12 : 24);
  if (all === undefined) return undefined;
  const latest = windowOf(records, end ?? '', 12);
  if (back === 0 || latest === undefined) return latest;
  return all.slice(0, all.length - latest.length);
}

/** Sum of `sales` over the year, in fen. */
export function annualRevenue(facts: Facts): string | null {
  const year = yearOf(facts, 0);
  return (year && sumOf(year, 'sales'))?.toString() ?? null;
}

/** (sales of the year − sales of the year before) ÷ sales of the year before. */
export function revenueGrowth(facts: Facts): string | null {
  const [latest, before] = [yearOf(facts, 0), yearOf(facts, 1)];
  const now = latest && sumOf(latest, 'sales');
  const then = before && sumOf(before, 'sales');
  if (now === undefined || then === undefined) return null;
  return valueOf(ratio(now - then, then));
}

/**
 * Coefficient of variation of the year's sales: population standard deviation ÷ mean, over the filing periods, each divided
 * by its months so that monthly and quarterly filers compare.
 */
export function revenueVolatility(facts: Facts): string | null {
  const year = yearOf(facts, 0);
  if (year === undefined || year.length < 2) return null;
  const perMonth: Decimal[] = [];
  for (const record of year) {
    const sales = amountOf(record, 'sales');
    const months = monthsOf(record.period);
    if (sales === undefined || months === undefined) return null;
    perMonth.push(new Decimal(sales.toString()).div(months));
  }
  const mean = Decimal.sum(...perMonth).div(perMonth.length);
  if (mean.lte(0)) return null;
  const variance = Decimal.sum(...perMonth.map((value) => value.minus(mean).pow(2))).div(perMonth.length);
  return valueOf(variance.sqrt().div(mean));
}

/** Number of filing periods in the year for which nothing was filed (`filingStatus` NOT_FILED). */
export function periodsNotFiled(facts: Facts): string | null {
  const year = yearOf(facts, 0);
  if (year?.every(({ fields }) => typeof fields.filingStatus === 'string') !== true) return null;
  return String(year.filter(({ fields }) => fields.filingStatus === 'NOT_FILED').length);
}

/** Tax paid ÷ tax payable over the year; 1 where nothing was payable. */
export function taxPaidShare(facts: Facts): string | null {
  const year = yearOf(facts, 0);
  const payable = year && sumOf(year, 'taxPayable');
  const paid = year && sumOf(year, 'taxPaid');
  if (payable === undefined || paid === undefined) return null;
  return payable <= 0n ? '1' : valueOf(ratio(paid, payable));
}

/**
 * How far the tax burden (tax payable ÷ sales) moved from the year before to the year, as a share of what it was: absolute
 * value. Sales that grow while the tax on them does not are what this looks for.
 */
export function taxBurdenChange(facts: Facts): string | null {
  const burdens = ([0, 1] as const).map((back) => {
    const year = yearOf(facts, back);
    const payable = year && sumOf(year, 'taxPayable');
    const sales = year && sumOf(year, 'sales');
    return payable === undefined || sales === undefined ? undefined : ratio(payable, sales);
  });
  const [now, then] = burdens;
  if (now === undefined || then === undefined || then.lte(0)) return null;
  return valueOf(now.minus(then).abs().div(then));
}

/**
 * How far the invoices issued depart from the sales filed over the year, as a share of the sales: absolute value. It takes
 * e-invoices for every month of the filings' year.
 */
export function invoiceDeviation(facts: Facts): string | null {
  const year = yearOf(facts, 0);
  const end = year?.at(-1)?.period.to;
  const months = end === undefined ? undefined : windowOf(recordsOf(facts, invoices), end, 12);
  const sales = year && sumOf(year, 'sales');
  const issued = months && sumOf(months, 'issuedAmount');
  if (sales === undefined || issued === undefined) return null;
  return valueOf(ratio(issued > sales ? issued - sales : sales - issued, sales));
}

/** The largest buyer's share of all invoices issued in the latest twelve months of e-invoices. */
export function buyerConcentration(facts: Facts): string | null {
  const records = recordsOf(facts, invoices);
  const end = latestEnd(records);
  const months = end === undefined ? undefined : windowOf(records, end, 12);
  const total = months && sumOf(months, 'issuedAmount');
  if (months === undefined || total === undefined) return null;
  const bought = new Map<string, bigint>();
  for (const { fields } of months) {
    if (!Array.isArray(fields.buyers)) return null;
    for (const { uscc, amount } of fields.buyers as { uscc: string; amount: string }[])
      bought.set(uscc, (bought.get(uscc) ?? 0n) + BigInt(amount));
  }
  let largest = 0n;
  for (const amount of bought.values()) if (amount > largest) largest = amount;
  return valueOf(ratio(largest, total));
}
