import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { checkCharacter } from '../../chaincode/registry/uscc';
import type { Product } from '../../chaincode/lending/products/model';
import type { ConsentArtefact } from '../../chaincode/sharing/model';
import type { Fact } from '../../gateway/records/facts';
import { loadPurposes } from '../../network/set-up/catalogue';
import { projectRoot } from '../../network/topology/project';
import { fields } from './actors';

/** What the scenario is about, apart from who acts in it. */

/** A code of an enterprise that no other test uses. */
export function newUscc(): string {
  const digits = String(randomBytes(6).readUIntBE(0, 6) % 1_000_000_000).padStart(9, '0');
  const first = `91310115${digits}`;
  return first + (checkCharacter(first) ?? '');
}

/** A purpose in the consortium's words. */
export function purpose(code: string): ConsentArtefact['Purpose'] {
  const found = loadPurposes().find((known) => known.code === code);
  if (found === undefined) throw new Error(`there is no purpose ${code}`);
  return { code, text: found.text };
}

/** What an enterprise filed for a month of 2026, or before it where the number is not above 0; figures can be searched for. */
export function filing(uscc: string, month: number): Fact {
  const dateOf = (months: number, day: number) =>
    new Date(Date.UTC(2026, months, day)).toISOString().slice(0, 10);
  const own = Number(uscc.slice(8, 17)) % 100_000;
  return {
    uscc,
    period: { from: dateOf(month - 1, 1), to: dateOf(month, 0) },
    assurance: 'FILED',
    recordKey: '',
    cadence: 'MONTHLY',
    fields: {
      filingStatus: 'FILED',
      sales: String(7_310_000_000 + own * 100 + month),
      outputTax: '1300000',
      inputTax: '900000',
      taxPayable: '400000',
      taxPaid: '400000',
      filedOn: dateOf(month, 10),
    },
  };
}

/**
 * The sample product under a code of its own, on filings of any age with the fields that the scenario shares. All who know
 * their turnover are of its one grade.
 */
export function exampleProduct(changes: Partial<Product> = {}): Product {
  const file = path.join(projectRoot, 'chaincode', 'lending', 'products', 'working-capital.json');
  const product = JSON.parse(readFileSync(file, 'utf8')) as Product;
  const filings = product.evidence.filter(({ recordType }) => recordType === 'vat-filing');
  return {
    ...product,
    code: `adversary-${randomBytes(4).toString('hex')}`,
    evidence: filings.map((requirement) => ({ ...requirement, fields: [...fields], maxAgeDays: 0 })),
    grades: [{ grade: 'A', minimumPoints: -1000, spread: '0.0100', revenueShare: '0.2' }],
    knockOuts: [],
    ...changes,
  };
}
