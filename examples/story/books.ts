import type { LedgerCode } from '../../chaincode/lending/books/codes';
import type { StatementLine } from '../../chaincode/lending/books/model';
import { enterpriseIdentity } from '../../network/set-up/identities';
import { balanceOf, lendingChannel, type OpenBank } from './bank';
import { runLending } from './lending-command';
import { applicationPath, stateOf, type PaidOut } from './loan';
import { expectStatus, yuan, type Stage } from './stage';
import { loanOf } from './year';

interface TrialBalance {
  readonly codes: Readonly<Record<LedgerCode, string>>;
  readonly holds: boolean;
  readonly block: number;
  readonly entries: number;
  readonly proofs: readonly { readonly name: string; readonly holds: boolean }[];
}

const settled: readonly LedgerCode[] = [
  'PRINCIPAL',
  'INTEREST_RECEIVABLE',
  'PENALTY_RECEIVABLE',
  'COSTS_RECEIVABLE',
];

/** The loan is repaid: its statement, and the bank's books from the blocks alone. */
export async function closeTheBooks(
  stage: Stage,
  bank: OpenBank,
  { applicationId, loanId, sheet }: PaidOut,
): Promise<void> {
  const { narrator, signIn, borrower, context } = stage;
  narrator.step('The last fen is repaid');
  const { position } = await loanOf(stage, loanId);
  narrator.check('the loan is REPAID', position.status === 'REPAID' && position.principal === '0', position);
  const user = await signIn('enterprise', enterpriseIdentity(borrower.uscc));
  const application = expectStatus(await user.get(applicationPath(applicationId)), 200, 'the application');
  narrator.check('and so says the application', stateOf(application) === 'REPAID', application);
  const page = expectStatus(
    await user.get(`/v1/accounts/${bank.account}/statement?pageSize=100`),
    200,
    'reading the statement',
  );
  const lines = (page.items as readonly StatementLine[]).toReversed();
  for (const { date, kind, amount, balance } of lines)
    narrator.says(
      'borrower',
      `${date}  ${kind.padEnd(14)} ${yuan(amount).padStart(14)} ${yuan(balance).padStart(14)}`,
    );
  const sum = lines.reduce((all, { amount }) => all + BigInt(amount), 0n);
  narrator.check(
    'the lines of its statement add up to what is on its account',
    sum === (await balanceOf(stage, borrower, bank.account)),
    String(sum),
  );

  narrator.step('The trial balance, from the blocks alone');
  const args = ['trial-balance', '--organisation', 'bank-a', '--channel', lendingChannel];
  const balance = JSON.parse(await runLending(context, [...args, '--json'])) as TrialBalance;
  for (const [code, amount] of Object.entries(balance.codes))
    if (amount !== '0') narrator.says('bank-a', `${code.padEnd(18)} ${yuan(amount).padStart(16)}`);
  for (const { name, holds } of balance.proofs) narrator.check(name, holds, balance);
  narrator.check(
    `it proves after block ${balance.block}: ${balance.entries} journal entries`,
    balance.holds,
    balance,
  );
  narrator.check(
    'principal and receivables are zero',
    settled.every((code) => balance.codes[code] === '0'),
    balance.codes,
  );
  const earned = BigInt(balance.codes.INTEREST_INCOME) + BigInt(balance.codes.PENALTY_INCOME);
  narrator.says(
    'bank-a',
    `earned ${yuan(-earned - BigInt(balance.codes.FEE_INCOME))}; the sheet said ${yuan(BigInt(sheet.totalInterest) + BigInt(sheet.totalFees))} without delay`,
  );
  const regulator = JSON.parse(
    await runLending(context, [
      ...['trial-balance', '--organisation', 'regulator', '--channel', lendingChannel, '--json'],
      ...['--block', String(balance.block)],
    ]),
  ) as TrialBalance;
  narrator.check(
    "the regulator computes the same from its own peer's blocks",
    JSON.stringify(regulator) === JSON.stringify(balance),
    regulator,
  );
}
