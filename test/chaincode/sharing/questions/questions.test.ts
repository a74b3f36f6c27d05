import { addDays, addMonths } from '../../../../chaincode/ledger/calendar';
import { canonicalJson, sha256 } from '../../../../chaincode/ledger/canonical';
import { jsonIn } from '../../../../chaincode/ledger/json';
import { peekPayload } from '../../../../chaincode/ledger/jws';
import { completenessOf } from '../../../../chaincode/sharing/completeness';
import type {
  Completeness,
  ConsentArtefact,
  Delivery,
  RequestView,
} from '../../../../chaincode/sharing/model';
import { deriveAnswers } from '../../../../chaincode/sharing/questions/derive';
import type { Answer, ConsentQuestion, DerivedAnswers } from '../../../../chaincode/sharing/questions/model';
import { signAnswers, signCompleteness, type IssuedRecord } from '../../../../gateway/issuer';
import { bankA, platform, randomId, tax, uscc, vatFiling } from '../../registry/world';
import { officer, Scene, taxAgent } from '../scene';

const issuer = 'department:tax-shanghai';
const question = (changes: Partial<ConsentQuestion> = {}): ConsentQuestion => ({
  id: 'sales-6m',
  issuer,
  recordType: 'vat-filing',
  measure: 'SUM',
  field: 'sales',
  months: 6,
  ...changes,
});
const enough = question({ id: 'sales-enough', atLeast: '600000000' });
const range = { from: '2026-01-01', to: '2026-06-30' };

/** Six months of 1 to 6 million yuan, in fen. */
async function scene(): Promise<Scene & { records: IssuedRecord[] }> {
  const opened = await Scene.open();
  const records: IssuedRecord[] = [];
  for (let month = 0; month < 6; month += 1) {
    const from = addMonths('2026-01-01', month);
    const period = { from, to: addDays(addMonths(from, 1), -1) };
    const fields = { ...vatFiling.fields, sales: String((month + 1) * 100_000_000) };
    records.push(await opened.registry.issue({ seq: month + 1, period, fields }));
  }
  await opened.registry.store(records);
  await opened.registry.anchor(records);
  return Object.assign(opened, { records });
}

type Scenery = Awaited<ReturnType<typeof scene>>;

const consent = (on: Scenery, questions: ConsentQuestion[], changes: Partial<ConsentArtefact> = {}) =>
  on.granted(
    on.artefact(
      {
        items: [],
        questions,
        consentExpiry: '2027-03-01T00:00:00Z',
        Frequency: { unit: 'MONTH', value: 4 },
        evidenceYears: 0,
        DataLife: { unit: 'DAY', value: 30 },
        ...changes,
      },
      'PREQUALIFICATION',
    ),
  );

async function ask(on: Scenery, artefact: ConsentArtefact, ids: readonly string[], changes: object = {}) {
  const requestId = randomId();
  const input = {
    requestId,
    consentId: artefact.consentId,
    issuer,
    items: [],
    questions: ids,
    range,
    ...changes,
  };
  await on.submit('RequestData', input, officer, [platform, bankA]);
  return (await on.query<RequestView>('GetRequest', { requestId })).request;
}

