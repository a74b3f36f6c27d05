import { generateKeyPair } from 'jose';
import request from 'supertest';
import { Type } from 'typebox';
import { route } from '../../../gateway/http/route';
import { LedgerError } from '../../../gateway/ledger/errors';
import { creditOfficer, testApplication, type TestApplication } from '../support/application';

const echo = route({
  method: 'POST',
  path: '/v1/things/{id}:turn',
  id: 'turnThing',
  tag: 'things',
  summary: 'Turns a thing',
  scope: 'consents:read',
  params: Type.Object({ id: Type.String({ pattern: '^[a-z]+$' }) }),
  query: Type.Object({ times: Type.Optional(Type.Integer()) }, { additionalProperties: false }),
  body: Type.Object(
    {
      name: Type.String({ maxLength: 5 }),
      list: Type.Optional(Type.Array(Type.Object({ n: Type.Integer() }))),
    },
    { additionalProperties: false },
  ),
  maxBytes: 2000,
  responses: { 200: { description: 'Turned.', schema: Type.Object({ said: Type.String() }) } },
  idempotency: 'none',
  handler({ params, query, body }) {
    if (body.name === 'boom') throw new TypeError('secret: /etc/keys');
    if (body.name === 'bad') return Promise.resolve({ status: 200, body: { said: 7 } });
    if (body.name === 'chain')
      throw new LedgerError('BEYOND_CONSENT', 'is not covered', {
        stage: 'endorse',
        transactionId: 'tx9',
        field: 'items.0.fields',
        fromContract: true,
      });
    return Promise.resolve({ status: 200, body: { said: `${params.id} ${body.name} ${query.times ?? 0}` } });
  },
});

let application: TestApplication;
let token: string;

beforeAll(async () => {
  application = await testApplication('bank-a', [creditOfficer], { routes: [echo] });
  token = await application.token('officer');
});

const turn = (name: string) =>
  request(application.app)
    .post('/v1/things/abc:turn?times=2')
    .set('Authorization', `Bearer ${token}`)
    .send({ name });

