import { randomBytes } from 'node:crypto';
import { canonicalJson, digestOf, sha256 } from '../../../chaincode/ledger/canonical';
import { openResponse } from '../../../chaincode/ledger/sealed';
import type { Enterprise } from '../../../chaincode/registry/model';
import { completenessOf } from '../../../chaincode/sharing/completeness';
import { SharingContract } from '../../../chaincode/sharing/contract';
import type { ConsentArtefact, Delivery, RequestView } from '../../../chaincode/sharing/model';
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
  bankA,
  department,
  enterprise,
  newSignatory,
  platform,
  tax,
  uscc,
  user,
  World as Registry,
} from '../registry/world';

export const channel = 'sharing-bank-a';
export const officer: TestIdentity = { msp: bankA, attributes: { role: 'credit-officer' } };
export const randomId = () => randomBytes(18).toString('base64url');

/** Sharing over the real registry, with records as the issuers' library makes them. */
export class Scene {
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

  artefact(changes: Partial<ConsentArtefact> = {}, code = 'WORKING_CAPITAL_LOAN'): ConsentArtefact {
    const purpose = this.registry.state.consortium.purposes.find((candidate) => candidate.code === code);
    return {
      consentId: randomId(),
      channel,
      bank: bankA,
      enterprise: uscc,
      Purpose: { code, text: purpose?.text ?? '' },
      fetchType: 'PERIODIC',
      consentStart: '2026-11-01T00:00:00Z',
      consentExpiry: '2027-10-31T00:00:00Z',
      DataRange: { from: '2026-01-01', to: '2026-12-31' },
      DataLife: { unit: 'MONTH', value: 3 },
      Frequency: { unit: 'MONTH', value: 5 },
      items: vat,
      purgeWithinDays: 5,
      evidenceYears: 5,
      ...changes,
    };
  }

  async consented(items: ConsentArtefact['items']): Promise<ConsentArtefact> {
    return this.granted(this.artefact({ items }));
  }

  /** Asked for, and signed by both signatories. */
  async granted(artefact: ConsentArtefact): Promise<ConsentArtefact> {
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

export const taxAgent = department(tax, 'tax-shanghai', 'release-agent');
export const vat = [
  { recordType: 'vat-filing', issuer: 'department:tax-shanghai', fields: ['sales', 'taxPaid'] },
];
