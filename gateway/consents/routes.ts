import { Type } from 'typebox';
import { CompactJws, OpaqueId, PageOf, Uscc } from '../../chaincode/ledger/schemas';
import { ConsentArtefact, ConsentView, StopThrough } from '../../chaincode/sharing/model';
import { canonicalJson } from '../../chaincode/ledger/canonical';
import { pageAcross } from '../http/paging';
import { PageQuery, pageSizeOf } from '../http/queries';
import { Problem } from '../http/problem';
import { requireSame } from '../http/repeats';
import { route, type Route, type User } from '../http/route';
import { LedgerError } from '../ledger/errors';
import { RegistryContract } from '../ledger/registry';
import { SharingContract } from '../ledger/sharing';
import type { Services } from '../services';

const strict = { additionalProperties: false } as const;
const ConsentParams = Type.Object({ consentId: OpaqueId }, strict);
const Statement = Type.Object({ statement: CompactJws }, strict);
const asked = Type.Omit(ConsentArtefact, ['consentId', 'channel', 'bank', 'Purpose']).properties;
const { code, text } = ConsentArtefact.properties.Purpose.properties;

/** What a bank asks; the gateway adds its own name and channel, and an id where none is given. */
export const ConsentRequestBody = Type.Object(
  {
    consentId: Type.Optional(OpaqueId),
    Purpose: Type.Object(
      { code, text: Type.Optional(text) },
      {
        ...strict,
        description: 'The text is the consortium’s for the purpose, and added where it is left out.',
      },
    ),
    ...asked,
  },
  strict,
);

const LodgedStop = Type.Object(
  {
    consentId: OpaqueId,
    through: StopThrough,
    consent: Type.Optional(ConsentView),
  },
  { ...strict, description: 'With the consent where the user may see it.' },
);

/** Roles through which a stop may be lodged, in the order in which an organisation of several roles uses them. */
const ways: readonly StopThrough[] = ['enterprise', 'government', 'regulator'];

/** Consents: a bank asks, signatories sign, anyone of them stops. */
export function consentRoutes(services: Services): readonly Route[] {
  const { organisation, topology, ledger } = services;
  const contract = new SharingContract(ledger, topology, organisation);
  const registry = new RegistryContract(ledger, topology, organisation);
  if (contract.channels.length === 0) return [];
  const way = ways.find((role) => organisation.roles.includes(role));
  return [
    ...(organisation.roles.includes('bank') ? [requestConsent(contract, registry)] : []),
    ...readConsents(contract),
    ...(organisation.roles.includes('enterprise') ? [lodgeStatement(contract)] : []),
    ...(way === undefined ? [] : [lodgeStop(contract, way)]),
  ];
}

function requestConsent(contract: SharingContract, registry: RegistryContract): Route {
  return route({
    method: 'POST',
    path: '/v1/consents',
    id: 'requestConsent',
    tag: 'consents',
    summary: 'Ask an enterprise for its consent',
    description:
      'States what is wanted, for which purpose and for how long, within the ceilings of the purpose. Nothing may be read until the signatories of the enterprise have signed.',
    scope: 'consents:request',
    body: ConsentRequestBody,
    responses: { 201: { description: 'The consent, as yet unsigned.', schema: ConsentView } },
    problems: [
      'UNKNOWN_PURPOSE',
      'PURPOSE_CEILING_EXCEEDED',
      'UNKNOWN_ISSUER',
      'UNKNOWN_RECORD_TYPE',
      'ENTERPRISE_NOT_ACTIVE',
      'ALREADY_EXISTS',
    ],
    idempotency: 'required',
    async handler({ body, user, idempotency }) {
      const { name: channel, bank } = contract.own;
      const { consentId = idempotency.id('consent'), Purpose, ...rest } = body;
      const words = Purpose.text ?? (await purposeText(registry, user, Purpose.code));
      const purpose = { code: Purpose.code, text: words };
      const artefact: ConsentArtefact = { consentId, channel, bank, Purpose: purpose, ...rest };
      try {
        await contract.requestConsent(user.identity, artefact);
      } catch (error) {
        await requireSame(error, async () => {
          const { artefact: existing } = await contract.consent(user.identity, channel, consentId);
          return canonicalJson(existing) === canonicalJson(artefact);
        });
      }
      const view = await contract.consent(user.identity, channel, consentId);
      return { status: 201, body: view, headers: { Location: `/v1/consents/${consentId}` } };
    },
  });
}

async function purposeText(registry: RegistryContract, { identity }: User, code: string): Promise<string> {
  const { purposes } = await registry.consortium(identity);
  const found = purposes.find((purpose) => purpose.code === code);
  if (found !== undefined) return found.text;
  throw new Problem('UNKNOWN_PURPOSE', `The consortium has no purpose ${code}`, {
    errors: [{ field: 'Purpose.code', message: 'is not known' }],
  });
}

