import 'reflect-metadata';
import { Context, Contract, Transaction } from 'fabric-contract-api';
import { callerOf } from '../../ledger/caller';
import { canonicalJson } from '../../ledger/canonical';
import { check, parseInput } from '../../ledger/parse';
import { sealResponse } from '../../ledger/sealed';
import { apply, lapse, requestReview, withdraw } from './apply';
import { decideApplication, notify } from './decision';
import {
  AcceptInput,
  ApplicationIdInput,
  ApplyInput,
  AttachEvidenceInput,
  ListApplicationsInput,
  MakeOfferInput,
  OfferIdInput,
  ReadInput,
} from './model';
import { accept, makeOffer } from './offers';
import { CitationInput, CitingInput, getCitation, listCiting } from './citations';
import { attachEvidence } from './shared-evidence';
import { getApplication, getMandate, getOffer, listApplications, readDecision, readNotice } from './views';

const inputs = {
  apply: check(ApplyInput),
  attach: check(AttachEvidenceInput),
  application: check(ApplicationIdInput),
  makeOffer: check(MakeOfferInput),
  accept: check(AcceptInput),
  list: check(ListApplicationsInput),
  offer: check(OfferIdInput),
  read: check(ReadInput),
  citation: check(CitationInput),
  citing: check(CitingInput),
} as const;

/**
 * From application to a signed loan. `docs/lending.md` says what each endorser proves. Events: ApplicationMade,
 * ApplicationDecided and ApplicationChanged, each with the applicationId.
 */
export class ApplicationsContract extends Contract {
  constructor() {
    super('applications');
  }

  /** An enterprise applies. Endorsed by the bank and the enterprise or the regulator. */
  @Transaction()
  async Apply(ctx: Context, input: string): Promise<string> {
    await apply(ctx, parseInput(input, inputs.apply), callerOf(ctx).uscc);
    return '';
  }

  /** The bank's officer attaches deliveries under a live consent. Endorsed by the bank and the enterprise or the regulator. */
  @Transaction()
  async AttachEvidence(ctx: Context, input: string): Promise<string> {
    await attachEvidence(ctx, parseInput(input, inputs.attach));
    return '';
  }

  /** The bank decides, on its own peer alone; transient `responseKey` and `salt`. */
  @Transaction()
  async Decide(ctx: Context, input: string): Promise<string> {
    await decideApplication(ctx, parseInput(input, inputs.application).applicationId);
    return '';
  }

  /** The bank gives the applicant the notice, transient `notice`. Endorsed by the bank and the applicant's organisation. */
  @Transaction()
  async Notify(ctx: Context, input: string): Promise<string> {
    await notify(ctx, parseInput(input, inputs.application).applicationId);
    return '';
  }

  /** The bank makes an offer or a counter-offer. Endorsed by the bank and the enterprise or the regulator. */
  @Transaction()
  async Offer(ctx: Context, input: string): Promise<string> {
    await makeOffer(ctx, parseInput(input, inputs.makeOffer));
    return '';
  }

  /** The enterprise accepts by its signatories' signatures. Endorsed by the bank and the enterprise or the regulator. */
  @Transaction()
  async Accept(ctx: Context, input: string): Promise<string> {
    await accept(ctx, parseInput(input, inputs.accept));
    return '';
  }

  /** The applicant withdraws. */
  @Transaction()
  async Withdraw(ctx: Context, input: string): Promise<string> {
    await withdraw(ctx, parseInput(input, inputs.application).applicationId);
    return '';
  }

  /** The applicant asks once for a review of a declined application. */
  @Transaction()
  async RequestReview(ctx: Context, input: string): Promise<string> {
    await requestReview(ctx, parseInput(input, inputs.application).applicationId);
    return '';
  }

  /** An offer that was not accepted, or a loan that was not drawn in time, lapses. */
  @Transaction()
  async Lapse(ctx: Context, input: string): Promise<string> {
    await lapse(ctx, parseInput(input, inputs.application).applicationId);
    return '';
  }

  /** An ApplicationView. */
  @Transaction(false)
  async Get(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await getApplication(ctx, parseInput(input, inputs.application).applicationId));
  }

  /** A page of ApplicationView. */
  @Transaction(false)
  async List(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await listApplications(ctx, parseInput(input, inputs.list)));
  }

  /** An OfferView: the offer, and its sheet in words. */
  @Transaction(false)
  async GetOffer(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await getOffer(ctx, parseInput(input, inputs.offer).offerId));
  }

  /** The Mandate: the signed acceptance with its direct debit. */
  @Transaction(false)
  async GetMandate(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await getMandate(ctx, parseInput(input, inputs.application).applicationId));
  }

  /** The Notice, sealed, for the applicant on its organisation's peer. */
  @Transaction(false)
  async ReadNotice(ctx: Context, input: string): Promise<string> {
    return sealResponse(ctx, 'ReadNotice', await readNotice(ctx, parseInput(input, inputs.read)));
  }

  /** The Citation of a delivery by a signed loan. */
  @Transaction(false)
  async GetCitation(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await getCitation(ctx, parseInput(input, inputs.citation)));
  }

  /** Ids of the applications whose signed loans cite a delivery. */
  @Transaction(false)
  async ListCiting(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await listCiting(ctx, parseInput(input, inputs.citing).requestId));
  }

  /** Decision and notice, sealed, for the bank's officers on its own peer. */
  @Transaction(false)
  async ReadDecision(ctx: Context, input: string): Promise<string> {
    return sealResponse(ctx, 'ReadDecision', await readDecision(ctx, parseInput(input, inputs.read)));
  }
}
