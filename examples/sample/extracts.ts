import { isoDate, type SampleEnterprise } from './enterprises';
import { monthsReported, nextMonth, quartersOf, type Month } from './months';
import type { Random } from './random';
import type { Books, Trade } from './trade';

/** A line of an extract: column to cell. Lists are JSON, money is fen. */
export type Row = Readonly<Record<string, string | number | boolean | bigint>>;

/** What an agency hands over: all records of one type that one department holds. */
export interface Extract {
  readonly department: string;
  readonly recordType: string;
  readonly rows: readonly Row[];
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((all, amount) => all + amount, 0n);
const amounts = (trades: readonly Trade[]): bigint => sum(trades.map(({ amount }) => amount));
const share = (amount: bigint, basisPoints: number): bigint => (amount * BigInt(basisPoints)) / 10_000n;
const json = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? item.toString() : item));

/** All rows about one firm, by record type. */
export function rowsOf(
  random: Random,
  enterprise: SampleEnterprise,
  books: readonly Books[],
): Readonly<Record<string, readonly Row[]>> {
  const own = random.fork(`${enterprise.uscc}/extracts`);
  const filings = filingsOf(own, enterprise, books);
  return {
    'business-registration': [registration(enterprise, books)],
    'administrative-penalty': penalties(own, enterprise, books),
    'vat-filing': filings.rows,
    'e-invoices': reported(books).map((month) => invoices(enterprise, month)),
    'social-insurance': reported(books).map((month) => insurance(enterprise, month, books)),
    'financial-statement': [statement(own, enterprise, books)],
    'tax-credit-rating': [lastYear(books) - 1, lastYear(books)].map((year) => rating(own, enterprise, year)),
    'tax-arrears': arrears(enterprise, filings.unpaid, books),
  };
}

/** The months before only complete a quarter: 24 months are reported. */
function reported(books: readonly Books[]): readonly Books[] {
  return books.slice(-monthsReported);
}

/** The year before the last month's: the last one with a statement and a rating. It lies in the reported months as a whole. */
function lastYear(books: readonly Books[]): number {
  return (books.at(-1)?.year ?? 0) - 1;
}

/** The register's entry as it stands when the file is handed over: a bank asks for what is dated in the months it looks at. */
function registration(enterprise: SampleEnterprise, books: readonly Books[]): Row {
  return {
    uscc: enterprise.uscc,
    issued_on: books.at(-1)?.to ?? enterprise.establishedOn,
    legal_name: enterprise.name,
    registered_capital: enterprise.capital,
    established_on: enterprise.establishedOn,
    industry: enterprise.industry.name,
    address: enterprise.address,
    legal_representative: enterprise.legalRepresentative,
    owners: json(enterprise.owners),
    officers: json(enterprise.officers),
    operating_status: 'IN_OPERATION',
  };
}

interface Filing {
  readonly from: string;
  readonly to: string;
  readonly filedOn: string;
  readonly months: readonly Books[];
}

function filingsOf(
  random: Random,
  enterprise: SampleEnterprise,
  books: readonly Books[],
): {
  readonly rows: readonly Row[];
  readonly unpaid: readonly { readonly since: string; readonly amount: bigint }[];
} {
  const periods: readonly Filing[] =
    enterprise.cadence === 'MONTHLY'
      ? reported(books).map((month) => ({
          from: month.from,
          to: month.to,
          filedOn: nextMonth(month, random.int(8, 15)),
          months: [month],
        }))
      : quartersOf(books).map((quarter) => ({
          from: quarter[0].from,
          to: quarter[2].to,
          filedOn: nextMonth(quarter[2], random.int(8, 15)),
          months: quarter,
        }));
  const unpaid: { since: string; amount: bigint }[] = [];
  const rows = periods.map(({ from, to, filedOn, months }, index) => {
    const base = { uscc: enterprise.uscc, period_from: from, period_to: to, cadence: enterprise.cadence };
    const late = enterprise.profile === 'DISTRESSED' && index >= periods.length - 8;
    if (late && random.chance(150)) return { ...base, assurance: 'ISSUED', filing_status: 'NOT_FILED' };
    const sales = sum(months.map(({ filedSales }) => filedSales));
    const outputTax = share(sales, enterprise.industry.vatBasisPoints);
    const inputTax = share(
      sum(months.map(({ received }) => amounts(received))),
      enterprise.industry.vatBasisPoints,
    );
    const payable = outputTax > inputTax ? outputTax - inputTax : 0n;
    const paid = late && random.chance(400) ? payable / 3n : payable;
    if (paid < payable) unpaid.push({ since: filedOn, amount: payable - paid });
    return {
      ...base,
      assurance: 'FILED',
      filing_status: 'FILED',
      sales,
      output_tax: outputTax,
      input_tax: inputTax,
      tax_payable: payable,
      tax_paid: paid,
      filed_on: filedOn,
    };
  });
  return { rows, unpaid };
}

