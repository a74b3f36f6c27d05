import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { issueEnterpriseUser, departmentIdentity, enterpriseIdentity } from '../../network/set-up/identities';
import { entrustRecordsKey } from '../../gateway/issuer';
import { createKeyFile } from '../../signer/keyfile';
import { toCsv, type Extract } from '../sample/extracts';
import { extractsAbout } from '../sample/generate';
import type { SampleEnterprise } from '../sample/enterprises';
import { expectStatus, organisationOf, platformOf, yuan, type Stage } from './stage';

/** The day from which the signatories of the sample may sign. */
const authorityFrom = '2024-01-01';

/** Market regulation enters the enterprises, and the public keys of those who sign for them. */
export async function registerEnterprises(stage: Stage): Promise<void> {
  const { context, narrator, borrower, signatories, buyers } = stage;
  const enterprises = [...new Set([...stage.enterprises, ...buyers])];
  narrator.step(
    `Market regulation registers ${enterprises.length} enterprises and the keys of their signatories`,
  );
  const folder = path.join(context.directory, 'signatories');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const enterprise of enterprises) {
    const department = enterprise.region.marketRegulation;
    const registrar = await stage.signIn(
      organisationOf(context, department),
      departmentIdentity('registrar', department),
    );
    const [legal, director, finance] = signatories;
    const signers =
      enterprise === borrower
        ? [
            { id: legal.id, office: 'LEGAL_REPRESENTATIVE', jwk: legal.jwk },
            { id: director.id, office: 'DIRECTOR', jwk: director.jwk },
            { id: finance.id, office: 'FINANCE', jwk: finance.jwk },
          ]
        : [await legalRepresentativeOf(enterprise, folder)];
    if (buyers.includes(enterprise))
      signers.push({
        ...entrustRecordsKey(context.directory, platformOf(context), enterprise.uscc),
        office: 'RECORDS',
      });
    const entry = {
      uscc: enterprise.uscc,
      name: enterprise.name,
      status: 'ACTIVE',
      mandate: { required: enterprise === borrower ? 2 : 1 },
      signatories: signers.map((signer) => ({ ...signer, from: authorityFrom })),
      registeredBy: `department:${department}`,
      version: 1,
    };
    expectStatus(await registrar.post('/v1/enterprises', { entry }), 201, `registering ${enterprise.uscc}`);
    await issueEnterpriseUser(context, enterprise.uscc);
  }
  narrator.says(
    'market-regulation',
    `${borrower.name} (${borrower.uscc}): three signatories, any two of whom bind it`,
  );
  const user = await stage.signIn('enterprise', enterpriseIdentity(borrower.uscc));
  const own = await user.get(`/v1/enterprises/${borrower.uscc}`);
  narrator.check(
    'the borrower sees its own entry, signed by the registering department',
    own.status === 200,
    own,
  );
  const other = await user.get(`/v1/enterprises/${stage.neighbour.uscc}`);
  narrator.check('it does not see the entry of another enterprise', other.status === 403, other);
}

/** Keys of those who play no part: made by the signer's library, kept beside the network. */
async function legalRepresentativeOf(
  { uscc }: SampleEnterprise,
  folder: string,
): Promise<Record<string, unknown>> {
  const passphrase = randomBytes(24).toString('base64url');
  const file = await createKeyFile(passphrase);
  writeFileSync(path.join(folder, `${uscc}.key.json`), JSON.stringify(file), { mode: 0o600 });
  writeFileSync(path.join(folder, `${uscc}.passphrase`), `${passphrase}\n`, { mode: 0o600 });
  return { id: file.signatory, office: 'LEGAL_REPRESENTATIVE', jwk: file.jwk };
}