/** What the honest agent sends, unless the test changes answers or statement on the way. */
async function delivery(
  on: Scenery,
  artefact: ConsentArtefact,
  request: RequestView['request'],
  change: (honest: {
    answers: Answer[];
    statement: Completeness;
    presentations: Delivery['presentations'];
  }) => void = () => undefined,
): Promise<Delivery> {
  const signer = on.registry.signer('tax-shanghai');
  const questions = (artefact.questions ?? []).filter(({ id }) => request.questions?.includes(id));
  const entries = on.records.map(({ seq, id, jwt }) => ({
    seq,
    id,
    period: (peekPayload(jwt) as { period: { from: string; to: string } }).period,
  }));
  const held = [
    {
      recordType: 'vat-filing',
      cadences: [],
      indexes: [{ handle: on.records[0]?.handle ?? '', year: 2026, entries }],
    },
  ];
  const anchors = Object.fromEntries(on.records.map(({ id }) => [id, { status: 'ACTIVE' as const }]));
  const asOf = new Date(on.registry.ledger.now).toISOString();
  const statement = completenessOf(request, held, anchors, asOf);
  const { issuers } = await on.registry.evidence({ issuers: [issuer] });
  const answers = [
    ...(await deriveAnswers(request, questions, statement, on.records, issuers[issuer]?.keys ?? {})),
  ];
  const honest = { answers, statement, presentations: [] };
  change(honest);
  const signed: DerivedAnswers = { requestId: request.requestId, issuer, enterprise: uscc, asOf, answers };
  return {
    requestId: request.requestId,
    presentations: honest.presentations,
    completeness: await signCompleteness(signer, honest.statement),
    answers: await signAnswers(signer, signed),
  };
}

async function offer(on: Scenery, sent: Delivery): Promise<void> {
  const text = canonicalJson(sent);
  const transient = { delivery: text, responseKey: randomId() };
  await on.submit('Offer', { requestId: sent.requestId, digest: sha256(text) }, taxAgent, [tax], transient);
}

const release = (on: Scenery, sent: Delivery) =>
  on.submit('Release', { requestId: sent.requestId }, taxAgent, [tax, bankA], {
    delivery: canonicalJson(sent),
  });

