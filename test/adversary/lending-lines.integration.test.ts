import { peer } from '@hyperledger/fabric-protos';
import type { DrawOrder } from '../../chaincode/lending/books/payment-order';
import type { CreditLineView } from '../../chaincode/lending/lines/model';
import { exampleProduct } from './facts';
import { alone, Lending, lendingChannel } from './lending';
import {
  approver,
  bankMsp,
  officer,
  randomId,
  refusalOf,
  Scenario,
  supervisor,
  type Actor,
  type Enterprise,
} from './scenario';

/** A credit line: what a bank, its borrower or another enterprise tries to get out of it beyond its limit. */

const { ENDORSEMENT_POLICY_FAILURE, MVCC_READ_CONFLICT, VALID } = peer.TxValidationCode;

let scenario: Scenario;
let lending: Lending;
let borrower: Enterprise;
let other: Enterprise;
let account: string;
/** A line of CNY 500,000. */
let lineId: string;

beforeAll(async () => {
  scenario = await Scenario.start();
  lending = await Lending.open(scenario);
  [borrower, other] = [await scenario.newEnterprise(), await scenario.newEnterprise()];
  await scenario.attest(
    borrower,
    Array.from({ length: 12 }, (_, index) => index - 3),
  );
  const share = await scenario.delivered(borrower, { DataRange: { from: '2025-09-01', to: '2026-08-31' } });
  account = await lending.deposit(borrower);
  const product = exampleProduct({ line: { drawMonths: 12, minimumDrawdown: '1000000' } });
  await lending.publish(product);
  lineId = await lending.accepted(borrower, share, account, product);
}, 300_000);

afterAll(() => scenario.close());

function orderOf(amount: string, changes: Partial<DrawOrder> = {}): DrawOrder {
  return {
    action: 'DRAW_DOWN',
    channel: lendingChannel,
    orderId: randomId(),
    enterprise: borrower.uscc,
    from: account,
    expires: '2099-12-31',
    amount,
    lineId,
    loanId: randomId(),
    termMonths: 12,
    purpose: 'STOCK',
    ...changes,
  };
}

const contentOf = ({ loanId, enterprise }: DrawOrder) => ({ lineId, loanId, enterprise });

async function ordered(amount: string): Promise<DrawOrder> {
  const order = orderOf(amount);
  await lending.submit(borrower.owner, 'lines:Draw', await lending.signed(borrower, order));
  return order;
}

/** What each peer by itself says. */
async function refusals(actor: Actor, name: string, input: unknown): Promise<string> {
  const said = new Set<string>();
  for (const one of alone) said.add(await refusalOf(lending.endorse(actor, name, input, one)));
  return [...said].join();
}

it('is never drawn beyond its limit, whoever is endorsed at the same time', async () => {
  const orders = [await ordered('30000000'), await ordered('30000000'), await ordered('20000000')];
  const proposals = [];
  for (const order of orders) proposals.push(await lending.propose('DRAW_DOWN', contentOf(order)));
  const alonePaid = lending.endorse(approver, 'approvals:Approve', proposals[0], [bankMsp]);
  expect(await lending.codeOf(alonePaid)).toBe(ENDORSEMENT_POLICY_FAILURE);
  const endorsed = await Promise.all(
    proposals.map((proposed) => lending.endorse(approver, 'approvals:Approve', proposed)),
  );
  expect(await lending.race(endorsed)).toEqual([VALID, MVCC_READ_CONFLICT, MVCC_READ_CONFLICT]);
  expect((await lineOf()).line).toMatchObject({ drawdowns: 1, loans: [expect.any(String)] });
  // Whichever came first, one more fits, and both of 300,000 never do.
  for (const proposed of proposals)
    await lending.endorse(approver, 'approvals:Approve', proposed).then(
      (transaction) => scenario.commit(transaction, lendingChannel),
      () => undefined,
    );
  const after = await lineOf();
  expect(after).toMatchObject({ used: '50000000', available: '0', line: { drawdowns: 2 } });
  const [first, second] = orders.map((order) => contentOf(order));
  const drawn = new Set(after.line.loans);
  const left = drawn.has(first?.loanId ?? '') ? second : first;
  const proposed = await lending.propose('DRAW_DOWN', left ?? {});
  expect(await refusals(approver, 'approvals:Approve', proposed)).toBe('LINE_LIMIT_EXCEEDED');
});

it("is drawn on the borrower's signed order alone", async () => {
  const order = orderOf('1000000');
  const content = contentOf(order);
  const proposal = { proposalId: randomId(), action: 'DRAW_DOWN', content };
  expect(await refusals(officer, 'approvals:Propose', proposal)).toBe('NOT_FOUND');
  const supplied = { ...proposal, content: { ...content, amount: '2000000' } };
  expect(await refusals(officer, 'approvals:Propose', supplied)).toBe('INVALID_INPUT');
  const signed = await lending.signed(borrower, order);
  expect(await refusals(officer, 'lines:Draw', signed)).toBe('NOT_YOUR_RECORD');
  const larger = { ...signed, order: { ...order, amount: '2000000' } };
  expect(await refusals(borrower.owner, 'lines:Draw', larger)).toBe('STATEMENT_MISMATCH');
  const one = await lending.signed(borrower, order, borrower.signers.slice(0, 1));
  expect(await refusals(borrower.owner, 'lines:Draw', one)).toBe('QUORUM_MISSING');
  const foreign = { ...order, enterprise: other.uscc };
  expect(await refusals(other.owner, 'lines:Draw', await lending.signed(other, foreign))).toBe(
    'NOT_YOUR_RECORD',
  );
});

it('shows itself to its borrower, its bank and the supervisor, and to no other enterprise', async () => {
  for (const name of ['lines:Get', 'lines:ListDrawdowns'])
    expect(await refusalOf(lending.evaluate(other.owner, name, { lineId }))).toBe('NOT_YOUR_RECORD');
  for (const actor of [borrower.owner, officer, supervisor])
    expect(await lineOf(actor)).toMatchObject({ line: { lineId } });
});

function lineOf(actor: Actor = officer): Promise<CreditLineView> {
  return lending.evaluate(actor, 'lines:Get', { lineId });
}