describe('a declared route', () => {
  it('answers with validated parameters, query and body', async () => {
    const response = await turn('ada');
    expect(response.status).toBe(200);
    expect(response.body).toEqual({ said: 'abc ada 2' });
    expect(response.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(response.headers['cache-control']).toBe('no-store');
    expect(response.headers['x-powered-by']).toBeUndefined();
  });

  it('keeps a request id that the client sends, unless it is no id', async () => {
    const kept = await turn('ada').set('X-Request-Id', 'client-1234');
    expect(kept.headers['x-request-id']).toBe('client-1234');
    const replaced = await turn('ada').set('X-Request-Id', 'a b"c');
    expect(replaced.headers['x-request-id']).not.toBe('a b"c');
  });

  it('names every field at fault', async () => {
    const response = await request(application.app)
      .post('/v1/things/abc:turn')
      .set('Authorization', `Bearer ${token}`)
      .send({ name: 'too long', extra: 1, list: [{ n: 1 }, {}] });
    expect(response.status).toBe(400);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(response.body).toMatchObject({
      type: 'urn:sme-credit:problem:VALIDATION_FAILED',
      code: 'VALIDATION_FAILED',
      status: 400,
      instance: '/v1/things/abc:turn',
    });
    const fields = (response.body as { errors: { field: string }[] }).errors.map(({ field }) => field);
    expect(fields.sort()).toEqual(['extra', 'list.1.n', 'name']);
  });

  it.each([
    ['/v1/things/ABC:turn', 'path.id'],
    ['/v1/things/abc:turn?times=x', 'query.times'],
    ['/v1/things/abc:turn?other=1', 'query.other'],
  ])('refuses %s', async (path, field) => {
    const response = await request(application.app)
      .post(path)
      .set('Authorization', `Bearer ${token}`)
      .send({ name: 'ada' });
    expect(response.status).toBe(400);
    expect((response.body as { errors: unknown[] }).errors).toEqual([expect.objectContaining({ field })]);
  });

  it('hides what went wrong inside, and says under which id the log has it', async () => {
    for (const name of ['boom', 'bad']) {
      const response = await turn(name);
      expect(response.status).toBe(500);
      expect(response.body).toMatchObject({
        code: 'INTERNAL_ERROR',
        requestId: response.headers['x-request-id'],
      });
      expect(response.text).not.toMatch(/secret|keys|schema| at /);
    }
  });

  it("maps a contract's refusal by its code, with field and transaction", async () => {
    const response = await turn('chain');
    expect(response.status).toBe(403);
    expect(response.body).toMatchObject({
      code: 'BEYOND_CONSENT',
      detail: 'Is not covered',
      transactionId: 'tx9',
      errors: [{ field: 'items.0.fields', message: 'is not covered' }],
    });
  });
});

describe('what is not a proper request', () => {
  const post = () =>
    request(application.app).post('/v1/things/abc:turn').set('Authorization', `Bearer ${token}`);

  it('is told 404, 405, 406, 413, 415 and 400 apart', async () => {
    const unknown = await request(application.app).get('/v1/thing');
    expect([unknown.status, (unknown.body as { code: string }).code]).toEqual([404, 'ROUTE_NOT_FOUND']);
    const method = await request(application.app).put('/v1/things/abc:turn');
    expect([method.status, method.headers.allow]).toEqual([405, 'POST, OPTIONS']);
    const accept = await post().set('Accept', 'text/html').send({ name: 'ada' });
    expect(accept.status).toBe(406);
    const large = await post().send({ name: 'x'.repeat(3000) });
    expect([large.status, (large.body as { code: string }).code]).toEqual([413, 'CONTENT_TOO_LARGE']);
    const type = await post().set('Content-Type', 'text/plain').send('{"name":"ada"}');
    expect([type.status, type.headers['accept-post']]).toEqual([415, 'application/json']);
    const none = await post();
    expect(none.status).toBe(415);
    const broken = await post().set('Content-Type', 'application/json').send('{"name":');
    expect([broken.status, (broken.body as { code: string }).code]).toEqual([400, 'BAD_REQUEST']);
    const encoded = await request(application.app).post('/v1/things/%E0%A4%A:turn').send({});
    expect(encoded.status).toBe(400);
  });

  it('does not serve a path in another case or with a slash more', async () => {
    expect((await request(application.app).post('/V1/things/abc:turn')).status).toBe(404);
    expect((await request(application.app).post('/v1/things/abc:turn/')).status).toBe(404);
  });
});

describe('a bearer token', () => {
  const status = async (header: string | undefined) => {
    const call = request(application.app).post('/v1/things/abc:turn').send({ name: 'ada' });
    const response = await (header === undefined ? call : call.set('Authorization', header));
    return response.status;
  };

  it('is needed, and of this organisation, issuer and time', async () => {
    const { privateKey } = await generateKeyPair('ES256');
    expect(await status(undefined)).toBe(401);
    expect(await status('Bearer nonsense')).toBe(401);
    expect(await status(`Basic ${token}`)).toBe(401);
    expect(await status(`Bearer ${await application.token('officer', { audience: 'bank-b' })}`)).toBe(401);
    expect(await status(`Bearer ${await application.token('officer', { issuer: 'urn:other' })}`)).toBe(401);
    expect(await status(`Bearer ${await application.token('officer', { expiresIn: '-1m' })}`)).toBe(401);
    expect(await status(`Bearer ${await application.token('officer', { key: privateKey })}`)).toBe(401);
    expect(await status(`Bearer ${await application.token('nobody')}`)).toBe(401);
    expect(await status(`Bearer ${token}`)).toBe(200);
  });

  it('of no algorithm is no token', async () => {
    const [, payload = ''] = token.split('.');
    const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url');
    expect(await status(`Bearer ${header}.${payload}.`)).toBe(401);
  });

  it('allows what its scopes and the user both allow', async () => {
    expect(await status(`Bearer ${await application.token('officer', { scope: 'consents:read' })}`)).toBe(
      200,
    );
    expect(await status(`Bearer ${await application.token('officer', { scope: 'deliveries:read' })}`)).toBe(
      403,
    );
    const weak = await testApplication('bank-a', [{ ...creditOfficer, scopes: [] }], { routes: [echo] });
    const response = await request(weak.app)
      .post('/v1/things/abc:turn')
      .set('Authorization', `Bearer ${await weak.token('officer', { scope: 'consents:read' })}`)
      .send({ name: 'ada' });
    expect(response.status).toBe(403);
    expect(response.body).toMatchObject({ code: 'INSUFFICIENT_SCOPE' });
  });
});

it('limits the requests of one address', async () => {
  const limited = await testApplication('bank-a', [creditOfficer], { routes: [echo], requestsPerMinute: 2 });
  const statuses = [];
  for (let index = 0; index < 3; index++) statuses.push((await request(limited.app).get('/v1/none')).status);
  expect(statuses).toEqual([404, 404, 429]);
});
