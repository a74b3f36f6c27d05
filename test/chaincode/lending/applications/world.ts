import { canonicalJson, digestOf, sha256 } from '../../../../chaincode/ledger/canonical';
import { openResponse } from '../../../../chaincode/ledger/sealed';
import { contracts } from '../../../../chaincode/lending';
import {
  acceptanceType,
  type AcceptanceStatement,
  type ApplicationView,
  type Notice,
  type OfferView,
  type PrivateDecision,
} from '../../../../chaincode/lending/applications/model';
import type { Product } from '../../../../chaincode/lending/products/model';
import { SharingContract } from '../../../../chaincode/sharing/contract';
import type { ConsentArtefact, RequestView } from '../../../../chaincode/sharing/model';
import { signerOf, signPayload, type IssuedRecord } from '../../../../gateway/issuer';
import type { TestIdentity } from '../../../support/chaincode/ledger';
import {
  attester,
  bankA,
  enterprise,
  newSignatory,
  otherUscc,
  platform,
  randomId,
  tax,
  uscc,
  user,
  vatFiling,
  World as Registry,
} from '../../registry/world';

import {
  account,
  applicant,
  approver,
  deliveryOf,
  exampleProduct,
  issuer,
  lending,
  officer,
  period,
  regulator,
  servicer,
  sharing,
  supervisor,
  taxAgent,
  treasurer,
  vatFields,
} from './parts';

export { bankA, otherUscc, platform, randomId, uscc, user };

export * from './parts';

/** Lending over real sharing and a real registry, on the ledger in memory. */
export class World {
  readonly people = [newSignatory(), newSignatory(), newSignatory()];
  readonly product: Product;
  consent!: ConsentArtefact;

  private constructor(
    readonly registry: Registry,
    product: Product,
  ) {
    this.product = product;
    registry.ledger.deploy(sharing, 'sharing', new SharingContract(), [[platform, bankA]]);
    registry.ledger.deploy(
      lending,
      'lending',
      contracts.map((Class) => new Class()),
      [
        [bankA, platform],
        [bankA, regulator],
      ],
    );
  }

  get ledger() {
    return this.registry.ledger;
  }

  /** Set up: enterprise with a mandate of two of three, LPR, the first business day, the product. */
  static async open(changes: Partial<Product> = {}): Promise<World> {
    const world = new World(await Registry.setUp(), exampleProduct(changes));
    const { registry } = world;
    await registry.register(
      enterprise({ signatories: world.people.map(({ signatory }) => signatory), mandate: { required: 2 } }),
    );
    const lpr = {
      kind: 'RATE',
      code: 'LPR-1Y',
      version: 1,
      values: [{ from: '2025-05-20', annual: '0.0300' }],
    };
    await registry.submit('PublishReference', lpr, supervisor, [regulator, tax]);
    await world.submit('days:Begin', { date: '2026-11-23' }, servicer);
    await world.submit('books:OpenAccount', { accountId: account, owner: uscc }, treasurer);
    await world.fourEyes('PUBLISH_PRODUCT', world.product);
    return world;
  }

  submit(
    name: string,
    input: unknown,
    caller: TestIdentity,
    endorsers: readonly string[] = [bankA, platform],
    transient: Readonly<Record<string, unknown>> = {},
  ) {
    return this.ledger.submit({
      channel: lending,
      chaincode: 'lending',
      function: name,
      input,
      caller,
      endorsers,
      transient,
    });
  }

  async query<T>(name: string, input: unknown, caller: TestIdentity, endorsers = [caller.msp]): Promise<T> {
    const called = { channel: lending, chaincode: 'lending', function: name, input, caller, endorsers };
    return JSON.parse(await this.ledger.evaluate(called)) as T;
  }

  async read<T>(name: string, input: unknown, caller: TestIdentity, endorsers = [caller.msp]): Promise<T> {
    const responseKey = randomId();
    const called = { channel: lending, chaincode: 'lending', function: name, input, caller, endorsers };
    return openResponse(
      await this.ledger.evaluate({ ...called, transient: { responseKey } }),
      responseKey,
    ) as T;
  }

  async fourEyes(action: string, content: unknown, maker = officer, checker = approver): Promise<void> {
    const proposalId = randomId();
    await this.submit('approvals:Propose', { proposalId, action, content }, maker);
    await this.submit('approvals:Approve', { proposalId, digest: digestOf(content) }, checker);
  }

  // ── Evidence ────────────────────────────────────────────────────────────────────────────────────────────────

