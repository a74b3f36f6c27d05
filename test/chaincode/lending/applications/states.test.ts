import fc from 'fast-check';
import {
  admits,
  applicationEvents,
  applicationStates,
  hasEnded,
  next,
  transitions,
  type ApplicationEvent,
  type ApplicationState,
} from '../../../../chaincode/lending/applications/states';

/** The table written out once more, by event: who may come from where, and whither. */
const expected: Readonly<
  Record<ApplicationEvent, readonly (readonly [ApplicationState, ApplicationState])[]>
> = {
  EVIDENCE_ATTACHED: [
    ['APPLIED', 'EVIDENCE_COMPLETE'],
    ['EVIDENCE_COMPLETE', 'EVIDENCE_COMPLETE'],
  ],
  APPROVED: [['EVIDENCE_COMPLETE', 'DECIDED']],
  DECLINED: [['EVIDENCE_COMPLETE', 'DECLINED']],
  OVERRIDDEN_TO_APPROVED: [
    ['DECIDED', 'DECIDED'],
    ['DECLINED', 'DECIDED'],
  ],
  OVERRIDDEN_TO_DECLINED: [['DECIDED', 'DECLINED']],
  REVIEW_REQUESTED: [['DECLINED', 'EVIDENCE_COMPLETE']],
  OFFER_MADE: [
    ['DECIDED', 'OFFERED'],
    ['OFFERED', 'OFFERED'],
  ],
  OFFER_ACCEPTED: [['OFFERED', 'ACCEPTED']],
  LINE_ACCEPTED: [['OFFERED', 'ACTIVE']],
  MONEY_PAID_OUT: [['ACCEPTED', 'DISBURSED']],
  LOAN_RUNS: [['DISBURSED', 'ACTIVE']],
  LOAN_REPAID: [
    ['DISBURSED', 'REPAID'],
    ['ACTIVE', 'REPAID'],
  ],
  PAYMENT_TAKEN_BACK: [['REPAID', 'ACTIVE']],
  APPLICANT_WITHDREW: [
    ['APPLIED', 'WITHDRAWN'],
    ['EVIDENCE_COMPLETE', 'WITHDRAWN'],
    ['DECIDED', 'WITHDRAWN'],
    ['OFFERED', 'WITHDRAWN'],
  ],
  TIME_RAN_OUT: [
    ['OFFERED', 'LAPSED'],
    ['ACCEPTED', 'LAPSED'],
  ],
};

describe('the states of an application', () => {
  const cells = applicationStates.flatMap((state) =>
    applicationEvents.map((event) => [state, event] as const),
  );

  it.each(cells)('%s × %s', (state, event) => {
    const to = expected[event].find(([from]) => from === state)?.[1];
    expect(transitions[state][event]).toBe(to);
    expect(admits(state, event)).toBe(to !== undefined);
    if (to === undefined) expect(() => next(state, event)).toThrow('STATE_CONFLICT');
    else expect(next(state, event)).toBe(to);
  });

  it('never pay out what was not accepted, nor accept what was not decided, whatever happens in whatever order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...applicationEvents), { maxLength: 60 }), (events) => {
        let state: ApplicationState = 'APPLIED';
        const seen: ApplicationState[] = [state];
        for (const event of events) {
          if (!admits(state, event)) continue;
          expect(hasEnded(state)).toBe(false);
          state = next(state, event);
          seen.push(state);
        }
        const before = (later: ApplicationState, ...earlier: readonly ApplicationState[]) => {
          const at = seen.indexOf(later);
          if (at >= 0) expect(seen.slice(0, at).some((state) => earlier.includes(state))).toBe(true);
        };
        before('DECIDED', 'EVIDENCE_COMPLETE');
        before('OFFERED', 'DECIDED');
        before('ACCEPTED', 'OFFERED');
        before('DISBURSED', 'ACCEPTED');
        before('REPAID', 'ACTIVE', 'DISBURSED');
        before('ACTIVE', 'DISBURSED', 'OFFERED');
        if (seen.includes('DISBURSED')) expect(seen).not.toContain('WITHDRAWN');
      }),
      { numRuns: 2000 },
    );
  });

  it('can all be reached, and all but the ended left', () => {
    const reached = new Set<ApplicationState>(['APPLIED']);
    for (const state of reached) for (const to of Object.values(transitions[state])) reached.add(to);
    expect([...reached].sort()).toEqual([...applicationStates].sort());
    expect(applicationStates.filter(hasEnded)).toEqual(['WITHDRAWN', 'LAPSED']);
  });
});
