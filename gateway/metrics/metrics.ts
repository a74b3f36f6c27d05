import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { RequestHandler } from 'express';
import type { LedgerCall, LedgerClient } from '../ledger/client';
import { LedgerError } from '../ledger/errors';

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What an operator watches of a gateway, in Prometheus' form. Labels are names of routes, functions and channels only. */
export class Metrics {
  readonly registry = new Registry();
  readonly #requests: Histogram<'method' | 'route' | 'status'>;
  readonly #calls: Histogram<'kind' | 'function' | 'outcome'>;
  readonly #blocks: Gauge<'agent' | 'channel'>;
  readonly #events: Counter<'agent' | 'channel'>;

  /** @param organisation a label of every metric. */
  constructor(organisation: string) {
    const registers = [this.registry];
    this.registry.setDefaultLabels({ organisation });
    collectDefaultMetrics({ register: this.registry });
    this.#requests = new Histogram({
      name: 'gateway_request_duration_seconds',
      help: 'Time to answer a request, by route template and status',
      labelNames: ['method', 'route', 'status'],
      buckets: seconds,
      registers,
    });
    this.#calls = new Histogram({
      name: 'gateway_ledger_call_duration_seconds',
      help: 'Time of a call of a contract function, retries included, by outcome: OK or the code of the refusal',
      labelNames: ['kind', 'function', 'outcome'],
      buckets: seconds,
      registers,
    });
    this.#blocks = new Gauge({
      name: 'gateway_agent_block',
      help: 'Block of the last event that an agent took over; its lag is the height of the peer less this',
      labelNames: ['agent', 'channel'],
      registers,
    });
    this.#events = new Counter({
      name: 'gateway_agent_events_total',
      help: 'Events that an agent took over',
      labelNames: ['agent', 'channel'],
      registers,
    });
  }

  /** A number that is asked for whenever the metrics are read. */
  watch(name: string, help: string, read: () => Promise<number> | number): void {
    // It registers itself.
    new Gauge({
      name,
      help,
      registers: [this.registry],
      async collect() {
        this.set(await read());
      },
    });
  }

  /** Notes an event that an agent took over. */
  tookEvent(agent: string, channel: string, block: bigint): void {
    this.#blocks.set({ agent, channel }, Number(block));
    this.#events.inc({ agent, channel });
  }

  /** Measures every request that passes. The route's template is the label, never its path. */
  middleware(): RequestHandler {
    return (request, response, next) => {
      const stop = this.#requests.startTimer();
      response.once('finish', () => {
        const { route } = response.locals as { readonly route?: string };
        stop({ method: request.method, route: route ?? 'none', status: String(response.statusCode) });
      });
      next();
    };
  }

  /** A ledger whose calls are measured. */
  measured(ledger: LedgerClient): LedgerClient {
    const timed = async <T>(
      kind: string,
      { chaincode, name }: LedgerCall,
      call: () => Promise<T>,
    ): Promise<T> => {
      const stop = this.#calls.startTimer({ kind, function: `${chaincode}.${name}` });
      try {
        const result = await call();
        stop({ outcome: 'OK' });
        return result;
      } catch (error) {
        stop({ outcome: error instanceof LedgerError ? error.code : 'ERROR' });
        throw error;
      }
    };
    return {
      evaluate: (call) => timed('evaluate', call, () => ledger.evaluate(call)),
      readPrivate: (call) => timed('evaluate', call, () => ledger.readPrivate(call)),
      submit: (call) => timed('submit', call, () => ledger.submit(call)),
      outcome: (...of) => ledger.outcome(...of),
      events: (source) => ledger.events(source),
      close: () => {
        ledger.close();
      },
    };
  }
}
