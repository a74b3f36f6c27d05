import fc from 'fast-check';
import { ConsentAction, ConsentState, type ConsentRecord } from '../../../chaincode/sharing/model';
import { consentStanding, requireLodgeable } from '../../../chaincode/sharing/standing';
import { admits, hasEnded, next, transitions, type ConsentEvent } from '../../../chaincode/sharing/states';
import type { VerifiedStatement } from '../../../chaincode/sharing/statements';

const states = ConsentState.anyOf.map(({ const: value }) => value);
const actions = ConsentAction.anyOf.map(({ const: value }) => value);

describe('the table of states', () => {
  // The whole table, written again by hand: who changes one has to change the other.
  const expected: Record<ConsentState, Partial<Record<ConsentEvent, ConsentState>>> = {
    REQUESTED: {
      GRANT_SIGNED: 'REQUESTED',
      GRANT_COMPLETED: 'ACTIVE',
      REJECT_SIGNED: 'REJECTED',
      PAUSE_SIGNED: 'REQUESTED',
      REVOKE_SIGNED: 'REVOKED',
      SUCCESSOR_IN_FORCE: 'REPLACED',
      EXPIRY_REACHED: 'EXPIRED',
    },
    ACTIVE: {
      PAUSE_SIGNED: 'PAUSED',
      REVOKE_SIGNED: 'REVOKED',
      SUCCESSOR_IN_FORCE: 'REPLACED',
      EXPIRY_REACHED: 'EXPIRED',
    },
    PAUSED: {
      PAUSE_SIGNED: 'PAUSED',
      RESUME_SIGNED: 'PAUSED',
      RESUME_COMPLETED: 'ACTIVE',
      REVOKE_SIGNED: 'REVOKED',
      SUCCESSOR_IN_FORCE: 'REPLACED',
      EXPIRY_REACHED: 'EXPIRED',
    },
    REVOKED: {},
    REJECTED: {},
    REPLACED: {},
    EXPIRED: {},
  };
  const events = [...new Set(Object.values(expected).flatMap((row) => Object.keys(row)))] as ConsentEvent[];

  it.each(states.flatMap((state) => events.map((event) => [state, event] as const)))(
    '%s × %s',
    (state, event) => {
      expect(transitions[state][event]?.to).toBe(expected[state][event]);
      expect(next(state, event)).toBe(expected[state][event] ?? state);
    },
  );

  it('takes the mandate to open and any one signatory to stop', () => {
    const by = (event: ConsentEvent) =>
      new Set(states.map((state) => transitions[state][event]?.by).filter((who) => who !== undefined));
    for (const event of ['GRANT_COMPLETED', 'RESUME_COMPLETED', 'SUCCESSOR_IN_FORCE'] as const)
      expect([...by(event)]).toEqual(['mandate']);
    for (const event of ['REJECT_SIGNED', 'PAUSE_SIGNED', 'REVOKE_SIGNED'] as const)
      expect([...by(event)]).toEqual(['signatory']);
  });

  it('admits nothing after the end', () => {
    for (const state of states)
      if (hasEnded(state)) expect(actions.filter((action) => admits(state, action))).toEqual([]);
  });
});

