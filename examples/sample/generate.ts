import { makeEnterprises, type SampleEnterprise } from './enterprises';
import { rowsOf, type Extract, type Row } from './extracts';
import { monthsUntil } from './months';
import { buyerExtracts, type BuyerExtract } from './orders';
import { Random } from './random';
import { tradeOf, type Books } from './trade';

export interface SampleOptions {
  readonly seed: string;
  readonly enterprises: number;
}

/** The sample consortium: its firms, their true books, and what agencies and buyers hold about them. */
export interface SampleConsortium {
  readonly enterprises: readonly SampleEnterprise[];
  readonly books: ReadonlyMap<string, readonly Books[]>;
  /** One a department and record type. */
  readonly extracts: readonly Extract[];
  /** One a buyer and record type. */
  readonly buyerExtracts: readonly BuyerExtract[];
}

export const defaultSample: SampleOptions = { seed: '1', enterprises: 300 };

/** 24 months to October 2026, and the month before that completes their first quarter. */
const months = monthsUntil(2026, 10, 25);

/** Generates the consortium; the same options give the same bytes on every machine. */
export function generateSample({
  seed,
  enterprises: count,
}: SampleOptions = defaultSample): SampleConsortium {
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
