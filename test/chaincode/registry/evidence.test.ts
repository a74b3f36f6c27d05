import fc from 'fast-check';
import { canonicalJson, sha256 } from '../../../chaincode/ledger/canonical';
import {
  World,
  attester,
  bankA,
  department,
  enterprise,
  officer,
  randomId,
  tax,
  uscc,
  vatFiling,
} from './world';

const { handle } = vatFiling;

describe('evidence', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.setUp();
  });

  const anchored = async (more = {}) => {
    const record = await world.issue(more);
    await world.store([record]);
    await world.anchor([record]);
    return record;
  };

  it('leaves out anchors that two organisations wrote in an issuer\u2019s name', async () => {
    const record = await anchored();
    const forged = {
      id: randomId(),
      msp: tax,
      handle,
      seq: 2,
      digest: sha256('invented'),
      status: 'ACTIVE',
      attestedAt: '2026-11-23T04:00:00.000Z',
    };
    const variants = [
      forged,
      // The digest of a true record, under an id that the issuer's collection does not hold.
      { ...forged, digest: record.digest },
      { ...forged, msp: bankA },
      { ...forged, msp: 'NobodyMSP' },
      'no document',
    ];
    for (const variant of variants) {
      world.ledger.tamper('registry', 'registry', `record~${forged.id}`, variant);
      expect((await world.evidence({ records: [forged.id] })).anchors).toEqual({});
      expect(await world.query('GetAnchors', { ids: [forged.id] }, officer)).toEqual({});
    }
    // A true anchor copied under another id.
    const copy = world.ledger.document('registry', 'registry', `record~${record.id}`);
    world.ledger.tamper('registry', 'registry', `record~${forged.id}`, copy);
    expect((await world.evidence({ records: [forged.id] })).anchors).toEqual({});
  });

  it('counts an anchor never without an equal private hash', async () => {
    const record = await anchored();
    const anchor = world.ledger.document('registry', 'registry', `record~${record.id}`) as object;
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          digest: fc.oneof(fc.constant(record.digest), fc.string().map(sha256)),
          msp: fc.constantFrom(tax, bankA, 'EnterpriseMSP'),
        }),
        async (change) => {
          world.ledger.tamper('registry', 'registry', `record~${record.id}`, { ...anchor, ...change });
          const { anchors } = await world.evidence({ records: [record.id] });
          const counts = change.digest === record.digest && change.msp === tax;
          expect(Object.keys(anchors)).toEqual(counts ? [record.id] : []);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('leaves out a head that does not lead to an anchor that counts', async () => {
    const record = await anchored();
    const good = { msp: tax, seq: 1, id: record.id };
    for (const forged of [
      { ...good, seq: 2 },
      { ...good, msp: bankA },
      { ...good, id: randomId() },
      'no document',
    ]) {
      world.ledger.tamper('registry', 'registry', `head~${handle}`, forged);
      expect((await world.evidence({ handles: [handle] })).heads).toEqual({});
    }
    world.ledger.tamper('registry', 'registry', `head~${handle}`, good);
    expect((await world.evidence({ handles: [handle] })).heads).toEqual({ [handle]: 1 });
    expect(await world.query('GetHeads', { handles: [handle, randomId()] }, officer)).toMatchObject({
      [handle]: 1,
    });
  });

  it('leaves out record types and departments that consortium state does not name', async () => {
    const [known] = world.state.recordTypes;
    world.ledger.tamper('registry', 'registry', 'type~invented', { ...known, code: 'invented' });
    const codes = ['invented', 'vat-filing', 'constructor'];
    const evidence = await world.evidence({
      recordTypes: codes,
      issuers: ['department:invented', 'department:tax-shanghai'],
    });
    expect(Object.keys(evidence.recordTypes)).toEqual(['vat-filing']);
    expect(Object.keys(evidence.issuers)).toEqual(['department:tax-shanghai']);
    world.ledger.tamper('registry', 'registry', 'type~vat-filing', { ...known, code: 'vat-filing' });
    expect((await world.evidence({ recordTypes: codes })).recordTypes).toEqual({});
    expect(evidence.consortium).not.toHaveProperty('recordTypes');
    expect(evidence.consortium.purposes.map(({ code }) => code)).toContain('WORKING_CAPITAL_LOAN');
  });

  it('gives away by the hashes of keys and values nothing that can be tried', async () => {
    await world.register(enterprise());
    const record = await world.issue();
    const cadenceId = randomId();
    await world.store([record], attester, [
      { id: cadenceId, uscc, recordType: 'vat-filing', cadence: 'MONTHLY', from: '2024-01-01' },
    ]);
    await world.anchor([record]);
    const state = world.ledger.state('registry', 'registry');
    const hashes = [...state.hashes.values()].flatMap((keys) =>
      [...keys].flatMap(([key, { value }]) => [sha256(key), value.toString('base64url')]),
    );
    const entries = [{ seq: 1, id: record.id, period: vatFiling.period }];
    const guesses = [
      `cadence~${uscc}~vat-filing`,
      `cadence~${uscc}`,
      canonicalJson([{ cadence: 'MONTHLY', from: '2024-01-01' }]),
      canonicalJson({
        handle,
        issuer: 'department:tax-shanghai',
        subject: uscc,
        recordType: 'vat-filing',
        year: 2026,
        entries,
      }),
      ...Object.values(vatFiling.fields).map((value) => JSON.stringify(value)),
      canonicalJson(vatFiling.fields),
    ].map((guess) => sha256(guess));
    expect(hashes.filter((hash) => guesses.includes(hash))).toEqual([]);
  });
});

