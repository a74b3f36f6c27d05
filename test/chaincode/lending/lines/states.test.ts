import {
  drawdownEvents,
  drawdownStates,
  next,
  transitions,
} from '../../../../chaincode/lending/lines/states';

const allowed: Readonly<Record<string, string>> = {
  'ORDERED BANK_PAID': 'PAID_OUT',
  'ORDERED BORROWER_WITHDREW': 'WITHDRAWN',
};

it.each(drawdownStates.flatMap((state) => drawdownEvents.map((event) => [state, event] as const)))(
  'a drawdown that is %s × %s',
  (state, event) => {
    const to = allowed[`${state} ${event}`];
    expect(transitions[state][event]).toBe(to);
    if (to === undefined) expect(() => next(state, event)).toThrow('STATE_CONFLICT');
    else expect(next(state, event)).toBe(to);
  },
);
