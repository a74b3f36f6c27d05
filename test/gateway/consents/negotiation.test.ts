import request from 'supertest';
import { digestOf } from '../../../chaincode/ledger/canonical';
import type { ConsentArtefact, ConsentTerms, ConsentView } from '../../../chaincode/sharing/model';
import { receiptOf } from '../../../gateway/consents/receipt';
import { termsFromTemplate } from '../../../gateway/consents/template';
import type { User } from '../../../gateway/http/route';
import { bankA, platform, uscc } from '../../chaincode/registry/world';
import { channel, officer, randomId, Scene } from '../../chaincode/sharing/scene';
import { creditOfficer, testApplication } from '../support/application';

describe('a template', () => {
  it('gives terms that every ceiling of its purpose takes, held by the departments of the enterprise’s region', async () => {
    const on = await Scene.open();
    const { consortium } = on.registry.state;
    const purpose = consortium.purposes.find(({ code }) => code === 'WORKING_CAPITAL_LOAN');
    const now = on.registry.ledger.now;
    const terms = purpose && termsFromTemplate(purpose, consortium, on.entry(), now);
    if (!terms) throw new Error('no template');
    expect(new Set(terms.items.map(({ issuer }) => issuer))).toEqual(
      new Set(['department:amr-shanghai', 'department:tax-shanghai']),
    );
    const consentId = randomId();
    const Purpose = { code: purpose.code, text: purpose.text };
    const artefact: ConsentArtefact = {
      consentId,
      channel,
      bank: bankA,
      enterprise: uscc,
      Purpose,
      ...terms,
    };
    await on.submit('RequestConsent', artefact, officer, [platform, bankA]);
    const { state, persons } = await on.query<ConsentView>('GetConsent', { consentId });
    expect({ state, persons }).toEqual({ state: 'REQUESTED', persons: [] });
  });
});

const terms: ConsentTerms = {
  fetchType: 'PERIODIC',
  consentStart: '2026-11-01T00:00:00Z',
  consentExpiry: '2027-11-01T00:00:00Z',
  DataRange: { from: '2025-01-01', to: '2026-10-31' },
  DataLife: { unit: 'MONTH', value: 3 },
  Frequency: { unit: 'MONTH', value: 2 },
  items: [{ recordType: 'vat-filing', issuer: 'department:tax-shanghai', fields: ['sales', 'taxPaid'] }],
  questions: [
    {
      id: 'sales-12m',
      issuer: 'department:tax-shanghai',
      recordType: 'vat-filing',
      measure: 'SUM',
      field: 'sales',
      months: 12,
    },
  ],
  purgeWithinDays: 7,
  evidenceYears: 5,
};
const artefact: ConsentArtefact = {
  consentId: 'consent-0123456789',
  channel,
  bank: bankA,
  enterprise: uscc,
  Purpose: { code: 'WORKING_CAPITAL_LOAN', text: 'A loan for stock' },
  ...terms,
};
const view = (changes: Partial<ConsentView> = {}): ConsentView => ({
  artefact,
  digest: digestOf(artefact),
  state: 'REQUESTED',
  version: 0,
  nextVersion: 1,
  requestedAt: '2026-11-23T00:00:00.000Z',
  required: 2,
  persons: [],
  replacements: [],
  signedBy: [],
  stoppedThrough: [],
  ...changes,
});

describe('a receipt', () => {
  it('says what was agreed, by whom and until when', () => {
    const granted = view({
      state: 'REVOKED',
      grantedAt: '2026-11-24T00:00:00.000Z',
      endedAt: '2026-12-01T00:00:00.000Z',
    });
    const receipt = receiptOf(granted, { organisations: [] });
    expect(receipt.receipt_id).toBe(digestOf(artefact));
    const [purpose] = receipt.pii_processing.purposes;
    expect(purpose?.pii_information.map(({ pii_type, pii_attribute }) => [pii_type, pii_attribute])).toEqual([
      ['vat-filing', ['sales', 'taxPaid']],
      ['answer:vat-filing', ['sales-12m']],
    ]);
    expect(purpose?.retention_period).toContain('P3M, purged within 7 days');
    expect(
      receipt.events.map(({ event_state, validity_duration }) => [event_state, validity_duration]),
    ).toEqual([
      ['REQUESTED', undefined],
      ['ACTIVE', 'P365D'],
      ['REVOKED', undefined],
    ]);
  });
});

describe('a counter-proposal over HTTP', () => {
  const narrower: ConsentTerms = { ...terms, evidenceYears: 0 };
  const owner: User = {
    subject: 'owner',
    identity: `enterprise-user.${uscc}`,
    roles: ['enterprise-user'],
    scopes: ['consents:read', 'consents:sign'],
    uscc,
  };

  const post = async (organisation: string, user: User, path: string, body: object) => {
    const application = await testApplication(organisation, [user]);
    let stored = artefact;
    const { answers, calls } = application.ledger;
    answers.GetConsent = ({ input }) => {
      const { consentId } = input as { consentId: string };
      const found = consentId === artefact.consentId ? artefact : stored;
      return view({ artefact: found, digest: digestOf(found), counterProposal: narrower });
    };
    answers.CounterConsent = () => undefined;
    answers.RequestConsent = ({ input }) => void (stored = input as ConsentArtefact);
    const response = await request(application.app)
      .post(path)
      .set('Authorization', `Bearer ${await application.token(user.subject)}`)
      .set('Idempotency-Key', 'key-12345')
      .send(body);
    return { response, calls };
  };

  it('is made by the enterprise, with its own organisation’s endorsement alone', async () => {
    const path = `/v1/consents/${artefact.consentId}/counter-proposals`;
    const { response, calls } = await post('enterprise', owner, path, narrower);
    expect(response.status).toBe(200);
    expect(calls.find(({ name }) => name === 'CounterConsent')).toMatchObject({
      endorsers: [platform],
      input: { consentId: artefact.consentId, terms: narrower },
    });
  });

  it('is accepted by the bank with a request in the place of the first', async () => {
    const path = `/v1/consents/${artefact.consentId}/counter-proposals:accept`;
    const { response } = await post('bank-a', creditOfficer, path, { terms: narrower });
    expect(response.status).toBe(201);
    const { artefact: anew } = response.body as ConsentView;
    expect(anew).toMatchObject({
      ...narrower,
      replaces: { consentId: artefact.consentId, digest: digestOf(artefact) },
    });
    const other = await post('bank-a', creditOfficer, path, { terms });
    expect(other.response.body).toMatchObject({ status: 409, code: 'STATE_CONFLICT' });
  });
});
