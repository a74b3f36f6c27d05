import fc from 'fast-check';
import { fen } from '../../../../chaincode/ledger/money';
import type { Account, StatementLine } from '../../../../chaincode/lending/books/model';
import { TrialBalance } from '../../../../chaincode/lending/books/trial-balance';
import { World, channel, otherUscc, servicer, uscc } from './world';

/** Random lives of three deposits, one of them another enterprise's. */

const index = fc.integer({ min: 0, max: 2 });
const amount = fc.integer({ min: 1, max: 300 }).map(String);
const command = fc.oneof(
  fc.record({ kind: fc.constant('ISSUE' as const), to: index, amount }),
  fc.record({ kind: fc.constant('REDEEM' as const), from: index, amount }),
  fc.record({ kind: fc.constant('TRANSFER' as const), from: index, to: index, amount }),
  fc.record({ kind: fc.constant('HOLD' as const), from: index, to: index, amount }),
  fc.record({ kind: fc.constant('POST' as const), hold: fc.nat({ max: 5 }), amount }),
  fc.record({ kind: fc.constant('VOID' as const), hold: fc.nat({ max: 5 }) }),
  fc.record({ kind: fc.constant('EXPIRE' as const), hold: fc.nat({ max: 5 }) }),
  fc.record({ kind: fc.constant('DAY' as const) }),
);

type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;

interface PlacedHold {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly amount: bigint;
  readonly until: string;
  open: boolean;
}

const dayAfter = (date: string): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);

/** What the books ought to be, written from the definitions. */
class Model {
  readonly balances = [0n, 0n, 0n];
  readonly held = [0n, 0n, 0n];
  readonly holds: PlacedHold[] = [];
  cash = 0n;
  date = '2026-11-23';

  free(of: number): bigint {
    return (this.balances[of] ?? 0n) - (this.held[of] ?? 0n);
  }

  move(from: number | undefined, to: number | undefined, amount: bigint): void {
    if (from === undefined) this.cash += amount;
    else this.balances[from] = (this.balances[from] ?? 0n) - amount;
    if (to === undefined) this.cash -= amount;
    else this.balances[to] = (this.balances[to] ?? 0n) + amount;
  }
}

class Run {
  readonly world = new World();
  readonly model = new Model();
  accounts: string[] = [];

  async begin(): Promise<void> {
    for (const owner of [uscc, uscc, otherUscc]) this.accounts.push(await this.world.deposit('0', owner));
  }

  account(of: number): string {
    return this.accounts[of] ?? '';
  }

  owner(of: number): string {
    return of === 2 ? otherUscc : uscc;
  }

  /** Does it and says whether the definitions allow it. */
  attempt(step: Command): [allowed: boolean, act: () => Promise<unknown>, effect: () => void] {
    const { world, model } = this;
    const { holds } = model;
    switch (step.kind) {
      case 'ISSUE':
        return [
          true,
          () => world.issue(this.account(step.to), step.amount),
          () => model.move(undefined, step.to, BigInt(step.amount)),
        ];
      case 'REDEEM':
        return [
          model.free(step.from) >= BigInt(step.amount),
          async () => {
            const enterprise = this.owner(step.from);
            const order = world.order('REDEEM', {
              from: this.account(step.from),
              amount: step.amount,
              enterprise,
            });
            const signatures = await world.sign(order, world.signersOf(enterprise));
            await world.approved('REDEEM', { order, signatures });
          },
          () => model.move(step.from, undefined, BigInt(step.amount)),
        ];
      case 'TRANSFER':
        return [
          step.from !== step.to && model.free(step.from) >= BigInt(step.amount),
          () =>
            world.carryOut(
              world.order('TRANSFER', {
                from: this.account(step.from),
                to: this.account(step.to),
                amount: step.amount,
                enterprise: this.owner(step.from),
              }),
            ),
          () => model.move(step.from, step.to, BigInt(step.amount)),
        ];
      case 'HOLD': {
        const until = dayAfter(model.date);
        const order = world.order('HOLD', {
          from: this.account(step.from),
          to: this.account(step.to),
          amount: step.amount,
          until,
          enterprise: this.owner(step.from),
        });
        return [
          step.from !== step.to && model.free(step.from) >= BigInt(step.amount),
          () => world.carryOut(order),
          () => {
            const held = BigInt(step.amount);
            model.held[step.from] = (model.held[step.from] ?? 0n) + held;
            holds.push({ id: order.orderId, from: step.from, to: step.to, amount: held, until, open: true });
          },
        ];
      }
      case 'POST':
      case 'VOID':
      case 'EXPIRE':
        return this.end(step);
      case 'DAY':
        return [
          true,
          () => {
            world.businessDate(dayAfter(model.date));
            return Promise.resolve();
          },
          () => {
            model.date = dayAfter(model.date);
          },
        ];
    }
  }

