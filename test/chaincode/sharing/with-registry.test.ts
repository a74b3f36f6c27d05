import { randomBytes } from 'node:crypto';
import { canonicalJson, digestOf, sha256 } from '../../../chaincode/ledger/canonical';
import { openResponse } from '../../../chaincode/ledger/sealed';
import type { Enterprise } from '../../../chaincode/registry/model';
import { completenessOf } from '../../../chaincode/sharing/completeness';
import { SharingContract } from '../../../chaincode/sharing/contract';
import type { ConsentArtefact, ConsentView, Delivery, RequestView } from '../../../chaincode/sharing/model';
import {
  claimsOf,
  signCompleteness,
  signerOf,
  signPayload,
  type IssuedRecord,
  type IssuerSigner,
} from '../../../gateway/issuer';
import type { TestIdentity } from '../../support/chaincode/ledger';
import {
  attester,
  bankA,
  department,
  enterprise,
  newSignatory,
  otherUscc,
  platform,
  tax,
  uscc,
  user,
  vatFiling,
  World as Registry,
} from '../registry/world';

const channel = 'sharing-bank-a';
const officer: TestIdentity = { msp: bankA, attributes: { role: 'credit-officer' } };
const randomId = () => randomBytes(18).toString('base64url');

/** Sharing over the real registry, with records as the issuers' library makes them. */
class Scene {
  readonly people = [newSignatory(), newSignatory()];
  readonly clerk = newSignatory({ office: 'RECORDS' });

  private constructor(readonly registry: Registry) {
    registry.ledger.deploy(channel, 'sharing', new SharingContract(), [[platform, bankA]]);
  }

  static async open(): Promise<Scene> {
    const scene = new Scene(await Registry.setUp());
    await scene.registry.register(scene.entry());
    return scene;
  }

  entry(more: Partial<Enterprise> = {}): Enterprise {
    return enterprise({
      signatories: this.people.map(({ signatory }) => signatory),
      mandate: { required: 2 },
      ...more,
    });
  }

  submit(
    name: string,
    input: unknown,
    caller: TestIdentity,
    endorsers: readonly string[],
    transient: Readonly<Record<string, unknown>> = {},
  ) {
    const transaction = {
      channel,
      chaincode: 'sharing',
      function: name,
      input,
      caller,
      endorsers,
      transient,
    };
    return this.registry.ledger.submit(transaction);
  }

  async query<T>(name: string, input: unknown, transient = {}): Promise<T> {
    const transaction = { channel, chaincode: 'sharing', function: name, input, caller: officer, transient };
    return JSON.parse(await this.registry.ledger.evaluate(transaction)) as T;
  }

  async consented(items: ConsentArtefact['items']): Promise<ConsentArtefact> {
    const [purpose] = this.registry.state.consortium.purposes;
    const artefact: ConsentArtefact = {
      consentId: randomId(),
      channel,
      bank: bankA,
      enterprise: uscc,
      Purpose: { code: purpose?.code ?? '', text: purpose?.text ?? '' },
      fetchType: 'PERIODIC',
      consentStart: '2026-11-01T00:00:00Z',
      consentExpiry: '2027-10-31T00:00:00Z',
      DataRange: { from: '2026-01-01', to: '2026-12-31' },
      DataLife: { unit: 'MONTH', value: 3 },
      Frequency: { unit: 'MONTH', value: 5 },
      items,
      purgeWithinDays: 5,
      evidenceYears: 5,
    };
    await this.submit('RequestConsent', artefact, officer, [platform, bankA]);
    for (const { signatory, privateJwk } of this.people) {
      const signer = await signerOf(`enterprise:${uscc}`, privateJwk);
      const statement = {
        action: 'GRANT',
        channel,
        consentId: artefact.consentId,
        version: 1,
        artefactDigest: digestOf(artefact),
        enterprise: uscc,
        signatory: signatory.id,
        nonce: randomId(),
        signedAt: '2026-11-20T00:00:00Z',
      };
      const jws = await signPayload(signer, 'consent-statement+jws', canonicalJson(statement));
      const input = { consentId: artefact.consentId, statement: jws };
      await this.submit('LodgeStatement', input, user(uscc), [platform]);
    }
    return artefact;
  }

  async ask(artefact: ConsentArtefact): Promise<RequestView['request']> {
    const [item] = artefact.items;
    const requestId = randomId();
    const input = {
      requestId,
      consentId: artefact.consentId,
      issuer: item?.issuer,
      items: [{ recordType: item?.recordType, fields: item?.fields }],
      range: artefact.DataRange,
    };
    await this.submit('RequestData', input, officer, [platform, bankA]);
    return (await this.query<RequestView>('GetRequest', { requestId })).request;
  }

  /** Offers and releases these records; the statement says what the anchors say. */
  async deliver(
    request: RequestView['request'],
    records: readonly IssuedRecord[],
    signer: IssuerSigner,
    agent: TestIdentity,
  ): Promise<void> {
    const [first] = records;
    const entries = records.map(({ seq, id, jwt }) => ({ seq, id, period: claimsOf(jwt).period }));
    const held = request.items.map(({ recordType }) => ({
      recordType,
      cadences: [],
      indexes: [{ handle: first?.handle ?? '', year: 2026, entries }],
    }));
    const anchors = Object.fromEntries(records.map(({ id }) => [id, { status: 'ACTIVE' as const }]));
    const asOf = new Date(this.registry.ledger.now).toISOString();
    const statement = completenessOf(request, held, anchors, asOf);
    const fields = request.items[0]?.fields ?? [];
    const delivery: Delivery = {
      requestId: request.requestId,
      presentations: records.map(({ jwt, disclosures }) => ({
        jwt,
        disclosures: disclosures.filter((text) =>
          fields.includes((JSON.parse(Buffer.from(text, 'base64url').toString()) as string[])[1] ?? ''),
        ),
      })),
      completeness: await signCompleteness(signer, statement),
    };
    const text = canonicalJson(delivery);
    const { requestId } = request;
    await this.submit('Offer', { requestId, digest: sha256(text) }, agent, [agent.msp]);
    await this.submit('Release', { requestId }, agent, [agent.msp, bankA], { delivery: text });
  }

