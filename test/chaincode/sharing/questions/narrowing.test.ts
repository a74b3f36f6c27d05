import fc from 'fast-check';
import { addDays, addMonths } from '../../../../chaincode/ledger/calendar';
import {
  WindowMonths,
  type AskedBefore,
  type ConsentQuestion,
} from '../../../../chaincode/sharing/questions/model';
import { askedAfter, mostThresholds } from '../../../../chaincode/sharing/questions/narrowing';

const nothing: AskedBefore = {
  enterprise: '91310000MA1K4BCD3X',
  issuer: 'department:tax-shanghai',
  thresholds: {},
};
const sum = (changes: Partial<ConsentQuestion> = {}): ConsentQuestion => ({
  id: 'sales',
  issuer: nothing.issuer,
  recordType: 'vat-filing',
  measure: 'SUM',
  field: 'sales',
  months: 12,
  ...changes,
});
const quarterEnd = (index: number) => addDays(addMonths('2024-01-01', 3 * (index + 1)), -1);

const windowLengths = WindowMonths.anyOf.map((length) => length.const);

describe('sums', () => {
  it('of whatever windows never determine one quarter', () => {
    const windows = fc.array(
      fc.record({ end: fc.integer({ min: 0, max: 40 }), months: fc.constantFrom(...windowLengths) }),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(windows, (list) => {
        expect(determinesAQuarter(list)).toBe(false);
      }),
    );
    // The search finds one where there is one: nine months less six.
    expect(
      determinesAQuarter([
        { end: 8, months: 9 },
        { end: 8, months: 6 },
      ]),
    ).toBe(true);
  });
});

/**
 * Whether sums over windows determine a quarter. A sum is the difference of the running totals at its window's two ends,
 * so the quarter's value is fixed exactly where sums connect its ends.
 */
function determinesAQuarter(windows: readonly { readonly end: number; readonly months: number }[]): boolean {
  const connected = new Map<number, number>();
  const root = (node: number): number => {
    const parent = connected.get(node) ?? node;
    return parent === node ? node : root(parent);
  };
  for (const { end, months } of windows) connected.set(root(end - months / 3), root(end));
  return Array.from({ length: 60 }, (_, index) => index - 15).some((end) => root(end) === root(end + 1));
}

describe('thresholds', () => {
  const at = (threshold: string, months: ConsentQuestion['months'] = 12) =>
    sum({ atLeast: threshold, months });

  it(`are answered up to ${mostThresholds} for the same time, across consents`, () => {
    let asked = nothing;
    for (const threshold of ['100', '200', '150']) asked = askedAfter(asked, [at(threshold)], quarterEnd(11));
    expect(() => askedAfter(asked, [at('175')], quarterEnd(11))).toThrow('QUESTION_BUDGET_SPENT');
    expect(() => askedAfter(asked, [at('175')], quarterEnd(13))).toThrow('QUESTION_BUDGET_SPENT');
    expect(() => askedAfter(asked, [at('150')], quarterEnd(11))).not.toThrow();
    expect(() => askedAfter(asked, [at('175')], quarterEnd(15))).not.toThrow();
    expect(() => askedAfter(asked, [at('175', 6)], quarterEnd(11))).toThrow('QUESTION_BUDGET_SPENT');
  });

  it('cannot be used to bisect: whatever is asked, no more than so many different ones are answered', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ at: fc.nat(50), end: fc.integer({ min: 8, max: 11 }) }), { maxLength: 30 }),
        (list) => {
          let asked = nothing;
          const answered = new Set<number>();
          for (const step of list) {
            try {
              asked = askedAfter(asked, [at(String(step.at))], quarterEnd(step.end));
              answered.add(step.at);
            } catch {
              // Refused: nothing was learnt.
            }
          }
          expect(answered.size).toBeLessThanOrEqual(mostThresholds);
        },
      ),
    );
  });
});
