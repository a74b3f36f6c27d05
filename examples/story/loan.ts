import { enterpriseIdentity } from '../../network/set-up/identities';
import type { Instalment } from '../../chaincode/lending/engine/loan';
import type { LoanView } from '../../chaincode/lending/loans/model';
import type { LoanSheet } from '../../chaincode/lending/applications/model';
import type { ApiUser } from './api';
import { balanceOf, newId, twoPersons, type OpenBank } from './bank';
import { runLending } from './lending-command';
import type { Shared } from './sharing';
import { expectStatus, yuan, type Stage } from './stage';

/** A loan that was paid out. */
export interface PaidOut {
  readonly applicationId: string;
  readonly loanId: string;
  readonly sheet: LoanSheet;
  readonly schedule: readonly Instalment[];
}

const amount = '60000000';
const termMonths = 12;

/** Paths of an application's parts. */
export const applicationPath = (id: string, act = ''): string => `/v1/applications/${id}${act}`;

/** State of the application in an answer. */
export const stateOf = (body: Record<string, unknown>): unknown =>
  (body.application as Record<string, unknown> | undefined)?.state;

/** From the borrower's application to the money on its account. */
export async function lend(stage: Stage, bank: OpenBank, shared: Shared): Promise<PaidOut> {
  const applicationId = await apply(stage, bank);
  await decide(stage, applicationId, shared);
  const offer = await makeOffer(stage, applicationId);
  await accept(stage, applicationId, offer);
  return payOut(stage, bank, applicationId, offer.sheet);
}

async function apply({ narrator, signIn, borrower }: Stage, bank: OpenBank): Promise<string> {
  narrator.step(`The borrower applies for ${yuan(amount)}, for ${termMonths} months`);
  const user = await signIn('enterprise', enterpriseIdentity(borrower.uscc));
  const wanted = {
    bank: 'BankAMSP',
    product: bank.product,
    amount,
    termMonths,
    purpose: 'MATERIALS',
    account: bank.account,
  };
  const tooMuch = await user.post('/v1/applications', { ...wanted, amount: '900000000' });
  narrator.check(
    `more than the product lends is refused: ${String(tooMuch.body.code)}`,
    tooMuch.body.code === 'PRODUCT_LIMIT_EXCEEDED',
    tooMuch,
  );
  const applied = expectStatus(await user.post('/v1/applications', wanted), 201, 'applying');
  narrator.check('the application is APPLIED', stateOf(applied) === 'APPLIED', applied);
  return String((applied.application as Record<string, unknown>).applicationId);
}

interface Decision {
  readonly records: readonly unknown[];
  readonly result: {
    readonly outcome: string;
    readonly points: number;
    readonly grade?: string;
    readonly limit: string;
    readonly reasons: readonly string[];
    readonly metrics: readonly { readonly metric: string; readonly value: string | null }[];
  };
}

/** Evidence, decision and notice of an application; the decision as the bank reads it. */
export async function decideOn(officer: ApiUser, applicationId: string, shared: Shared): Promise<Decision> {
  const { consentId, requestIds } = shared;
  const evidence = applicationPath(applicationId, '/evidence');
  expectStatus(await officer.post(evidence, { consentId, requestIds }), 200, 'attaching evidence');
  expectStatus(await officer.post(applicationPath(applicationId, ':decide'), {}), 200, 'deciding');
  const read = expectStatus(
    await officer.get(applicationPath(applicationId, '/decision')),
    200,
    'reading the decision',
  );
  expectStatus(await officer.post(applicationPath(applicationId, ':notify'), {}), 200, 'giving notice');
  return read.decision as Decision;
}

async function decide(stage: Stage, applicationId: string, shared: Shared): Promise<void> {
  const { narrator, signIn, borrower, neighbour, context } = stage;
  narrator.step("The contract decides on the delivered records, on bank A's own peer");
  const officer = await signIn('bank-a', 'credit-officer');
  const early = await officer.post(applicationPath(applicationId, '/offers'), { amount, termMonths });
  narrator.check(
    `nothing can be offered before: ${String(early.body.code)}`,
    early.body.code === 'STATE_CONFLICT',
    early,
  );
  const half = await officer.post(applicationPath(applicationId, '/evidence'), {
    consentId: shared.consentId,
    requestIds: shared.requestIds.slice(1),
  });
  narrator.check(
    `evidence without the tax office’s delivery is refused: ${String(half.body.code)}`,
    half.body.code === 'EVIDENCE_MISSING',
    half,
  );
  const { records, result } = await decideOn(officer, applicationId, shared);
  for (const { metric, value } of result.metrics)
    narrator.says('bank-a', `${metric.padEnd(24)} ${value ?? 'not available'}`);
  narrator.says(
    'bank-a',
    `${records.length} records, ${result.points} points: grade ${result.grade ?? '-'}, limit ${yuan(result.limit)}`,
  );
  narrator.check('it is approved', result.outcome === 'APPROVED', result);

  const user = await signIn('enterprise', enterpriseIdentity(borrower.uscc));
  const notice = expectStatus(
    await user.get(applicationPath(applicationId, '/notice')),
    200,
    'reading the notice',
  );
  narrator.check(
    'the borrower reads outcome and grade in its notice, and no higher limit than it asked for',
    notice.outcome === result.outcome && notice.limit === amount && notice.grade === result.grade,
    notice,
  );
  const other = await signIn('enterprise', enterpriseIdentity(neighbour.uscc));
  const denied = await other.get(applicationPath(applicationId, '/notice'));
  narrator.check(
    `another enterprise does not: ${denied.status} ${String(denied.body.code)}`,
    denied.status === 403 || denied.status === 404,
    denied,
  );
  const explained = await runLending(context, [
    ...['explain', applicationId, '--organisation', 'bank-a', '--identity', 'credit-officer'],
  ]);
  narrator.check(
    'lending explain recomputes it from the records in a process of its own, the same to the byte',
    explained.includes('AGREES'),
    explained,
  );
}

