import fc from 'fast-check';
import { signPayload, signerOf } from '../../../gateway/issuer';
import { continueSequences } from '../../../chaincode/registry/anchors';
import { isPeriodOf } from '../../../chaincode/registry/periods';
import type { CadenceHistory, HandleIndex, HeldRecord } from '../../../chaincode/registry/model';
import {
  World,
  attester,
  bankA,
  department,
  enterprise,
  newSignatory,
  officer,
  otherUscc,
  platform,
  randomId,
  tax,
  user,
  uscc,
  vatFiling,
} from './world';

const { handle } = vatFiling;

describe('records', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.setUp();
  });

  it('stores a record alone with its issuer and anchors it for everybody', async () => {
    const record = await world.issue();
    await world.store([record]);
    expect((await world.evidence({ records: [record.id], handles: [handle] })).heads).toEqual({
      [handle]: 0,
    });
    await world.anchor([record]);
    const evidence = await world.evidence({ records: [record.id], handles: [handle] });
    expect(evidence.anchors[record.id]).toMatchObject({
      msp: tax,
      seq: 1,
      digest: record.digest,
      status: 'ACTIVE',
    });
    expect(evidence.heads).toEqual({ [handle]: 1 });
    expect(world.ledger.events).toEqual([
      { channel: 'registry', name: 'RecordsAnchored', payload: '{"count":1}' },
    ]);
    const state = world.ledger.state('registry', 'registry');
    for (const { value } of state.public.values())
      expect(value.toString()).not.toMatch(new RegExp(`${uscc}|1234567`));
    const [collection] = [...state.private.keys()];
    expect([...state.private.keys()]).toEqual(['_implicit_org_TaxMSP']);
    expect(state.privateValue(collection ?? '', record.id)?.toString()).toBe(record.jwt);
  });

  it('gives the record back to those who act for its issuer, and to nobody else', async () => {
    const record = await world.issue();
    await world.store([record]);
    for (const role of ['attester', 'examiner', 'release-agent']) {
      const answer = await world.read(
        'ReadRecords',
        { ids: [record.id] },
        department(tax, 'tax-shanghai', role),
      );
      expect(answer).toEqual([
        { id: record.id, jwt: record.jwt, disclosures: record.disclosures } satisfies HeldRecord,
      ]);
    }
    for (const other of [
      department(tax, 'tax-zhejiang', 'attester'),
      department(tax, 'tax-shanghai', 'registrar'),
      { msp: tax },
    ]) {
      await expect(world.read('ReadRecords', { ids: [record.id] }, other)).rejects.toThrow(
        /^PRIVATE_READ_REFUSED/,
      );
      await expect(world.read('ReadIndexes', { handles: [handle] }, other)).rejects.toThrow(
        /^PRIVATE_READ_REFUSED/,
      );
    }
    // Another member on the issuer's peer reads its own collection, where there is nothing.
    expect(await world.read('ReadRecords', { ids: [record.id] }, officer, tax)).toEqual([]);
    await expect(world.read('ReadRecords', { ids: [record.id] }, attester, bankA)).rejects.toThrow(
      'not available',
    );
    const index = (await world.read('ReadIndexes', { handles: [handle] }, attester)) as HandleIndex[];
    expect(index).toMatchObject([{ subject: uscc, year: 2026, entries: [{ seq: 1, id: record.id }] }]);
  });

  it('anchors only what the collection of the caller holds', async () => {
    const record = await world.issue();
    await expect(world.anchor([record])).rejects.toThrow(/^PRIVATE_DATA_MISMATCH\[records\.0\.digest\]/);
    await world.store([record]);
    const other = await world.issue();
    await expect(world.anchor([{ ...record, digest: other.digest }])).rejects.toThrow(
      /^PRIVATE_DATA_MISMATCH/,
    );
    await expect(world.anchor([record], { ...attester, msp: 'MarketRegulationMSP' })).rejects.toThrow(
      /^PRIVATE_DATA_MISMATCH/,
    );
    await world.anchor([record]);
    await expect(world.anchor([record])).rejects.toThrow(/^ALREADY_EXISTS/);
  });

  it('needs a government and another organisation to anchor, and the issuer alone to store', async () => {
    const record = await world.issue();
    const given = { salt: randomId(), records: [{ jwt: record.jwt, disclosures: record.disclosures }] };
    await expect(world.submit('StoreRecords', {}, attester, [bankA], { records: given })).rejects.toThrow(
      'ENDORSEMENT_POLICY_FAILURE',
    );
    await world.store([record]);
    const input = { records: [{ id: record.id, handle, seq: 1, digest: record.digest }] };
    await expect(world.submit('AnchorRecords', input, attester, [tax])).rejects.toThrow(
      'ENDORSEMENT_POLICY_FAILURE',
    );
    await world.submit('AnchorRecords', input, attester, [tax, bankA]);
  });

  it('refuses what is not signed by its issuer or was altered', async () => {
    const record = await world.issue();
    const stranger = await signerOf('department:tax-shanghai', newSignatory().privateJwk);
    const known = {
      issuer: 'department:tax-shanghai',
      kid: world.signer('tax-shanghai').kid,
      sign: (input: string) => stranger.sign(input),
    };
    const [head = '', payload = '', signature = ''] = record.jwt.split('.');
    const changed = Buffer.from(
      Buffer.from(payload, 'base64url').toString().replace('FILED', 'ISSUED'),
    ).toString('base64url');
    const unsigned = `${Buffer.from('{"alg":"none","typ":"dc+sd-jwt","kid":"x"}').toString('base64url')}.${payload}.AA`;
    const otherTyp = await signPayload(
      world.signer('tax-shanghai'),
      'completeness+jws',
      Buffer.from(payload, 'base64url').toString(),
    );
    const forgeries = [
      await world.issue({}, known),
      await world.issue({}, stranger),
      { ...record, jwt: `${head}.${changed}.${signature}` },
      { ...record, jwt: unsigned },
      { ...record, jwt: otherTyp },
    ];
    for (const forgery of forgeries)
      await expect(world.store([forgery])).rejects.toThrow(/^RECORD_SIGNATURE_INVALID\[records\.0\.jwt\]/);
    const [first = '', ...rest] = record.disclosures;
    const other = await world.issue();
    for (const disclosures of [
      [...record.disclosures, first],
      [other.disclosures[0] ?? '', ...rest],
      [`${first}A`, ...rest],
    ])
      await expect(world.store([{ ...record, disclosures }])).rejects.toThrow(/^RECORD_TAMPERED/);
    await expect(world.store([{ ...record, disclosures: rest }])).rejects.toThrow(/^RECORD_SCHEMA_INVALID/);
  });

  it('refuses records in another issuer\u2019s name', async () => {
    const zhejiang = world.signer('tax-zhejiang');
    await expect(world.store([await world.issue({}, zhejiang)])).rejects.toThrow(/^NOT_YOUR_RECORD/);
    const claimed = {
      issuer: 'department:tax-shanghai',
      kid: zhejiang.kid,
      sign: (input: string) => zhejiang.sign(input),
    };
    await expect(world.store([await world.issue({}, claimed)])).rejects.toThrow(/^RECORD_SIGNATURE_INVALID/);
    const record = await world.issue();
    for (const caller of [
      department(tax, 'tax-shanghai', 'release-agent'),
      department(bankA, 'tax-shanghai', 'attester'),
      user(uscc),
    ])
      await expect(world.store([record], caller)).rejects.toThrow(/^(NOT_YOUR_RECORD|UNAUTHORISED_ROLE)/);
  });

  it.each([
    ['a field that the type lacks', { fields: { ...vatFiling.fields, colour: 'red' } }],
    ['a missing field', { fields: { filingStatus: 'FILED', sales: '1' } }],
    ['money that is no integer', { fields: { ...vatFiling.fields, sales: '12.5' } }],
    ['a period that is no month or quarter', { period: { from: '2026-01-02', to: '2026-01-31' } }],
    ['another version of the type', { typeVersion: 2 }],
    [
      'a subject with a wrong check character',
      { uscc: `${uscc.slice(0, 17)}${uscc.endsWith('0') ? '1' : '0'}` },
    ],
    ['a type that the department may not attest', { recordType: 'administrative-penalty' }],
  ])('refuses %s', async (_, draft) => {
    await expect(world.store([await world.issue(draft)])).rejects.toThrow(/^RECORD_SCHEMA_INVALID/);
  });

  it('refuses an unknown type, a later day of issue, and a key before its time', async () => {
    await expect(world.store([await world.issue({ recordType: 'horoscope' })])).rejects.toThrow(
      /^UNKNOWN_RECORD_TYPE/,
    );
    world.ledger.now += 3_600_000;
    const future = await world.issue();
    world.ledger.now -= 3_600_000;
    await expect(world.store([future])).rejects.toThrow(/^RECORD_SCHEMA_INVALID/);
    world.ledger.now = Date.UTC(1999, 5, 1);
    await expect(world.store([await world.issue()])).rejects.toThrow(/^RECORD_SIGNATURE_INVALID/);
  });

  it('keeps a handle to one subject, type and year', async () => {
    await world.store([await world.issue()]);
    for (const draft of [{ uscc: otherUscc }, { period: { from: '2025-01-01', to: '2025-01-31' } }])
      await expect(world.store([await world.issue({ seq: 2, ...draft })])).rejects.toThrow(
        /^NOT_YOUR_RECORD/,
      );
    await expect(world.store([await world.issue({ seq: 3 })])).rejects.toThrow(/^SEQUENCE_GAP/);
  });

  it('never stores or anchors one id twice', async () => {
    const record = await world.issue();
    await world.store([record]);
    await expect(world.store([await world.issue({ id: record.id, seq: 2 })])).rejects.toThrow(
      /^ALREADY_EXISTS/,
    );
    const twice = await Promise.all([1, 2].map((seq) => world.issue({ id: randomId(), seq: seq + 1 })));
    const [one, two] = twice;
    if (one === undefined || two === undefined) throw new Error('two were issued');
    await expect(world.store([one, one])).rejects.toThrow(/^ALREADY_EXISTS/);
  });

  it('takes records of enterprises from their own users, signed by office RECORDS', async () => {
    const clerk = newSignatory({ office: 'RECORDS' });
    const director = newSignatory();
    await world.register(enterprise({ signatories: [director.signatory, clerk.signatory] }));
    const order = {
      uscc: otherUscc,
      recordType: 'purchase-order',
      period: { from: '2026-10-08', to: '2026-10-08' },
      fields: {
        orderNumber: 'PO-1',
        buyer: uscc,
        amount: '50000000',
        orderedOn: '2026-10-08',
        dueOn: '2026-12-07',
      },
    };
    const issuer = `enterprise:${uscc}`;
    const record = await world.issue(order, await signerOf(issuer, clerk.privateJwk));
    await expect(world.store([record], user(otherUscc))).rejects.toThrow(/^NOT_YOUR_RECORD/);
    await world.store([record], user(uscc));
    await world.anchor([record], user(uscc));
    expect((await world.evidence({ records: [record.id], issuers: [issuer] })).issuers[issuer]).toEqual({
      msp: platform,
      keys: { [clerk.signatory.id]: clerk.signatory.jwk },
      inForce: [clerk.signatory.id],
    });
    await expect(
      world.store(
        [await world.issue({ ...order, seq: 2 }, await signerOf(issuer, director.privateJwk))],
        user(uscc),
      ),
    ).rejects.toThrow(/^RECORD_SIGNATURE_INVALID/);
    await expect(
      world.store([await world.issue({ seq: 2 }, await signerOf(issuer, clerk.privateJwk))], user(uscc)),
    ).rejects.toThrow(/^RECORD_SCHEMA_INVALID/);
    await expect(world.read('ReadRecords', { ids: [record.id] }, user(otherUscc))).rejects.toThrow(
      /^PRIVATE_READ_REFUSED/,
    );
  });

  it('keeps cadences dated, and their changes in order', async () => {
    const id = randomId();
    const given = (cadence: string, from: string, more: object = {}) => [
      { id, uscc, recordType: 'vat-filing', cadence, from, ...more },
    ];
    await world.store([await world.issue()], attester, given('QUARTERLY', '2024-01-01'));
    await world.store([await world.issue({ seq: 2 })], attester, given('QUARTERLY', '2024-01-01'));
    await world.store([await world.issue({ seq: 3 })], attester, given('MONTHLY', '2026-01-01'));
    const [history] = (await world.read('ReadCadences', { ids: [id] }, attester)) as CadenceHistory[];
    expect(history?.cadences).toEqual([
      { cadence: 'QUARTERLY', from: '2024-01-01' },
      { cadence: 'MONTHLY', from: '2026-01-01' },
    ]);
    const next = await world.issue({ seq: 4 });
    await expect(world.store([next], attester, given('QUARTERLY', '2025-01-01'))).rejects.toThrow(
      /^INVALID_INPUT/,
    );
    await expect(world.store([next], attester, given('ANNUAL', '2027-01-01'))).rejects.toThrow(
      /^RECORD_SCHEMA_INVALID/,
    );
    await expect(
      world.store([next], attester, given('QUARTERLY', '2027-01-01', { uscc: otherUscc })),
    ).rejects.toThrow(/^NOT_YOUR_RECORD/);
  });
});

