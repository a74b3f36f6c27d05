import {
  LineWorld,
  lending,
  otherUscc,
  platform as platformMsp,
  uscc,
} from '../../chaincode/lending/lines/world';
import { contracts } from '../../../chaincode/lending';
import { person, TestGateway } from './gateways';

const officer = person('credit-officer');
const approver = person('approver');
const owner = person('enterprise-user', uscc);
const other = person('enterprise-user', otherUscc);

/** The other bank's channel, which an enterprise's gateway asks as well. */
function deployElsewhere({ world }: LineWorld): void {
  const deployed = contracts.map((Class) => new Class());
  world.ledger.deploy('lending-bank-b', 'lending', deployed, [['BankBMSP', platformMsp]]);
}

let lines: LineWorld;
let bank: TestGateway;
let platform: TestGateway;
beforeAll(async () => {
  lines = await LineWorld.open();
  deployElsewhere(lines);
  bank = await TestGateway.of(lines.world, 'bank-a', [officer, approver]);
  platform = await TestGateway.of(lines.world, 'enterprise', [owner, other]);
}, 60_000);

it('takes a drawdown from the quote to the loan', async () => {
  const path = `/v1/credit-lines/${lines.lineId}`;
  const line = await platform.get(owner, path);
  expect(line.body).toMatchObject({ bank: 'BankAMSP', used: '0', available: '50000000' });
  expect((await platform.get(other, path)).status).toBe(403);
  const quote = await platform.get(owner, `${path}/quote?amount=12000000&termMonths=12`);
  expect(quote.body).toMatchObject({ fees: '24000', validOn: '2026-11-23' });

  const order = lines.order('12000000');
  const body = { order, signatures: await lines.sign(order) };
  const astray = await platform.post(owner, '/v1/credit-lines/another-line-0000000/drawdowns', body);
  expect([astray.status, astray.body.code]).toEqual([422, 'STATEMENT_MISMATCH']);
  const ordered = await platform.post(owner, `${path}/drawdowns`, body);
  expect([ordered.status, ordered.body]).toMatchObject([201, { drawdown: { state: 'ORDERED' } }]);
  const again = await platform.post(owner, `${path}/drawdowns`, body);
  expect(again.status).toBe(201);

  const waiting = await bank.get(officer, `${path}/drawdowns`);
  expect(waiting.body.items).toMatchObject([{ loanId: order.loanId, order: { channel: lending } }]);
  const proposal = { action: 'DRAW_DOWN', content: lines.content(order) };
  const proposed = await bank.post(officer, '/v1/proposals', proposal);
  const { proposalId, digest } = proposed.body;
  const approved = await bank.post(approver, `/v1/proposals/${proposalId}:approve`, { digest });
  expect([approved.status, approved.body.status]).toEqual([200, 'EXECUTED']);
  const loan = await platform.get(owner, `/v1/loans/${order.loanId}`);
  expect(loan.body).toMatchObject({ loan: { lineId: lines.lineId }, position: { principal: '12000000' } });
  const listed = await platform.get(owner, '/v1/credit-lines');
  expect(listed.body.items).toMatchObject([{ available: '38000000' }]);
});

it('says by a stable code why nothing is drawn, withdrawn or closed', async () => {
  const path = `/v1/credit-lines/${lines.lineId}`;
  const order = lines.order('50000000');
  const body = { order, signatures: await lines.sign(order) };
  const above = await platform.post(owner, `${path}/drawdowns`, body);
  expect([above.status, above.body]).toMatchObject([
    409,
    { code: 'LINE_LIMIT_EXCEEDED', errors: [{ field: 'order.amount' }] },
  ]);
  const paid = await platform.get(owner, `${path}/drawdowns`);
  const [drawdown] = paid.body.items as unknown as { readonly loanId: string }[];
  const late = await platform.post(owner, `${path}/drawdowns/${drawdown?.loanId ?? ''}:withdraw`);
  expect([late.status, late.body.code]).toEqual([409, 'STATE_CONFLICT']);
  const early = await bank.post(officer, `${path}:close`);
  expect([early.status, early.body.code]).toEqual([409, 'STATE_CONFLICT']);
});

it('withdraws an order, and closes a line that owes nothing', async () => {
  const fresh = await LineWorld.open();
  deployElsewhere(fresh);
  const gateway = await TestGateway.of(fresh.world, 'enterprise', [owner]);
  const path = `/v1/credit-lines/${fresh.lineId}`;
  const order = fresh.order('12000000');
  await gateway.post(owner, `${path}/drawdowns`, { order, signatures: await fresh.sign(order) });
  const withdrawn = await gateway.post(owner, `${path}/drawdowns/${order.loanId}:withdraw`);
  expect([withdrawn.status, withdrawn.body.state]).toEqual([200, 'WITHDRAWN']);
  const closed = await gateway.post(owner, `${path}:close`);
  expect([closed.status, closed.body]).toMatchObject([200, { line: { state: 'CLOSED' }, available: '0' }]);
});
