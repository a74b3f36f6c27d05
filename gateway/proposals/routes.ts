import { Type } from 'typebox';
import { digestOf } from '../../chaincode/ledger/canonical';
import { Digest, OpaqueId, ReasonCode, strict } from '../../chaincode/ledger/schemas';
import { Action, Content, Proposal, type ProposalStatus } from '../../chaincode/lending/approvals/model';
import type { ProblemCode } from '../http/codes';
import { requireDone, requireSame } from '../http/repeats';
import { route, type IdempotencyContext, type Route } from '../http/route';
import type { Committed } from '../ledger/client';
import { LendingContract } from '../ledger/lending';
import type { LendingChannel } from '../ledger/channels';
import { BankPageQuery, OfBank, ofBank, pageOfBanks, PageOfBank } from '../lending/banks';
import type { Services } from '../services';

const ProposalParams = Type.Object({ proposalId: OpaqueId }, strict);

/** What is proposed; the gateway adds an id where none is given. */
export const ProposalBody = Type.Object(
  { proposalId: Type.Optional(OpaqueId), action: Action, content: Content },
  strict,
);

/** What an action may refuse when it is carried out, besides what every decision on a proposal may. */
const actionProblems = [
  'INVALID_INPUT',
  'ALREADY_EXISTS',
  'STATE_CONFLICT',
  'ACCOUNT_NOT_OPEN',
  'INSUFFICIENT_FUNDS',
  'BUSINESS_DAY_NOT_OPEN',
  'MANDATE_MISSING',
  'MANDATE_EXCEEDED',
  'CONSENT_NOT_ACTIVE',
  'RATE_CEILING_EXCEEDED',
  'PRODUCT_LIMIT_EXCEEDED',
  'OFFER_EXPIRED',
  'TERMS_MISMATCH',
  'LINE_NOT_OPEN',
  'LINE_LIMIT_EXCEEDED',
  'LOAN_NOT_ACTIVE',
  'LOANS_NOT_CLOSED',
  'ORDER_EXPIRED',
  'QUORUM_MISSING',
  'PRODUCT_NOT_OPEN',
  'VERSION_CONFLICT',
  'DECISION_MISSING',
  'REFERENCE_MISSING',
] as const satisfies readonly ProblemCode[];

/** Four eyes: what moves money or terms is proposed by one person of the bank and approved by another. */
export function proposalRoutes({ organisation, topology, ledger }: Services): readonly Route[] {
  const contract = new LendingContract(ledger, topology, organisation);
  if (contract.channels.length === 0) return [];
  const { roles } = organisation;
  return [
    ...(roles.includes('bank')
      ? [propose(contract), approve(contract), reject(contract), withdraw(contract)]
      : []),
    ...(roles.includes('bank') || roles.includes('regulator') ? readProposals(contract) : []),
  ];
}

function propose(contract: LendingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/proposals',
    id: 'propose',
    tag: 'proposals',
    summary: 'Propose what takes a second person',
    description:
      'Money in (`ISSUE`) and out (`REDEEM`, with the owner’s signed order), products (`PUBLISH_PRODUCT`), disbursement (`DISBURSE`), payout of a drawdown that the borrower ordered (`DRAW_DOWN`), overrides (`OVERRIDE_DECISION`), waivers (`WAIVE`), write-offs (`WRITE_OFF`), payments taken back (`REVERSE_PAYMENT`), loans taken over (`BOARD_LOANS`). The contract checks the content by its action; a refusal names the member below `content`.',
    scope: 'proposals:make',
    body: ProposalBody,
    responses: { 201: { description: 'Proposed; nothing is carried out yet.', schema: OfBank(Proposal) } },
    problems: ['UNAUTHORISED_ROLE', ...actionProblems],
    idempotency: 'required',
    async handler({ body, user: { identity }, idempotency }) {
      const { proposalId = idempotency.id('proposal'), action, content } = body;
      const channel = contract.channelOf(undefined);
      const find = () => contract.evaluate(identity, channel, 'approvals:GetProposal', { proposalId });
      try {
        await contract.submit(identity, channel, 'approvals:Propose', { proposalId, action, content });
      } catch (error) {
        await requireSame(error, async () => {
          const existing = await find();
          return existing.action === action && existing.digest === digestOf(content);
        });
      }
      const headers = { Location: `/v1/proposals/${proposalId}` };
      return { status: 201, body: ofBank(channel, await find()), headers };
    },
  });
}