  share(
    name: string,
    input: unknown,
    caller: TestIdentity,
    endorsers: readonly string[],
    transient: Readonly<Record<string, unknown>> = {},
  ) {
    return this.ledger.submit({
      channel: sharing,
      chaincode: 'sharing',
      function: name,
      input,
      caller,
      endorsers,
      transient,
    });
  }

  /** VAT filings of the months up to October 2026, the latest last. */
  async filings(
    months: number,
    sales: (index: number) => number,
    changes: object = {},
  ): Promise<IssuedRecord[]> {
    const records: IssuedRecord[] = [];
    const heads = new Map<number, number>();
    for (let index = 0; index < months; index++) {
      const at = 2026 * 12 + 9 - (months - 1 - index);
      const year = Math.floor(at / 12);
      const seq = (heads.get(year) ?? 0) + 1;
      heads.set(year, seq);
      const amount = sales(index);
      records.push(
        await this.registry.issue({
          period: period(year, (at % 12) + 1),
          handle: sha256(`vat ${year}`),
          seq,
          fields: {
            ...vatFiling.fields,
            sales: String(amount),
            taxPayable: String(Math.round(amount / 20)),
            taxPaid: String(Math.round(amount / 20)),
          },
          ...changes,
        }),
      );
    }
    await this.registry.store(records);
    await this.registry.anchor(records);
    return records;
  }

  async consented(changes: Partial<ConsentArtefact> = {}): Promise<ConsentArtefact> {
    const text = this.registry.state.consortium.purposes.find(({ code }) => code === 'WORKING_CAPITAL_LOAN');
    const artefact: ConsentArtefact = {
      consentId: randomId(),
      channel: sharing,
      bank: bankA,
      enterprise: uscc,
      Purpose: { code: 'WORKING_CAPITAL_LOAN', text: text?.text ?? '' },
      fetchType: 'PERIODIC',
      consentStart: '2026-11-01T00:00:00Z',
      consentExpiry: '2027-10-31T00:00:00Z',
      DataRange: { from: '2024-11-01', to: '2026-12-31' },
      DataLife: { unit: 'MONTH', value: 3 },
      Frequency: { unit: 'MONTH', value: 10 },
      items: [{ recordType: 'vat-filing', issuer, fields: vatFields }],
      purgeWithinDays: 5,
      evidenceYears: 5,
      ...changes,
    };
    await this.share('RequestConsent', artefact, officer, [platform, bankA]);
    for (const { signatory, privateJwk } of this.people.slice(0, 2)) {
      const signer = await signerOf(`enterprise:${uscc}`, privateJwk);
      const statement = {
        action: 'GRANT',
        channel: sharing,
        consentId: artefact.consentId,
        version: 1,
        artefactDigest: digestOf(artefact),
        enterprise: artefact.enterprise,
        signatory: signatory.id,
        nonce: randomId(),
        signedAt: '2026-11-20T00:00:00Z',
      };
      const jws = await signPayload(signer, 'consent-statement+jws', canonicalJson(statement));
      const input = { consentId: artefact.consentId, statement: jws };
      await this.share('LodgeStatement', input, user(artefact.enterprise), [platform]);
    }
    this.consent = artefact;
    return artefact;
  }

  /** Ends the consent by one signatory's word. */
  async revoke(artefact = this.consent): Promise<void> {
    const [first] = this.people;
    const signer = await signerOf(`enterprise:${uscc}`, first?.privateJwk ?? {});
    const statement = {
      action: 'REVOKE',
      channel: sharing,
      consentId: artefact.consentId,
      version: 1,
      artefactDigest: digestOf(artefact),
      enterprise: artefact.enterprise,
      signatory: first?.signatory.id,
      nonce: randomId(),
      signedAt: '2026-11-23T00:00:00Z',
    };
    const jws = await signPayload(signer, 'consent-statement+jws', canonicalJson(statement));
    const input = { consentId: artefact.consentId, through: 'enterprise', statement: jws };
    await this.share('LodgeStop', input, applicant, [platform]);
  }

  /** A request for the tax office's records, not answered yet. */
  async ask(artefact = this.consent, changes: object = {}): Promise<string> {
    const requestId = randomId();
    const input = {
      requestId,
      consentId: artefact.consentId,
      issuer,
      items: [{ recordType: 'vat-filing', fields: vatFields }],
      range: artefact.DataRange,
      ...changes,
    };
    await this.share('RequestData', input, officer, [platform, bankA]);
    return requestId;
  }

