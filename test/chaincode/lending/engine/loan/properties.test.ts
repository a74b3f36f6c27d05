import fc from 'fast-check';
import {
  LoanAccount,
  Position,
  applyFact,
  correct,
  quote,
  replay,
  startDay,
  type LoanFact,
  type LoanTerms,
  type Market,
} from '../../../../../chaincode/lending/engine/loan';
import { ContractError } from '../../../../../chaincode/ledger/errors';
import { check } from '../../../../../chaincode/ledger/parse';
import { anyLoan, anyTerms, indexOn } from './arbitrary';
import { slowly, type Result } from './slow';
import { Run, addDay, balances, ofType } from './terms';

const world: Market = { rateOn: (_, date) => indexOn(date), calendar: { kind: 'NO_CALENDAR' } };
const positions = check(Position);
const accounts = check(LoanAccount);

function upTo(facts: readonly LoanFact[], day: string): LoanFact[] {
  return facts.filter(({ valueDate }) => valueDate <= day);
}

/** Whether an error is a refusal of terms, which random ones may meet: a grace as long as the schedule. */
function refused(terms: LoanTerms): boolean {
  try {
    new Run(terms, world);
    return false;
  } catch (error) {
    if (error instanceof ContractError) return true;
    throw error;
  }
}

function seen(terms: LoanTerms, facts: readonly LoanFact[], through: string): Result {
  const { position, entries } = replay(terms, facts, through, world);
  return {
    status: position.status,
    daysPastDue: position.daysPastDue,
    principalRepaid: BigInt(position.principalRepaid),
    instalmentAmount: BigInt(position.instalmentAmount),
    unpaid: position.unpaid.map(
      ({ number, dueDate, principal, interest }) => `${String(number)} ${dueDate} ${principal} ${interest}`,
    ),
    balances: balances(entries),
  };
}