/** The agencies import their extracts, as files, through their own gateways. The borrower's annual statement is not among them. */
export async function importExtracts(stage: Stage): Promise<void> {
  const { context, narrator, sample, enterprises, borrower } = stage;
  const extracts = extractsAbout(sample.extracts, new Set(enterprises.map(({ uscc }) => uscc))).map(
    (extract) => withoutStatementOf(extract, borrower.uscc),
  );
  narrator.step(`The agencies import their files: ${extracts.length} extracts`);
  const began = performance.now();
  let attested = 0;
  for (const { department, recordType, rows } of extracts) {
    const attester = await stage.signIn(
      organisationOf(context, department),
      departmentIdentity('attester', department),
    );
    const done = expectStatus(
      await attester.importRecords(recordType, toCsv(rows)),
      200,
      `importing ${recordType} of ${department}`,
    );
    if (done.attested !== rows.length)
      narrator.check(`${department} imported every line of ${recordType}`, false, done);
    attested += rows.length;
    narrator.says(department, `${recordType}: ${rows.length} records`);
  }
  const seconds = (performance.now() - began) / 1000;
  narrator.check(
    `${attested} records are attested and anchored (${(attested / seconds).toFixed(0)} a second)`,
    attested > 0,
  );

  const [again] = extracts;
  if (again === undefined) return;
  const attester = await stage.signIn(
    organisationOf(context, again.department),
    departmentIdentity('attester', again.department),
  );
  const repeated = await attester.importRecords(again.recordType, toCsv(again.rows));
  narrator.check(
    'the same file sent again attests nothing twice',
    repeated.status === 200 && repeated.body.attested === 0,
    repeated,
  );
}

function withoutStatementOf(extract: Extract, uscc: string): Extract {
  if (extract.recordType !== 'financial-statement') return extract;
  return { ...extract, rows: extract.rows.filter((row) => row.uscc !== uscc) };
}

/** The borrower hands in its annual statement; the tax office examines and endorses it. */
export async function examineStatement(stage: Stage): Promise<void> {
  const { narrator, borrower, sample, context } = stage;
  narrator.step('The borrower submits its annual statement; the tax service examines and endorses it');
  const department = borrower.region.tax;
  const row = sample.extracts
    .find((extract) => extract.recordType === 'financial-statement' && extract.department === department)
    ?.rows.find(({ uscc }) => uscc === borrower.uscc);
  if (row === undefined) throw new Error('the sample has no statement of the borrower');
  const money = (column: string): string => String(row[column]);
  const user = await stage.signIn('enterprise', enterpriseIdentity(borrower.uscc));
  const submitted = expectStatus(
    await user.post('/v1/documents', {
      department,
      recordType: 'financial-statement',
      period: { from: String(row.period_from), to: String(row.period_to) },
      fields: {
        revenue: money('revenue'),
        costOfSales: money('cost_of_sales'),
        operatingProfit: money('operating_profit'),
        netProfit: money('net_profit'),
        totalAssets: money('total_assets'),
        totalLiabilities: money('total_liabilities'),
        equity: money('equity'),
        cash: money('cash'),
        receivables: money('receivables'),
        inventory: money('inventory'),
        borrowings: money('borrowings'),
        interestExpense: money('interest_expense'),
        operatingCashFlow: money('operating_cash_flow'),
        audited: row.audited,
      },
    }),
    201,
    'submitting the statement',
  );
  narrator.says(
    'borrower',
    `submits its statement for ${String(row.period_from).slice(0, 4)}: revenue ${yuan(row.revenue)}`,
  );
  const examiner = await stage.signIn(
    organisationOf(context, department),
    departmentIdentity('examiner', department),
  );
  const seen = expectStatus(
    await examiner.get(`/v1/documents/${String(submitted.id)}`),
    200,
    'reading the document',
  );
  narrator.check('the examiner reads what was submitted', JSON.stringify(seen).includes(money('revenue')));
  const examined = expectStatus(
    await examiner.post(`/v1/documents/${String(submitted.id)}:examine`, { outcome: 'ENDORSED' }),
    200,
    'examining the document',
  );
  narrator.check(
    'it is endorsed, and attested as a record of its own',
    examined.status === 'ENDORSED' && typeof examined.recordId === 'string',
    examined,
  );
}
