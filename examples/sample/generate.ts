import { makeEnterprises, type SampleEnterprise } from './enterprises';
import { rowsOf, type Extract, type Row } from './extracts';
import { monthsReported, monthsThrough } from './months';
import { buyerExtracts, type BuyerExtract } from './orders';
import { Random } from './random';
import { tradeOf, type Books } from './trade';

export interface SampleOptions {
  readonly seed: string;
  readonly enterprises: number;
  /** The last month of the books, `YYYY-MM`; October 2026 unless told. */
  readonly through?: string;
}

/** The sample consortium: its firms, their true books, and what agencies and buyers hold about them. */
export interface SampleConsortium {
  readonly enterprises: readonly SampleEnterprise[];
  /** The 24 months that the agencies report: first and last day. */
  readonly range: { readonly from: string; readonly to: string };
  readonly books: ReadonlyMap<string, readonly Books[]>;
  /** One a department and record type. */
  readonly extracts: readonly Extract[];
  /** One a buyer and record type. */
  readonly buyerExtracts: readonly BuyerExtract[];
}

/** A fixed month, so that what is generated today and later is the same. */
const defaultMonth = '2026-10';

export const defaultSample = { seed: '1', enterprises: 300, through: defaultMonth } as const;

/** Generates the consortium; the same options give the same bytes on every machine. */
export function generateSample({
  seed,
  enterprises: count,
  through = defaultMonth,
}: SampleOptions = defaultSample): SampleConsortium {
  const months = monthsThrough(through);
  const random = new Random(`sme-credit/${seed}`);
  const enterprises = makeEnterprises(random.fork('enterprises'), count);
  const books = tradeOf(random.fork('trade'), enterprises, months);
  const rows = new Map<string, Row[]>();
  for (const enterprise of enterprises)
    for (const [recordType, own] of Object.entries(
      rowsOf(random, enterprise, books.get(enterprise.uscc) ?? []),
    )) {
      const key = `${departmentOf(enterprise, recordType)}/${recordType}`;
      const sofar = rows.get(key);
      if (sofar === undefined) rows.set(key, [...own]);
      else sofar.push(...own);
    }
  const extracts = [...rows].map(([key, own]) => {
    const [department = '', recordType = ''] = key.split('/');
    return { department, recordType, rows: own };
  });
  return {
    enterprises,
    range: { from: months.at(-monthsReported)?.from ?? '', to: months.at(-1)?.to ?? '' },
    books,
    extracts: extracts.filter((extract) => extract.rows.length > 0),
    buyerExtracts: buyerExtracts(random.fork('orders'), enterprises, books),
  };
}

/** The same extracts with the rows of some enterprises only. */
export function extractsAbout(extracts: readonly Extract[], usccs: ReadonlySet<string>): readonly Extract[] {
  return extracts
    .map((extract) => ({ ...extract, rows: extract.rows.filter(({ uscc }) => usccs.has(String(uscc))) }))
    .filter(({ rows }) => rows.length > 0);
}

const ofMarketRegulation = new Set(['business-registration', 'administrative-penalty']);

function departmentOf({ region }: SampleEnterprise, recordType: string): string {
  return ofMarketRegulation.has(recordType) ? region.marketRegulation : region.tax;
}
