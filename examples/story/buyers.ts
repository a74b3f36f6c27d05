import { enterpriseIdentity } from '../../network/set-up/identities';
import { toCsv } from '../sample/extracts';
import type { BuyerExtract } from '../sample/orders';
import { expectStatus, type Stage } from './stage';

/** The buyers' files, with the rows about some suppliers only. */
export function extractsOfBuyers(
  extracts: readonly BuyerExtract[],
  suppliers: ReadonlySet<string>,
): readonly BuyerExtract[] {
  return extracts
    .map((extract) => ({ ...extract, rows: extract.rows.filter(({ uscc }) => suppliers.has(String(uscc))) }))
    .filter(({ rows }) => rows.length > 0);
}

/** Buyers import what they ordered from the enterprises and what they paid, each in its own name, as the agencies do. */
export async function importOrders({
  narrator,
  buyerExtracts,
  buyers,
  signIn,
  borrower,
}: Stage): Promise<void> {
  narrator.step(`${buyers.length} buyers import their orders and payments, each in its own name`);
  let attested = 0;
  for (const { buyer, recordType, rows } of buyerExtracts) {
    const user = await signIn('enterprise', enterpriseIdentity(buyer));
    const done = expectStatus(
      await user.importRecords(recordType, toCsv(rows)),
      200,
      `importing ${recordType} of ${buyer}`,
    );
    if (done.attested !== rows.length)
      narrator.check(`the buyer ${buyer} imported every line of ${recordType}`, false, done);
    attested += rows.length;
  }
  const about = buyerExtracts.filter(({ rows }) => rows.some(({ uscc }) => uscc === borrower.uscc));
  narrator.check(
    `${attested} orders and payments are attested, of which those about the borrower by ${new Set(about.map(({ buyer }) => buyer)).size} buyers`,
    about.length > 0,
  );
  const [own] = about;
  if (own === undefined) return;
  const supplier = await signIn('enterprise', enterpriseIdentity(borrower.uscc));
  const forged = await supplier.importRecords(own.recordType, toCsv(own.rows));
  narrator.check(
    'the borrower cannot attest them itself, in its buyer’s name',
    Number(forged.body.attested ?? 0) === 0 && (forged.status !== 200 || Number(forged.body.refused) > 0),
    forged,
  );
}