describe('sequences', () => {
  it('have no gap after any run of batches, whatever some of them claim', () => {
    const handles = ['a', 'b', 'c'];
    const batch = fc.array(
      fc.record({ handle: fc.constantFrom(...handles), offset: fc.constantFrom(1, 1, 1, 1, 0, 2) }),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 12 }), (batches) => {
        const stored = new Map<string, { msp: string; seq: number; id: string }>();
        const anchored: Record<string, number[]> = {};
        let ids = 0;
        for (const entries of batches) {
          const next = new Map(handles.map((name) => [name, stored.get(name)?.seq ?? 0]));
          const records = entries.map(({ handle: name, offset }) => {
            const seq = (next.get(name) ?? 0) + offset;
            next.set(name, seq);
            return { id: `id-${++ids}`, handle: name, seq, digest: 'x' };
          });
          const honest = entries.every(({ offset }) => offset === 1);
          if (!honest) {
            expect(() => continueSequences(records, stored, tax)).toThrow(/^SEQUENCE_GAP/);
            continue;
          }
          for (const [name, head] of continueSequences(records, stored, tax).heads) stored.set(name, head);
          for (const { handle: name, seq } of records) (anchored[name] ??= []).push(seq);
        }
        for (const [name, seqs] of Object.entries(anchored)) {
          expect(seqs).toEqual(seqs.map((_, index) => index + 1));
          expect(stored.get(name)?.seq).toBe(seqs.length);
        }
      }),
    );
  });

  it('stay with the organisation that began them', () => {
    const stored = new Map([['a', { msp: platform, seq: 1, id: 'x' }]]);
    expect(() => continueSequences([{ id: 'y', handle: 'a', seq: 2, digest: 'z' }], stored, tax)).toThrow(
      /^NOT_YOUR_RECORD/,
    );
  });

  it('go through batches of 100 on the ledger', async () => {
    const world = await World.setUp();
    const records = await Promise.all(
      Array.from({ length: 100 }, (_, index) => world.issue({ seq: index + 1 })),
    );
    await world.store(records);
    await world.anchor(records.slice(0, 60));
    await expect(world.anchor(records.slice(61))).rejects.toThrow(/^SEQUENCE_GAP\[records\.0\.seq\]/);
    await world.anchor(records.slice(60));
    const ids = records.map(({ id }) => id);
    const evidence = await world.evidence({ records: ids, handles: [handle] });
    expect(Object.keys(evidence.anchors)).toHaveLength(100);
    expect(evidence.heads).toEqual({ [handle]: 100 });
  });
});

describe('periods', () => {
  it.each([
    ['2026-02-01', '2026-02-28', 'MONTHLY', true],
    ['2024-02-01', '2024-02-28', 'MONTHLY', false],
    ['2026-04-01', '2026-06-30', 'QUARTERLY', true],
    ['2026-02-01', '2026-04-30', 'QUARTERLY', false],
    ['2026-01-01', '2026-12-31', 'ANNUAL', true],
    ['2026-07-01', '2027-06-30', 'ANNUAL', false],
    ['2026-07-09', '2026-07-09', 'NONE', true],
    ['2026-07-09', '2026-07-10', 'NONE', false],
  ] as const)('%s to %s as %s: %s', (from, to, cadence, expected) => {
    expect(isPeriodOf({ from, to }, cadence)).toBe(expected);
  });
});