  end(
    step: Extract<Command, { hold: number }>,
  ): [allowed: boolean, act: () => Promise<unknown>, effect: () => void] {
    const { world, model } = this;
    const hold = model.holds[step.hold];
    if (hold === undefined) return [true, () => Promise.resolve(), () => undefined];
    const paid = step.kind === 'POST' ? BigInt(step.amount) : 0n;
    const late = model.date > hold.until;
    const inTime = { POST: !late && paid <= hold.amount, VOID: true, EXPIRE: late }[step.kind];
    const enterprise = this.owner(hold.from);
    const named = { from: this.account(hold.from), holdId: hold.id, enterprise };
    return [
      hold.open && inTime,
      () => {
        if (step.kind === 'EXPIRE') return world.run('books:ExpireHold', { holdId: hold.id }, servicer);
        return world.carryOut(
          step.kind === 'VOID'
            ? world.order('VOID_HOLD', named)
            : world.order('POST_HOLD', { ...named, to: this.account(hold.to), amount: step.amount }),
        );
      },
      () => {
        hold.open = false;
        model.held[hold.from] = (model.held[hold.from] ?? 0n) - hold.amount;
        model.move(hold.from, hold.to, paid);
      },
    ];
  }

  /** Folds all that is written, as a reader of blocks does. */
  fold(): void {
    const fresh = new TrialBalance();
    for (const [key, { value }] of this.world.ledger.state(channel, 'lending').public)
      fresh.add(key, value.toString('utf8'));
    const { holds, codes, faults } = fresh.balance();
    expect(faults).toEqual([]);
    expect(holds).toBe(true);
    expect(codes.CASH_AT_CORE).toBe(this.model.cash);
    expect(-codes.CUSTOMER_DEPOSITS).toBe(this.model.balances.reduce((sum, one) => sum + one, 0n));
  }

  async check(): Promise<void> {
    for (const [of, accountId] of this.accounts.entries()) {
      const account: Account = await this.world.account(accountId);
      expect([fen(account.balance), fen(account.held)]).toEqual([
        this.model.balances[of],
        this.model.held[of],
      ]);
      expect(fen(account.held) >= 0n && fen(account.balance) >= fen(account.held)).toBe(true);
      const lines: StatementLine[] = await this.world.statement(accountId);
      let running = 0n;
      for (const [position, line] of lines.entries()) {
        running += fen(line.amount);
        expect([line.number, fen(line.balance)]).toEqual([position + 1, running]);
      }
      expect(running).toBe(fen(account.balance));
    }
  }
}

it('keeps every deposit and the books right over random sequences', async () => {
  const seen = { done: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 25 }), async (steps) => {
      const run = new Run();
      await run.begin();
      for (const step of steps) {
        const [allowed, act, effect] = run.attempt(step);
        if (allowed) {
          await act();
          effect();
          seen.done++;
        } else {
          await expect(act()).rejects.toThrow(/^(INSUFFICIENT_FUNDS|HOLD_NOT_OPEN|INVALID_INPUT)/);
          seen.refused++;
        }
        run.fold();
      }
      await run.check();
    }),
    { numRuns: 60 },
  );
  expect(seen.done).toBeGreaterThan(200);
  expect(seen.refused).toBeGreaterThan(50);
});
