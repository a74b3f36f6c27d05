import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { CloseOrders } from '../../../gateway/agents/close-orders';
import { Closing } from '../../../gateway/agents/closing';
import { memoryStore } from '../../../gateway/store';

const logger = pino({ level: 'silent' });
const channel = 'lending-bank-a';

function closing(simulatedClock: boolean, fail: () => boolean = () => false) {
  const store = memoryStore();
  const orders = new CloseOrders(store);
  const asked: string[] = [];
  const agent = {
    closeThrough: (through: string) => {
      asked.push(through);
      return fail() ? Promise.reject(new Error('no ledger')) : Promise.resolve(new Map());
    },
    stop(): void {
      // Nothing is under way.
    },
  };
  const options = { agent, orders, channel, simulatedClock, logger, interval: 50 };
  return { closing: new Closing({ ...options, today: () => '2026-11-24' }), orders, asked, store };
}

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 5000;
  while (!condition()) {
    if (Date.now() > end) throw new Error('it did not happen');
    await sleep(5);
  }
}

it('closes what is over on a real clock, by itself, again and again', async () => {
  const { closing: running, asked } = closing(false);
  running.start();
  await until(() => asked.length > 1);
  await running.stop();
  expect(new Set(asked)).toEqual(new Set(['2026-11-23']));
});

it('closes on a simulated clock what is asked for, and only then', async () => {
  const { closing: running, orders, asked } = closing(true);
  running.start();
  await sleep(120);
  expect(asked).toEqual([]);
  await orders.order(channel, '2027-11-23');
  await until(() => asked.length > 0);
  await running.stop();
  expect(asked[0]).toBe('2027-11-23');
});

it('keeps what was asked for over a restart, and the last day of several', async () => {
  const { orders, store } = closing(true);
  await orders.order(channel, '2027-01-05');
  await orders.order(channel, '2027-01-03');
  const later = new CloseOrders(store);
  expect(await later.through(channel)).toBe('2027-01-05');
  expect(await later.through('lending-bank-b')).toBeUndefined();
});

it('tries again after a failure', async () => {
  let failures = 2;
  const { closing: running, asked } = closing(false, () => failures-- > 0);
  running.start();
  await until(() => asked.length > 2);
  await running.stop();
});
