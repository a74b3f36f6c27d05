import { World, department, otherUscc, platform, randomId, tax, user, uscc, vatFiling } from './world';

const examiner = department(tax, 'tax-shanghai', 'examiner');

const document = (more: object = {}) => ({
  salt: randomId(),
  uscc,
  recordType: 'financial-statement',
  period: { from: '2025-01-01', to: '2025-12-31' },
  fields,
  ...more,
});

const fields = {
  ...Object.fromEntries(
    [
      ...[
        'revenue',
        'costOfSales',
        'operatingProfit',
        'netProfit',
        'totalAssets',
        'totalLiabilities',
        'equity',
      ],
      ...['cash', 'receivables', 'inventory', 'borrowings', 'interestExpense', 'operatingCashFlow'],
    ].map((name) => [name, '100']),
  ),
  audited: true,
};

describe('documents', () => {
  let world: World;
  const id = randomId();
  beforeEach(async () => {
    world = await World.setUp();
  });

  const submit = (given: object, caller = user(uscc), input: object = {}) =>
    world.submit('SubmitDocument', { id, department: 'tax-shanghai', ...input }, caller, [tax, platform], {
      document: given,
    });
  const examine = (input: object, caller = examiner) =>
    world.submit('ExamineDocument', { id, ...input }, caller, [tax]);

  it('go from the enterprise to the department, which links the record that it attested', async () => {
    const given = document();
    await submit(given);
    expect(await world.read('ReadDocument', { id }, examiner)).toEqual(given);
    const attest = async (more: object, seq: number) => {
      const record = await world.issue({
        ...given,
        id: randomId(),
        handle: Buffer.alloc(32, 9).toString('base64url'),
        seq,
        assurance: 'VERIFIED',
        ...more,
      });
      await world.store([record]);
      await world.anchor([record]);
      return record.id;
    };
    const filed = await attest({ assurance: 'FILED' }, 1);
    await expect(examine({ outcome: 'ENDORSED', recordId: filed })).rejects.toThrow(/^NOT_YOUR_RECORD/);
    await expect(examine({ outcome: 'ENDORSED', recordId: randomId() })).rejects.toThrow(
      /^RECORD_NOT_ANCHORED/,
    );
    await expect(examine({ outcome: 'ENDORSED' })).rejects.toThrow(/^INVALID_INPUT\[recordId\]/);
    const verified = await attest({}, 2);
    await examine({ outcome: 'ENDORSED', recordId: verified });
    expect(await world.query('GetSubmission', { id }, user(uscc))).toMatchObject({
      status: 'ENDORSED',
      recordId: verified,
    });
    await expect(examine({ outcome: 'REJECTED', reason: 'TOO_LATE' })).rejects.toThrow(/^STATE_CONFLICT/);
    expect(world.ledger.events.map(({ name }) => name)).toEqual([
      'SubmissionReceived',
      'RecordsAnchored',
      'RecordsAnchored',
      'SubmissionExamined',
    ]);
  });

  it('can be rejected with a reason, by the department addressed only', async () => {
    await submit(document());
    for (const other of [
      department(tax, 'tax-zhejiang', 'examiner'),
      department(tax, 'tax-shanghai', 'attester'),
    ])
      await expect(examine({ outcome: 'REJECTED', reason: 'ILLEGIBLE' }, other)).rejects.toThrow(
        /^UNAUTHORISED_ROLE/,
      );
    await expect(
      world.read('ReadDocument', { id }, department(tax, 'tax-zhejiang', 'examiner')),
    ).rejects.toThrow(/^UNAUTHORISED_ROLE/);
    await expect(examine({ outcome: 'REJECTED' })).rejects.toThrow(/^INVALID_INPUT\[reason\]/);
    await examine({ outcome: 'REJECTED', reason: 'ILLEGIBLE' });
  });

  it('are about the enterprise that submits them, and of a form that the department takes', async () => {
    await expect(submit(document(), user(otherUscc))).rejects.toThrow(/^NOT_YOUR_RECORD/);
    await expect(submit(document(), examiner)).rejects.toThrow(/^UNAUTHORISED_ROLE/);
    await expect(submit(document(), user(uscc), { department: 'amr-shanghai' })).rejects.toThrow(
      /^UNKNOWN_DEPARTMENT/,
    );
    await expect(submit(document({ fields: { ...fields, revenue: 'much' } }))).rejects.toThrow(
      /^RECORD_SCHEMA_INVALID\[document\.fields\.revenue\]/,
    );
    await expect(submit(document({ period: vatFiling.period }))).rejects.toThrow(/^RECORD_SCHEMA_INVALID/);
    await submit(document());
    await expect(submit(document())).rejects.toThrow(/^ALREADY_EXISTS/);
  });
});