  async delivered(
    records: readonly IssuedRecord[],
    artefact = this.consent,
    changes: object = {},
  ): Promise<string> {
    const requestId = await this.ask(artefact, changes);
    const view = await this.ledger.evaluate({
      channel: sharing,
      chaincode: 'sharing',
      function: 'GetRequest',
      input: { requestId },
      caller: officer,
    });
    const { request } = JSON.parse(view) as RequestView;
    const delivery = await deliveryOf(
      request,
      records,
      this.registry.signer('tax-shanghai'),
      this.ledger.now,
    );
    const text = canonicalJson(delivery);
    await this.share('Offer', { requestId, digest: sha256(text) }, taxAgent, [tax]);
    await this.share('Release', { requestId }, taxAgent, [tax, bankA], { delivery: text });
    return requestId;
  }

  /** The tax office takes a record back. */
  async revokeRecord(id: string): Promise<void> {
    const revision = { id, status: 'REVOKED', reason: 'ISSUED_IN_ERROR' };
    await this.registry.submit('ReviseRecord', revision, attester, [tax]);
  }

  // ── Applications ────────────────────────────────────────────────────────────────────────────────────────────

  async applied(changes: object = {}): Promise<string> {
    const applicationId = randomId();
    const input = {
      applicationId,
      product: { code: this.product.code, version: this.product.version },
      amount: '50000000',
      termMonths: 12,
      purpose: 'STOCK',
      account,
      ...changes,
    };
    await this.submit('applications:Apply', input, applicant);
    return applicationId;
  }

  attach(applicationId: string, requestIds: readonly string[], consentId = this.consent.consentId) {
    return this.submit('applications:AttachEvidence', { applicationId, consentId, requestIds }, officer);
  }

  decide(applicationId: string, endorsers: readonly string[] = [bankA]) {
    const transient = { responseKey: randomId(), salt: randomId() };
    return this.submit('applications:Decide', { applicationId }, officer, endorsers, transient);
  }

  readDecision(applicationId: string): Promise<{ decision: PrivateDecision; notice: Notice }> {
    return this.read('applications:ReadDecision', { applicationId }, officer);
  }

  async notify(applicationId: string): Promise<Notice> {
    const { notice } = await this.readDecision(applicationId);
    await this.submit('applications:Notify', { applicationId }, officer, [bankA, platform], { notice });
    return notice;
  }

  /** From nothing to a decided application on two years of good filings. */
  async decided(sales: (index: number) => number = (index) => 30_000_000 + index * 200_000): Promise<string> {
    const records = await this.filings(24, sales);
    await this.consented();
    const requestId = await this.delivered(records);
    const applicationId = await this.applied();
    await this.attach(applicationId, [requestId]);
    await this.decide(applicationId);
    await this.notify(applicationId);
    return applicationId;
  }

  offer(applicationId: string, changes: object = {}, endorsers: readonly string[] = [bankA, platform]) {
    const input = { applicationId, offerId: randomId(), amount: '50000000', termMonths: 12, ...changes };
    return this.submit('applications:Offer', input, officer, endorsers);
  }

  async view(applicationId: string): Promise<ApplicationView> {
    return this.query('applications:Get', { applicationId }, officer);
  }

  async offerView(applicationId: string): Promise<OfferView> {
    const { application } = await this.view(applicationId);
    return this.query('applications:GetOffer', { offerId: application.offerId }, applicant);
  }

  sign(index: number, statement: Omit<AcceptanceStatement, 'signatory' | 'nonce' | 'signedAt'>) {
    return this.signAs(index, statement, acceptanceType);
  }

  /** What one of the signatories signs, of any kind. */
  async signAs(index: number, statement: object, typ: string): Promise<string> {
    const found = this.people[index];
    if (found === undefined) throw new Error('no such signatory');
    const signer = await signerOf(`enterprise:${uscc}`, found.privateJwk);
    const signed = {
      ...statement,
      signatory: found.signatory.id,
      nonce: randomId(),
      signedAt: '2026-11-23T05:00:00Z',
    };
    return signPayload(signer, typ, canonicalJson(signed));
  }

  async statement(applicationId: string, changes: object = {}) {
    const { offer } = await this.offerView(applicationId);
    return {
      action: 'ACCEPT_LOAN' as const,
      channel: lending,
      applicationId,
      offerId: offer.offerId,
      sheetDigest: offer.digest,
      directDebit: { account: offer.sheet.account, cap: '10000000', expires: '2028-12-31' },
      enterprise: uscc,
      ...changes,
    };
  }

  async accept(applicationId: string, changes: object = {}, signers = [0, 1], caller = applicant) {
    const statement = await this.statement(applicationId, changes);
    const acceptances = await Promise.all(signers.map((index) => this.sign(index, statement)));
    const input = { applicationId, offerId: statement.offerId, acceptances };
    return this.submit('applications:Accept', input, caller);
  }
}
