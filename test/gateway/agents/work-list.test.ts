import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { DeadLetters } from '../../../gateway/agents/dead-letters';
import { WorkList } from '../../../gateway/agents/work-list';
import { LedgerError } from '../../../gateway/ledger/errors';
import { memoryStore } from '../../../gateway/store';

const logger = pino({ level: 'silent' });
const channel = 'sharing-bank-a';

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let left = 200; left > 0; left--) {
    if (await holds()) return;
    await sleep(25);
  }
  throw new Error('it never came to that');
}

describe('a work list', () => {
  it('keeps a task until it is done, over restarts, and performs it by one at a time', async () => {
    const store = memoryStore();
    const performed: string[] = [];
    let at = 0;
    let broken = true;
    const list = () =>
      new WorkList({
        ...{ store, logger, name: 'test', delay: () => 5, deadLetters: new DeadLetters(store) },
        async perform({ id }) {
          expect(++at).toBe(1);
          await sleep(2);
          at--;
          performed.push(id);
          if (broken) throw new Error('not yet');
          return true;
        },
      });
    const first = list();
    await first.start();
    await first.add({ channel, id: 'a'.repeat(20) });
    await first.add({ channel, id: 'a'.repeat(20) });
    await until(() => Promise.resolve(performed.length >= 3));
    await first.stop();
    const before = performed.length;
    await sleep(30);
    expect(performed).toHaveLength(before);
    broken = false;
    const second = list();
    await second.start();
    await until(() => Promise.resolve(performed.length === before + 1));
    await second.stop();
    const third = list();
    await third.start();
    await third.stop();
    expect(performed).toHaveLength(before + 1);
  });

  it('gives a task up in the end, and takes it up again when it is told to', async () => {
    const store = memoryStore();
    const deadLetters = new DeadLetters(store);
    const given = async () => (await deadLetters.list(50, '')).items;
    let attempts = 0;
    let broken = true;
    const list = new WorkList({
      ...{ store, logger, name: 'test', delay: () => 1, mostAttempts: 3, deadLetters },
      perform: () => {
        attempts++;
        if (!broken) return Promise.resolve(true);
        const error = new LedgerError('OFFER_MISMATCH', 'a text that says too much', { stage: 'endorse' });
        return Promise.reject(error);
      },
    });
    await list.start();
    const id = 'b'.repeat(20);
    await list.add({ channel, id });
    await until(async () => (await given()).length === 1);
    expect(attempts).toBe(3);
    expect(await given()).toEqual([
      {
        ...{ agent: 'test', channel, id, attempts: 3, reason: 'OFFER_MISMATCH' },
        givenUpAt: expect.any(String) as string,
      },
    ]);
    expect(JSON.stringify(await given())).not.toContain('too much');
    expect(await deadLetters.retry({ agent: 'other', channel, id })).toBe(false);
    broken = false;
    expect(await deadLetters.retry({ agent: 'test', channel, id })).toBe(true);
    await until(() => Promise.resolve(attempts === 4));
    expect(await given()).toEqual([]);
    expect(await deadLetters.retry({ agent: 'test', channel, id })).toBe(false);
    await list.stop();
  });
});