describe('any terms and facts', () => {
  it('agree with a slow calculation from the definitions', () => {
    const met: Record<string, number> = {};
    fc.assert(
      fc.property(anyLoan, ({ terms, facts, through }) => {
        fc.pre(!refused(terms));
        const given = upTo(facts, through);
        const slow = slowly(terms, given, through, indexOn);
        met[slow.status] = (met[slow.status] ?? 0) + 1;
        expect(seen(terms, given, through)).toEqual(slow);
      }),
      { numRuns: 2_000, seed: 20_260_115 },
    );
    // Random loans that all end alike would show little.
    for (const status of ['ACTIVE', 'NON_ACCRUAL', 'REPAID', 'WRITTEN_OFF'])
      expect(met[status]).toBeGreaterThan(30);
  });

  it('give the same books in whatever order they were delivered; what was posted stays', () => {
    fc.assert(
      fc.property(
        anyLoan,
        fc.nat({ max: 20 }),
        fc.nat({ max: 20 }),
        ({ terms, facts, through }, late, at) => {
          fc.pre(!refused(terms) && facts.length > 0);
          const given = upTo(facts, through);
          fc.pre(given.length > 0);
          const index = late % given.length;
          const without = given.filter((_, each) => each !== index);
          const one = given[index];
          if (one === undefined) return;
          // Somewhere in the ledger's order, its value date before or after its neighbours'.
          const delivered = [
            ...without.slice(0, at % (without.length + 1)),
            one,
            ...without.slice(at % (without.length + 1)),
          ];
          for (const [from, to] of [
            [without, delivered],
            [delivered, without],
          ] as const) {
            const before = replay(terms, from, through, world);
            const scratch = replay(terms, to, through, world);
            const corrected = correct(terms, from, to, through, world);
            expect(corrected.position).toEqual(scratch.position);
            expect(balances([...before.entries, ...corrected.entries])).toEqual(balances(scratch.entries));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('give the same whether taken by value date or as they were delivered', () => {
    fc.assert(
      fc.property(anyLoan, ({ terms, facts, through }) => {
        fc.pre(!refused(terms));
        const given = upTo(facts, through);
        const byDate = [...given].sort((a, b) =>
          a.valueDate < b.valueDate ? -1 : a.valueDate > b.valueDate ? 1 : 0,
        );
        expect(replay(terms, given, through, world)).toEqual(replay(terms, byDate, through, world));
      }),
      { numRuns: 60 },
    );
  });

  it('keep every entry balanced, every position in its schema and every fen of principal accounted for', () => {
    fc.assert(
      fc.property(anyLoan, ({ terms, facts, through }) => {
        fc.pre(!refused(terms));
        const run = new Run(terms, world);
        const admitted: LoanFact[] = [];
        let money = -BigInt(terms.principal);
        for (let day = terms.startDate; day <= through; day = addDay(day)) {
          run.to(day);
          for (const fact of facts.filter(({ valueDate }) => valueDate === day)) {
            const before = run.due.total;
            try {
              run.fact(fact);
              admitted.push(fact);
            } catch (error) {
              if (!(error instanceof ContractError)) throw error;
              expect(run.due.total).toBe(before);
            }
          }
          money += BigInt(run.position.lastDay.date === day ? run.position.lastDay.collected : '0');
          run.through(day);
          const { position } = run;
          positions.require(position);
          expect(
            BigInt(position.principal) +
              BigInt(position.principalRepaid) +
              BigInt(position.principalWrittenOff),
          ).toBe(BigInt(terms.principal));
        }
        for (const { lines } of run.entries) {
          expect(lines.reduce((sum, { amount }) => sum + amount, 0n)).toBe(0n);
          for (const { account } of lines) accounts.require(account);
        }
        const sums = balances(run.entries);
        expect(sums.CLEARING ?? 0n).toBe(money);
        expect(sums.PRINCIPAL ?? 0n).toBe(BigInt(run.position.principal));
        // The contracts' daily calls and a computation from scratch are one.
        expect(replay(terms, admitted, through, world)).toEqual({
          position: run.position,
          entries: run.entries,
        });
      }),
      { numRuns: 60 },
    );
  });

  it('take no more than a quote says, and a prepayment of the quoted whole ends the loan', () => {
    fc.assert(
      fc.property(anyLoan, ({ terms, facts, through }) => {
        fc.pre(!refused(terms));
        const { position } = replay(terms, upTo(facts, through), through, world);
        const day = addDay(through);
        const begun = startDay(terms, position, day, world).position;
        fc.pre(begun.status === 'ACTIVE' || begun.status === 'NON_ACCRUAL');
        const { total } = quote(terms, begun, day, { full: true });
        const paid = applyFact(terms, begun, {
          type: 'PREPAID',
          valueDate: day,
          amount: (total + 5n).toString(),
          full: true,
        });
        expect(paid.position.status).toBe('REPAID');
        expect(balances(paid.entries).CLEARING).toBe(total);
        expect(quote(terms, begun, day, { full: true }).principal).toBe(BigInt(begun.principal));
      }),
      { numRuns: 150 },
    );
  });

  it('accrue so that the interest of adjacent periods adds up exactly before rounding', () => {
    fc.assert(
      fc.property(anyTerms, fc.nat({ max: 400 }), fc.nat({ max: 400 }), (terms, one, two) => {
        const exactTo = (startDate: string, to: string) => {
          const { principal, dayCount } = terms;
          const bullet = ofType('PAM', {
            principal,
            dayCount,
            startDate,
            termMonths: 30,
            interestCycle: 'AT_MATURITY',
          });
          return BigInt(replay(bullet, [], to, world).position.accruedExact);
        };
        const [middle, end] = [addDay(terms.startDate, one), addDay(terms.startDate, one + 1 + two)];
        expect(exactTo(terms.startDate, middle) + exactTo(addDay(middle), end)).toBe(
          exactTo(terms.startDate, end),
        );
      }),
      { numRuns: 60 },
    );
  });
});
