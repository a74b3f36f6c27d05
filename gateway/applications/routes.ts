import { Type } from 'typebox';
import { Uscc, strict } from '../../chaincode/ledger/schemas';
import { ApplicationView, Mandate } from '../../chaincode/lending/applications/model';
import { route, type Route } from '../http/route';
import { LendingContract } from '../ledger/lending';
import { BankPageQuery, OfBank, ofBank, pageOfBanks, PageOfBank } from '../lending/banks';
import type { Services } from '../services';
import { applicantRoutes } from './applicant-routes';
import { bankRoutes } from './bank-routes';
import { ApplicationOfBank, ApplicationParams, findApplication, moveApplication } from './context';

/** Loan applications: the applicant applies, the bank attaches evidence, decides and gives notice. */
export function applicationRoutes({ organisation, topology, ledger }: Services): readonly Route[] {
  const contract = new LendingContract(ledger, topology, organisation);
  if (contract.channels.length === 0) return [];
  const { roles } = organisation;
  const party = roles.includes('enterprise') || roles.includes('bank');
  return [
    ...(roles.includes('enterprise') ? applicantRoutes(contract) : []),
    ...(roles.includes('bank') ? bankRoutes(contract) : []),
    ...(party ? [lapse(contract)] : []),
    ...readApplications(contract),
  ];
}

function lapse(contract: LendingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/applications/{applicationId}:lapse',
    id: 'lapseApplication',
    tag: 'applications',
    summary: 'End an application whose offer was not accepted, or whose loan was not drawn, in time',
    scope: 'applications:read',
    params: ApplicationParams,
    responses: { 200: { description: 'Lapsed.', schema: ApplicationOfBank } },
    problems: ['NOT_FOUND', 'NOT_YOUR_RECORD', 'STATE_CONFLICT', 'BUSINESS_DAY_NOT_OPEN'],
    idempotency: 'required',
    handler: ({ params: { applicationId }, user, idempotency }) =>
      moveApplication(applicationId, {
        ...{ contract, user, idempotency },
        submit: (at) => contract.submit(user.identity, at, 'applications:Lapse', { applicationId }),
        done: ({ application }) => application.state === 'LAPSED',
      }),
  });
}

function readApplications(contract: LendingContract): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/applications',
      id: 'listApplications',
      tag: 'applications',
      summary: 'Applications that the user may see',
      description: 'An enterprise sees its own at all banks, a bank those made to it, a supervisor all.',
      scope: 'applications:read',
      query: Type.Object({ ...BankPageQuery.properties, enterprise: Type.Optional(Uscc) }, strict),
      responses: { 200: { description: 'A page.', schema: PageOfBank(ApplicationView) } },
      problems: ['NOT_YOUR_RECORD', 'UNKNOWN_ORGANISATION'],
      idempotency: 'none',
      async handler({ query, user: { identity } }) {
        const filter = query.enterprise === undefined ? {} : { enterprise: query.enterprise };
        const body = await pageOfBanks(contract, query, (channel, page) =>
          contract.evaluate(identity, channel, 'applications:List', { ...page, ...filter }),
        );
        return { status: 200, body };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/applications/{applicationId}',
      id: 'getApplication',
      tag: 'applications',
      summary: 'An application: its state, its evidence, and whether it is decided',
      scope: 'applications:read',
      params: ApplicationParams,
      responses: { 200: { description: 'The application.', schema: ApplicationOfBank } },
      problems: ['NOT_FOUND', 'NOT_YOUR_RECORD'],
      idempotency: 'none',
      async handler({ params: { applicationId }, user }) {
        const { channel, found } = await findApplication(contract, user, applicationId);
        return { status: 200, body: ofBank(channel, found) };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/applications/{applicationId}/mandate',
      id: 'getMandate',
      tag: 'applications',
      summary: 'The signed acceptance, with what the borrower lets the bank debit',
      scope: 'applications:read',
      params: ApplicationParams,
      responses: { 200: { description: 'The mandate.', schema: OfBank(Mandate) } },
      problems: ['NOT_FOUND', 'NOT_YOUR_RECORD'],
      idempotency: 'none',
      async handler({ params: { applicationId }, user }) {
        const { channel } = await findApplication(contract, user, applicationId);
        const mandate = await contract.evaluate(user.identity, channel, 'applications:GetMandate', {
          applicationId,
        });
        return { status: 200, body: ofBank(channel, mandate) };
      },
    }),
  ];
}
