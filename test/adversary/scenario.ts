import type { Transaction } from '@hyperledger/fabric-gateway';
import { canonicalJson, sha256 } from '../../chaincode/ledger/canonical';
import type { Evidence, RecordType, Signatory } from '../../chaincode/registry/model';
import type {
  ConsentAction,
  ConsentArtefact,
  ConsentView,
  Delivery,
  RequestDataInput,
  RequestView,
  StopThrough,
} from '../../chaincode/sharing/model';
import { questionsOf } from '../../chaincode/sharing/release';
import { buildDelivery } from '../../gateway/agents/delivery';
import { loadIssuers, signEnterprise, type LocalIssuer } from '../../gateway/issuer';
import type { LedgerClient } from '../../gateway/ledger/client';
import { Attester } from '../../gateway/records/attester';
import { RegistryClient } from '../../gateway/records/registry';
import { stopGateways } from '../../network/cli/gateways';
import { enterpriseIdentity, issueEnterpriseUser } from '../../network/set-up/identities';
import { prepareStatement, signStatement } from '../../signer/statement';
import { testNetwork, type TestNetwork, type TestNetworkOptions } from '../support/network';
import {
  agent,
  attester,
  bankMsp,
  channel,
  enterpriseMsp,
  fields,
  issuer,
  newSigner,
  officer,
  randomId,
  registrar,
  taxMsp,
  type Actor,
  type Enterprise,
  type Signer,
} from './actors';
import { Clients, Invalid } from './clients';
import { filing, newUscc, purpose } from './facts';

export * from './actors';
export * from './clients';

/** Something that was shared, up to a delivery that nobody has offered yet. */
export interface Prepared {
  readonly artefact: ConsentArtefact;
  readonly requestId: string;
  readonly delivery: Delivery;
}

/** The sample consortium on a running network, played by whoever a test lets act. */
export class Scenario extends Clients {
  /** The tax department's. */
  readonly #ledger: LedgerClient;
  readonly #attester: Attester;
  #recordType: RecordType | undefined;

