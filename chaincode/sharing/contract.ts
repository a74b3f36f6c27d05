import 'reflect-metadata';
import { Context, Contract, Transaction } from 'fabric-contract-api';
import { canonicalJson } from '../ledger/canonical';
import { check, parseInput } from '../ledger/parse';
import { sealResponse } from '../ledger/sealed';
import { Page } from '../ledger/schemas';
import { counterConsent } from './counter-proposal';
import { lodgeStatement, lodgeStop, requestConsent } from './consents';
import {
  AccessLogInput,
  ConsentIdInput,
  CounterConsentInput,
  Delivery,
  ListConsentsInput,
  ListRequestsInput,
  LodgeStatementInput,
  LodgeStopInput,
  OfferInput,
  PurgeInput,
  RefuseInput,
  RequestConsentInput,
  RequestDataInput,
  RequestIdInput,
} from './model';
import { offerData, purgeData, refuseData, releaseData, requestData } from './requests';
import {
  accessLog,
  dataDue,
  getConsent,
  getRequest,
  listConsents,
  listRequests,
  readDelivery,
} from './views';

const inputs = {
  requestConsent: check(RequestConsentInput),
  lodgeStatement: check(LodgeStatementInput),
  counter: check(CounterConsentInput),
  lodgeStop: check(LodgeStopInput),
  requestData: check(RequestDataInput),
  offer: check(OfferInput),
  refuse: check(RefuseInput),
  requestId: check(RequestIdInput),
  purge: check(PurgeInput),
  consentId: check(ConsentIdInput),
  listConsents: check(ListConsentsInput),
  listRequests: check(ListRequestsInput),
  accessLog: check(AccessLogInput),
  page: check(Page),
  delivery: check(Delivery),
} as const;

/**
 * Consent-gated sharing on the channel of one bank. Every function takes one JSON document and answers one in canonical
 * form; what is submitted answers nothing, since answers of submitted transactions are on the ledger.
 */
export class SharingContract extends Contract {
  constructor() {
    super('sharing');
  }

  /** The bank's credit officer asks an enterprise for consent. Endorsed by enterprise and bank. Event ConsentRequested. */
  @Transaction()
  async RequestConsent(ctx: Context, input: string): Promise<string> {
    await requestConsent(ctx, parseInput(input, inputs.requestConsent));
    return '';
  }

  /**
   * A signatory's GRANT, REJECT or RESUME. Endorsed by the enterprise organisation alone. Event ConsentSigned, or
   * ConsentStopped for a rejection.
   */
  @Transaction()
  async LodgeStatement(ctx: Context, input: string): Promise<string> {
    const { consentId, statement } = parseInput(input, inputs.lodgeStatement);
    await lodgeStatement(ctx, consentId, statement);
    return '';
  }

  /**
   * A signatory's PAUSE or REVOKE through an enterprise, government or regulator organisation, endorsed by that one alone.
   * Event ConsentStopped.
   */
  @Transaction()
  async LodgeStop(ctx: Context, input: string): Promise<string> {
    const { consentId, through, statement } = parseInput(input, inputs.lodgeStop);
    await lodgeStop(ctx, consentId, through, statement);
    return '';
  }

  /** The bank's credit officer asks an issuer for data under a consent. Endorsed by enterprise and bank. Event DataRequested. */
  @Transaction()
  async RequestData(ctx: Context, input: string): Promise<string> {
    await requestData(ctx, parseInput(input, inputs.requestData));
    return '';
  }

  /** The enterprise proposes narrower terms for what a bank asks. Endorsed by the enterprise organisation alone. Event ConsentCountered. */
  @Transaction()
  async CounterConsent(ctx: Context, input: string): Promise<string> {
    await counterConsent(ctx, parseInput(input, inputs.counter));
    return '';
  }

  /** The issuer's release agent commits to the digest of what it will send. Endorsed by the provider alone. Event DataOffered. */
  @Transaction()
  async Offer(ctx: Context, input: string): Promise<string> {
    const { requestId, digest } = parseInput(input, inputs.offer);
    await offerData(ctx, requestId, digest, inputs.delivery);
    return '';
  }

  /** The issuer's release agent refuses a request that it has not offered. Endorsed by the provider alone. Event DataRefused. */
  @Transaction()
  async Refuse(ctx: Context, input: string): Promise<string> {
    const { requestId, reason } = parseInput(input, inputs.refuse);
    await refuseData(ctx, requestId, reason);
    return '';
  }

  /** The delivery, in the transient map as `delivery`. Endorsed by provider and bank and nobody else. Event DataDelivered. */
  @Transaction()
  async Release(ctx: Context, input: string): Promise<string> {
    const { requestId } = parseInput(input, inputs.requestId);
    await releaseData(ctx, requestId, inputs.delivery);
    return '';
  }

  /** The bank's purge agent purges deliveries. Endorsed by the bank alone. Event DataPurged. */
  @Transaction()
  async Purge(ctx: Context, input: string): Promise<string> {
    const { requestIds } = parseInput(input, inputs.purge);
    await purgeData(ctx, requestIds);
    return '';
  }

  /** What a delivery holds, sealed under the transient `responseKey`; for the bank's credit officer, on the bank's peer. */
  @Transaction(false)
  async ReadDelivery(ctx: Context, input: string): Promise<string> {
    const { requestId } = parseInput(input, inputs.requestId);
    return sealResponse(ctx, 'ReadDelivery', await readDelivery(ctx, requestId, inputs.delivery));
  }

  /** A ConsentView. */
  @Transaction(false)
  async GetConsent(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await getConsent(ctx, parseInput(input, inputs.consentId).consentId));
  }

  /** A page of ConsentView. */
  @Transaction(false)
  async ListConsents(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await listConsents(ctx, parseInput(input, inputs.listConsents)));
  }

  /** A RequestView. */
  @Transaction(false)
  async GetRequest(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await getRequest(ctx, parseInput(input, inputs.requestId).requestId));
  }

  /** A page of RequestView. */
  @Transaction(false)
  async ListRequests(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await listRequests(ctx, parseInput(input, inputs.listRequests)));
  }

  /** A page of AccessLogEntry, for the enterprise itself and the supervisor. */
  @Transaction(false)
  async AccessLog(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await accessLog(ctx, parseInput(input, inputs.accessLog)));
  }

  /** A page of DataDueEntry, for the bank's purge agent. */
  @Transaction(false)
  async DataDue(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await dataDue(ctx, parseInput(input, inputs.page)));
  }
}
