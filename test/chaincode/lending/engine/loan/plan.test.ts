import { events, parseTerms } from '../../../../../chaincode/lending/engine/actus';
import {
  openLoan,
  planOf,
  type Instalment,
  type LoanTerms,
  type Market,
} from '../../../../../chaincode/lending/engine/loan';
import { market, ofType, plain } from './terms';

const of = (terms: LoanTerms, world: Market = market) => planOf(terms, world);
const sum = (plan: readonly Instalment[], part: 'principal' | 'interest') =>
  plan.reduce((all, line) => all + BigInt(line[part]), 0n);

describe('the schedule of a loan', () => {
  it('divides the principal, and the last instalment takes the remainder', () => {
    // 1 000 000 ÷ 12 = 83 333.33: eleven of 83 333 and 83 337.
    const plan = of({ ...plain, principal: '1000000' });
    expect(plan.map(({ principal }) => principal)).toEqual([...Array<string>(11).fill('83333'), '83337']);
    expect(plan[0]).toEqual({
      number: 1,
      dueDate: '2026-02-15',
      principal: '83333',
      interest: '3100',
      total: '86433',
    });
  });

  it('makes equal instalments by the formula of the annuity where the months are equal', () => {
    /* 30E/360 and 12 % a year: 1 % a month. 1 000 000 × 0.01 ÷ (1 - 1.01^-12) = 88 848.79. */
    const terms = ofType('ANN', {
      principal: '1000000',
      rate: { kind: 'FIXED', annual: '0.12' },
      dayCount: '30E360',
    });
    const plan = of(terms);
    expect(plan.slice(0, 11).every(({ total }) => total === '88849')).toBe(true);
    expect(plan[0]).toMatchObject({ interest: '10000', principal: '78849' });
    // 1 000 000 - 78 849 = 921 151: 9 211.51 of interest.
    expect(plan[1]).toMatchObject({ interest: '9212', principal: '79637' });
    expect(Math.abs(Number(plan[11]?.total) - 88_849)).toBeLessThan(10);
    expect(sum(plan, 'principal')).toBe(1_000_000n);
  });

  it('settles on the 20th of the quarter, and at maturity', () => {
    const plan = of(ofType('PAM', { interestCycle: 'QUARTER_20' }));
    expect(plan.map(({ dueDate }) => dueDate)).toEqual([
      '2026-03-20',
      '2026-06-20',
      '2026-09-20',
      '2026-12-20',
      '2027-01-15',
    ]);
    // 64, 92, 92, 91 and 26 days at 1 200.
    expect(plan.map(({ interest }) => interest)).toEqual(['76800', '110400', '110400', '109200', '31200']);
  });

  it('keeps to the last day of short months without drifting, or to the day agreed', () => {
    const dates = (terms: LoanTerms) => of(terms).map(({ dueDate }) => dueDate);
    expect(dates({ ...plain, startDate: '2026-01-31', termMonths: 3 })).toEqual([
      '2026-02-28',
      '2026-03-31',
      '2026-04-30',
    ]);
    expect(dates({ ...plain, termMonths: 3, paymentDay: 21 })).toEqual([
      '2026-02-21',
      '2026-03-21',
      '2026-04-15',
    ]);
  });

  it('moves what falls on days of rest, with or without the interest of the days between', () => {
    // 15 February 2026 is a Sunday.
    const first = (businessDays: LoanTerms['businessDays'], calendar = 'MONDAY_TO_FRIDAY') =>
      of(ofType('PAM', { businessDays, calendar }))[0];
    expect(first('SCF')).toMatchObject({ dueDate: '2026-02-16', interest: '38400' });
    expect(first('CSF')).toMatchObject({ dueDate: '2026-02-16', interest: '37200' });
    expect(first('SCP')).toMatchObject({ dueDate: '2026-02-13', interest: '34800' });
    expect(first('SCF', 'NONE')).toMatchObject({ dueDate: '2026-02-15' });
    // Spring Festival 2026: 15 to 23 February, with 14 and 28 February worked.
    const holidays = Array.from({ length: 9 }, (_, day) => `2026-02-${String(15 + day)}`);
    const china: Market = {
      ...market,
      calendar: { kind: 'DATED', holidays, workingWeekends: ['2026-02-14', '2026-02-28'] },
    };
    const there = (businessDays: LoanTerms['businessDays']) =>
      of(ofType('PAM', { businessDays, calendar: 'CN' }), china)[0]?.dueDate;
    expect([there('SCF'), there('SCP')]).toEqual(['2026-02-24', '2026-02-14']);
  });

  it('has no instalment on the start itself when the first day is brought forward to it', () => {
    // Friday 30 January; Sunday 1 February goes to it, Sunday 1 March to Friday 27 February.
    const terms = { ...plain, startDate: '2026-01-30', termMonths: 2, paymentDay: 1 } as const;
    const plan = of({ ...terms, businessDays: 'SCP', calendar: 'MONDAY_TO_FRIDAY' });
    expect(plan.map(({ dueDate, principal }) => [dueDate, principal])).toEqual([
      ['2026-02-27', '6000000'],
      ['2026-03-30', '6000000'],
    ]);
  });

  it('leaves principal and interest out while grace lasts, and does not compound it', () => {
    const grace = { principalInstalments: 2, interestInstalments: 1, days: 0 };
    const plan = of({ ...plain, grace });
    // 12 000 000 over the ten that follow; 31 × 1 200 of interest waits for the second month's 28.
    expect(plan.slice(0, 3)).toEqual([
      { number: 1, dueDate: '2026-02-15', principal: '0', interest: '0', total: '0' },
      { number: 2, dueDate: '2026-03-15', principal: '0', interest: '70800', total: '70800' },
      { number: 3, dueDate: '2026-04-15', principal: '1200000', interest: '37200', total: '1237200' },
    ]);
    const equal = of(ofType('ANN', { grace }));
    expect(new Set(equal.slice(2, -1).map(({ total }) => total)).size).toBe(1);
    expect(equal.slice(0, 2).map(({ total }) => total)).toEqual(['0', '70800']);
  });

  it('refuses terms whose parts do not fit together', () => {
    const refused: [Partial<LoanTerms>, string][] = [
      [{ type: 'PAM' }, 'terms.principalCycle'],
      [{ grace: { principalInstalments: 12, interestInstalments: 0, days: 0 } }, 'terms.grace.principal'],
      [{ grace: { principalInstalments: 0, interestInstalments: 12, days: 0 } }, 'terms.grace.interest'],
    ];
    for (const [change, field] of refused)
      expect(() => openLoan({ ...plain, ...change }, market)).toThrow(field);
    expect(() => of(ofType('ANN', { interestCycle: 'AT_MATURITY' }))).toThrow('terms.interestCycle');
    expect(() =>
      of(ofType('ANN', { grace: { principalInstalments: 0, interestInstalments: 1, days: 0 } })),
    ).toThrow('terms.grace.interest');
  });
});

