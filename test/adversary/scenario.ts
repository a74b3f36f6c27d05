import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { Contract, Gateway, Status, Transaction } from '@hyperledger/fabric-gateway';
import { exportJWK, generateKeyPair } from 'jose';
import { canonicalJson, sha256 } from '../../chaincode/ledger/canonical';
import { parseErrorText } from '../../chaincode/ledger/errors';
import type { PublicJwk } from '../../chaincode/ledger/schemas';
import { responseKeyEntry, openResponse } from '../../chaincode/ledger/sealed';
import type { RecordType, Signatory } from '../../chaincode/registry/model';
import type {
  ConsentAction,
  ConsentArtefact,
  ConsentView,
  Delivery,
  RequestDataInput,
  RequestView,
  StopThrough,
} from '../../chaincode/sharing/model';
import { buildDelivery } from '../../gateway/agents/delivery';
import { loadIssuers, signEnterprise, type LocalIssuer } from '../../gateway/issuer';
import type { LedgerClient } from '../../gateway/ledger/client';
import { FabricLedger } from '../../gateway/ledger/fabric';
import { Attester } from '../../gateway/records/attester';
import { RegistryClient } from '../../gateway/records/registry';
import { stopGateways } from '../../network/cli/gateways';
import type { Connection } from '../../network/client/connect';
import { readConnectionProfile } from '../../network/client/profile';
import { departmentIdentity, enterpriseIdentity, issueEnterpriseUser } from '../../network/set-up/identities';
import { compiledProgram } from '../../network/topology/project';
import { prepareStatement, signStatement } from '../../signer/statement';
import type { SigningKey } from '../../signer/keyfile';
import { failureOf } from '../network/conformance/probe';
import { testNetwork, type TestNetwork } from '../support/network';
import { filing, newUscc, purpose } from './facts';

/** Generous, since tests may share a machine with others. */
const deadlines = { evaluateMs: 30_000, endorseMs: 45_000, submitMs: 30_000, commitStatusMs: 90_000 };

/** Who acts: an identity of an organisation's wallet, over the organisation's own peer. */
export interface Actor {
  readonly organisation: string;
  readonly identity: string;
}

export const officer: Actor = { organisation: 'bank-a', identity: 'credit-officer' };
export const purger: Actor = { organisation: 'bank-a', identity: 'purge-agent' };
export const otherOfficer: Actor = { organisation: 'bank-b', identity: 'credit-officer' };
export const platform: Actor = { organisation: 'enterprise', identity: 'platform-agent' };
export const supervisor: Actor = { organisation: 'regulator', identity: 'supervisor' };
export const attester: Actor = {
  organisation: 'tax',
  identity: departmentIdentity('attester', 'tax-shanghai'),
};
export const agent: Actor = {
  organisation: 'tax',
  identity: departmentIdentity('release-agent', 'tax-shanghai'),
};
export const registrar: Actor = {
  organisation: 'market-regulation',
  identity: departmentIdentity('registrar', 'amr-shanghai'),
};

export const bankMsp = 'BankAMSP';
export const enterpriseMsp = 'EnterpriseMSP';
export const taxMsp = 'TaxMSP';
export const channel = 'sharing-bank-a';
export const issuer = 'department:tax-shanghai';
export const fields = ['filingStatus', 'sales', 'taxPaid'];

export interface Options {
  readonly endorsers?: readonly string[];
  readonly transient?: Readonly<Record<string, string>>;
}

/** A signatory with the key that only it has. */
export interface Signer extends SigningKey {
  readonly signatory: string;
  readonly jwk: PublicJwk;
}

export interface Enterprise {
  readonly uscc: string;
  readonly owner: Actor;
  readonly signers: readonly Signer[];
}

/** Something that was shared, up to a delivery that nobody has offered yet. */
export interface Prepared {
  readonly artefact: ConsentArtefact;
  readonly requestId: string;
  readonly delivery: Delivery;
}

export const randomId = (): string => randomBytes(32).toString('base64url');

export async function newSigner(signatory = randomBytes(24).toString('base64url')): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const { kty, crv, x, y } = await exportJWK(publicKey);
  return { signatory, jwk: { kty, crv, x, y } as PublicJwk, key: privateKey };
}

/** A transaction was committed as invalid. */
export class Invalid extends Error {
  override readonly name = 'Invalid';

  constructor(readonly code: number) {
    super(`the transaction is invalid: ${code}`);
  }
}

/** Code with which a contract refused; the whole failure where no contract did. */
export async function refusalOf(call: Promise<unknown>): Promise<string> {
  const failure = await failureOf(call);
  return parseErrorText(failure)?.code ?? failure;
}

/** Absolute path of a modified contract's compiled module. */
export function modified(name: 'registry' | 'sharing'): string {
  return compiledProgram('test', 'adversary', 'modified', `${name}.js`);
}

/**
 * The sample consortium on a running network, played by whoever a test lets act. Contracts are called directly: what a
 * gateway or an agent would not do, an adversary does.
 */
export class Scenario {
  readonly #connections = new Map<string, Connection>();
  readonly #ledgers: ReadonlyMap<string, FabricLedger>;
  /** The tax department's. */
  readonly #ledger: LedgerClient;
  readonly #attester: Attester;
  #recordType: RecordType | undefined;