function readConsents(contract: SharingContract): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/consents',
      id: 'listConsents',
      tag: 'consents',
      summary: 'Consents that the user may see',
      description:
        'A bank sees its own, an enterprise those asked of it, a supervisor all. Over several banks they come one bank after the other.',
      scope: 'consents:read',
      query: Type.Object({ ...PageQuery.properties, enterprise: Type.Optional(Uscc) }, strict),
      responses: { 200: { description: 'A page.', schema: PageOf(ConsentView) } },
      idempotency: 'none',
      async handler({ query, user }) {
        const page = { pageSize: pageSizeOf(query), bookmark: query.bookmark };
        const filter = query.enterprise === undefined ? {} : { enterprise: query.enterprise };
        const body = await pageAcross(contract.channels, page, ({ name }, input) =>
          contract.consents(user.identity, name, { ...input, ...filter }),
        );
        return { status: 200, body };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/consents/{consentId}',
      id: 'getConsent',
      tag: 'consents',
      summary: 'A consent: what was asked, what holds now, who has signed',
      scope: 'consents:read',
      params: ConsentParams,
      responses: { 200: { description: 'The consent.', schema: ConsentView } },
      problems: ['NOT_FOUND', 'NOT_YOUR_RECORD'],
      idempotency: 'none',
      async handler({ params, user }) {
        const { found } = await contract.findConsent(user.identity, params.consentId);
        return { status: 200, body: found };
      },
    }),
  ];
}

const statementProblems = [
  'NOT_FOUND',
  'NOT_YOUR_RECORD',
  'SIGNATURE_INVALID',
  'SIGNATURE_REPLAYED',
  'SIGNATORY_UNKNOWN',
  'SIGNATORY_NOT_AUTHORISED',
  'STATEMENT_MISMATCH',
  'STATE_CONFLICT',
] as const;

function lodgeStatement(contract: SharingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/consents/{consentId}/statements',
    id: 'lodgeConsentStatement',
    tag: 'consents',
    summary: 'Lodge a signed grant, rejection or resumption',
    description:
      'The statement was signed by a signatory of the enterprise with a key that this gateway never sees (see `enterprise-signer`).',
    scope: 'consents:sign',
    params: ConsentParams,
    body: Statement,
    responses: { 200: { description: 'The consent with the statement counted.', schema: ConsentView } },
    problems: statementProblems,
    idempotency: 'required',
    async handler({ params: { consentId }, body: { statement }, user, idempotency }) {
      const { channel } = await contract.findConsent(user.identity, consentId);
      await onceLodged(idempotency.resumed, () =>
        contract.lodgeStatement(user.identity, channel.name, consentId, statement),
      );
      return { status: 200, body: await contract.consent(user.identity, channel.name, consentId) };
    },
  });
}

function lodgeStop(contract: SharingContract, way: StopThrough): Route {
  return route({
    method: 'POST',
    path: '/v1/consents/{consentId}/stops',
    id: 'lodgeConsentStop',
    tag: 'consents',
    summary: 'Lodge a signed pause or revocation',
    description: `Signed by any one signatory of the enterprise, and lodged here through the organisation's role ${way}. Every organisation of the roles enterprise, government and regulator takes it, so that none of them can refuse a stop.`,
    scope: 'consents:stop',
    params: ConsentParams,
    body: Statement,
    responses: { 200: { description: 'The stop is on the ledger.', schema: LodgedStop } },
    problems: statementProblems,
    idempotency: 'required',
    async handler({ params: { consentId }, body: { statement }, user, idempotency }) {
      const { name } = await contract.channelOfConsent(user.identity, consentId);
      await onceLodged(idempotency.resumed, () =>
        contract.lodgeStop(user.identity, name, consentId, way, statement),
      );
      const consent = await visible(contract.consent(user.identity, name, consentId));
      const body = { consentId, through: way, ...(consent === undefined ? {} : { consent }) };
      return { status: 200, body };
    },
  });
}

/** The consent, or undefined where the user may lodge a stop for it but not see it. */
async function visible(consent: Promise<ConsentView>): Promise<ConsentView | undefined> {
  try {
    return await consent;
  } catch (error) {
    if (error instanceof LedgerError && error.code === 'NOT_YOUR_RECORD') return undefined;
    throw error;
  }
}

/** A statement that an interrupted attempt at this very request lodged counts as lodged. */
async function onceLodged(resumed: boolean, lodge: () => Promise<unknown>): Promise<void> {
  try {
    await lodge();
  } catch (error) {
    if (!(resumed && error instanceof LedgerError && error.code === 'SIGNATURE_REPLAYED')) throw error;
  }
}