describe('questions instead of data', () => {
  it('are answered from the records, which stay where they are', async () => {
    const on = await scene();
    const artefact = await consent(on, [question(), enough]);
    const request = await ask(on, artefact, ['sales-6m', 'sales-enough']);
    const sent = await delivery(on, artefact, request);
    await offer(on, sent);
    await release(on, sent);
    const read = await on.read(request.requestId);
    const { answers } = peekPayload(read.answers ?? '') as DerivedAnswers;
    expect(answers.map(({ outcome, value }) => [outcome, value])).toEqual([
      ['VALUE', '2100000000'],
      ['YES', undefined],
    ]);
    expect(answers[0]?.records).toHaveLength(6);
    expect(read.presentations).toEqual([]);
    const sharing = on.registry.ledger.state('sharing-bank-a', 'sharing');
    const kept = [...sharing.private.values()].flatMap((collection) => [...collection.values()]).map(String);
    expect(kept.length).toBeGreaterThan(0);
    for (const { disclosures, jwt } of on.records)
      for (const secret of [jwt, ...disclosures])
        expect(kept.some((text) => text.includes(secret))).toBe(false);
  });

  it.each<[string, (honest: { answers: Answer[]; statement: Completeness }) => void]>([
    ['another number', ({ answers }) => Object.assign(answers[0] ?? {}, { value: '2100000001' })],
    ['a yes that is a no', ({ answers }) => Object.assign(answers[1] ?? {}, { outcome: 'NO' })],
    ['fewer records', ({ answers }) => answers[0]?.records.pop()],
  ])('are not offered by the holder’s peer with %s', async (_name, change) => {
    const on = await scene();
    const artefact = await consent(on, [question(), enough]);
    const request = await ask(on, artefact, ['sales-6m', 'sales-enough']);
    await expect(offer(on, await delivery(on, artefact, request, change))).rejects.toThrow('ANSWER_INVALID');
  });

  it.each<[string, (honest: { answers: Answer[] }) => void]>([
    ['a number beside the yes', ({ answers }) => Object.assign(answers[0] ?? {}, { value: '2100000000' })],
    ['a record that is not accounted for', ({ answers }) => answers[0]?.records.push(randomId())],
    [
      'another time',
      ({ answers }) => Object.assign(answers[0] ?? {}, { window: { from: '2026-04-01', to: '2026-06-30' } }),
    ],
    ['nothing', ({ answers }) => Object.assign(answers[0] ?? {}, { question: 'another' })],
  ])('are refused by the bank’s peer where a modified holder answers with %s', async (_name, change) => {
    const on = await scene();
    const artefact = await consent(on, [enough]);
    const request = await ask(on, artefact, ['sales-enough']);
    const sent = await delivery(on, artefact, request, change);
    on.registry.ledger.tamper('sharing-bank-a', 'sharing', `offer~${request.requestId}`, {
      requestId: request.requestId,
      status: 'OFFERED',
      at: new Date(on.registry.ledger.now).toISOString(),
      digest: sha256(canonicalJson(sent)),
    });
    await expect(release(on, sent)).rejects.toThrow('ANSWER_INVALID');
  });

  it('hand over no record of a type that is only asked about', async () => {
    const on = await scene();
    const artefact = await consent(on, [enough]);
    const request = await ask(on, artefact, ['sales-enough']);
    const [record] = on.records;
    const sent = await delivery(on, artefact, request, (honest) => {
      honest.presentations = [{ jwt: record?.jwt ?? '', disclosures: [...(record?.disclosures ?? [])] }];
    });
    await expect(offer(on, sent)).resolves.toBeUndefined();
    await expect(release(on, sent)).rejects.toThrow('BEYOND_CONSENT');
  });

  it.each<[string, string[], object, string]>([
    ['a question that was not consented to', ['sales-24m'], {}, 'BEYOND_CONSENT'],
    [
      'the data behind it',
      [],
      { questions: undefined, items: [{ recordType: 'vat-filing', fields: ['sales'] }] },
      'BEYOND_CONSENT',
    ],
    [
      'a time that ends within a quarter',
      ['sales-6m'],
      { range: { from: '2026-01-01', to: '2026-05-31' } },
      'INVALID_INPUT',
    ],
    [
      'a time that is too short',
      ['sales-6m'],
      { range: { from: '2026-04-01', to: '2026-06-30' } },
      'INVALID_INPUT',
    ],
    ['nothing', [], { questions: undefined }, 'INVALID_INPUT'],
    ['one question twice', ['sales-6m', 'sales-6m'], {}, 'INVALID_INPUT'],
  ])('do not let a bank ask %s', async (_name, ids, changes, code) => {
    const on = await scene();
    const artefact = await consent(on, [question()]);
    await expect(ask(on, artefact, ids, changes)).rejects.toThrow(code);
  });

  it('cannot be repeated with other thresholds, under however many consents', async () => {
    const on = await scene();
    for (const [index, atLeast] of ['100', '200', '300'].entries()) {
      const id = `sales-${index}`;
      await ask(on, await consent(on, [question({ id, atLeast })]), [id]);
    }
    const fourth = await consent(on, [question({ id: 'sales-3', atLeast: '400' })]);
    await expect(ask(on, fourth, ['sales-3'])).rejects.toThrow('QUESTION_BUDGET_SPENT');
  });

  it.each<[string, Partial<ConsentQuestion>, string]>([
    [
      'a measure that the purpose does not have',
      { measure: 'COUNT', field: undefined as unknown as string },
      'PURPOSE_CEILING_EXCEEDED',
    ],
    ['a field that is no number', { field: 'filedOn' }, 'INVALID_INPUT'],
    ['a ratio of one field', { measure: 'RATIO' }, 'INVALID_INPUT'],
    ['two thresholds', { atLeast: '1', atMost: '2' }, 'INVALID_INPUT'],
    ['a holder that does not attest the type', { issuer: 'department:amr-shanghai' }, 'UNKNOWN_ISSUER'],
    ['a window of a quarter', { months: 3 as unknown as 6 }, 'INVALID_INPUT'],
  ])('are refused in a consent that has %s', async (_name, changes, code) => {
    const on = await scene();
    const asked = jsonIn(JSON.stringify(question(changes))) as ConsentQuestion;
    await expect(consent(on, [asked])).rejects.toThrow(code);
  });
});
