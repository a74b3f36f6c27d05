import { Type } from 'typebox';
import { canonicalJson } from '../../chaincode/ledger/canonical';
import { OpaqueId, strict } from '../../chaincode/ledger/schemas';
import { ApplyInput, Notice } from '../../chaincode/lending/applications/model';
import { requireSame } from '../http/repeats';
import { route, type Route } from '../http/route';
import type { LendingContract } from '../ledger/lending';
import { bankMember, OfBank, ofBank } from '../lending/banks';
import { ApplicationOfBank, ApplicationParams, findApplication, moveApplication } from './context';

const asked = Type.Omit(ApplyInput, ['applicationId']).properties;

/** What an enterprise applies for; the gateway adds an id where none is given. */
export const ApplicationBody = Type.Object(
  { bank: bankMember, applicationId: Type.Optional(OpaqueId), ...asked },
  strict,
);

const RoundQuery = Type.Object(
  {
    round: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 2, description: '2 after a review; the latest unless given.' }),
    ),
  },
  strict,
);

/** What an enterprise does with its applications. */
export function applicantRoutes(contract: LendingContract): readonly Route[] {
  return [apply(contract), readNotice(contract), withdraw(contract), review(contract)];
}

function apply(contract: LendingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/applications',
    id: 'apply',
    tag: 'applications',
    summary: 'Apply to a bank for a loan',
    description: "The decision rests on records that the enterprise's signatories consented to share.",
    scope: 'applications:write',
    body: ApplicationBody,
    responses: { 201: { description: 'The application.', schema: ApplicationOfBank } },
    problems: [
      'UNAUTHORISED_ROLE',
      'UNKNOWN_ORGANISATION',
      'ENTERPRISE_NOT_ACTIVE',
      'ENTERPRISE_SIGNATURE_INVALID',
      'NOT_FOUND',
      'PRODUCT_NOT_OPEN',
      'PRODUCT_LIMIT_EXCEEDED',
      'VERSION_CONFLICT',
      'INVALID_INPUT',
      'ACCOUNT_NOT_OPEN',
      'NOT_YOUR_RECORD',
      'ALREADY_EXISTS',
    ],
    idempotency: 'required',
    async handler({ body, user: { identity }, idempotency }) {
      const { bank, applicationId = idempotency.id('application'), ...rest } = body;
      const channel = contract.channelOf(bank);
      const input: ApplyInput = { applicationId, ...rest };
      const find = () => contract.evaluate(identity, channel, 'applications:Get', { applicationId });
      try {
        await contract.submit(identity, channel, 'applications:Apply', input);
      } catch (error) {
        await requireSame(error, async () => {
          const { product, amount, termMonths, purpose, account, payee } = (await find()).application;
          const existing = { product, amount, termMonths, purpose, account };
          const given = payee === undefined ? existing : { ...existing, payee };
          return canonicalJson(given) === canonicalJson(rest);
        });
      }
      const headers = { Location: `/v1/applications/${applicationId}` };
      return { status: 201, body: ofBank(channel, await find()), headers };
    },
  });
}

function readNotice(contract: LendingContract): Route {
  return route({
    method: 'GET',
    path: '/v1/applications/{applicationId}/notice',
    id: 'readNotice',
    tag: 'applications',
    summary: 'What the bank gave notice of: outcome, reasons, limit, rate',
    description: "Read from the organisation's own peer, for the applicant alone.",
    scope: 'applications:read',
    params: ApplicationParams,
    query: RoundQuery,
    responses: { 200: { description: 'The notice.', schema: OfBank(Notice) } },
    problems: ['NOT_FOUND', 'NOT_YOUR_RECORD', 'PRIVATE_READ_REFUSED'],
    idempotency: 'none',
    async handler({ params: { applicationId }, query, user }) {
      const { channel } = await findApplication(contract, user, applicationId);
      const input = { applicationId, ...(query.round === undefined ? {} : { round: query.round }) };
      const notice = await contract.readPrivate(user.identity, channel, 'applications:ReadNotice', input);
      return { status: 200, body: ofBank(channel, notice) };
    },
  });
}

function withdraw(contract: LendingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/applications/{applicationId}:withdraw',
    id: 'withdrawApplication',
    tag: 'applications',
    summary: 'Withdraw an application; an offer of it ends with it',
    scope: 'applications:write',
    params: ApplicationParams,
    responses: { 200: { description: 'Withdrawn.', schema: ApplicationOfBank } },
    problems: ['NOT_FOUND', 'NOT_YOUR_RECORD', 'STATE_CONFLICT'],
    idempotency: 'required',
    handler: ({ params: { applicationId }, user, idempotency }) =>
      moveApplication(applicationId, {
        ...{ contract, user, idempotency },
        submit: (at) => contract.submit(user.identity, at, 'applications:Withdraw', { applicationId }),
        done: ({ application }) => application.state === 'WITHDRAWN',
      }),
  });
}

function review(contract: LendingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/applications/{applicationId}:review',
    id: 'requestReview',
    tag: 'applications',
    summary: 'Ask, once, for a declined application to be looked at again',
    scope: 'applications:write',
    params: ApplicationParams,
    responses: { 200: { description: 'To be decided anew.', schema: ApplicationOfBank } },
    problems: ['NOT_FOUND', 'NOT_YOUR_RECORD', 'STATE_CONFLICT'],
    idempotency: 'required',
    handler: ({ params: { applicationId }, user, idempotency }) =>
      moveApplication(applicationId, {
        ...{ contract, user, idempotency },
        submit: (at) => contract.submit(user.identity, at, 'applications:RequestReview', { applicationId }),
        done: ({ application }) => application.round === 2,
      }),
  });
}
