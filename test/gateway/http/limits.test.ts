import { generateKeyPair } from 'jose';
import request from 'supertest';
import type { User } from '../../../gateway/http/route';
import { creditOfficer, testApplication, type TokenChanges } from '../support/application';

const other: User = { ...creditOfficer, subject: 'other' };

async function scene(options: Parameters<typeof testApplication>[2]) {
  const application = await testApplication('bank-a', [creditOfficer, other], options);
  application.ledger.answers.ListConsents = () => ({ items: [], bookmark: '' });
  const get = async (token: string) =>
    request(application.app).get('/v1/consents').set('Authorization', `Bearer ${token}`);
  const token = (subject: string, changes: TokenChanges = {}) => application.token(subject, changes);
  return { app: application.app, token, get };
}

describe('how much one can ask', () => {
  it('is bounded by user, whatever the address, and says when to come back', async () => {
    const { get, token } = await scene({ limits: { perUser: 2 } });
    const statuses: number[] = [];
    for (let count = 0; count < 3; count += 1) statuses.push((await get(await token('officer'))).status);
    expect(statuses).toEqual([200, 200, 429]);
    const refused = await get(await token('officer'));
    expect(refused.body).toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await get(await token('other'))).status).toBe(200);
  });

  it('is bounded by client application, whoever uses it', async () => {
    const { get, token } = await scene({ limits: { perClient: 1 } });
    expect((await get(await token('officer', { client: 'portal' }))).status).toBe(200);
    expect((await get(await token('other', { client: 'portal' }))).status).toBe(429);
    expect((await get(await token('other', { client: 'desk' }))).status).toBe(200);
  });

  it('is less for who sends tokens that are refused', async () => {
    const { get, token } = await scene({ limits: { refusedPerAddress: 2 } });
    const { privateKey } = await generateKeyPair('ES256');
    const statuses: number[] = [];
    for (let count = 0; count < 3; count += 1)
      statuses.push((await get(await token('officer', { key: privateKey }))).status);
    expect(statuses).toEqual([401, 401, 429]);
    expect((await get(await token('officer'))).status).toBe(200);
  });
});

describe('pages of other origins', () => {
  it('may not call, unless their origin is named', async () => {
    const closed = await scene({});
    const preflight = (app: typeof closed.app, origin: string) =>
      request(app)
        .options('/v1/consents')
        .set('Origin', origin)
        .set('Access-Control-Request-Method', 'POST')
        .set('Access-Control-Request-Headers', 'authorization,idempotency-key');
    const none = await preflight(closed.app, 'https://portal.example');
    expect(none.headers['access-control-allow-origin']).toBeUndefined();
    const open = await scene({ allowedOrigins: ['https://portal.example'] });
    const allowed = await preflight(open.app, 'https://portal.example');
    expect(allowed.headers['access-control-allow-origin']).toBe('https://portal.example');
    expect(allowed.headers['access-control-allow-headers']).toContain('Idempotency-Key');
    expect(allowed.headers['access-control-allow-credentials']).toBeUndefined();
    const stranger = await preflight(open.app, 'https://evil.example');
    expect(stranger.headers['access-control-allow-origin']).toBeUndefined();
  });
});
