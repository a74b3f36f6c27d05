import { canonicalJson } from '../../chaincode/ledger/canonical';
import { peekPayload } from '../../chaincode/ledger/jws';
import type { Delivery } from '../../chaincode/sharing/model';
import type { ConsentQuestion, DerivedAnswers } from '../../chaincode/sharing/questions/model';
import { signAnswers } from '../../gateway/issuer';
import { filesWith } from './files';
import { filing, purpose } from './facts';
import { bankMsp, issuer, refusalOf, Scenario, taxMsp, type Enterprise } from './scenario';

/** What a bank, or a holder of records, tries where answers are given instead of data. */

const range = { from: '2026-01-01', to: '2026-06-30' };
const question = (changes: Partial<ConsentQuestion> = {}): ConsentQuestion => ({
  id: 'sales-6m',
  issuer,
  recordType: 'vat-filing',
  measure: 'SUM',
  field: 'sales',
  months: 6,
  ...changes,
});

let scenario: Scenario;
let enterprise: Enterprise;

beforeAll(async () => {
  scenario = await Scenario.start();
  enterprise = await scenario.newEnterprise();
  await scenario.attest(enterprise, [1, 2, 3, 4, 5, 6]);
}, 300_000);

afterAll(() => scenario.close());

const granted = (...questions: ConsentQuestion[]) =>
  scenario.granted(enterprise, {
    Purpose: purpose('PREQUALIFICATION'),
    DataRange: range,
    DataLife: { unit: 'DAY', value: 30 },
    Frequency: { unit: 'MONTH', value: 4 },
    evidenceYears: 0,
    items: [],
    questions,
  });

async function asked(...questions: ConsentQuestion[]): Promise<Delivery> {
  const ids = questions.map(({ id }) => id);
  const requestId = await scenario.requestData(await granted(...questions), { items: [], questions: ids });
  return scenario.honest(requestId);
}

/** Answers that the department signs, though its records say otherwise. */
async function lying(delivery: Delivery): Promise<Delivery> {
  const honest = peekPayload(delivery.answers ?? '') as DerivedAnswers;
  const answers = honest.answers.map((answer) => ({ ...answer, value: '999999999999' }));
  return { ...delivery, answers: await signAnswers(scenario.tax.signer, { ...honest, answers }) };
}

const valuesOf = (month: number) => String(filing(enterprise.uscc, month).fields.sales);

describe('an answer', () => {
  it('reaches the bank, computed by the holder’s peer, and the records do not', async () => {
    const delivery = await asked(question());
    await scenario.offer(delivery);
    await scenario.release(delivery);
    const read = (await scenario.read(delivery.requestId)) as Delivery;
    const [answer] = (peekPayload(read.answers ?? '') as DerivedAnswers).answers;
    const months = [1, 2, 3, 4, 5, 6];
    const sum = months.reduce((total, month) => total + BigInt(valuesOf(month)), 0n);
    expect(answer).toMatchObject({ outcome: 'VALUE', value: String(sum) });
    expect(answer?.records).toHaveLength(6);
    expect(canonicalJson(read)).not.toContain(valuesOf(1));
    if (scenario.network.runtime === 'embedded')
      expect(filesWith(scenario.privateStore('bank-a'), months.map(valuesOf))).toEqual([]);
  });

  it('that is not what the records give is offered by no holder’s peer that runs the contract', async () => {
    const delivery = await lying(await asked(question()));
    expect(await refusalOf(scenario.offer(delivery))).toBe('ANSWER_INVALID');
  });

  it('that was not offered, or not asked for, is not taken by the bank’s peer', async () => {
    const honest = await asked(question({ id: 'sales-enough', atLeast: '100' }));
    expect(await refusalOf(scenario.endorseRelease(honest))).toBe('OFFER_MISSING');
    await scenario.offer(honest);
    expect(await refusalOf(scenario.endorseRelease(await lying(honest), [bankMsp]))).toBe('OFFER_MISMATCH');
    for (const endorsers of [[taxMsp, bankMsp]])
      await scenario.commit(await scenario.endorseRelease(honest, endorsers));
    expect(await scenario.request(honest.requestId)).toMatchObject({ request: { status: 'DELIVERED' } });
  });
});

describe('a bank that narrows a value down', () => {
  it('is refused the fourth threshold, whichever consent it asks under', async () => {
    const firm = await scenario.newEnterprise();
    const ask = async (atLeast: string) => {
      const consent = await scenario.granted(firm, {
        Purpose: purpose('PREQUALIFICATION'),
        DataRange: range,
        DataLife: { unit: 'DAY', value: 30 },
        Frequency: { unit: 'MONTH', value: 4 },
        evidenceYears: 0,
        items: [],
        questions: [question({ atLeast })],
      });
      return scenario.requestData(consent, { items: [], questions: ['sales-6m'] });
    };
    for (const threshold of ['1000', '2000', '1500']) await ask(threshold);
    expect(await refusalOf(ask('1750'))).toBe('QUESTION_BUDGET_SPENT');
  });

  it('cannot ask about a quarter, nor for data under a consent to questions', async () => {
    const consent = await granted(question());
    const shorter = { items: [], questions: ['sales-6m'], range: { from: '2026-04-01', to: '2026-06-30' } };
    expect(await refusalOf(scenario.requestData(consent, shorter))).toBe('INVALID_INPUT');
    expect(await refusalOf(scenario.requestData(consent))).toBe('BEYOND_CONSENT');
  });
});