describe('revisions', () => {
  it('are the issuer\u2019s, final, and name a successor of the same fact', async () => {
    const world = await World.setUp();
    const [one, two, foreign] = await Promise.all([
      world.issue(),
      world.issue({ seq: 2 }),
      world.issue({
        seq: 1,
        handle: randomId(),
        recordType: 'tax-arrears',
        period: { from: '2026-03-02', to: '2026-03-02' },
        fields: { amount: '1', since: '2026-03-01', tax: 'VAT' },
      }),
    ]);
    await world.store([one, two, foreign]);
    await world.anchor([one, two, foreign]);
    const revise = (input: object, caller = attester, endorsers = [tax]) =>
      world.submit('ReviseRecord', { id: one.id, reason: 'CORRECTED', ...input }, caller, endorsers);
    const superseded = { status: 'SUPERSEDED', supersededBy: two.id };
    await expect(revise({ status: 'SUPERSEDED' })).rejects.toThrow(/^INVALID_INPUT\[supersededBy\]/);
    await expect(revise({ status: 'REVOKED', supersededBy: two.id })).rejects.toThrow(/^INVALID_INPUT/);
    await expect(revise({ ...superseded, supersededBy: randomId() })).rejects.toThrow(/^RECORD_NOT_ANCHORED/);
    await expect(revise({ ...superseded, supersededBy: one.id })).rejects.toThrow(/^RECORD_NOT_ANCHORED/);
    await expect(revise({ ...superseded, supersededBy: foreign.id })).rejects.toThrow(/^NOT_YOUR_RECORD/);
    await expect(revise(superseded, department(tax, 'tax-zhejiang', 'attester'))).rejects.toThrow(
      /^NOT_YOUR_RECORD/,
    );
    await expect(
      revise(superseded, department('MarketRegulationMSP', 'amr-shanghai', 'attester'), [
        'MarketRegulationMSP',
      ]),
    ).rejects.toThrow(/^NOT_YOUR_RECORD/);
    await expect(revise({ ...superseded, id: randomId() })).rejects.toThrow(/^NOT_FOUND/);
    await revise(superseded);
    const { anchors } = await world.evidence({ records: [one.id] });
    expect(anchors[one.id]).toMatchObject({
      status: 'SUPERSEDED',
      supersededBy: two.id,
      reason: 'CORRECTED',
    });
    await expect(revise({ status: 'REVOKED' })).rejects.toThrow(/^RECORD_NOT_ACTIVE/);
    await revise({ id: two.id, status: 'REVOKED' });
  });

  it('cannot be endorsed by others, even by two', async () => {
    const world = await World.setUp();
    const record = await world.issue();
    await world.store([record]);
    await world.anchor([record]);
    const key = `record~${record.id}`;
    const endorsed = await world.ledger.endorse(
      world.transaction('ReviseRecord', { id: record.id, status: 'REVOKED', reason: 'ERROR' }, attester, [
        tax,
      ]),
    );
    expect(world.ledger.commit({ ...endorsed, endorsers: [bankA, 'MarketRegulationMSP'] }, 'registry')).toBe(
      'ENDORSEMENT_POLICY_FAILURE',
    );
    expect(world.ledger.document('registry', 'registry', key)).toMatchObject({ status: 'ACTIVE' });
  });
});
