import type {
  AccessLogEntry,
  ConsentArtefact,
  ConsentTerms,
  ConsentView,
  Delivery,
  RequestDataInput,
  RequestView,
  StopThrough,
} from '../../chaincode/sharing/model';
import type {
  Breach,
  OpenArchiveInput,
  ReadArchiveInput,
  StateErasureInput,
} from '../../chaincode/sharing/ending/model';
import type { Organisation, Topology } from '../../network/topology/topology';
import type { PageOf } from '../http/paging';
import { sharing, sharingChannels, type SharingChannel } from './channels';
import type { Committed, LedgerClient } from './client';
import { LedgerError } from './errors';
import { Whereabouts, type Located } from './whereabouts';

/** A page of a list on one channel. */
interface PageInput {
  readonly pageSize: number;
  readonly bookmark: string;
}

/**
 * The contract `sharing` on the channels that an organisation is a member of. Calls are made as the identity given, whose
 * certificate the contract judges.
 */
export class SharingContract {
  readonly channels: readonly SharingChannel[];
  readonly #ledger: LedgerClient;
  readonly #msp: string;
  readonly #whereabouts: Whereabouts<SharingChannel>;

  constructor(ledger: LedgerClient, topology: Topology, organisation: Organisation) {
    this.#ledger = ledger;
    this.#msp = organisation.msp;
    this.channels = sharingChannels(topology, organisation);
    this.#whereabouts = new Whereabouts(this.channels);
  }

