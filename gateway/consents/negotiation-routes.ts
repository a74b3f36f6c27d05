import { Type } from 'typebox';
import { OpaqueId, ReasonCode, Uscc } from '../../chaincode/ledger/schemas';
import { canonicalJson } from '../../chaincode/ledger/canonical';
import { ConsentTerms, ConsentView, type ConsentArtefact } from '../../chaincode/sharing/model';
import { Problem } from '../http/problem';
import { requireSame } from '../http/repeats';
import { route, type Route } from '../http/route';
import { RegistryContract } from '../ledger/registry';
import { SharingContract } from '../ledger/sharing';
import type { Services } from '../services';
import { ConsentReceipt, receiptOf } from './receipt';
import { termsFromTemplate } from './template';

const strict = { additionalProperties: false } as const;
const ConsentParams = Type.Object({ consentId: OpaqueId }, strict);

/** What leads to a consent that both sides want, and what both keep of it. */
export function negotiationRoutes({ organisation, topology, ledger }: Services): readonly Route[] {
  const contract = new SharingContract(ledger, topology, organisation);
  const registry = new RegistryContract(ledger, topology, organisation);
  if (contract.channels.length === 0) return [];
  const { roles } = organisation;
  return [
    ...(roles.includes('bank') ? [template(registry), acceptCounter(contract)] : []),
    ...(roles.includes('enterprise') ? [counter(contract)] : []),
    receipt(contract, registry),
  ];
}

function template(registry: RegistryContract): Route {
  return route({
    method: 'GET',
    path: '/v1/consent-templates/{purpose}',
    id: 'getConsentTemplate',
    tag: 'consents',
    summary: 'Terms that are usual for a purpose, about one enterprise, to start a request from',
    scope: 'consents:request',
    params: Type.Object({ purpose: ReasonCode }, strict),
    query: Type.Object({ enterprise: Uscc }, strict),
    responses: { 200: { description: 'The terms, within every ceiling.', schema: ConsentTerms } },
    problems: ['UNKNOWN_PURPOSE', 'NOT_FOUND'],
    idempotency: 'none',
    async handler({ params, query, user }) {
      const [consortium, { entry }] = await Promise.all([
        registry.consortium(user.identity),
        registry.enterprise(user.identity, query.enterprise),
      ]);
      const purpose = consortium.purposes.find(({ code }) => code === params.purpose);
      const terms = purpose && termsFromTemplate(purpose, consortium, entry, Date.now());
      if (terms === undefined)
        throw new Problem('UNKNOWN_PURPOSE', `The consortium has no template for ${params.purpose}`);
      return { status: 200, body: terms };
    },
  });
}

function counter(contract: SharingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/consents/{consentId}/counter-proposals',
    id: 'counterConsent',
    tag: 'consents',
    summary: 'Say which narrower terms the enterprise would agree to',
    description:
      'Fewer records, fields or questions, a shorter range or life, fewer requests. It binds nobody; the bank may ask anew with these terms. The last one stands.',
    scope: 'consents:sign',
    params: ConsentParams,
    body: ConsentTerms,
    responses: { 200: { description: 'The consent with the counter-proposal.', schema: ConsentView } },
    problems: ['NOT_FOUND', 'NOT_YOUR_RECORD', 'NOT_NARROWER', 'STATE_CONFLICT'],
    idempotency: 'required',
    async handler({ params: { consentId }, body, user }) {
      const { channel } = await contract.findConsent(user.identity, consentId);
      await contract.counterConsent(user.identity, channel.name, consentId, body);
      return { status: 200, body: await contract.consent(user.identity, channel.name, consentId) };
    },
  });
}

function acceptCounter(contract: SharingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/consents/{consentId}/counter-proposals:accept',
    id: 'acceptCounterProposal',
    tag: 'consents',
    summary: 'Ask anew, with the terms that the enterprise proposed',
    description:
      'The new request replaces the earlier one once it is signed. It is refused where the terms are not those that were looked at.',
    scope: 'consents:request',
    params: ConsentParams,
    body: Type.Object(
      { terms: ConsentTerms },
      { ...strict, description: 'As the consent shows them: what is accepted is named.' },
    ),
    responses: { 201: { description: 'The new consent, as yet unsigned.', schema: ConsentView } },
    problems: ['NOT_FOUND', 'STATE_CONFLICT', 'PURPOSE_CEILING_EXCEEDED', 'ENTERPRISE_NOT_ACTIVE'],
    idempotency: 'required',
    async handler({ params, body, user, idempotency }) {
      const { name: channel, bank } = contract.own;
      const earlier = await contract.consent(user.identity, channel, params.consentId);
      const { counterProposal, digest, artefact } = earlier;
      if (counterProposal === undefined || canonicalJson(counterProposal) !== canonicalJson(body.terms))
        throw new Problem('STATE_CONFLICT', 'The enterprise does not propose these terms, or no longer');
      const { enterprise, Purpose } = artefact;
      const consentId = idempotency.id('consent');
      const replaces = { consentId: params.consentId, digest };
      const anew: ConsentArtefact = {
        ...{ consentId, channel, bank, enterprise, replaces, Purpose },
        ...counterProposal,
      };
      try {
        await contract.requestConsent(user.identity, anew);
      } catch (error) {
        await requireSame(error, async () => {
          const existing = await contract.consent(user.identity, channel, consentId);
          return canonicalJson(existing.artefact) === canonicalJson(anew);
        });
      }
      const view = await contract.consent(user.identity, channel, consentId);
      return { status: 201, body: view, headers: { Location: `/v1/consents/${consentId}` } };
    },
  });
}

function receipt(contract: SharingContract, registry: RegistryContract): Route {
  return route({
    method: 'GET',
    path: '/v1/consents/{consentId}/receipt',
    id: 'getConsentReceipt',
    tag: 'consents',
    summary: 'A receipt of a consent, with the field names of ISO/IEC TS 27560',
    scope: 'consents:read',
    params: ConsentParams,
    responses: { 200: { description: 'The receipt.', schema: ConsentReceipt } },
    problems: ['NOT_FOUND', 'NOT_YOUR_RECORD'],
    idempotency: 'none',
    async handler({ params, user }) {
      const [{ found }, consortium] = await Promise.all([
        contract.findConsent(user.identity, params.consentId),
        registry.consortium(user.identity),
      ]);
      return { status: 200, body: receiptOf(found, consortium) };
    },
  });
}