function invoices(enterprise: SampleEnterprise, month: Books): Row {
  const issued = amounts(month.issued);
  const received = amounts(month.received);
  const count = (trades: readonly Trade[]): number => trades.reduce((all, trade) => all + trade.count, 0);
  return {
    ...period(enterprise, month),
    issued_count: count(month.issued),
    issued_amount: issued,
    issued_tax: share(issued, enterprise.industry.vatBasisPoints),
    received_count: count(month.received),
    received_amount: received,
    received_tax: share(received, enterprise.industry.vatBasisPoints),
    buyers: json(month.issued),
    sellers: json(month.received),
    cancelled: month.cancelled,
    red_letter: month.redLetter,
  };
}

function insurance(enterprise: SampleEnterprise, month: Books, books: readonly Books[]): Row {
  const due = share(month.payroll, 2600);
  const late = enterprise.profile === 'DISTRESSED' && books.indexOf(month) >= books.length - 4;
  return {
    ...period(enterprise, month),
    employees: month.employees,
    payroll: month.payroll,
    contributions_due: due,
    contributions_paid: late ? due / 2n : due,
  };
}

/** The statement for the last whole year: balanced, and its revenue is the sum of the months. */
function statement(random: Random, enterprise: SampleEnterprise, books: readonly Books[]): Row {
  const statedYear = lastYear(books);
  const year = books.filter((month) => month.year === statedYear);
  const revenue = sum(year.map(({ filedSales }) => filedSales));
  const cost = sum(year.map(({ received }) => amounts(received)));
  const payroll = sum(year.map((month) => month.payroll));
  const borrowings = share(revenue, random.int(500, 2500));
  const interest = share(borrowings, random.int(380, 620));
  const operatingProfit = revenue - cost - payroll - share(revenue, random.int(300, 700));
  const netProfit = operatingProfit - interest;
  const receivables = share(revenue, random.int(1000, 2200));
  const inventory = share(cost, random.int(600, 1600));
  const cash = share(revenue, random.int(200, 1200));
  const fixed = share(revenue, random.int(1000, 3000));
  const assets = receivables + inventory + cash + fixed;
  const liabilities = borrowings + share(cost, random.int(800, 1400));
  return {
    uscc: enterprise.uscc,
    period_from: isoDate(statedYear, 1, 1),
    period_to: isoDate(statedYear, 12, 31),
    assurance: 'FILED',
    cadence: 'ANNUAL',
    revenue,
    cost_of_sales: cost,
    operating_profit: operatingProfit,
    net_profit: netProfit,
    total_assets: assets,
    total_liabilities: liabilities,
    equity: assets - liabilities,
    cash,
    receivables,
    inventory,
    borrowings,
    interest_expense: interest,
    operating_cash_flow: netProfit + share(revenue, random.int(0, 400)),
    audited: random.chance(300),
  };
}

function rating(random: Random, { uscc, profile }: SampleEnterprise, year: number): Row {
  const points = profile === 'DISTRESSED' ? random.int(35, 69) : random.int(72, 99);
  return {
    uscc,
    period_from: isoDate(year, 1, 1),
    period_to: isoDate(year, 12, 31),
    cadence: 'ANNUAL',
    rating: points >= 90 ? 'A' : points >= 70 ? 'B' : points >= 40 ? 'C' : 'D',
    year,
    points,
  };
}

function arrears(
  { uscc }: SampleEnterprise,
  unpaid: readonly { readonly since: string; readonly amount: bigint }[],
  books: readonly Books[],
): readonly Row[] {
  const lastDay = books.at(-1)?.to ?? '';
  return unpaid
    .filter(({ since }) => since <= lastDay)
    .map(({ since, amount }) => ({
      uscc,
      issued_on: since,
      record_key: `vat-${since}`,
      amount,
      since,
      tax: 'VAT',
    }));
}

function penalties(random: Random, enterprise: SampleEnterprise, books: readonly Books[]): readonly Row[] {
  if (!random.chance(enterprise.profile === 'DISTRESSED' ? 300 : 60)) return [];
  const month = random.pick(books);
  const decisionNumber = `${enterprise.region.code}-${month.year}-${random.int(1000, 9999)}`;
  return [
    {
      uscc: enterprise.uscc,
      issued_on: month.to,
      record_key: decisionNumber,
      decision_number: decisionNumber,
      kind: random.pick(['ADVERTISING', 'PRODUCT_QUALITY', 'LATE_ANNUAL_REPORT', 'UNLICENSED_ACTIVITY']),
      amount: BigInt(random.int(5, 300)) * 100_000n,
      decided_on: month.to,
      settled: random.chance(800),
    },
  ];
}

function period({ uscc }: SampleEnterprise, { from, to }: Month): Row {
  return { uscc, period_from: from, period_to: to, cadence: 'MONTHLY' };
}

/** An extract as CSV (RFC 4180), with a header of all columns that occur. */
export function toCsv(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cell = (value: Row[string] | undefined): string => {
    const text = value === undefined ? '' : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = [
    columns.join(','),
    ...rows.map((row) => columns.map((column) => cell(row[column])).join(',')),
  ];
  return `${lines.join('\r\n')}\r\n`;
}
