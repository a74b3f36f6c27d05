import fc from 'fast-check';
import { addDays } from '../../../../chaincode/ledger/calendar';
import { replay, type Market } from '../../../../chaincode/lending/engine/loan';
import { LoansWorld, approver, channel, officer, servicer, start, uscc } from '../loans/world';

const market: Market = {
  calendar: { kind: 'NO_CALENDAR' },
  rateOn: () => {
    throw new Error('these loans have fixed rates');
  },
};

let world: LoansWorld;
beforeEach(() => {
  world = new LoansWorld();
});

describe('the business date', () => {
  it('goes from day to day by its own table and in no other way', async () => {
    const run = (name: string, date: string, caller = servicer) =>
      world.run(`days:${name}`, { date }, caller);
    await expect(run('Begin', start)).rejects.toThrow('ALREADY_EXISTS');
    await expect(run('Complete', start)).rejects.toThrow('NOT_FOUND');
    await expect(run('StartClose', '2026-11-24')).rejects.toThrow('BUSINESS_DAY_NOT_OPEN');
    await expect(run('StartClose', start, officer)).rejects.toThrow('UNAUTHORISED_ROLE');
    await run('StartClose', start);
    await expect(run('StartClose', start)).rejects.toThrow('BUSINESS_DAY_NOT_OPEN');
    await expect(run('Complete', start)).rejects.toThrow('LOANS_NOT_CLOSED');
    await world.run('days:ClosePage', { date: start, loans: 10 }, servicer);
    await expect(world.run('days:ClosePage', { date: start, loans: 10 }, servicer)).rejects.toThrow(
      'STATE_CONFLICT',
    );
    await run('Complete', start);
    await expect(run('Complete', start)).rejects.toThrow('BUSINESS_DAY_NOT_CLOSING');
    expect(await world.today()).toEqual({ date: '2026-11-24', state: 'OPEN' });
  });

  it('never runs ahead of the real date unless the channel was set up so', async () => {
    world.simulatedClock = false;
    const close = () => world.run('days:CloseWhole', { date: start, loans: 10 }, servicer);
    await expect(close()).rejects.toThrow('BUSINESS_DATE_AHEAD');
    // What came after the cut-off would count from tomorrow.
    await expect(world.run('days:StartClose', { date: start }, servicer)).rejects.toThrow(
      'BUSINESS_DATE_AHEAD',
    );
    world.ledger.now += 86_400_000;
    await close();
    await expect(world.run('days:CloseWhole', { date: '2026-11-24', loans: 10 }, servicer)).rejects.toThrow(
      'BUSINESS_DATE_AHEAD',
    );
  });
});

describe('the pages of a close', () => {
  it('give what one transaction gives, whatever their size', async () => {
    const run = async (page: number | undefined) => {
      world = new LoansWorld();
      const account = await world.deposit('150000');
      for (const [index, principal] of ['1200000', '600000', '240000', '120000', '3600'].entries()) {
        const signed = await world.signBoarding({
          ...world.boarding(account, { principal }),
          loanId: `loan-${index}-0123456789`,
        });
        await world.approved('BOARD_LOANS', { enterprise: uscc, loans: [signed] }, officer, approver);
      }
      await world.closeThrough('2026-12-22');
      if (page === undefined) await world.closeThrough('2026-12-23');
      else await world.closeDay('2026-12-23', page);
      const state = world
        .documents('position~')
        .map(([key, document]) => [key, document] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1));
      return {
        state,
        totals: (await world.close('2026-12-23')).totals,
        balance: await world.balance(account),
      };
    };
    const whole = await run(undefined);
    expect(whole.totals).toMatchObject({ loans: 5, pastDue: 0, collected: '150000' });
    for (const page of [1, 2, 5]) expect(await run(page)).toEqual(whole);
  });

  it('do not take a day of too many loans at once', async () => {
    const account = await world.deposit('0');
    await world.loan(account);
    await expect(world.run('days:CloseWhole', { date: start, loans: 1 }, servicer)).rejects.toThrow(
      'LOANS_NOT_CLOSED',
    );
  });

  it('meet a payment that came first, and nothing is lost or done twice', async () => {
    const account = await world.deposit('10000000');
    const loans = [await world.loan(account), await world.loan(account), await world.loan(account)].sort();
    await world.closeThrough('2026-12-01');
    const order = (loanId: string) =>
      world.order('PREPAY', {
        from: account,
        loanId,
        amount: '100000',
        extent: 'PART',
        quotedFor: '2026-12-03',
      });
    await world.run('days:StartClose', { date: '2026-12-02' }, servicer);
    await world.run('days:ClosePage', { date: '2026-12-02', loans: 1 }, servicer);
    // One loan whose day is closed already and one whose day is not: both payments count from the next day.
    await world.pay(order(loans[0] ?? ''));
    await world.pay(order(loans[2] ?? ''));
    await world.run('days:ClosePage', { date: '2026-12-02', loans: 5 }, servicer);
    await world.run('days:Complete', { date: '2026-12-02' }, servicer);
    const { totals } = await world.close('2026-12-02');
    // Three loans of 1,200,000 at 6 % a day of 360.
    expect(totals).toMatchObject({ loans: 3, accrued: '600', principal: '3600000' });
    const positions = await Promise.all(loans.map(async (id) => (await world.view(id)).position));
    // Interest of the days before is due with the next instalment.
    expect(positions.map(({ principal }) => principal).sort()).toEqual(['1100000', '1100000', '1200000']);
    expect(positions[0]).toEqual(positions[2]);
    expect(world.trialBalance().holds).toBe(true);
  });

  it('of two agents at once are one page: the second is invalid', async () => {
    const account = await world.deposit('0');
    await world.loan(account);
    await world.run('days:StartClose', { date: start }, servicer);
    const page = () =>
      world.ledger.endorse(world.transaction('days:ClosePage', { date: start, loans: 5 }, servicer));
    const [first, second] = [await page(), await page()];
    expect(world.ledger.commit(first, channel)).toBe('VALID');
    expect(world.ledger.commit(second, channel)).toBe('MVCC_READ_CONFLICT');
  });
});

