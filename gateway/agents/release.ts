import type { Logger } from 'pino';
import { digestOf, sha256 } from '../../chaincode/ledger/canonical';
import { ContractError } from '../../chaincode/ledger/errors';
import type { ConsentView, DataRequest, Delivery, RequestView } from '../../chaincode/sharing/model';
import type { ConsentQuestion } from '../../chaincode/sharing/questions/model';
import { checkDelivery, checkScope, evidenceFor, questionsOf } from '../../chaincode/sharing/release';
import { hasEnded } from '../../chaincode/sharing/states';
import type { LocalIssuer, LocalIssuers } from '../issuer';
import type { LedgerClient } from '../ledger/client';
import { LedgerError } from '../ledger/errors';
import { RegistryClient } from '../records/registry';
import type { Store } from '../store';
import { Unanswerable, buildDelivery } from './delivery';
import { SharingClient } from './sharing';
import type { Task } from './work-list';

interface ReleaseOptions {
  readonly ledger: LedgerClient;
  readonly store: Store;
  readonly logger: Logger;
  /** The organisation's own MSP id. */
  readonly msp: string;
  readonly issuers: LocalIssuers;
  /** Of the wallet; each sees the requests that it may answer, and no others of this organisation's. */
  readonly identities: readonly string[];
  readonly clockSkewSeconds: (channel: string) => number;
  readonly now?: () => Date;
}

interface Situation {
  readonly view: RequestView;
  readonly sharing: SharingClient;
  readonly registry: RegistryClient;
}

/** What the contracts refuse once and for all: the offered bytes will never be released. */
const final = [
  ...['RECORD_NOT_ACTIVE', 'RECORD_NOT_ANCHORED', 'RECORD_TAMPERED', 'RECORD_SIGNATURE_INVALID'],
  ...[
    'COMPLETENESS_GAP',
    'COMPLETENESS_INVALID',
    'BEYOND_CONSENT',
    'OFFER_MISMATCH',
    'UNKNOWN_ISSUER',
    'PURGED',
  ],
];

/**
 * Answers one data request, from wherever an earlier attempt got to; what that was, the ledger says.
 *
 * The bytes of a delivery are kept durably before their digest is offered: the statement of completeness is signed anew
 * each time, so lost bytes could not be made again, and an offer cannot be changed.
 */
export class ReleaseAgent {
  constructor(private readonly options: ReleaseOptions) {}

  /** Performs a task of the work list; its id is the request's. */
  async perform(task: Task): Promise<boolean> {
    const situation = await this.#look(task);
    if (situation === undefined) return true;
    const { request, offer, purge } = situation.view;
    if (request.status === 'DELIVERED' || purge.status === 'PURGED' || offer.status === 'REFUSED')
      return this.#finish(task);
    if (offer.status === 'PENDING' && !(await this.#offer(task, situation))) return this.#finish(task);
    return this.#release(task, situation);
  }

  /** The request, where this organisation provides what it asks for. */
  async #look({ channel, id }: Task): Promise<Situation | undefined> {
    const { ledger, identities, msp } = this.options;
    for (const identity of identities) {
      const sharing = new SharingClient(ledger, channel, identity);
      try {
        const view = await sharing.request(id);
        if (view.request.provider !== msp || view.request.requestId !== id) continue;
        return { view, sharing, registry: new RegistryClient(ledger, msp, identity) };
      } catch (error) {
        if (!isRefusal(error, ['NOT_YOUR_RECORD', 'NOT_FOUND'])) throw error;
      }
    }
    return undefined;
  }

  /** Offers, or refuses with a reason. @returns whether it was offered. */
  async #offer(task: Task, situation: Situation): Promise<boolean> {
    const { sharing, view } = situation;
    const { request } = view;
    const { msp, logger, store } = this.options;
    try {
      const consent = await sharing.consent(request.consentId);
      requireLive(consent, request);
      const now = this.options.now?.() ?? new Date();
      const issuer = this.#issuer(request);
      const questions = questionsOf(consent.artefact, request);
      const { issuers } = await sharing.evidence({ issuers: [request.issuer] });
      const asked = { questions, keys: issuers[request.issuer]?.keys ?? {} };
      const { text, digest } = await buildDelivery(situation.registry, issuer, request, asked, now);
      await this.#rehearse(task, situation, questions, text, now);
      await store.put(deliveryKey(task, digest), text, { onDisk: true });
      await sharing.offer(request.requestId, digest, msp, questions.length === 0 ? undefined : text);
      logger.info({ requestId: task.id }, 'offered');
      return true;
    } catch (error) {
      const reason = refusalOf(error);
      if (reason === undefined) throw error;
      await sharing.refuse(request.requestId, reason, msp);
      logger.info({ requestId: task.id, reason }, 'refused');
      return false;
    }
  }

