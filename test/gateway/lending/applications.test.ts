import { ApplicationsContract } from '../../../chaincode/lending/applications/contract';
import { ProductsContract } from '../../../chaincode/lending/products/contract';
import {
  bankA,
  otherUscc,
  platform as platformMsp,
  regulator,
  uscc,
  World,
} from '../../chaincode/lending/applications/world';
import { person, TestGateway } from './gateways';

const officer = person('credit-officer');
const approver = person('approver');
const treasurer = person('treasurer');
const owner = person('enterprise-user', uscc);
const other = person('enterprise-user', otherUscc);
const supervisor = person('supervisor');

let world: World;
let bank: TestGateway;
let platform: TestGateway;
let authority: TestGateway;
let requestId: string;
beforeAll(async () => {
  world = await World.open();
  world.ledger.deploy(
    'lending-bank-b',
    'lending',
    [new ApplicationsContract(), new ProductsContract()],
    [['BankBMSP', platformMsp]],
  );
  bank = await TestGateway.of(world, 'bank-a', [officer, approver, treasurer]);
  platform = await TestGateway.of(world, 'enterprise', [owner, other]);
  authority = await TestGateway.of(world, 'regulator', [supervisor]);
  const records = await world.filings(24, (index) => 30_000_000 + index * 200_000);
  await world.consented();
  requestId = await world.delivered(records);
}, 60_000);

const product = () => ({ code: world.product.code, version: world.product.version });

async function applied(): Promise<string> {
  const body = {
    ...{ bank: bankA, product: product(), amount: '50000000', termMonths: 12 },
    ...{ purpose: 'STOCK', account: 'account-0000000000' },
  };
  const { status, body: made } = await platform.post(owner, '/v1/applications', body);
  expect([status, made.application.state]).toEqual([201, 'APPLIED']);
  return made.application.applicationId;
}

it('goes from an application to a loan that the signatories accepted', async () => {
  const applicationId = await applied();
  const path = `/v1/applications/${applicationId}`;
  expect((await bank.get(officer, path)).body).toMatchObject({ bank: bankA });
  const early = await bank.post(officer, `${path}:decide`);
  expect([early.status, early.body.code]).toEqual([409, 'EVIDENCE_MISSING']);
  const evidence = { consentId: world.consent.consentId, requestIds: [requestId] };
  const attached = await bank.post(officer, `${path}/evidence`, evidence);
  expect([attached.status, attached.body.application.state]).toEqual([200, 'EVIDENCE_COMPLETE']);

  bank.ledger.fault = (name, moment) => name === 'applications:Decide' && moment === 'after';
  expect((await bank.post(officer, `${path}:decide`, {}, 'decide-1')).status).toBe(504);
  bank.ledger.fault = undefined;
  const decided = await bank.post(officer, `${path}:decide`, {}, 'decide-1');
  expect([decided.status, decided.body.decision.status]).toEqual([200, 'DECIDED']);
  const call = bank.ledger.calls.find(({ name }) => name === 'applications:Decide');
  expect(call?.endorsers).toEqual([bankA]);
  expect(Object.keys(call?.transient ?? {}).sort()).toEqual(['responseKey', 'salt']);

  const { decision, notice } = (await bank.get(approver, `${path}/decision`)).body;
  expect(decision.result).toMatchObject({ outcome: 'APPROVED', grade: 'B' });
  // What is answered to a request with a key is kept: nothing private may be in it.
  expect(JSON.stringify([attached.body, decided.body])).not.toContain(decision.result.limit);
  expect((await bank.get(treasurer, `${path}/decision`)).body.code).toBe('INSUFFICIENT_SCOPE');

  expect((await platform.get(owner, `${path}/notice`)).body.code).toBe('NOT_FOUND');
  const notified = await bank.post(officer, `${path}:notify`);
  expect([notified.status, notified.body.application.state]).toEqual([200, 'DECIDED']);
  expect((await platform.get(owner, `${path}/notice`)).body).toEqual({ bank: bankA, ...notice });
  expect((await platform.get(other, `${path}/notice`)).body.code).toBe('NOT_YOUR_RECORD');

  const offered = await bank.post(officer, `${path}/offers`, { amount: '50000000', termMonths: 12 });
  expect(offered.status).toBe(201);
  const { offer, text } = (await platform.get(owner, `/v1/offers/${offered.body.offer.offerId}`)).body;
  expect(text.join('\n')).toContain('CNY 500,000.00 for 12 months');
  const statement = await world.statement(applicationId);
  const acceptances = await Promise.all([0, 1].map((index) => world.sign(index, statement)));
  const accept = `/v1/offers/${offer.offerId}:accept`;
  const few = await platform.post(owner, accept, { acceptances: acceptances.slice(0, 1) });
  expect([few.status, few.body.code]).toEqual([422, 'QUORUM_MISSING']);
  platform.ledger.fault = (_name, moment) => moment === 'after';
  expect((await platform.post(owner, accept, { acceptances }, 'accept-1')).status).toBe(504);
  platform.ledger.fault = undefined;
  const accepted = await platform.post(owner, accept, { acceptances }, 'accept-1');
  expect([accepted.status, accepted.body.application.state]).toEqual([200, 'ACCEPTED']);
  const mandate = await bank.get(officer, `${path}/mandate`);
  expect(mandate.body).toMatchObject({ bank: bankA, signatories: { length: 2 } });
  expect((await platform.get(owner, '/v1/applications')).body.items).toHaveLength(1);
}, 30_000);

it('is withdrawn by the applicant alone', async () => {
  const path = `/v1/applications/${await applied()}`;
  expect((await platform.post(other, `${path}:withdraw`)).body.code).toBe('NOT_YOUR_RECORD');
  expect((await platform.post(owner, `${path}:withdraw`)).body.application.state).toBe('WITHDRAWN');
  expect((await platform.post(owner, `${path}:review`)).body.code).toBe('STATE_CONFLICT');
});

it('shows products of all banks, which the regulator stops', async () => {
  const { code } = world.product;
  const { items } = (await platform.get(owner, '/v1/products')).body;
  expect(items).toMatchObject([{ bank: bankA, product: { code }, stop: { state: 'OPEN' } }]);
  const path = `/v1/products/${code}`;
  const body = { bank: bankA, reason: 'SANDBOX_LIMIT' };
  const stopped = await authority.post(supervisor, `${path}:suspend`, body);
  expect(stopped.body).toMatchObject({ bank: bankA, stop: { state: 'SUSPENDED' } });
  expect(authority.ledger.calls.at(-1)?.endorsers).toEqual([regulator]);
  const refused = await platform.post(owner, '/v1/applications', {
    ...{ bank: bankA, product: product(), amount: '50000000', termMonths: 12 },
    ...{ purpose: 'STOCK', account: 'account-0000000000' },
  });
  expect([refused.status, refused.body.code]).toEqual([409, 'PRODUCT_NOT_OPEN']);
  const resumed = await authority.post(supervisor, `${path}:resume`, { bank: bankA });
  expect(resumed.body.stop.state).toBe('OPEN');
  expect((await bank.get(officer, path)).body.product.code).toBe(code);
});
