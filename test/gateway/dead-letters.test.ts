import request from 'supertest';
import type { User } from '../../gateway/http/route';
import { creditOfficer, testApplication } from './support/application';

const administrator: User = {
  subject: 'administrator',
  identity: 'administrator',
  roles: ['admin'],
  scopes: ['agents:operate'],
};

const letter = (id: string) => ({
  agent: 'release',
  channel: 'sharing-bank-a',
  id,
  attempts: 2000,
  reason: 'LEDGER_UNAVAILABLE',
  givenUpAt: '2026-11-24T00:00:00.000Z',
});

describe('dead letters', () => {
  it('are listed by pages, and handed back to their agent once', async () => {
    const application = await testApplication('tax', [administrator, creditOfficer]);
    const { app, services } = application;
    const ids = ['a', 'b', 'c'].map((name) => name.repeat(20));
    for (const id of ids) await services.deadLetters.add(letter(id));
    const taken: string[] = [];
    services.deadLetters.onRetry('release', ({ id }) => {
      taken.push(id);
      return Promise.resolve();
    });
    const bearer = `Bearer ${await application.token('administrator')}`;
    const list = async (query: string) =>
      (await request(app).get(`/v1/dead-letters${query}`).set('Authorization', bearer)).body as {
        items: { id: string }[];
        bookmark: string;
      };
    const first = await list('?pageSize=2');
    expect(first.items.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const second = await list(`?pageSize=2&bookmark=${encodeURIComponent(first.bookmark)}`);
    expect(second).toMatchObject({ items: [{ id: ids[2] }], bookmark: '' });
    const retry = (id: string, key: string) =>
      request(app)
        .post(`/v1/dead-letters/release/sharing-bank-a/${id}:retry`)
        .set('Authorization', bearer)
        .set('Idempotency-Key', key);
    expect((await retry(ids[1] ?? '', 'key-first')).status).toBe(202);
    expect((await retry(ids[1] ?? '', 'key-first')).status).toBe(202);
    expect((await retry(ids[1] ?? '', 'key-second')).body).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect(taken).toEqual([ids[1]]);
    expect((await list('')).items).toHaveLength(2);
    const officer = `Bearer ${await application.token('officer')}`;
    expect((await request(app).get('/v1/dead-letters').set('Authorization', officer)).status).toBe(403);
  });
});
