import fc from 'fast-check';
import { lifecycleSets, renderPolicy, type PolicyMember } from '../../../network/topology/policy';

const requirement = (text: string, ...candidates: string[]) => ({ text, candidates });

describe('a policy by role', () => {
  it('is every set of distinct MSPs that meets it, each once', () => {
    const { sets, shared } = renderPolicy([requirement('any', 'A', 'B'), requirement('any', 'A', 'B')]);
    expect(sets).toEqual([['A', 'B']]);
    expect(shared).toBe(false);
  });

  it('never lets one MSP stand for two requirements while another can', () => {
    const { sets, shared } = renderPolicy([requirement('government', 'A', 'B'), requirement('bank', 'A')]);
    expect(sets).toEqual([['A', 'B']]);
    expect(shared).toBe(false);
  });

  it('says so where one MSP has to stand for both', () => {
    expect(renderPolicy([requirement('government', 'A'), requirement('bank', 'A')])).toEqual({
      sets: [['A']],
      shared: true,
    });
  });

  it('cannot be met where a requirement has nobody', () => {
    expect(renderPolicy([requirement('government', 'A'), requirement('bank')]).sets).toEqual([]);
  });

  it('meets all requirements by different members, for any choice of roles', () => {
    const names = ['A', 'B', 'C', 'D', 'E'];
    const candidates = fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(candidates, { minLength: 1, maxLength: 3 }), (lists) => {
        const { sets, shared } = renderPolicy(lists.map((list) => requirement('r', ...list)));
        for (const set of sets) {
          expect(new Set(set).size).toBe(set.length);
          if (!shared) expect(set).toHaveLength(lists.length);
          expect(assignable(set, lists, shared)).toBe(true);
        }
        expect(sets.length).toBeGreaterThan(0);
      }),
    );
  });
});

describe('who may replace contracts', () => {
  const member = (msp: string, ...roles: string[]): PolicyMember => ({ msp, roles });

  it('is a smallest majority with the regulator', () => {
    const sets = lifecycleSets([member('E', 'enterprise'), member('B', 'bank'), member('R', 'regulator')]);
    expect(sets).toEqual([
      ['E', 'R'],
      ['B', 'R'],
    ]);
  });

  it('is any smallest majority where there is no regulator', () => {
    expect(lifecycleSets([member('A'), member('B')])).toEqual([['A', 'B']]);
  });
});

/** Whether each requirement can be given to a member of the set, a different one unless `shared`. */
function assignable(set: readonly string[], lists: readonly (readonly string[])[], shared: boolean): boolean {
  const [first, ...rest] = lists;
  if (first === undefined) return true;
  return set
    .filter((msp) => first.includes(msp))
    .some((msp) => assignable(shared ? set : set.filter((other) => other !== msp), rest, shared));
}
