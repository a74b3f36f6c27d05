import { canonicalJson, sha256 } from '../../chaincode/ledger/canonical';
import type { Delivery } from '../../chaincode/sharing/model';
import { peer } from '@hyperledger/fabric-protos';
import { malleated } from '../chaincode/sharing/keys';
import { filesWith } from './files';
import { purpose } from './facts';
import {
  agent,
  attester,
  bankMsp,
  enterpriseMsp,
  fields,
  issuer,
  newSigner,
  purger,
  randomId,
  refusalOf,
  Scenario,
  taxMsp,
  type Enterprise,
} from './scenario';
import { altered, foreign, overdisclosed, resigned, shortened, withheld } from './tampering';

/** What a member of the consortium, or who signs for an enterprise, tries against contracts that nobody changed. */

const { ENDORSEMENT_POLICY_FAILURE, MVCC_READ_CONFLICT } = peer.TxValidationCode;

let scenario: Scenario;
let enterprise: Enterprise;
let other: Enterprise;

beforeAll(async () => {
  scenario = await Scenario.start();
  enterprise = await scenario.newEnterprise();
  other = await scenario.newEnterprise();
  await scenario.attest(enterprise, [6, 7, 8]);
  await scenario.attest(other, [6, 7, 8]);
}, 300_000);

afterAll(() => scenario.close());

describe('a signature', () => {
  it("under a signatory's name by another key is refused", async () => {
    const artefact = await scenario.ask(enterprise);
    const impostor = await newSigner(enterprise.signers[0]?.signatory);
    // A signer checks what it signed with the key it has, which is the impostor's own.
    const forged = await scenario.sign(artefact, 'GRANT', impostor);
    expect(await refusalOf(scenario.lodge(enterprise, artefact, forged))).toBe('SIGNATURE_INVALID');
    const stranger = await scenario.sign(artefact, 'GRANT', await newSigner());
    expect(await refusalOf(scenario.lodge(enterprise, artefact, stranger))).toBe('SIGNATORY_UNKNOWN');
    expect(await scenario.consent(artefact)).toMatchObject({ state: 'REQUESTED', signedBy: [] });
  });

  it('counts once, however it is written, and for one consent only', async () => {
    const artefact = await scenario.ask(enterprise);
    const [first] = enterprise.signers;
    const grant = await scenario.sign(artefact, 'GRANT', first);
    await scenario.lodge(enterprise, artefact, grant);
    expect(await refusalOf(scenario.lodge(enterprise, artefact, grant))).toBe('SIGNATURE_REPLAYED');
    expect(malleated(grant)).not.toBe(grant);
    expect(await refusalOf(scenario.lodge(enterprise, artefact, malleated(grant)))).toBe(
      'SIGNATURE_REPLAYED',
    );
    const anew = await signAgain(artefact);
    expect(await refusalOf(scenario.lodge(enterprise, artefact, anew))).toBe('SIGNATURE_REPLAYED');
    const elsewhere = await scenario.ask(enterprise);
    expect(await refusalOf(scenario.lodge(enterprise, elsewhere, grant))).toBe('STATEMENT_MISMATCH');
    expect(await scenario.consent(artefact)).toMatchObject({
      state: 'REQUESTED',
      signedBy: [first?.signatory],
    });
  });

  /** The first signatory's second statement of the same. */
  const signAgain = async (artefact: Parameters<Scenario['sign']>[0]) =>
    scenario.sign(artefact, 'GRANT', enterprise.signers[0]);
});

describe('a request', () => {
  it('for consent beyond the ceilings of its purpose is refused, whatever it goes beyond', async () => {
    const review = {
      Purpose: purpose('CREDIT_REVIEW'),
      DataRange: { from: '2026-01-01', to: '2026-12-31' },
      Frequency: { unit: 'YEAR', value: 4 } as const,
      DataLife: { unit: 'DAY', value: 90 } as const,
      items: [{ recordType: 'vat-filing', issuer, fields: ['sales'] }],
    };
    await scenario.ask(enterprise, review);
    for (const beyond of [
      { items: [{ recordType: 'social-insurance', issuer, fields: ['payroll'] }] },
      { items: [{ recordType: 'vat-filing', issuer, fields: ['sales', 'inputTax'] }] },
      { DataRange: { from: '2025-12-31', to: '2026-12-31' } },
      { DataLife: { unit: 'DAY', value: 91 } as const },
      { Frequency: { unit: 'YEAR', value: 5 } as const },
      { consentExpiry: new Date(Date.now() + 181 * 86_400_000).toISOString() },
      { purgeWithinDays: 15 },
      { evidenceYears: 6 },
    ])
      expect(await refusalOf(scenario.ask(enterprise, { ...review, ...beyond }))).toBe(
        'PURPOSE_CEILING_EXCEEDED',
      );
  });

  it('for data beyond the consent is refused: type, field, range, frequency', async () => {
    const artefact = await scenario.granted(enterprise, { Frequency: { unit: 'MONTH', value: 1 } });
    for (const beyond of [
      { items: [{ recordType: 'tax-arrears', fields: ['amount'] }] },
      { items: [{ recordType: 'vat-filing', fields: [...fields, 'inputTax'] }] },
      { range: { from: '2025-12-31', to: '2026-09-30' } },
      { range: { from: '2026-01-01', to: '2026-10-01' } },
    ])
      expect(await refusalOf(scenario.requestData(artefact, beyond))).toBe('BEYOND_CONSENT');
    await scenario.requestData(artefact);
    expect(await refusalOf(scenario.requestData(artefact))).toBe('FREQUENCY_EXCEEDED');
  });

  it('under a consent that too few have signed is refused', async () => {
    const artefact = await scenario.ask(enterprise);
    await scenario.lodge(enterprise, artefact, await scenario.sign(artefact, 'GRANT', enterprise.signers[0]));
    expect(await refusalOf(scenario.requestData(artefact))).toBe('CONSENT_NOT_ACTIVE');
  });
});