describe('the schedule beside ACTUS', () => {
  const dayCounts = { A360: 'A360', A365: 'A365', '30E360': '30E360' } as const;

  it.each(['PAM', 'LAM', 'ANN'] as const)(
    'of %s differs by a fen an instalment at most, the last by the sum',
    (type) => {
      for (const dayCount of ['A360', 'A365', '30E360'] as const) {
        const changes = { dayCount, principal: '9876543', termMonths: 18 };
        const terms = type === 'LAM' ? { ...plain, ...changes } : ofType(type, changes);
        const plan = of(terms);
        const principal = { PAM: [], LAM: ['nextPrincipalRedemptionPayment'], ANN: [] }[type];
        const actus = parseTerms({
          contractType: type,
          contractID: 'loan',
          contractRole: 'RPA',
          currency: 'CNY',
          statusDate: '2026-01-14T00:00:00',
          contractDealDate: '2026-01-14T00:00:00',
          initialExchangeDate: '2026-01-15T00:00:00',
          maturityDate: '2027-07-15T00:00:00',
          notionalPrincipal: '9876543',
          nominalInterestRate: '0.036',
          dayCountConvention: dayCounts[dayCount],
          cycleAnchorDateOfInterestPayment: '2026-02-15T00:00:00',
          cycleOfInterestPayment: 'P1ML1',
          ...(type === 'PAM'
            ? {}
            : {
                cycleAnchorDateOfPrincipalRedemption: '2026-02-15T00:00:00',
                cycleOfPrincipalRedemption: 'P1ML1',
              }),
          ...Object.fromEntries(principal.map((name) => [name, (9_876_543 / 18).toFixed(12)])),
        });
        const interest = new Map<string, number>();
        for (const { eventDate, eventType, payoff } of events(actus))
          if (eventType === 'IP') {
            const date = eventDate.slice(0, 10);
            interest.set(date, (interest.get(date) ?? 0) + payoff.toNumber());
          }
        expect([...interest.keys()]).toEqual(plan.map(({ dueDate }) => dueDate));
        for (const line of plan)
          expect(Math.abs(Number(line.interest) - (interest.get(line.dueDate) ?? 0))).toBeLessThanOrEqual(1);
      }
    },
  );
});
