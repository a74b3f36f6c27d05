import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { pino } from 'pino';
import { addDays } from '../../../chaincode/ledger/calendar';
import type { BusinessDate } from '../../../chaincode/lending/days/business-date';
import type { DayClose } from '../../../chaincode/lending/days/model';
import { DaysClient } from '../../../gateway/agents/days';
import { ServicingAgent, type Days } from '../../../gateway/agents/servicing';
import { LedgerError } from '../../../gateway/ledger/errors';
import { LendingContract } from '../../../gateway/ledger/lending';
import { findOrganisation } from '../../../network/identity/paths';
import { loadTopology } from '../../../network/topology/load';
import { defaultConsortium } from '../../../network/topology/project';
import {
  approver,
  bank,
  channel,
  LoansWorld,
  officer,
  start,
  uscc,
} from '../../chaincode/lending/loans/world';
import { ContractLedger } from '../records/contract-ledger';

const logger = pino({ level: 'silent' });
const topology = loadTopology(defaultConsortium);

/** A bank with five loans of one account, of which the money suffices for some. */
async function portfolio(): Promise<LoansWorld> {
  const world = new LoansWorld();
  world.ledger.now = Date.now();
  const account = await world.deposit('150000');
  for (const [index, principal] of ['1200000', '600000', '240000', '120000', '3600'].entries()) {
    const statement = { ...world.boarding(account, { principal }), loanId: `loan-${index}-0123456789` };
    const signed = await world.signBoarding({
      ...statement,
      directDebit: { ...statement.directDebit, account },
    });
    await world.approved('BOARD_LOANS', { enterprise: uscc, loans: [signed] }, officer, approver);
  }
  return world;
}

function daysOf(world: ConstructorParameters<typeof ContractLedger>[0]): Days {
  const contract = new LendingContract(
    new ContractLedger(world, bank),
    topology,
    findOrganisation(topology, 'bank-a'),
  );
  return new DaysClient(contract, contract.channelOf(bank), 'servicer');
}

/** What the closes left: positions, facts and totals, without how many pages it took. */
async function outcome(world: LoansWorld, through: string) {
  const state = [...world.ledger.state(channel, 'lending').public]
    .filter(([key]) => /^(position|final|fact)~/.test(key))
    // Ids that each run of the test makes anew.
    .map(([key, { value }]) => [
      key,
      value.toString('utf8').replace(/"(account|reference)":"[A-Za-z0-9_-]{20,}"/g, ''),
    ])
    .sort();
  const totals: DayClose['totals'][] = [];
  for (let date = start; date <= through; date = addDays(date, 1))
    totals.push((await world.close(date)).totals);
  const { holds } = world.trialBalance();
  return { state, totals, holds, today: await world.today() };
}

/** A ledger for several at once: each simulates on one state, as a peer lets it, and others may commit before it does. */
function shared({ ledger }: LoansWorld): ConstructorParameters<typeof ContractLedger>[0] {
  let last: Promise<unknown> = Promise.resolve();
  const alone = <T>(simulate: () => Promise<T>): Promise<T> => {
    const run = last.then(simulate, simulate);
    last = run;
    return run;
  };
  return {
    ledger: {
      events: ledger.events,
      evaluate: (call) => alone(() => ledger.evaluate(call)),
      submit: async (transaction) => {
        const endorsed = await alone(() => ledger.endorse(transaction));
        await sleep(Math.random() * 3);
        const code = await alone(() => Promise.resolve(ledger.commit(endorsed, transaction.channel)));
        if (code !== 'VALID') throw new Error(code);
        return endorsed;
      },
    },
  };
}

class Killed extends Error {}

/** Days whose caller is killed before or after chosen steps. */
class Deadly implements Days {
  #moment = 0;

  constructor(
    private readonly days: Days,
    private readonly kills: ReadonlySet<number>,
  ) {}

  current = () => this.#step(() => this.days.current());
  close = (date: string) => this.#step(() => this.days.close(date));
  closeWhole = (date: string, loans: number) => this.#step(() => this.days.closeWhole(date, loans));
  startClose = (date: string) => this.#step(() => this.days.startClose(date));
  closePage = (date: string, loans: number) => this.#step(() => this.days.closePage(date, loans));
  complete = (date: string) => this.#step(() => this.days.complete(date));