  private constructor(
    network: TestNetwork,
    /** The tax department's keys. */
    readonly tax: LocalIssuer,
    private readonly market: LocalIssuer,
  ) {
    super(network);
    const ledger = this.ledgers.get(taxMsp);
    if (ledger === undefined) throw new Error('there is no tax administration');
    this.#ledger = {
      evaluate: (call) => ledger.evaluate(call),
      readPrivate: (call) => ledger.readPrivate(call),
      outcome: (...of) => ledger.outcome(...of),
      events: (options) => ledger.events(options),
      close: () => {
        ledger.close();
      },
      submit: async (submission) => {
        const committed = await ledger.submit(submission);
        await this.everywhere(submission.channel, committed.transactionId);
        return committed;
      },
    };
    this.#attester = new Attester(tax);
  }

  static async start(options: TestNetworkOptions = {}): Promise<Scenario> {
    const network = await testNetwork(options);
    // Where the network is shared another test may have left agents running, who would act before the test does.
    await stopGateways(network.context);
    const issuerOf = async (organisation: string, name: string): Promise<LocalIssuer> => {
      const found = (await loadIssuers(network.directory, organisation)).get(name);
      if (found === undefined) throw new Error(`${organisation} has no keys of ${name}`);
      return found;
    };
    const market = await issuerOf('market-regulation', 'department:amr-shanghai');
    return new Scenario(network, await issuerOf('tax', issuer), market);
  }

  /** An enterprise of which two of three signatories bind it. */
  async newEnterprise(): Promise<Enterprise> {
    const uscc = newUscc();
    const signers = await Promise.all([newSigner(), newSigner(), newSigner()]);
    const offices = ['LEGAL_REPRESENTATIVE', 'FINANCE', 'DIRECTOR'] as const;
    const signatories = signers.map(({ signatory, jwk }, index): Signatory => ({
      id: signatory,
      office: offices[index] ?? 'DIRECTOR',
      jwk,
      from: '2020-01-01',
    }));
    const entry = await signEnterprise(this.market.signer, {
      uscc,
      name: 'Pudong Precision Bearings Co., Ltd',
      status: 'ACTIVE',
      mandate: { required: 2 },
      signatories,
      registeredBy: this.market.signer.issuer,
      version: 1,
    });
    await this.submit(registrar, 'PutEnterprise', entry, ['MarketRegulationMSP', enterpriseMsp], {
      on: 'registry',
    });
    await issueEnterpriseUser(this.network.context, uscc);
    return { uscc, owner: { organisation: 'enterprise', identity: enterpriseIdentity(uscc) }, signers };
  }

  /** Attests the filings of months of 2026. */
  async attest({ uscc }: Enterprise, months: readonly number[]): Promise<void> {
    const registry = new RegistryClient(this.#ledger, taxMsp, attester.identity);
    this.#recordType ??= await registry.recordType('vat-filing');
    const outcomes = await this.#attester.attest(
      registry,
      this.#recordType,
      months.map((month) => filing(uscc, month)),
    );
    if (outcomes.some(({ status }) => status !== 'ATTESTED'))
      throw new Error(`not attested: ${JSON.stringify(outcomes)}`);
  }

  artefact({ uscc }: Enterprise, changes: Partial<ConsentArtefact> = {}): ConsentArtefact {
    return {
      consentId: randomId(),
      channel,
      bank: bankMsp,
      enterprise: uscc,
      Purpose: purpose('WORKING_CAPITAL_LOAN'),
      fetchType: 'PERIODIC',
      consentStart: new Date(Date.now() - 60_000).toISOString(),
      consentExpiry: new Date(Date.now() + 30 * 86_400_000).toISOString(),
      DataRange: { from: '2026-01-01', to: '2026-09-30' },
      DataLife: { unit: 'MONTH', value: 1 },
      Frequency: { unit: 'MONTH', value: 10 },
      items: [{ recordType: 'vat-filing', issuer, fields }],
      purgeWithinDays: 7,
      evidenceYears: 5,
      ...changes,
    };
  }

  /** The bank asks for consent. */
  async ask(enterprise: Enterprise, changes: Partial<ConsentArtefact> = {}): Promise<ConsentArtefact> {
    const artefact = this.artefact(enterprise, changes);
    await this.submit(officer, 'RequestConsent', artefact, [enterpriseMsp, bankMsp]);
    return artefact;
  }

  async consent(artefact: ConsentArtefact, actor = officer): Promise<ConsentView> {
    const { consentId } = artefact;
    return (await this.evaluate(actor, 'GetConsent', { consentId })) as ConsentView;
  }

  /** A signatory's statement about a consent as it stands. */
  async sign(artefact: ConsentArtefact, action: ConsentAction, signer: Signer | undefined): Promise<string> {
    if (signer === undefined) throw new Error('there is no such signatory');
    const view = await this.consent(artefact);
    const statement = prepareStatement(view, action, signer.signatory, new Date().toISOString());
    return signStatement(statement, view, signer);
  }

  /** A statement that the signatory would refuse to sign twice, had it looked at how the consent stands. */
  async signAgain(artefact: ConsentArtefact, action: ConsentAction, signer: Signer): Promise<string> {
    const view: ConsentView = { ...(await this.consent(artefact)), state: 'REQUESTED', version: 0 };
    const statement = prepareStatement(view, action, signer.signatory, new Date().toISOString());
    return signStatement(statement, view, signer);
  }

  async lodge(enterprise: Enterprise, { consentId }: ConsentArtefact, statement: string): Promise<void> {
    await this.submit(enterprise.owner, 'LodgeStatement', { consentId, statement }, [enterpriseMsp]);
  }

  async stop(
    through: StopThrough,
    actor: Actor,
    msp: string,
    { consentId }: ConsentArtefact,
    statement: string,
  ): Promise<void> {
    await this.submit(actor, 'LodgeStop', { consentId, through, statement }, [msp]);
  }

  /** A consent that two signatories granted. */
  async granted(enterprise: Enterprise, changes: Partial<ConsentArtefact> = {}): Promise<ConsentArtefact> {
    const artefact = await this.ask(enterprise, changes);
    for (const signer of enterprise.signers.slice(0, 2))
      await this.lodge(enterprise, artefact, await this.sign(artefact, 'GRANT', signer));
    return artefact;
  }

  dataRequest(artefact: ConsentArtefact, changes: Partial<RequestDataInput> = {}): RequestDataInput {
    return {
      requestId: randomId(),
      consentId: artefact.consentId,
      issuer,
      items: [{ recordType: 'vat-filing', fields }],
      range: artefact.DataRange,
      ...changes,
    };
  }

  async requestData(
    artefact: ConsentArtefact,
    changes: Partial<RequestDataInput> = {},
    endorsers = [enterpriseMsp, bankMsp],
  ): Promise<string> {
    const asked = this.dataRequest(artefact, changes);
    await this.submit(officer, 'RequestData', asked, endorsers);
    return asked.requestId;
  }

  async request(requestId: string, actor = officer): Promise<RequestView> {
    return (await this.evaluate(actor, 'GetRequest', { requestId })) as RequestView;
  }

  /** The delivery that an honest release agent would send. */
  async honest(requestId: string): Promise<Delivery> {
    const registry = new RegistryClient(this.#ledger, taxMsp, agent.identity);
    const { request } = await this.request(requestId, agent);
    const { consentId } = request;
    const { artefact } = (await this.evaluate(agent, 'GetConsent', { consentId })) as ConsentView;
    const { issuers } = (await this.evaluate(
      agent,
      'Evidence',
      { issuers: [issuer] },
      { on: 'registry' },
    )) as Evidence;
    const asked = { questions: questionsOf(artefact, request), keys: issuers[issuer]?.keys ?? {} };
    const { text } = await buildDelivery(registry, this.tax, request, asked, new Date());
    return JSON.parse(text) as Delivery;
  }

  /** A granted consent, a request under it and the honest delivery. */
  async prepared(enterprise: Enterprise, changes: Partial<ConsentArtefact> = {}): Promise<Prepared> {
    const artefact = await this.granted(enterprise, changes);
    const requestId = await this.requestData(artefact);
    return { artefact, requestId, delivery: await this.honest(requestId) };
  }

  async offer(delivery: Delivery): Promise<void> {
    const { requestId, answers } = delivery;
    const text = canonicalJson(delivery);
    // The provider's own peer computes the answers to questions itself.
    const transient: Record<string, string> =
      answers === undefined ? {} : { delivery: text, responseKey: randomId() };
    await this.submit(agent, 'Offer', { requestId, digest: sha256(text) }, [taxMsp], { transient });
  }

  async release(delivery: Delivery, endorsers = [taxMsp, bankMsp]): Promise<void> {
    const { successful, code } = await this.commit(await this.endorseRelease(delivery, endorsers));
    if (!successful) throw new Invalid(code);
  }

  endorseRelease(delivery: Delivery, endorsers = [taxMsp, bankMsp]): Promise<Transaction> {
    const { requestId } = delivery;
    const transient = { delivery: canonicalJson(delivery) };
    return this.endorse(agent, 'Release', { requestId }, endorsers, { transient });
  }

  /** A share that went well. */
  async delivered(enterprise: Enterprise, changes: Partial<ConsentArtefact> = {}): Promise<Prepared> {
    const prepared = await this.prepared(enterprise, changes);
    await this.offer(prepared.delivery);
    await this.release(prepared.delivery);
    return prepared;
  }

  /** What the bank reads. */
  read(requestId: string, actor = officer, endorsers: readonly string[] = []): Promise<unknown> {
    return this.readPrivate(actor, 'ReadDelivery', { requestId }, { endorsers });
  }
}