describe('the standing of a consent', () => {
  const start = Date.parse('2026-11-01T00:00:00Z');
  const expiry = Date.parse('2027-06-30T00:00:00Z');
  const record = {
    required: 2,
    persons: [],
    requestedAt: '2026-11-01T00:00:00.000Z',
    digest: '',
    artefact: { consentStart: '2026-11-01T00:00:00Z', consentExpiry: '2027-06-30T00:00:00Z' },
  } as unknown as ConsentRecord;
  const said = (
    action: ConsentAction,
    signatory: string,
    version = 1,
    where: VerifiedStatement['where'] = action === 'PAUSE' || action === 'REVOKE' ? 'enterprise' : 'grant',
  ): VerifiedStatement => ({
    statement: { action, signatory, version, nonce: `${action} ${signatory} ${version}` } as never,
    jws: '',
    at: start + 1,
    where,
    binds: true,
  });
  const at = (verified: readonly VerifiedStatement[], millis = start + 2) =>
    consentStanding(record, verified, millis);
  const granted = [said('GRANT', 'a'), said('GRANT', 'b')];

  it('counts distinct signatories, each for the version it names', () => {
    expect(at([said('GRANT', 'a'), said('GRANT', 'a')])).toMatchObject({
      state: 'REQUESTED',
      signedBy: ['a'],
    });
    expect(at([said('GRANT', 'a'), said('RESUME', 'b')])).toMatchObject({ state: 'REQUESTED', version: 0 });
    expect(at(granted)).toMatchObject({ state: 'ACTIVE', version: 1 });
    // A grant lodged in a stop key, and a stop lodged in the grant key, are nothing.
    expect(at([said('GRANT', 'a'), said('GRANT', 'b', 1, 'government')])).toMatchObject({
      state: 'REQUESTED',
    });
    expect(at([...granted, said('REVOKE', 'a', 1, 'grant')])).toMatchObject({ state: 'ACTIVE' });
  });

  it('resumes under the version after the last one that was paused', () => {
    const half = [...granted, said('PAUSE', 'c', 1), said('RESUME', 'a', 2)];
    expect(at(half)).toMatchObject({ state: 'PAUSED', version: 1, nextVersion: 2, signedBy: ['a'] });
    const again = [...half, said('PAUSE', 'c', 2)];
    expect(at(again)).toMatchObject({ state: 'PAUSED', version: 1, nextVersion: 3, signedBy: [] });
    // The second signature under the version that was paused comes too late.
    expect(at([...again, said('RESUME', 'b', 2)])).toMatchObject({
      state: 'PAUSED',
      version: 2,
      nextVersion: 3,
    });
    const third = [said('RESUME', 'a', 3), said('RESUME', 'b', 3)];
    expect(at([...again, ...third])).toMatchObject({ state: 'ACTIVE', version: 3, nextVersion: 4 });
    expect(at([...granted, said('PAUSE', 'c', 1), ...third.slice(1)])).toMatchObject({
      state: 'PAUSED',
      version: 1,
    });
  });

  it('keeps a pause of a later version in effect', () => {
    const paused = [...granted, said('PAUSE', 'a', 2)];
    expect(at([...paused, said('RESUME', 'a', 2), said('RESUME', 'b', 2)])).toMatchObject({
      state: 'PAUSED',
      version: 2,
    });
  });

  it('ends at the expiry, on the instant', () => {
    expect(at(granted, expiry - 1).state).toBe('ACTIVE');
    expect(at(granted, expiry).state).toBe('EXPIRED');
    expect(at([...granted, said('REVOKE', 'a')], expiry).state).toBe('REVOKED');
  });

  const statement = fc
    .tuple(
      fc.constantFrom(...actions),
      fc.constantFrom('a', 'b', 'c'),
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom<VerifiedStatement['where']>('grant', 'enterprise', 'government', 'regulator'),
    )
    .map((parts) => said(...parts));

  it('is ACTIVE only on two distinct grants, and on no revocation', () => {
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 14 }), (verified) => {
        const standing = at(verified);
        const of = (action: ConsentAction) => verified.filter((entry) => entry.statement.action === action);
        const granters = of('GRANT').filter(
          (entry) => entry.where === 'grant' && entry.statement.version === 1,
        );
        const revoked = of('REVOKE').some(({ where }) => where !== 'grant');
        if (standing.state === 'ACTIVE') {
          expect(new Set(granters.map((entry) => entry.statement.signatory)).size).toBeGreaterThanOrEqual(2);
          expect(revoked).toBe(false);
        }
        if (revoked) expect(['REVOKED', 'REJECTED']).toContain(standing.state);
      }),
    );
  });

  it('never becomes more open by one more stop', () => {
    const open = (verified: readonly VerifiedStatement[]) => at(verified).state === 'ACTIVE';
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 14 }), statement, (verified, more) => {
        fc.pre(more.where !== 'grant');
        if (!open(verified)) expect(open([...verified, more])).toBe(false);
      }),
    );
  });

  it('lets a stop be lodged once in each key and nothing be lodged twice', () => {
    const revocation = said('REVOKE', 'a');
    const verified = [...granted, revocation];
    const standing = at(verified);
    expect(() => requireLodgeable(revocation.statement, 'enterprise', standing, verified)).toThrow(
      'SIGNATURE_REPLAYED',
    );
    expect(() => requireLodgeable(revocation.statement, 'regulator', standing, verified)).not.toThrow();
    expect(() => requireLodgeable(said('PAUSE', 'b').statement, 'regulator', standing, verified)).toThrow(
      'STATE_CONFLICT',
    );
  });
});
