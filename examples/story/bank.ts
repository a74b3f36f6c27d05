import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { canonicalJson } from '../../chaincode/ledger/canonical';
import { dayOf } from '../../chaincode/ledger/calendar';
import { enterpriseIdentity } from '../../network/set-up/identities';
import { projectRoot } from '../../network/topology/project';
import type { Answer } from './api';
import { expectStatus, yuan, type Stage } from './stage';

/** The channel on which bank A lends. */
export const lendingChannel = 'lending-bank-a';

/** What the acts of a loan share. */
export interface OpenBank {
  /** The product as it was published. */
  readonly product: { readonly code: string; readonly version: number };
  /** Deposits at bank A. */
  readonly account: string;
  readonly suppliersAccount: string;
  readonly weakAccount: string;
  /** The first business day. */
  readonly firstDay: string;
}

type Action = 'PUBLISH_PRODUCT' | 'ISSUE' | 'DISBURSE';

/** An id as clients choose them: random and without meaning. */
export const newId = (): string => randomBytes(18).toString('base64url');

/** One person of bank A proposes, another approves by the digest of the content; the answer to the approval. */
export async function twoPersons(
  { signIn }: Stage,
  action: Action,
  content: unknown,
  [maker, checker]: readonly [string, string] = ['credit-officer', 'approver'],
): Promise<Answer> {
  const [proposer, approver] = [await signIn('bank-a', maker), await signIn('bank-a', checker)];
  const proposed = expectStatus(
    await proposer.post('/v1/proposals', { action, content }),
    201,
    `proposing ${action}`,
  );
  const { proposalId, digest } = proposed as { readonly proposalId: string; readonly digest: string };
  return approver.post(`/v1/proposals/${proposalId}:approve`, { digest });
}

/** Money that arrived in the bank's core system comes onto the ledger. */
export async function issue(stage: Stage, account: string, amount: string): Promise<void> {
  const content = { account, amount, coreReference: newId() };
  expectStatus(await twoPersons(stage, 'ISSUE', content, ['treasurer', 'approver']), 200, 'issuing money');
}

/** What a deposit holds, in fen, as its owner reads it. */
export async function balanceOf(
  { signIn }: Stage,
  { uscc }: { readonly uscc: string },
  account: string,
): Promise<bigint> {
  const owner = await signIn('enterprise', enterpriseIdentity(uscc));
  const found = expectStatus(await owner.get(`/v1/accounts/${account}`), 200, 'reading the account');
  return BigInt(String(found.balance));
}

/** The regulator publishes rates and holidays, two officers a product; the bank begins its books. */
export async function openBank(stage: Stage): Promise<OpenBank> {
  const { narrator, signIn, borrower, neighbour, weak } = stage;
  narrator.step('Bank A opens: rates, a product, a first business day, deposits');
  await publishReferences(stage);
  const product = await publishProduct(stage);

  const firstDay = dayOf(Date.now());
  const treasurer = await signIn('bank-a', 'treasurer');
  const begun = expectStatus(
    await treasurer.post('/v1/business-days:begin', { date: firstDay }),
    201,
    'beginning the business day',
  );
  narrator.check(`the business day ${firstDay} is open`, begun.state === 'OPEN', begun);

  const open = async ({ uscc }: { readonly uscc: string }): Promise<string> =>
    String(
      expectStatus(await treasurer.post('/v1/accounts', { owner: uscc }), 201, 'opening an account')
        .accountId,
    );
  const account = await open(borrower);
  const suppliersAccount = await open(neighbour);
  const weakAccount = await open(weak);
  const amount = '5000000';
  const proposed = expectStatus(
    await treasurer.post('/v1/proposals', {
      action: 'ISSUE',
      content: { account, amount, coreReference: newId() },
    }),
    201,
    'proposing to issue money',
  );
  const approve = `/v1/proposals/${String(proposed.proposalId)}:approve`;
  const alone = await treasurer.post(approve, { digest: proposed.digest });
  narrator.check(
    `who proposes money in cannot approve it: ${String(alone.body.code)}`,
    alone.body.code === 'SAME_PERSON',
    alone,
  );
  const approver = await signIn('bank-a', 'approver');
  expectStatus(await approver.post(approve, { digest: proposed.digest }), 200, 'approving the issue');
  const balance = await balanceOf(stage, borrower, account);
  narrator.check(
    `treasurer and approver issue ${yuan(amount)}, which the borrower sees on its account`,
    balance === BigInt(amount),
    String(balance),
  );
  return { product, account, suppliersAccount, weakAccount, firstDay };
}

/** The regulator publishes rates and the calendar of business days, which everybody reads. */
async function publishReferences({ narrator, signIn, borrower }: Stage): Promise<void> {
  const folder = path.join(projectRoot, 'chaincode', 'registry', 'reference-data');
  const supervisor = await signIn('regulator', 'supervisor');
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()) {
    const reference = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as { readonly code: string };
    const publish = `/v1/references/${reference.code}:publish`;
    expectStatus(await supervisor.post(publish, reference), 201, `publishing ${reference.code}`);
  }
  const user = await signIn('enterprise', enterpriseIdentity(borrower.uscc));
  const { values } = expectStatus(await user.get('/v1/references/LPR-1Y'), 200, 'reading the rate') as {
    readonly values?: readonly { readonly annual: string }[];
  };
  const annual = values?.at(-1)?.annual;
  narrator.check(
    `the regulator publishes holidays and loan prime rates; the borrower reads LPR-1Y: ${annual ?? '?'}`,
    annual !== undefined,
  );
}

async function publishProduct(stage: Stage): Promise<OpenBank['product']> {
  const { narrator, signIn, borrower } = stage;
  const file = path.join(projectRoot, 'chaincode', 'lending', 'products', 'working-capital.json');
  const product = JSON.parse(readFileSync(file, 'utf8')) as OpenBank['product'] & { readonly name: string };
  expectStatus(await twoPersons(stage, 'PUBLISH_PRODUCT', product), 200, 'publishing the product');
  const user = await signIn('enterprise', enterpriseIdentity(borrower.uscc));
  const seen = expectStatus(await user.get(`/v1/products/${product.code}?bank=BankAMSP`), 200, 'the product');
  narrator.check(
    `two officers publish "${product.name}"; the borrower reads it, with what it decides on`,
    canonicalJson(seen.product) === canonicalJson(product),
    seen,
  );
  return { code: product.code, version: product.version };
}