  /** The one channel of a bank. */
  get own(): SharingChannel {
    const found = this.channels.find(({ bank }) => bank === this.#msp);
    if (found === undefined) throw new Error(`${this.#msp} has no channel of its own`);
    return found;
  }

  /** Asks for consent. Endorsed by the enterprises' organisation and the bank. */
  requestConsent(identity: string, artefact: ConsentArtefact): Promise<Committed> {
    const { name, bank, enterprise } = this.own;
    return this.#submit(identity, name, 'RequestConsent', artefact, [enterprise, bank]);
  }

  /** Lodges a grant, rejection or resumption. Endorsed by the own organisation alone. */
  lodgeStatement(
    identity: string,
    channel: string,
    consentId: string,
    statement: string,
  ): Promise<Committed> {
    return this.#submit(identity, channel, 'LodgeStatement', { consentId, statement }, [this.#msp]);
  }

  /** Proposes narrower terms for the own enterprise. Endorsed by the own organisation alone. */
  counterConsent(
    identity: string,
    channel: string,
    consentId: string,
    terms: ConsentTerms,
  ): Promise<Committed> {
    return this.#submit(identity, channel, 'CounterConsent', { consentId, terms }, [this.#msp]);
  }

  /** Lodges a pause or revocation through the own organisation, which alone endorses. */
  lodgeStop(
    identity: string,
    channel: string,
    consentId: string,
    through: StopThrough,
    statement: string,
  ): Promise<Committed> {
    return this.#submit(identity, channel, 'LodgeStop', { consentId, through, statement }, [this.#msp]);
  }

  /** Requests data under a consent. Endorsed by the enterprises' organisation and the bank. */
  requestData(identity: string, input: RequestDataInput): Promise<Committed> {
    const { name, bank, enterprise } = this.own;
    return this.#submit(identity, name, 'RequestData', input, [enterprise, bank]);
  }

  async consent(identity: string, channel: string, consentId: string): Promise<ConsentView> {
    return (await this.#evaluate(identity, channel, 'GetConsent', { consentId })) as ConsentView;
  }

  async consents(
    identity: string,
    channel: string,
    input: PageInput & { readonly enterprise?: string },
  ): Promise<PageOf<ConsentView>> {
    return (await this.#evaluate(identity, channel, 'ListConsents', pageOf(input))) as PageOf<ConsentView>;
  }

  async request(identity: string, channel: string, requestId: string): Promise<RequestView> {
    return (await this.#evaluate(identity, channel, 'GetRequest', { requestId })) as RequestView;
  }

  async requests(
    identity: string,
    channel: string,
    input: PageInput & { readonly consentId: string },
  ): Promise<PageOf<RequestView>> {
    return (await this.#evaluate(identity, channel, 'ListRequests', pageOf(input))) as PageOf<RequestView>;
  }

  async accessLog(
    identity: string,
    channel: string,
    input: PageInput & { readonly enterprise: string },
  ): Promise<PageOf<AccessLogEntry>> {
    return (await this.#evaluate(identity, channel, 'AccessLog', pageOf(input))) as PageOf<AccessLogEntry>;
  }

  /** What was delivered to this bank, in clear. */
  async delivery(identity: string, requestId: string): Promise<Delivery> {
    const delivery = await this.#ledger.readPrivate({
      identity,
      channel: this.own.name,
      chaincode: sharing,
      name: 'ReadDelivery',
      input: { requestId },
    });
    return delivery as Delivery;
  }

  /** An auditor opens a sealed archive. Endorsed by the enterprises' organisation too, so that no opening goes unseen. */
  openArchive(identity: string, input: OpenArchiveInput): Promise<Committed> {
    const { name, bank, enterprise } = this.own;
    return this.#submit(identity, name, 'ending:OpenArchive', input, [enterprise, bank]);
  }

  /** What a sealed archive holds, for the auditor who opened it. */
  async archive(identity: string, input: ReadArchiveInput): Promise<Delivery> {
    const call = { identity, channel: this.own.name, chaincode: sharing, name: 'ending:ReadArchive', input };
    return (await this.#ledger.readPrivate(call)) as Delivery;
  }

  /** States that downstream systems hold nothing any more. Endorsed by the bank alone. */
  stateErasure(identity: string, input: StateErasureInput): Promise<Committed> {
    return this.#submit(identity, this.own.name, 'ending:StateErasure', input, [this.#msp]);
  }

  async breaches(identity: string, channel: string, input: PageInput): Promise<PageOf<Breach>> {
    return (await this.#evaluate(identity, channel, 'ending:Breaches', pageOf(input))) as PageOf<Breach>;
  }

  /** A consent by its id alone, on whichever channel it lies. @throws Problem `NOT_FOUND` where on none. */
  findConsent(identity: string, consentId: string): Promise<Located<SharingChannel, ConsentView>> {
    return this.#whereabouts.find(`consent ${consentId}`, ({ name }) =>
      this.consent(identity, name, consentId),
    );
  }

  /**
   * On which channel a consent lies, for one who may lodge a stop though not see the consent.
   *
   * @throws Problem `NOT_FOUND` where on none.
   */
  async channelOfConsent(identity: string, consentId: string): Promise<SharingChannel> {
    const { channel } = await this.#whereabouts.find(`consent ${consentId}`, async ({ name }) => {
      try {
        await this.consent(identity, name, consentId);
      } catch (error) {
        if (!(error instanceof LedgerError && error.code === 'NOT_YOUR_RECORD')) throw error;
      }
    });
    return channel;
  }

  /** A data request by its id alone. @throws Problem `NOT_FOUND` where no channel has it. */
  findRequest(identity: string, requestId: string): Promise<Located<SharingChannel, RequestView>> {
    return this.#whereabouts.find(`request ${requestId}`, ({ name }) =>
      this.request(identity, name, requestId),
    );
  }

  #evaluate(identity: string, channel: string, name: string, input: object): Promise<unknown> {
    return this.#ledger.evaluate({ identity, channel, chaincode: sharing, name, input });
  }

  #submit(
    identity: string,
    channel: string,
    name: string,
    input: object,
    endorsers: readonly string[],
  ): Promise<Committed> {
    return this.#ledger.submit({ identity, channel, chaincode: sharing, name, input, endorsers });
  }
}

/** The contract takes no empty bookmark for the first page. */
function pageOf({ bookmark, ...rest }: PageInput): object {
  return bookmark === '' ? rest : { ...rest, bookmark };
}
