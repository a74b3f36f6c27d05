import request from 'supertest';
import { Type } from 'typebox';
import { route, type IdempotencyContext } from '../../../gateway/http/route';
import { LedgerError, TransactionInDoubt } from '../../../gateway/ledger/errors';
import { memoryStore } from '../../../gateway/store';
import { creditOfficer, FakeLedger, testApplication } from '../support/application';

type Act = (context: IdempotencyContext) => Promise<void>;

function orderRoute(act: Act) {
  return route({
    method: 'POST',
    path: '/v1/orders',
    id: 'order',
    tag: 'orders',
    summary: 'Orders',
    scope: 'consents:request',
    body: Type.Object({ what: Type.String() }),
    responses: {
      201: { description: 'Ordered.', schema: Type.Object({ id: Type.String(), what: Type.String() }) },
    },
    idempotency: 'required',
    async handler({ body, idempotency }) {
      await act(idempotency);
      const id = idempotency.id('order');
      return { status: 201, body: { id, what: body.what }, headers: { Location: `/v1/orders/${id}` } };
    },
  });
}

async function orders(act: Act, store = memoryStore(), patience = 30_000) {
  const ledger = new FakeLedger();
  const users = [creditOfficer, { ...creditOfficer, subject: 'other' }];
  const application = await testApplication('bank-a', users, {
    store,
    ledger,
    patience,
    routes: [orderRoute(act)],
  });
  const order = async (key: string | undefined, what: string, subject = 'officer') => {
    const call = request(application.app)
      .post('/v1/orders')
      .set('Authorization', `Bearer ${await application.token(subject)}`);
    return (key === undefined ? call : call.set('Idempotency-Key', key)).send({ what });
  };
  return { order, ledger, store };
}

it('asks for a key of the right form', async () => {
  const { order } = await orders(() => Promise.resolve());
  expect((await order(undefined, 'tea')).body).toMatchObject({
    status: 400,
    code: 'IDEMPOTENCY_KEY_REQUIRED',
  });
  expect((await order('short', 'tea')).body).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
});

it('makes ids that no command takes for an option', async () => {
  const { order } = await orders(({ id }) => {
    const ids = Array.from({ length: 500 }, (_, purpose) => id(String(purpose)));
    expect(ids.filter((made) => !/^[A-Za-z0-9_][A-Za-z0-9_-]{42}$/.test(made))).toEqual([]);
    expect(new Set(ids).size).toBe(500);
    return Promise.resolve();
  });
  expect((await order('key-many-ids', 'tea')).status).toBe(201);
});

it('answers the same request as before without doing it again', async () => {
  let done = 0;
  const { order } = await orders(() => {
    done++;
    return Promise.resolve();
  });
  const first = await order('key-12345', 'tea');
  const second = await order('key-12345', 'tea');
  expect(first.status).toBe(201);
  expect([second.status, second.body, second.headers.location]).toEqual([
    201,
    first.body,
    first.headers.location,
  ]);
  expect(second.headers['idempotency-replayed']).toBe('true');
  expect(done).toBe(1);
});

it('refuses the key with other content, and tells users apart', async () => {
  const { order } = await orders(() => Promise.resolve());
  const first = await order('key-12345', 'tea');
  expect((await order('key-12345', 'milk')).body).toMatchObject({
    status: 422,
    code: 'IDEMPOTENCY_KEY_REUSED',
  });
  const other = await order('key-12345', 'milk', 'other');
  expect(other.status).toBe(201);
  expect((other.body as { id: string }).id).not.toBe((first.body as { id: string }).id);
  expect((first.body as { id: string }).id).toMatch(/^[A-Za-z0-9_-]{43}$/);
});

it('does concurrent duplicates once', async () => {
  let done = 0;
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  const { order } = await orders(async () => {
    done++;
    await gate;
  });
  const both = [order('key-12345', 'tea'), order('key-12345', 'tea')];
  setTimeout(release, 50);
  expect((await Promise.all(both)).map(({ status }) => status)).toEqual([201, 201]);
  expect(done).toBe(1);
});

it('lets a duplicate go with 409 where the first takes too long', async () => {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  const { order } = await orders(() => gate, memoryStore(), 20);
  const first = order('key-12345', 'tea');
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect((await order('key-12345', 'tea')).body).toMatchObject({
    status: 409,
    code: 'IDEMPOTENCY_IN_PROGRESS',
  });
  release();
  expect((await first).status).toBe(201);
});

it("repeats a contract's refusal, and tries again after what may pass", async () => {
  const failures = [
    new LedgerError('LEDGER_UNAVAILABLE', 'the peer cannot be reached', { stage: 'endorse' }),
    new LedgerError('STATE_CHANGED', 'MVCC_READ_CONFLICT', { stage: 'commit' }),
    new LedgerError('CONSENT_NOT_ACTIVE', 'is revoked', { stage: 'endorse', fromContract: true }),
  ];
  let done = 0;
  const { order } = await orders(() => {
    done++;
    const failure = failures.shift();
    return failure === undefined ? Promise.resolve() : Promise.reject(failure);
  });
  expect((await order('key-12345', 'tea')).body).toMatchObject({ code: 'LEDGER_UNAVAILABLE', status: 503 });
  expect((await order('key-12345', 'tea')).body).toMatchObject({ code: 'STATE_CHANGED', status: 409 });
  for (let again = 0; again < 2; again++)
    expect((await order('key-12345', 'tea')).body).toMatchObject({
      code: 'CONSENT_NOT_ACTIVE',
      detail: 'Is revoked',
    });
  expect(done).toBe(3);
});

it('says so to a handler whose earlier attempt was cut off, and derives the same id', async () => {
  const store = memoryStore();
  const seen: { resumed: boolean; id: string }[] = [];
  const note = ({ resumed, id }: IdempotencyContext) => seen.push({ resumed, id: id('order') });
  const dying = await orders((context) => {
    note(context);
    return Promise.reject(new Error('killed'));
  }, store);
  expect((await dying.order('key-12345', 'tea')).status).toBe(500);
  const reborn = await orders((context) => {
    note(context);
    return Promise.resolve();
  }, store);
  expect((await reborn.order('key-12345', 'tea')).status).toBe(201);
  expect(seen.map(({ resumed }) => resumed)).toEqual([false, true]);
  expect(seen[0]?.id).toBe(seen[1]?.id);
});

it('makes no new transaction before it is known what became of the first', async () => {
  const doubt = new LedgerError('TRANSACTION_STATUS_UNKNOWN', 'no answer came', { stage: 'commit' });
  const transaction = { identity: 'credit-officer', channel: 'sharing-bank-a', transactionId: 'tx7' };
  let done = 0;
  const { order, ledger } = await orders(() => {
    done++;
    return done === 1 ? Promise.reject(new TransactionInDoubt(transaction, doubt)) : Promise.resolve();
  });
  const first = await order('key-12345', 'tea');
  expect(first.body).toMatchObject({ status: 504, code: 'TRANSACTION_STATUS_UNKNOWN', transactionId: 'tx7' });
  ledger.status = { known: false };
  expect((await order('key-12345', 'tea')).body).toMatchObject({ code: 'TRANSACTION_STATUS_UNKNOWN' });
  expect(done).toBe(1);
  ledger.status = { known: true, valid: false, code: 'MVCC_READ_CONFLICT' };
  expect((await order('key-12345', 'tea')).status).toBe(201);
  expect(done).toBe(2);
});