/** Carries out a decision on a proposal and answers the proposal as it is then. */
async function decided(
  contract: LendingContract,
  identity: string,
  proposalId: string,
  decision: {
    readonly idempotency: IdempotencyContext;
    readonly becomes: ProposalStatus;
    readonly submit: (channel: LendingChannel) => Promise<Committed>;
  },
) {
  const channel = contract.channelOf(undefined);
  const find = () => contract.evaluate(identity, channel, 'approvals:GetProposal', { proposalId });
  try {
    await decision.submit(channel);
  } catch (error) {
    await requireDone(error, decision.idempotency, async () => (await find()).status === decision.becomes);
  }
  return { status: 200, body: ofBank(channel, await find()) };
}

function approve(contract: LendingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/proposals/{proposalId}:approve',
    id: 'approveProposal',
    tag: 'proposals',
    summary: 'Approve what another person proposed, and have it carried out',
    description: 'By the digest of the content that was looked at: another content is not approved.',
    scope: 'proposals:check',
    params: ProposalParams,
    body: Type.Object({ digest: Digest }, strict),
    responses: { 200: { description: 'Carried out.', schema: OfBank(Proposal) } },
    problems: [
      'NOT_FOUND',
      'UNAUTHORISED_ROLE',
      'SAME_PERSON',
      'APPROVAL_MISMATCH',
      'APPROVAL_NOT_OPEN',
      ...actionProblems,
    ],
    idempotency: 'required',
    handler: ({ params: { proposalId }, body: { digest }, user: { identity }, idempotency }) =>
      decided(contract, identity, proposalId, {
        ...{ idempotency, becomes: 'EXECUTED' },
        submit: (at) => contract.submit(identity, at, 'approvals:Approve', { proposalId, digest }),
      }),
  });
}

function reject(contract: LendingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/proposals/{proposalId}:reject',
    id: 'rejectProposal',
    tag: 'proposals',
    summary: 'Reject what another person proposed',
    scope: 'proposals:check',
    params: ProposalParams,
    body: Type.Object({ reason: ReasonCode }, strict),
    responses: { 200: { description: 'Rejected.', schema: OfBank(Proposal) } },
    problems: ['NOT_FOUND', 'UNAUTHORISED_ROLE', 'SAME_PERSON', 'APPROVAL_NOT_OPEN'],
    idempotency: 'required',
    handler: ({ params: { proposalId }, body: { reason }, user: { identity }, idempotency }) =>
      decided(contract, identity, proposalId, {
        ...{ idempotency, becomes: 'REJECTED' },
        submit: (at) => contract.submit(identity, at, 'approvals:Reject', { proposalId, reason }),
      }),
  });
}

function withdraw(contract: LendingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/proposals/{proposalId}:withdraw',
    id: 'withdrawProposal',
    tag: 'proposals',
    summary: "Take one's own proposal back",
    scope: 'proposals:make',
    params: ProposalParams,
    responses: { 200: { description: 'Withdrawn.', schema: OfBank(Proposal) } },
    problems: ['NOT_FOUND', 'UNAUTHORISED_ROLE', 'APPROVAL_NOT_OPEN'],
    idempotency: 'required',
    handler: ({ params: { proposalId }, user: { identity }, idempotency }) =>
      decided(contract, identity, proposalId, {
        ...{ idempotency, becomes: 'WITHDRAWN' },
        submit: (at) => contract.submit(identity, at, 'approvals:Withdraw', { proposalId }),
      }),
  });
}

function readProposals(contract: LendingContract): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/proposals',
      id: 'listOpenProposals',
      tag: 'proposals',
      summary: 'Proposals that wait for a decision',
      scope: 'proposals:read',
      query: Type.Object({ ...BankPageQuery.properties, action: Type.Optional(Action) }, strict),
      responses: { 200: { description: 'A page.', schema: PageOfBank(Proposal) } },
      problems: ['NOT_YOUR_RECORD', 'UNKNOWN_ORGANISATION'],
      idempotency: 'none',
      async handler({ query, user: { identity } }) {
        const filter = query.action === undefined ? {} : { action: query.action };
        const body = await pageOfBanks(contract, query, (channel, page) =>
          contract.evaluate(identity, channel, 'approvals:ListOpenProposals', { ...page, ...filter }),
        );
        return { status: 200, body };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/proposals/{proposalId}',
      id: 'getProposal',
      tag: 'proposals',
      summary: 'A proposal: its content with the digest to approve it by, who made and who decided it',
      scope: 'proposals:read',
      params: ProposalParams,
      responses: { 200: { description: 'The proposal.', schema: OfBank(Proposal) } },
      problems: ['NOT_FOUND', 'NOT_YOUR_RECORD'],
      idempotency: 'none',
      async handler({ params: { proposalId }, user: { identity } }) {
        const { channel, found } = await contract.find(
          identity,
          `proposal ${proposalId}`,
          'approvals:GetProposal',
          { proposalId },
        );
        return { status: 200, body: ofBank(channel, found) };
      },
    }),
  ];
}