interface OfferSeen {
  readonly view: Record<string, unknown>;
  readonly offerId: string;
  readonly sheet: LoanSheet;
}

async function makeOffer({ narrator, signIn, borrower }: Stage, applicationId: string): Promise<OfferSeen> {
  narrator.step('Bank A offers; the borrower reads the loan sheet');
  const officer = await signIn('bank-a', 'credit-officer');
  const path = applicationPath(applicationId, '/offers');
  const above = await officer.post(path, { amount: '60100000', termMonths });
  narrator.check(
    `more than was asked for cannot be offered: ${String(above.body.code)}`,
    above.body.code === 'DECISION_MISMATCH',
    above,
  );
  const made = expectStatus(await officer.post(path, { amount, termMonths }), 201, 'offering');
  const { offerId, sheet } = made.offer as { readonly offerId: string; readonly sheet: LoanSheet };
  const user = await signIn('enterprise', enterpriseIdentity(borrower.uscc));
  const view = expectStatus(await user.get(`/v1/offers/${offerId}`), 200, 'reading the offer');
  for (const line of view.text as readonly string[]) narrator.says('borrower', line);
  const total = sheet.schedule.reduce((sum, { principal }) => sum + BigInt(principal), 0n);
  narrator.check(
    'the principal of its twelve instalments is the loan, to the fen',
    sheet.schedule.length === termMonths && total === BigInt(amount),
    sheet.schedule,
  );
  narrator.check(
    'the all-in annual rate, with the fee, is above the interest rate',
    Number(sheet.allInAnnualRate) > Number(sheet.annualRate),
    sheet,
  );
  return { view, offerId, sheet };
}

async function accept(
  { narrator, signIn, borrower, signatories: [legal, , finance] }: Stage,
  applicationId: string,
  { view, offerId }: OfferSeen,
): Promise<void> {
  narrator.step('Two of three signatories accept, each in a process of its own');
  const user = await signIn('enterprise', enterpriseIdentity(borrower.uscc));
  const [first, second] = await Promise.all([legal.acceptOffer(view), finance.acceptOffer(view)]);
  const signed = first.words.split('\n');
  const shown = view.text as readonly string[];
  narrator.says(legal.name, signed.slice(shown.length + 1).join('\n'));
  narrator.check(
    'what enterprise-signer shows is the sheet that it signs, word for word',
    shown.every((line, index) => signed[index] === line),
    signed,
  );
  const path = `/v1/offers/${offerId}:accept`;
  const alone = await user.post(path, { acceptances: [first.statement] });
  narrator.check(
    `one signature does not bind the borrower: ${String(alone.body.code)}`,
    alone.body.code === 'QUORUM_MISSING',
    alone,
  );
  const accepted = expectStatus(
    await user.post(path, { acceptances: [first.statement, second.statement] }),
    200,
    'accepting',
  );
  narrator.check('two do: the application is ACCEPTED', stateOf(accepted) === 'ACCEPTED', accepted);
  const mandate = expectStatus(
    await user.get(applicationPath(applicationId, '/mandate')),
    200,
    'reading the mandate',
  );
  const { account, cap, expires } = mandate.directDebit as Record<string, string>;
  narrator.says(
    'borrower',
    `direct debit: at most ${yuan(cap)} at a time from ${account ?? ''}, until ${expires ?? ''}`,
  );
}

async function payOut(
  stage: Stage,
  bank: OpenBank,
  applicationId: string,
  sheet: LoanSheet,
): Promise<PaidOut> {
  const { narrator, signIn, borrower } = stage;
  narrator.step('Two officers pay the loan out');
  const before = await balanceOf(stage, borrower, bank.account);
  const content = { applicationId, loanId: newId(), enterprise: borrower.uscc };
  expectStatus(await twoPersons(stage, 'DISBURSE', content), 200, 'disbursing');
  const after = await balanceOf(stage, borrower, bank.account);
  narrator.check(
    `${yuan(amount)} is on the account, and the fee of ${yuan(sheet.totalFees)} is paid from it`,
    after - before === BigInt(amount) - BigInt(sheet.totalFees),
    String(after - before),
  );
  const again = await twoPersons(stage, 'DISBURSE', { ...content, loanId: newId() });
  narrator.check(
    `it cannot be paid out twice: ${String(again.body.code)}`,
    again.body.code === 'STATE_CONFLICT',
    again,
  );
  const user = await signIn('enterprise', enterpriseIdentity(borrower.uscc));
  const path = `/v1/loans/${content.loanId}`;
  const seen = expectStatus(await user.get(path), 200, 'reading the loan') as unknown as LoanView;
  const { items } = expectStatus(await user.get(`${path}/schedule`), 200, 'reading the schedule');
  const schedule = items as readonly Instalment[];
  narrator.check(
    'the loan has the terms and the schedule of the signed sheet',
    seen.loan.termsDigest === sheet.termsDigest &&
      JSON.stringify(schedule) === JSON.stringify(sheet.schedule),
    { seen, schedule },
  );
  return { applicationId, loanId: content.loanId, sheet, schedule };
}
