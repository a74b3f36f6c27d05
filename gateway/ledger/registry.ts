import type {
  Consortium,
  Evidence,
  EvidenceInput,
  RecordType,
  SignedEnterprise,
} from '../../chaincode/registry/model';
import type { Reference } from '../../chaincode/registry/reference-model';
import type { Organisation, Topology } from '../../network/topology/topology';
import { mspOfRole, registry } from './channels';
import type { Committed, LedgerClient } from './client';

/** The contract `registry`: consortium state and enterprises. */
export class RegistryContract {
  readonly #ledger: LedgerClient;
  readonly #topology: Topology;
  readonly #msp: string;

  constructor(ledger: LedgerClient, topology: Topology, organisation: Organisation) {
    this.#ledger = ledger;
    this.#topology = topology;
    this.#msp = organisation.msp;
  }

  async consortium(identity: string): Promise<Consortium> {
    return (await this.#evaluate(identity, 'GetConsortium', {})) as Consortium;
  }

  async recordType(identity: string, code: string): Promise<RecordType> {
    return (await this.#evaluate(identity, 'GetRecordType', { code })) as RecordType;
  }

  async enterprise(identity: string, uscc: string): Promise<SignedEnterprise> {
    return (await this.#evaluate(identity, 'GetEnterprise', { uscc })) as SignedEnterprise;
  }

  /** Keys, anchors and entries as far as they hold: what a judgement of records rests on. */
  async evidence(identity: string, input: EvidenceInput): Promise<Evidence> {
    return (await this.#evaluate(identity, 'Evidence', input)) as Evidence;
  }

  /** Registers an enterprise, or a new version of its entry. Endorsed by the registering organisation and the platform. */
  putEnterprise(identity: string, signed: SignedEnterprise): Promise<Committed> {
    return this.#ledger.submit({
      ...registry,
      identity,
      name: 'PutEnterprise',
      input: signed,
      endorsers: [this.#msp, mspOfRole(this.#topology, 'enterprise')],
    });
  }

  /** What is published under a code. @throws LedgerError `REFERENCE_MISSING` where nothing is. */
  async reference(identity: string, code: string): Promise<Reference> {
    const [found] = (await this.#evaluate(identity, 'GetReference', { codes: [code] })) as readonly [
      Reference,
    ];
    return found;
  }

  /** Publishes a rate or calendar. The first version takes a government beside the regulator, each later one the regulator alone. */
  publishReference(identity: string, reference: Reference): Promise<Committed> {
    const government = mspOfRole(this.#topology, 'government');
    return this.#ledger.submit({
      ...registry,
      identity,
      name: 'PublishReference',
      input: reference,
      endorsers: reference.version === 1 ? [this.#msp, government] : [this.#msp],
    });
  }

  #evaluate(identity: string, name: string, input: object): Promise<unknown> {
    return this.#ledger.evaluate({ ...registry, identity, name, input });
  }
}