  async #step<T>(act: () => Promise<T>): Promise<T> {
    if (this.kills.has(this.#moment++)) throw new Killed();
    const result = await act();
    if (this.kills.has(this.#moment++)) throw new Killed();
    return result;
  }
}

const through = addDays(start, 31);
let undisturbed: Awaited<ReturnType<typeof outcome>>;
beforeAll(async () => {
  const world = await portfolio();
  await new ServicingAgent({ days: daysOf(world), logger, page: 2 }).closeThrough(through);
  undisturbed = await outcome(world, through);
});

it('closes every day that was missed, in order, and collects', () => {
  expect(undisturbed.today).toEqual({ date: addDays(through, 1), state: 'OPEN' });
  expect(undisturbed.totals).toHaveLength(32);
  expect(undisturbed.totals.every(({ loans }) => loans === 5)).toBe(true);
  expect(undisturbed.totals.some(({ collected }) => collected !== '0')).toBe(true);
  expect(undisturbed.holds).toBe(true);
});

it('leaves the same, killed at whatever moments', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat({ max: 400 }), { minLength: 5, maxLength: 40 }), async (kills) => {
      const world = await portfolio();
      const days = new Deadly(daysOf(world), new Set(kills));
      let killed = 0;
      for (let done = false; !done;) {
        try {
          // Each life begins without any memory of the one before.
          await new ServicingAgent({ days, logger, page: 2 }).closeThrough(through);
          done = true;
        } catch (error) {
          if (!(error instanceof Killed)) throw error;
          killed++;
        }
      }
      expect(killed).toBeGreaterThan(0);
      expect(await outcome(world, through)).toEqual(undisturbed);
    }),
    { numRuns: 8 },
  );
}, 60_000);

it('does no harm as two at once', async () => {
  const world = await portfolio();
  const ledger = shared(world);
  const agents = [2, 3].map((page) => new ServicingAgent({ days: daysOf(ledger), logger, page }));
  await Promise.all(agents.map((agent) => agent.closeThrough(through)));
  expect(await outcome(world, through)).toEqual(undisturbed);
}, 30_000);

it('goes on where an answer was lost', async () => {
  const world = await portfolio();
  const ledger = new ContractLedger(world, bank);
  let lost = 0;
  ledger.fault = (_name, moment) => moment === 'after' && ++lost % 3 === 0;
  const contract = new LendingContract(ledger, topology, findOrganisation(topology, 'bank-a'));
  const days = new DaysClient(contract, contract.channelOf(undefined), 'servicer');
  await new ServicingAgent({ days, logger, page: 2 }).closeThrough(through);
  expect(lost).toBeGreaterThan(30);
  expect(await outcome(world, through)).toEqual(undisturbed);
}, 30_000);

describe('a page', () => {
  const conflict = () => new LedgerError('STATE_CHANGED', 'conflict', { stage: 'commit' });

  /** A day of one page that comes through only with at most so many loans. */
  function crowded(most: number) {
    const pages: number[] = [];
    let current: BusinessDate = { date: start, state: 'CLOSING' };
    let done = false;
    const totals = { loans: 0, accrued: '0', collected: '0', principal: '0', pastDue: 0 };
    const days: Days = {
      current: () => Promise.resolve(current),
      close: (date) => Promise.resolve({ date, cursor: '', pages: 0, done, totals }),
      closeWhole: () => Promise.reject(new Error('the day is being closed')),
      startClose: () => Promise.reject(new Error('the day is being closed')),
      closePage: (_date, loans) => {
        pages.push(loans);
        if (loans > most) return Promise.reject(conflict());
        done = true;
        return Promise.resolve();
      },
      complete: (date) => {
        current = { date: addDays(date, 1), state: 'OPEN' };
        return Promise.resolve();
      },
    };
    return { days, pages };
  }

  it('that meets a conflict is halved until it comes through, down to one loan', async () => {
    for (const [most, expected] of [
      [30, [100, 50, 25]],
      [1, [100, 50, 25, 12, 6, 3, 1]],
    ] as const) {
      const { days, pages } = crowded(most);
      await new ServicingAgent({ days, logger, page: 100 }).closeThrough(start);
      expect(pages).toEqual(expected);
    }
  });

  it('that another agent was quicker with is no failure; what the ledger refuses otherwise is', async () => {
    const { days } = crowded(100);
    let refused = 0;
    const refusing = (code: 'STATE_CONFLICT' | 'UNAUTHORISED_ROLE'): Days => ({
      ...days,
      closePage: (date, loans) =>
        refused++ === 0
          ? Promise.reject(new LedgerError(code, 'no', { stage: 'endorse', fromContract: true }))
          : days.closePage(date, loans),
    });
    await expect(
      new ServicingAgent({ days: refusing('UNAUTHORISED_ROLE'), logger }).closeThrough(start),
    ).rejects.toThrow('no');
    refused = 0;
    const closed = await new ServicingAgent({ days: refusing('STATE_CONFLICT'), logger }).closeThrough(start);
    expect([...closed.keys()]).toEqual([start]);
  });
});

it('begins nothing before the first business day', async () => {
  const world = new LoansWorld();
  world.ledger.state(channel, 'lending').public.delete('business-date');
  const closed = await new ServicingAgent({ days: daysOf(world), logger }).closeThrough(through);
  expect(closed.size).toBe(0);
});
