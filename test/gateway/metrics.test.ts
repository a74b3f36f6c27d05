import express from 'express';
import { pino } from 'pino';
import request from 'supertest';
import { LedgerError } from '../../gateway/ledger/errors';
import { Metrics } from '../../gateway/metrics/metrics';
import { serveMetrics } from '../../gateway/metrics/server';
import { FakeLedger } from './support/application';

const call = {
  identity: 'officer',
  channel: 'registry',
  chaincode: 'registry',
  name: 'GetConsortium',
  input: {},
};

/** Value of the sample that has these labels, whatever their order; undefined where there is none. */
function sample(text: string, name: string, labels: Readonly<Record<string, string>>): number | undefined {
  const parts = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const line = text
    .split('\n')
    .find((found) => found.startsWith(`${name}{`) && parts.every((part) => found.includes(part)));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')));
}

describe('metrics', () => {
  let metrics: Metrics;
  beforeEach(() => {
    metrics = new Metrics('tax');
  });
  afterEach(() => metrics.registry.clear());

  it('count requests by the route’s template and never by its path', async () => {
    const app = express();
    app.use(metrics.middleware());
    app.get('/v1/consents/:id', (_request, response) => {
      response.locals.route = '/v1/consents/{consentId}';
      response.status(404).end();
    });
    await request(app).get('/v1/consents/secret-id');
    await request(app).get('/nowhere');
    const text = await metrics.registry.metrics();
    for (const route of ['/v1/consents/{consentId}', 'none'])
      expect(
        sample(text, 'gateway_request_duration_seconds_count', { route, status: '404', organisation: 'tax' }),
      ).toBe(1);
    expect(text).not.toContain('secret-id');
  });

  it('count calls of contract functions by outcome', async () => {
    const ledger = new FakeLedger();
    ledger.answers.GetConsortium = () => ({});
    const measured = metrics.measured(ledger);
    await measured.evaluate(call);
    ledger.answers.GetConsortium = () =>
      Promise.reject(new LedgerError('LEDGER_UNAVAILABLE', 'down', { stage: 'evaluate' }));
    await expect(measured.evaluate(call)).rejects.toThrow('down');
    const text = await metrics.registry.metrics();
    const count = (outcome: string) => {
      const labels = { kind: 'evaluate', function: 'registry.GetConsortium', outcome };
      return sample(text, 'gateway_ledger_call_duration_seconds_count', labels);
    };
    expect([count('OK'), count('LEDGER_UNAVAILABLE'), count('NOT_FOUND')]).toEqual([1, 1, undefined]);
  });

  it('are served at one address, with what is watched', async () => {
    metrics.watch('gateway_dead_letters', 'Tasks that agents gave up', () => Promise.resolve(3));
    metrics.tookEvent('release', 'sharing-bank-a', 17n);
    const server = await serveMetrics(metrics, 0, pino({ level: 'silent' }));
    try {
      const response = await fetch(server.url);
      expect(response.headers.get('content-type')).toContain('text/plain');
      const text = await response.text();
      expect(sample(text, 'gateway_dead_letters', {})).toBe(3);
      expect(sample(text, 'gateway_agent_block', { agent: 'release', channel: 'sharing-bank-a' })).toBe(17);
      expect((await fetch(`${server.url}/else`)).status).toBe(404);
    } finally {
      server.close();
    }
  });
});