  /** @throws Unanswerable where the bank named an enterprise that entrusted no key: it would wait for ever. */
  #issuer({ issuer: name }: DataRequest): LocalIssuer {
    const issuer = this.options.issuers.get(name);
    if (issuer === undefined) throw new Unanswerable('ISSUER_KEY_NOT_HELD');
    return issuer;
  }

  /** Checks the delivery as both endorsers will: what is offered cannot be changed. */
  async #rehearse(
    task: Task,
    { sharing, view: { request } }: Situation,
    questions: readonly ConsentQuestion[],
    text: string,
    now: Date,
  ): Promise<void> {
    const delivery = JSON.parse(text) as Delivery;
    const evidence = await sharing.evidence(evidenceFor(request, delivery));
    const skewSeconds = this.options.clockSkewSeconds(task.channel);
    await checkDelivery({ request, questions, delivery, evidence, millis: now.getTime(), skewSeconds });
  }

  async #release(task: Task, { sharing }: Situation): Promise<boolean> {
    const { logger, msp } = this.options;
    const { request, offer } = await sharing.request(task.id);
    if (request.status === 'DELIVERED') return this.#finish(task);
    const text = offer.digest === undefined ? undefined : await this.#kept(task, offer.digest);
    if (offer.status !== 'OFFERED') throw new Error('the offer is not on the ledger yet');
    if (text === undefined) {
      logger.error({ requestId: task.id }, 'what was offered is not kept here: the bank has to ask again');
      return this.#finish(task);
    }
    const consent = await sharing.consent(request.consentId);
    if (hasEnded(consent.state)) return this.#abandon(task, consent.state);
    // A pause may end: what was offered waits for it.
    if (consent.state !== 'ACTIVE') return false;
    try {
      await sharing.release(task.id, text, { provider: msp, bank: consent.artefact.bank });
    } catch (error) {
      if (isRefusal(error, ['REQUEST_NOT_OPEN'])) return false;
      if (isRefusal(error, final)) return this.#abandon(task, (error as LedgerError).code);
      throw error;
    }
    logger.info({ requestId: task.id }, 'released');
    return this.#finish(task);
  }

  async #kept(task: Task, digest: string): Promise<string | undefined> {
    const text = await this.options.store.get(deliveryKey(task, digest));
    return typeof text === 'string' && sha256(text) === digest ? text : undefined;
  }

  #abandon(task: Task, reason: string): Promise<boolean> {
    this.options.logger.warn({ requestId: task.id, reason }, 'offered and not released');
    return this.#finish(task);
  }

  /** Drops what was kept: it holds disclosed values. */
  async #finish(task: Task): Promise<boolean> {
    const { store } = this.options;
    const kept: string[] = [];
    for await (const [key] of store.list(deliveryKey(task, ''))) kept.push(key);
    for (const key of kept) await store.delete(key);
    return true;
  }
}

function deliveryKey({ channel, id }: Task, digest: string): string {
  return `agent~release~delivery~${channel}~${id}~${digest}`;
}

/** Checks again what the contract answered, as far as it can be checked without its state. */
function requireLive({ artefact, digest, state }: ConsentView, request: DataRequest): void {
  if (digestOf(artefact) !== digest || artefact.consentId !== request.consentId)
    throw new Unanswerable('CONSENT_MISMATCH');
  if (artefact.enterprise !== request.enterprise) throw new Unanswerable('CONSENT_MISMATCH');
  if (state !== 'ACTIVE') throw new Unanswerable('CONSENT_NOT_ACTIVE');
  checkScope(artefact, request);
}

/** The reason to refuse a request for good; undefined where another attempt may succeed. */
function refusalOf(error: unknown): string | undefined {
  if (error instanceof Unanswerable) return error.reason;
  if (error instanceof ContractError && error.code === 'BEYOND_CONSENT') return error.code;
  return isRefusal(error, ['CONSENT_NOT_ACTIVE']) ? 'CONSENT_NOT_ACTIVE' : undefined;
}

function isRefusal(error: unknown, codes: readonly string[]): boolean {
  return error instanceof LedgerError && error.fromContract && codes.includes(error.code);
}
