import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Product } from '../../../../chaincode/lending/products/model';
import { sha256 } from '../../../../chaincode/ledger/canonical';
import { completenessOf } from '../../../../chaincode/sharing/completeness';
import type { DataRequest, Delivery } from '../../../../chaincode/sharing/model';
import { claimsOf, signCompleteness, type IssuedRecord, type IssuerSigner } from '../../../../gateway/issuer';
import type { TestIdentity } from '../../../support/chaincode/ledger';
import { bankA, department, tax, uscc, user } from '../../registry/world';

export const lending = 'lending-bank-a';
export const sharing = 'sharing-bank-a';
export const regulator = 'RegulatorMSP';
const person = (role: string, name: string): TestIdentity => ({
  msp: bankA,
  attributes: { role, 'hf.EnrollmentID': name },
});
export const officer = person('credit-officer', 'olga');
export const approver = person('approver', 'anton');
export const servicer = person('servicer', 'sven');
export const treasurer = person('treasurer', 'tina');
export const supervisor: TestIdentity = { msp: regulator, attributes: { role: 'supervisor' } };
export const applicant = user(uscc);
export const taxAgent = department(tax, 'tax-shanghai', 'release-agent');
export const issuer = 'department:tax-shanghai';

/** The applicant's deposit. */
export const account = 'account-0000000000';

/** The example product, changed as a test needs it. */
export function exampleProduct(changes: Partial<Product> = {}): Product {
  const file = path.join(__dirname, '../../../../chaincode/lending/products/working-capital.json');
  return { ...(JSON.parse(readFileSync(file, 'utf8')) as Product), ...changes };
}

export const vatFields = ['filingStatus', 'sales', 'taxPayable', 'taxPaid'];

/** A month as a period. */
export const period = (year: number, month: number) => {
  const pad = (value: number) => String(value).padStart(2, '0');
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return { from: `${year}-${pad(month)}-01`, to: `${year}-${pad(month)}-${pad(last)}` };
};

/** What the tax office's honest agent sends for VAT filings. */
export async function deliveryOf(
  request: DataRequest,
  records: readonly IssuedRecord[],
  signer: IssuerSigner,
  now: number,
): Promise<Delivery> {
  const handles = new Map<
    number,
    { handle: string; year: number; entries: { seq: number; id: string; period: IssuedPeriod }[] }
  >();
  for (const { seq, id, jwt, handle } of records) {
    const claims = claimsOf(jwt);
    const year = Number(claims.period.to.slice(0, 4));
    if (year < Number(request.range.from.slice(0, 4))) continue;
    const index = handles.get(year) ?? { handle, year, entries: [] };
    index.entries.push({ seq, id, period: claims.period });
    handles.set(year, index);
  }
  for (
    let year = Number(request.range.from.slice(0, 4));
    year <= Number(request.range.to.slice(0, 4));
    year++
  )
    if (!handles.has(year)) handles.set(year, { handle: sha256(`vat ${year}`), year, entries: [] });
  const held = [
    {
      recordType: 'vat-filing',
      cadences: [],
      indexes: [...handles.values()].sort((a, b) => a.year - b.year),
    },
  ];
  const anchors = Object.fromEntries(records.map(({ id }) => [id, { status: 'ACTIVE' as const }]));
  const statement = completenessOf(request, held, anchors, new Date(now).toISOString());
  const sent = new Set(
    statement.types.flatMap((type) =>
      type.handles.flatMap(({ entries }) =>
        entries.filter(({ state }) => state === 'DELIVERED').map(({ id }) => id),
      ),
    ),
  );
  const fields = request.items[0]?.fields ?? [];
  const delivery: Delivery = {
    requestId: request.requestId,
    presentations: records
      .filter(({ id }) => sent.has(id))
      .map(({ jwt, disclosures }) => ({
        jwt,
        disclosures: disclosures.filter((text) =>
          fields.includes((JSON.parse(Buffer.from(text, 'base64url').toString()) as string[])[1] ?? ''),
        ),
      })),
    completeness: await signCompleteness(signer, statement),
  };
  return delivery;
}

interface IssuedPeriod {
  readonly from: string;
  readonly to: string;
}