  private constructor(
    readonly network: TestNetwork,
    /** The tax department's keys. */
    readonly tax: LocalIssuer,
    private readonly market: LocalIssuer,
  ) {
    const { directory } = network;
    this.#ledgers = new Map(
      network.topology.organisations.map(({ name, msp }) => {
        const { peer } = readConnectionProfile(directory, name);
        return [msp, new FabricLedger({ directory, organisation: name, msp, peer, deadlines })];
      }),
    );
    const ledger = this.#ledgers.get(taxMsp);
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
        await this.#everywhere(submission.channel, committed.transactionId);
        return committed;
      },
    };
    this.#attester = new Attester(tax);
  }

  static async start(): Promise<Scenario> {
    const network = await testNetwork();
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

  async close(): Promise<void> {
    for (const ledger of this.#ledgers.values()) ledger.close();
    await this.network.close();
  }

  gateway({ organisation, identity }: Actor): Gateway {
    const name = `${organisation}/${identity}`;
    const connection = this.#connections.get(name) ?? this.network.connect(organisation, identity, deadlines);
    this.#connections.set(name, connection);
    return connection.gateway;
  }

  contract(actor: Actor, on = channel): Contract {
    return this.gateway(actor)
      .getNetwork(on)
      .getContract(on === 'registry' ? 'registry' : 'sharing');
  }

  async evaluate(
    actor: Actor,
    name: string,
    input: unknown,
    options: Options & { on?: string } = {},
  ): Promise<unknown> {
    const answer = await this.contract(actor, options.on).evaluate(name, proposalOf(input, options));
    return JSON.parse(Buffer.from(answer).toString('utf8'));
  }

  /** Submits, and waits until every peer of the channel has it. @throws Invalid */
  async submit(
    actor: Actor,
    name: string,
    input: unknown,
    endorsers: readonly string[],
    options: Pick<Options, 'transient'> & { on?: string } = {},
  ): Promise<void> {
    const { on = channel } = options;
    const proposal = this.contract(actor, on).newProposal(name, proposalOf(input, { ...options, endorsers }));
    const { successful, code } = await this.commit(await proposal.endorse(), on);
    if (!successful) throw new Invalid(code);
  }

  /** Submits what was endorsed, valid or not, and waits until every peer of the channel has it. */
  async commit(transaction: Transaction, on = channel): Promise<Status> {
    const status = await (await transaction.submit()).getStatus();
    await this.#everywhere(on, status.transactionId);
    return status;
  }

  /** A commit is one peer's: another, which is asked to endorse next, may be a block behind. */
  async #everywhere(on: string, transactionId: string): Promise<void> {
    const members = this.network.topology.channels.find(({ name }) => name === on)?.members ?? [];
    await Promise.all(
      members.map(async (msp) => this.#ledgers.get(msp)?.outcome('Admin', on, transactionId)),
    );
  }

  /** Has a transaction endorsed and keeps it. */
  endorse(
    actor: Actor,
    name: string,
    input: unknown,
    endorsers: readonly string[],
    transient: Readonly<Record<string, string>> = {},
  ): Promise<Transaction> {
    const options = proposalOf(input, { endorsers, transient });
    return this.contract(actor).newProposal(name, options).endorse();
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
    const { text } = await buildDelivery(registry, this.tax, request, new Date());
    return JSON.parse(text) as Delivery;
  }

  /** A granted consent, a request under it and the honest delivery. */
  async prepared(enterprise: Enterprise, changes: Partial<ConsentArtefact> = {}): Promise<Prepared> {
    const artefact = await this.granted(enterprise, changes);
    const requestId = await this.requestData(artefact);
    return { artefact, requestId, delivery: await this.honest(requestId) };
  }

  async offer(delivery: Delivery): Promise<void> {
    const { requestId } = delivery;
    await this.submit(agent, 'Offer', { requestId, digest: sha256(canonicalJson(delivery)) }, [taxMsp]);
  }

  async release(delivery: Delivery, endorsers = [taxMsp, bankMsp]): Promise<void> {
    const { successful, code } = await this.commit(await this.endorseRelease(delivery, endorsers));
    if (!successful) throw new Invalid(code);
  }

  endorseRelease(delivery: Delivery, endorsers = [taxMsp, bankMsp]): Promise<Transaction> {
    const { requestId } = delivery;
    return this.endorse(agent, 'Release', { requestId }, endorsers, { delivery: canonicalJson(delivery) });
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

  /** Evaluates a function that seals its answer, and opens it. */
  async readPrivate(
    actor: Actor,
    name: string,
    input: unknown,
    options: Pick<Options, 'endorsers'> & { on?: string } = {},
  ): Promise<unknown> {
    const responseKey = randomBytes(32).toString('base64url');
    const transient = { [responseKeyEntry]: responseKey };
    const sealed = await this.evaluate(actor, name, input, { ...options, transient });
    return openResponse(JSON.stringify(sealed), responseKey);
  }

  /** Directory of the private data of an organisation's peer, where the runtime keeps it in one. */
  privateStore(organisation: string): string {
    return path.join(this.network.directory, 'ledger', 'private', organisation);
  }
}

function proposalOf(input: unknown, { endorsers = [], transient = {} }: Options) {
  return {
    arguments: [canonicalJson(input)],
    transientData: transient,
    ...(endorsers.length === 0 ? {} : { endorsingOrganizations: [...endorsers] }),
  };
}