describe('a release', () => {
  it.each([[[enterpriseMsp, bankMsp]], [[taxMsp]], [[bankMsp]]])(
    'endorsed by %j is invalid',
    async (endorsers) => {
      const { requestId, delivery } = await scenario.prepared(enterprise);
      await scenario.offer(delivery);
      const { code } = await scenario.commit(await scenario.endorseRelease(delivery, endorsers));
      expect(code).toBe(ENDORSEMENT_POLICY_FAILURE);
      expect(await scenario.request(requestId)).toMatchObject({
        request: { status: 'REQUESTED' },
        held: false,
      });
      expect(await refusalOf(scenario.read(requestId))).toBe('REQUEST_NOT_OPEN');
      // It was for its endorsers that it failed.
      await scenario.release(delivery);
      expect(await scenario.request(requestId)).toMatchObject({
        request: { status: 'DELIVERED' },
        held: true,
      });
    },
  );

  it.each<[string, string, (honest: Delivery) => Delivery | Promise<Delivery>]>([
    ['with another value', 'RECORD_TAMPERED', altered],
    ['with another claim under the old signature', 'RECORD_SIGNATURE_INVALID', resigned],
    [
      "with another enterprise's record",
      'RECORD_TAMPERED',
      async (honest) => foreign(honest, await others()),
    ],
    ['with a field too many', 'BEYOND_CONSENT', async (honest) => overdisclosed(honest, await wider())],
    ['without the last month', 'COMPLETENESS_GAP', withheld],
    [
      'without the last month, in its statement neither',
      'COMPLETENESS_GAP',
      (honest) => shortened(honest, scenario.tax),
    ],
  ])('%s is refused: %s', async (_, code, tamper) => {
    const { delivery } = await scenario.prepared(enterprise);
    const tampered = await tamper(delivery);
    expect(canonicalJson(tampered)).not.toBe(canonicalJson(delivery));
    await scenario.offer(tampered);
    // The bank's peer finds it out by itself, whatever the provider's lets pass.
    for (const endorsers of [[bankMsp], [taxMsp], [taxMsp, bankMsp]])
      expect(await refusalOf(scenario.endorseRelease(tampered, endorsers))).toBe(code);
  });

  it('of anything but what was offered is refused', async () => {
    const { delivery, requestId } = await scenario.prepared(enterprise);
    expect(await refusalOf(scenario.endorseRelease(delivery))).toBe('OFFER_MISSING');
    await scenario.submit(agent, 'Offer', { requestId, digest: sha256('something else') }, [taxMsp]);
    expect(await refusalOf(scenario.endorseRelease(delivery))).toBe('OFFER_MISMATCH');
  });

  const others = async () => (await scenario.prepared(other)).delivery;
  const wider = async () => {
    const items = [{ recordType: 'vat-filing', issuer, fields: [...fields, 'inputTax'] }];
    const artefact = await scenario.granted(enterprise, { items });
    return scenario.honest(await scenario.requestData(artefact, { items: [asked(items)] }));
  };
  const asked = (items: { recordType: string; fields: string[] }[]) => ({
    recordType: items[0]?.recordType ?? '',
    fields: items[0]?.fields ?? [],
  });
});

describe('a release that races a revocation', () => {
  it('loses, and what the bank saw of it is purged', async () => {
    // Of its own, so that no other delivery to the bank holds the same values.
    const racing = await scenario.newEnterprise();
    await scenario.attest(racing, [7, 8]);
    const { artefact, requestId, delivery } = await scenario.prepared(racing);
    await scenario.offer(delivery);
    const release = await scenario.endorseRelease(delivery);
    const revocation = await scenario.sign(artefact, 'REVOKE', racing.signers[2]);
    await scenario.stop('government', attester, taxMsp, artefact, revocation);
    expect((await scenario.commit(release)).code).toBe(MVCC_READ_CONFLICT);
    expect(await scenario.request(requestId)).toMatchObject({
      request: { status: 'REQUESTED' },
      offer: { status: 'OFFERED' },
      held: false,
    });
    expect(await refusalOf(scenario.endorseRelease(delivery))).toBe('CONSENT_NOT_ACTIVE');

    const due = (await scenario.evaluate(purger, 'DataDue', { pageSize: 100 })) as {
      items: { requestId: string }[];
    };
    expect(due.items.map((entry) => entry.requestId)).toContain(requestId);
    const embedded = scenario.network.runtime === 'embedded';
    const values = delivery.presentations.flatMap(({ disclosures }) => disclosures);
    // The bank's peer has kept what it was shown, as Fabric's does.
    if (embedded) expect(filesWith(scenario.privateStore('bank-a'), values)).not.toEqual([]);
    await scenario.submit(purger, 'Purge', { requestIds: [requestId] }, [bankMsp]);
    if (embedded) expect(filesWith(scenario.privateStore('bank-a'), values)).toEqual([]);
    expect(await scenario.request(requestId)).toMatchObject({ purge: { status: 'PURGED' }, held: false });
    expect(await refusalOf(scenario.read(requestId))).toBe('PURGED');
  });

  it('does not hold up another share', async () => {
    const { requestId } = await scenario.delivered(enterprise);
    expect(await scenario.read(requestId)).toMatchObject({ requestId });
    expect(await refusalOf(scenario.read(randomId()))).toBe('NOT_FOUND');
  });
});
