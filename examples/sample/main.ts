import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { toCsv } from './extracts';
import { defaultSample, generateSample } from './generate';

interface Options {
  readonly seed: string;
  readonly enterprises: string;
  readonly through: string;
  readonly out: string;
}

function main({ seed, enterprises, through, out }: Options): void {
  const sample = generateSample({ seed, enterprises: Number(enterprises), through });
  mkdirSync(out, { recursive: true });
  const register = sample.enterprises.map(({ uscc, name, region, industry, profile }) => ({
    ...{ uscc, name, region: region.name, department: region.marketRegulation },
    ...{ industry: industry.name, profile },
  }));
  writeFileSync(path.join(out, 'enterprises.csv'), toCsv(register));
  for (const { department, recordType, rows } of sample.extracts) {
    const file = path.join(out, department, `${recordType}.csv`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, toCsv(rows));
    console.log(`${file}: ${rows.length} records`);
  }
  for (const { buyer, recordType, rows } of sample.buyerExtracts) {
    const file = path.join(out, 'buyers', buyer, `${recordType}.csv`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, toCsv(rows));
  }
  const attested = sample.buyerExtracts.reduce((sum, { rows }) => sum + rows.length, 0);
  console.log(`${path.join(out, 'buyers')}: ${attested} orders and payments`);
}

new Command('examples:generate --')
  .description(
    "Writes the sample consortium's register, the agencies' extracts and the buyers' orders and payments as CSV files.",
  )
  .option('--seed <text>', 'another seed gives other firms', defaultSample.seed)
  .option('--enterprises <n>', 'number of firms', String(defaultSample.enterprises))
  .option('--through <month>', 'last month of the books, YYYY-MM', defaultSample.through)
  .option('--out <directory>', 'where the files go', 'examples/data')
  .action(main)
  .parse();
