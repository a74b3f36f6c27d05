import { addDays, addMonths } from '../../chaincode/ledger/calendar';
import { endsQuarter, lastMonths } from '../../chaincode/sharing/questions/windows';
import { enterpriseIdentity } from '../../network/set-up/identities';
import { expectStatus, until, yuan, type Stage } from './stage';

interface ReadAnswer {
  readonly question: string;
  readonly outcome: string;
  readonly value?: string;
  readonly records: readonly string[];
}

/** The last day of the last whole quarter up to a day. */
function lastQuarterEnd(day: string): string {
  let end = addDays(`${addMonths(day, 1).slice(0, 8)}01`, -1);
  while (end > day || !endsQuarter(end)) end = addDays(`${end.slice(0, 8)}01`, -1);
  return end;
}

/** Bank B learns whether the borrower may apply from answers alone: the records stay with the tax office. */
export async function askWithoutSeeing(stage: Stage): Promise<void> {
  const { narrator, borrower, signatories, signIn, sample } = stage;
  narrator.step('Bank B asks questions instead of data');
  const bank = await signIn('bank-b', 'credit-officer');
  const to = lastQuarterEnd(sample.range.to);
  const year = lastMonths(to, 12);
  const filed = (sample.books.get(borrower.uscc) ?? []).filter(
    ({ from }) => from >= year.from && from <= year.to,
  );
  const sales = filed.reduce((total, { filedSales }) => total + filedSales, 0n);
  const issuer = `department:${borrower.region.tax}`;
  const about = { issuer, recordType: 'vat-filing', field: 'sales', months: 12 };
  // What the bank wants to know; the firm's books say that the first holds and the second does not.
  const questions = [
    { id: 'enough-sales', ...about, measure: 'SUM', atLeast: String(sales - 100n) },
    { id: 'large-sales', ...about, measure: 'SUM', atLeast: String(sales + 100n) },
  ];
  const now = Date.now();
  const wanted = {
    enterprise: borrower.uscc,
    Purpose: { code: 'PREQUALIFICATION' },
    fetchType: 'ONETIME',
    consentStart: new Date(now - 60_000).toISOString(),
    consentExpiry: new Date(now + 30 * 86_400_000).toISOString(),
    DataRange: year,
    DataLife: { unit: 'DAY', value: 30 },
    Frequency: { unit: 'MONTH', value: 1 },
    items: [],
    questions,
    purgeWithinDays: 1,
    evidenceYears: 0,
  };
  const consent = expectStatus(await bank.post('/v1/consents', wanted), 201, 'asking for consent');
  const consentId = String((consent.artefact as Record<string, unknown>).consentId);
  const user = await signIn('enterprise', enterpriseIdentity(borrower.uscc));
  for (const [index, signatory] of [signatories[0], signatories[2]].entries()) {
    const view = expectStatus(await user.get(`/v1/consents/${consentId}`), 200, 'reading the consent');
    const { statement, words } = await signatory.sign('GRANT', view);
    const shown = words.split('\n').filter((line) => /see: no record|only whether/.test(line));
    if (index === 0) narrator.says(signatory.name, `reads, among the rest:\n${shown.join('\n')}`);
    expectStatus(await user.post(`/v1/consents/${consentId}/statements`, { statement }), 200, 'signing');
  }
  const asked = expectStatus(
    await bank.post('/v1/data-requests', {
      consentId,
      issuer,
      items: [],
      questions: questions.map(({ id }) => id),
      range: year,
    }),
    201,
    'asking',
  );
  const requestId = String((asked.request as Record<string, unknown>).requestId);
  await until(
    'the answer',
    () => bank.get(`/v1/data-requests/${requestId}`),
    ({ request }) => (request as Record<string, unknown> | undefined)?.status === 'DELIVERED',
  );
  const read = expectStatus(await bank.get(`/v1/deliveries/${requestId}`), 200, 'reading the answers');
  const answers = read.answers as readonly ReadAnswer[];
  for (const { question, outcome, records } of answers)
    narrator.says('bank-b', `${question}: ${outcome}, from ${records.length} records of ${issuer}`);
  narrator.check(
    `sales of ${yuan(sales)} in the books: the threshold a yuan below is reached, the one a yuan above is not`,
    answers.map(({ outcome }) => outcome).join() === 'YES,NO' && filed.length === 12,
    answers,
  );
  narrator.check(
    'no record and no number came with it',
    (read.records as readonly unknown[]).length === 0 && answers.every(({ value }) => value === undefined),
    read,
  );
}