  async read(requestId: string): Promise<Delivery> {
    const responseKey = randomBytes(32).toString('base64url');
    const sealed = await this.query<unknown>('ReadDelivery', { requestId }, { responseKey });
    return openResponse(JSON.stringify(sealed), responseKey) as Delivery;
  }
}

const taxAgent = department(tax, 'tax-shanghai', 'release-agent');
const vat = [{ recordType: 'vat-filing', issuer: 'department:tax-shanghai', fields: ['sales', 'taxPaid'] }];

describe('sharing over the real registry', () => {
  it('delivers what a department attested, and refuses what it has revoked', async () => {
    const scene = await Scene.open();
    const { registry } = scene;
    const january = await registry.issue();
    const february = await registry.issue({ seq: 2, period: { from: '2026-02-01', to: '2026-02-28' } });
    await registry.store([january, february]);
    await registry.anchor([january, february]);
    const artefact = await scene.consented(vat);
    const request = await scene.ask(artefact);
    const signer = registry.signer('tax-shanghai');
    await scene.deliver(request, [january, february], signer, taxAgent);
    const { presentations } = await scene.read(request.requestId);
    expect(presentations.map(({ disclosures }) => disclosures.length)).toEqual([2, 2]);

    await expect(scene.deliver(await scene.ask(artefact), [january], signer, taxAgent)).rejects.toThrow(
      'COMPLETENESS_GAP',
    );
    const revision = { id: february.id, status: 'REVOKED', reason: 'ISSUED_IN_ERROR' };
    await registry.submit('ReviseRecord', revision, attester, [tax]);
    await expect(
      scene.deliver(await scene.ask(artefact), [january, february], signer, taxAgent),
    ).rejects.toThrow('RECORD_NOT_ACTIVE');
  });

  it("refuses a record whose anchor two colluding organisations wrote in the issuer's name", async () => {
    const scene = await Scene.open();
    const { registry } = scene;
    const forged = await registry.issue();
    const anchor = {
      id: forged.id,
      msp: tax,
      handle: forged.handle,
      seq: 1,
      digest: forged.digest,
      status: 'ACTIVE',
      attestedAt: '2026-11-01T00:00:00.000Z',
    };
    registry.ledger.tamper('registry', 'registry', `record~${forged.id}`, anchor);
    registry.ledger.tamper('registry', 'registry', `head~${forged.handle}`, {
      msp: tax,
      seq: 1,
      id: forged.id,
    });
    const artefact = await scene.consented(vat);
    const release = scene.deliver(
      await scene.ask(artefact),
      [forged],
      registry.signer('tax-shanghai'),
      taxAgent,
    );
    await expect(release).rejects.toThrow('RECORD_NOT_ANCHORED');
  });

  it('takes no consent from signatories that the registering department did not sign', async () => {
    const scene = await Scene.open();
    const artefact = await scene.consented(vat);
    const key = `enterprise~${uscc}`;
    const honest = scene.registry.ledger.document('registry', 'registry', key) as { signature: string };
    const mandate = { required: 1 };
    const forged = { entry: scene.entry({ mandate }), signature: honest.signature };
    scene.registry.ledger.tamper('registry', 'registry', key, forged);
    await expect(scene.ask(artefact)).rejects.toThrow('ENTERPRISE_SIGNATURE_INVALID');
  });

  it('delivers what another enterprise attested about its supplier', async () => {
    const scene = await Scene.open();
    const { registry, clerk } = scene;
    await registry.register(
      enterprise({
        uscc: otherUscc,
        name: 'Buyer Ltd',
        signatories: [newSignatory().signatory, clerk.signatory],
      }),
    );
    const issuer = `enterprise:${otherUscc}`;
    const signer = await signerOf(issuer, clerk.privateJwk);
    const day = '2026-03-05';
    const payment = await registry.issue(
      {
        ...vatFiling,
        recordType: 'payment',
        period: { from: day, to: day },
        assurance: 'ISSUED',
        fields: { orderNumber: 'PO-1', buyer: otherUscc, amount: '500000', dueOn: day, paidOn: day },
        handle: Buffer.alloc(32, 9).toString('base64url'),
      },
      signer,
    );
    const buyer: TestIdentity = { msp: platform, attributes: { role: 'platform-agent' } };
    await registry.store([payment], user(otherUscc));
    await registry.anchor([payment], user(otherUscc));
    const artefact = await scene.consented([{ recordType: 'payment', issuer, fields: ['amount', 'paidOn'] }]);
    const request = await scene.ask(artefact);
    expect(request.provider).toBe(platform);
    await scene.deliver(request, [payment], signer, buyer);
    expect((await scene.read(request.requestId)).presentations).toHaveLength(1);
  });

  it('shows an enterprise its own consents only', async () => {
    const scene = await Scene.open();
    const { consentId } = await scene.consented(vat);
    const asUser = (code: string) =>
      scene.registry.ledger.evaluate({
        channel,
        chaincode: 'sharing',
        function: 'GetConsent',
        input: { consentId },
        caller: user(code),
      });
    expect((JSON.parse(await asUser(uscc)) as ConsentView).state).toBe('ACTIVE');
    await expect(asUser(otherUscc)).rejects.toThrow(/NOT_YOUR_RECORD|UNAUTHORISED_ROLE/);
  });
});
