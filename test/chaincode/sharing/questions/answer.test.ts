import fc from 'fast-check';
import { answerQuestion, type Fact } from '../../../../chaincode/sharing/questions/answer';
import type { ConsentQuestion } from '../../../../chaincode/sharing/questions/model';
import { parseDecimal, rational, toDecimal } from '../../../../chaincode/sharing/questions/rational';
import { endsQuarter, windowsOf } from '../../../../chaincode/sharing/questions/windows';
import { addDays, addMonths } from '../../../../chaincode/ledger/calendar';

const to = '2026-09-30';

/** One month's record, counted from October 2024. */
function month(index: number, fields: Fact['fields']): Fact {
  const from = addMonths('2024-10-01', index);
  return {
    id: `record-${String(index).padStart(10, '0')}`,
    period: { from, to: addDays(addMonths(from, 1), -1) },
    fields,
  };
}

const sales = (amounts: readonly (string | undefined)[]): Fact[] =>
  amounts.map((amount, index) => month(index, amount === undefined ? {} : { sales: amount, taxPaid: '100' }));

const question = (changes: Partial<ConsentQuestion> = {}): ConsentQuestion => ({
  id: 'sales-12m',
  issuer: 'department:tax-shanghai',
  recordType: 'vat-filing',
  measure: 'SUM',
  field: 'sales',
  months: 12,
  ...changes,
});

const amounts = Array.from({ length: 24 }, (_, index) => String((index + 1) * 1000));

describe('answers', () => {
  it.each<
    [
      string,
      { [Key in keyof ConsentQuestion]?: ConsentQuestion[Key] | undefined },
      string,
      string | undefined,
      number,
    ]
  >([
    // 13..24 thousand fen.
    ['a sum', {}, 'VALUE', '222000', 12],
    ['a sum of half a year', { months: 6 }, 'VALUE', '129000', 6],
    ['a count', { measure: 'COUNT', field: undefined }, 'VALUE', '12', 12],
    ['a ratio', { measure: 'RATIO', field: 'taxPaid', of: 'sales' }, 'VALUE', '0.0054', 12],
    // 222 over 78 thousand, less one: 1.846….
    ['a trend', { measure: 'TREND' }, 'VALUE', '1.85', 24],
    ['a threshold that is met exactly', { atLeast: '222000' }, 'YES', undefined, 12],
    ['one that is missed by a fen', { atLeast: '222001' }, 'NO', undefined, 12],
    ['an upper bound', { atMost: '221999' }, 'NO', undefined, 12],
    [
      'a ratio against a threshold, unrounded',
      { measure: 'RATIO', field: 'taxPaid', of: 'sales', atMost: '0.0054' },
      'NO',
      undefined,
      12,
    ],
  ])('give %s', (_name, changes, outcome, value, records) => {
    const asked = Object.fromEntries(
      Object.entries({ ...question(), ...changes }).filter(([, given]) => given !== undefined),
    ) as ConsentQuestion;
    const answer = answerQuestion(asked, to, sales(amounts));
    expect([answer.outcome, answer.value, answer.records.length]).toEqual([outcome, value, records]);
  });

  it('leave out a month that was not filed, and say from what they are', () => {
    const answer = answerQuestion(
      question(),
      to,
      sales(amounts.map((amount, index) => (index === 20 ? undefined : amount))),
    );
    expect(answer.value).toBe('201000');
    expect(answer.records).toHaveLength(11);
  });

  it('give no number that is one record’s own, and a predicate all the same', () => {
    const lone = sales(amounts).slice(-1);
    expect(answerQuestion(question(), to, lone).outcome).toBe('UNDEFINED');
    expect(answerQuestion(question({ atLeast: '1' }), to, lone).outcome).toBe('YES');
    expect(answerQuestion(question({ measure: 'TREND' }), to, sales(amounts).slice(-12)).outcome).toBe(
      'UNDEFINED',
    );
  });

  it('divide by nothing nowhere', () => {
    const none = sales(amounts.map(() => '0'));
    expect(
      answerQuestion(question({ measure: 'RATIO', field: 'taxPaid', of: 'sales' }), to, none).outcome,
    ).toBe('UNDEFINED');
    expect(answerQuestion(question({ measure: 'TREND', atLeast: '0' }), to, none).outcome).toBe('UNDEFINED');
  });

  it('are the same whatever the order of the records', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(sales(amounts), { minLength: 24 }), (facts) => {
        expect(answerQuestion(question(), to, facts)).toEqual(answerQuestion(question(), to, sales(amounts)));
      }),
    );
  });
});

describe('windows', () => {
  it('end with a quarter and are of whole ones', () => {
    expect(['2026-03-31', '2026-06-30', '2026-09-30', '2026-12-31'].every(endsQuarter)).toBe(true);
    expect(['2026-01-31', '2026-03-30', '2026-11-30'].some(endsQuarter)).toBe(false);
    expect(windowsOf({ measure: 'TREND', months: 6 }, to)).toEqual([
      { from: '2025-10-01', to: '2026-03-31' },
      { from: '2026-04-01', to: '2026-09-30' },
    ]);
  });
});

describe('decimals', () => {
  it('are rounded half away from zero, and read back', () => {
    expect(toDecimal(rational(1n, 8n), 2)).toBe('0.13');
    expect(toDecimal(rational(-1n, 8n), 2)).toBe('-0.13');
    expect(toDecimal(rational(-1n, 1000n), 2)).toBe('0.00');
    expect(toDecimal(rational(7n, -2n), 0)).toBe('-4');
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 15n), 10n ** 15n), (cents) => {
        const value = rational(cents, 10_000n);
        expect(parseDecimal(toDecimal(value, 4))).toEqual(value);
      }),
    );
  });
});