it('keeps its books over random lives of loans, and each loan is what its terms and facts say', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          {
            weight: 4,
            arbitrary: fc.record({ do: fc.constant('DAYS' as const), days: fc.integer({ min: 1, max: 40 }) }),
          },
          fc.record({
            do: fc.constant('REPAY' as const),
            loan: fc.nat({ max: 2 }),
            amount: fc.integer({ min: 1, max: 300000 }),
          }),
          fc.record({
            do: fc.constant('PREPAY' as const),
            loan: fc.nat({ max: 2 }),
            amount: fc.integer({ min: 1, max: 900000 }),
          }),
          fc.record({ do: fc.constant('MONEY' as const), amount: fc.integer({ min: 1, max: 400000 }) }),
          fc.record({
            do: fc.constant('REVERSE' as const),
            loan: fc.nat({ max: 2 }),
            sequence: fc.integer({ min: 1, max: 4 }),
          }),
          fc.record({ do: fc.constant('WRITE_OFF' as const), loan: fc.nat({ max: 2 }) }),
        ),
        { minLength: 3, maxLength: 10 },
      ),
      async (commands) => {
        world = new LoansWorld();
        const account = await world.deposit('100000');
        const loans = [
          await world.loan(account),
          await world.loan(account, { type: 'ANN', termMonths: 6, principal: '600000' }),
          await world.loan(account, { type: 'PAM', termMonths: 3, principal: '300000' }),
        ];
        for (const command of commands) await act(account, loans, command);
        const { faults, proofs } = world.trialBalance();
        expect(faults).toEqual([]);
        expect(proofs.filter(({ holds }) => !holds)).toEqual([]);
        for (const loanId of loans) await expect(recomputed(loanId)).resolves.toBe(true);
      },
    ),
    { numRuns: 25 },
  );
}, 120_000);

type Command =
  | { do: 'DAYS'; days: number }
  | { do: 'REPAY' | 'PREPAY'; loan: number; amount: number }
  | { do: 'MONEY'; amount: number }
  | { do: 'REVERSE'; loan: number; sequence: number }
  | { do: 'WRITE_OFF'; loan: number };

/** Does a command; what the contracts refuse is no fault, what they let through has to hold. */
async function act(account: string, loans: readonly string[], command: Command): Promise<void> {
  const loanId = 'loan' in command ? (loans[command.loan] ?? '') : '';
  const { date } = await world.today();
  const refusals = /^[A-Z_]+(\[[\w.]+\])?: /;
  try {
    switch (command.do) {
      case 'DAYS': {
        await world.closeThrough(addDays(date, command.days - 1));
        return;
      }
      case 'MONEY':
        await world.issue(account, String(command.amount));
        return;
      case 'REPAY':
        await world.pay(world.order('REPAY', { from: account, loanId, amount: String(command.amount) }));
        return;
      case 'PREPAY':
        await world.pay(
          world.order('PREPAY', {
            ...{ from: account, loanId, amount: String(command.amount) },
            ...{ extent: 'PART', quotedFor: date },
          }),
        );
        return;
      case 'REVERSE': {
        const { sequence } = command;
        const content = { loanId, sequence, reason: 'RETURNED' };
        await world.approved('REVERSE_PAYMENT', content, officer, approver);
        return;
      }
      case 'WRITE_OFF':
        await world.approved('WRITE_OFF', { loanId, reason: 'INSOLVENT' }, officer, approver);
        return;
    }
  } catch (error) {
    if (!(error instanceof Error) || !refusals.test(error.message)) throw error;
    if (/^(STATE_INVALID|ENTRY_UNBALANCED)/.test(error.message)) throw error;
  }
}

/** Whether a loan stands where its terms and facts put it, computed from scratch. */
async function recomputed(loanId: string): Promise<boolean> {
  const { loan, position } = await world.view(loanId);
  const facts = (await world.facts(loanId)).filter(({ reversedBy }) => reversedBy === undefined);
  const { position: again } = replay(
    loan.terms,
    facts.map(({ fact }) => fact),
    position.closedThrough,
    market,
  );
  expect({ ...again, startedOn: undefined, lastDay: undefined }).toEqual({
    ...position,
    startedOn: undefined,
    lastDay: undefined,
  });
  return true;
}
