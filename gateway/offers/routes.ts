import { Type } from 'typebox';
import { OpaqueId, strict } from '../../chaincode/ledger/schemas';
import { AcceptInput, MakeOfferInput, OfferView } from '../../chaincode/lending/applications/model';
import {
  ApplicationOfBank,
  ApplicationParams,
  findApplication,
  moveApplication,
} from '../applications/context';
import { requireSame } from '../http/repeats';
import { route, type Route } from '../http/route';
import { LendingContract } from '../ledger/lending';
import { OfBank, ofBank } from '../lending/banks';
import type { Services } from '../services';

const OfferParams = Type.Object({ offerId: OpaqueId }, strict);
const { amount, termMonths } = MakeOfferInput.properties;

/** What a bank offers; the gateway adds an id where none is given. */
export const OfferBody = Type.Object({ offerId: Type.Optional(OpaqueId), amount, termMonths }, strict);

/** Offers: loan sheets that a bank makes out and an enterprise's signatories accept. */
export function offerRoutes({ organisation, topology, ledger }: Services): readonly Route[] {
  const contract = new LendingContract(ledger, topology, organisation);
  if (contract.channels.length === 0) return [];
  const { roles } = organisation;
  return [
    ...(roles.includes('bank') ? [makeOffer(contract)] : []),
    getOffer(contract),
    ...(roles.includes('enterprise') ? [acceptOffer(contract)] : []),
  ];
}

function makeOffer(contract: LendingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/applications/{applicationId}/offers',
    id: 'makeOffer',
    tag: 'offers',
    summary: 'Make an offer, or a counter-offer of another amount or term',
    description:
      'Within what was decided. Rate, schedule, fees and the all-in annual rate come from the product by the contract; an offer made before is replaced.',
    scope: 'applications:decide',
    params: ApplicationParams,
    body: OfferBody,
    responses: {
      201: { description: 'The offer: its sheet, as data and in words.', schema: OfBank(OfferView) },
    },
    problems: [
      'NOT_FOUND',
      'UNAUTHORISED_ROLE',
      'STATE_CONFLICT',
      'DECISION_MISSING',
      'DECISION_MISMATCH',
      'DECISION_NEGATIVE',
      'CONSENT_NOT_ACTIVE',
      'PRODUCT_NOT_OPEN',
      'PRODUCT_LIMIT_EXCEEDED',
      'RATE_CEILING_EXCEEDED',
      'TERMS_MISMATCH',
      'EVIDENCE_MISSING',
      'REFERENCE_MISSING',
      'BUSINESS_DAY_NOT_OPEN',
      'ALREADY_EXISTS',
    ],
    idempotency: 'required',
    async handler({ params: { applicationId }, body, user, idempotency }) {
      const { identity } = user;
      const { offerId = idempotency.id('offer'), ...asked } = body;
      const { channel } = await findApplication(contract, user, applicationId);
      const find = () => contract.evaluate(identity, channel, 'applications:GetOffer', { offerId });
      try {
        await contract.submit(identity, channel, 'applications:Offer', { applicationId, offerId, ...asked });
      } catch (error) {
        await requireSame(error, async () => {
          const { offer } = await find();
          const { principal, termMonths: months } = offer.sheet.terms;
          return (
            offer.applicationId === applicationId && principal === asked.amount && months === asked.termMonths
          );
        });
      }
      const headers = { Location: `/v1/offers/${offerId}` };
      return { status: 201, body: ofBank(channel, await find()), headers };
    },
  });
}

function getOffer(contract: LendingContract): Route {
  return route({
    method: 'GET',
    path: '/v1/offers/{offerId}',
    id: 'getOffer',
    tag: 'offers',
    summary: 'An offer: the loan sheet, as data and in words, with the digest that signatories sign',
    scope: 'applications:read',
    params: OfferParams,
    responses: { 200: { description: 'The offer.', schema: OfBank(OfferView) } },
    problems: ['NOT_FOUND', 'NOT_YOUR_RECORD'],
    idempotency: 'none',
    async handler({ params: { offerId }, user: { identity } }) {
      const { channel, found } = await findOffer(contract, identity, offerId);
      return { status: 200, body: ofBank(channel, found) };
    },
  });
}

function acceptOffer(contract: LendingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/offers/{offerId}:accept',
    id: 'acceptOffer',
    tag: 'offers',
    summary: 'Accept an offer with the signatures of as many signatories as bind the enterprise',
    description:
      "Each signs the sheet's digest and the direct debit with a key that this gateway never sees (see `enterprise-signer`).",
    scope: 'applications:write',
    params: OfferParams,
    body: Type.Object({ acceptances: AcceptInput.properties.acceptances }, strict),
    responses: { 200: { description: 'The application, accepted.', schema: ApplicationOfBank } },
    problems: [
      'NOT_FOUND',
      'NOT_YOUR_RECORD',
      'STATE_CONFLICT',
      'OFFER_MISMATCH',
      'OFFER_EXPIRED',
      'PRODUCT_NOT_OPEN',
      'ENTERPRISE_NOT_ACTIVE',
      'ACCEPTANCE_INVALID',
      'SIGNATURE_INVALID',
      'SIGNATURE_REPLAYED',
      'SIGNATORY_UNKNOWN',
      'SIGNATORY_NOT_AUTHORISED',
      'STATEMENT_MISMATCH',
      'QUORUM_MISSING',
      'BUSINESS_DAY_NOT_OPEN',
    ],
    idempotency: 'required',
    async handler({ params: { offerId }, body: { acceptances }, user, idempotency }) {
      const { found } = await findOffer(contract, user.identity, offerId);
      const { applicationId } = found.offer;
      return moveApplication(applicationId, {
        ...{ contract, user, idempotency },
        submit: (at) =>
          contract.submit(user.identity, at, 'applications:Accept', { applicationId, offerId, acceptances }),
        done: ({ application }) => application.offerId === offerId && application.drawBy !== undefined,
      });
    },
  });
}

function findOffer(contract: LendingContract, identity: string, offerId: string) {
  return contract.find(identity, `offer ${offerId}`, 'applications:GetOffer', { offerId });
}
