import { Type } from 'typebox';
import { strict } from '../../chaincode/ledger/schemas';
import {
  AttachEvidenceInput,
  Notice,
  PrivateDecision,
  ReadInput,
} from '../../chaincode/lending/applications/model';
import { route, type Route } from '../http/route';
import type { LendingContract } from '../ledger/lending';
import { OfBank, ofBank } from '../lending/banks';
import { ApplicationOfBank, ApplicationParams, findApplication, moveApplication } from './context';

const { consentId, requestIds } = AttachEvidenceInput.properties;

/** Why evidence does not carry a decision. */
const evidenceProblems = [
  'NOT_FOUND',
  'UNAUTHORISED_ROLE',
  'STATE_CONFLICT',
  'NOT_YOUR_RECORD',
  'CONSENT_NOT_ACTIVE',
  'BEYOND_CONSENT',
  'EVIDENCE_MISSING',
  'EVIDENCE_STALE',
  'EVIDENCE_INCOMPLETE',
  'EVIDENCE_SUPERSEDED',
  'EVIDENCE_WEAK',
  'DATA_LIFE_ENDED',
  'PURGED',
  'CALLEE_FAILED',
] as const;

/** What a bank's officers do with applications. */
export function bankRoutes(contract: LendingContract): readonly Route[] {
  return [attachEvidence(contract), decide(contract), readDecision(contract), notify(contract)];
}

function attachEvidence(contract: LendingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/applications/{applicationId}/evidence',
    id: 'attachEvidence',
    tag: 'applications',
    summary: 'Name the deliveries, under a live consent, that the decision is to rest on',
    description:
      'Both endorsers check them against the product; what is missing or too old is named. Further evidence replaces what was named before, until it is decided on.',
    scope: 'applications:decide',
    params: ApplicationParams,
    body: Type.Object({ consentId, requestIds }, strict),
    responses: { 200: { description: 'The application with its evidence.', schema: ApplicationOfBank } },
    problems: evidenceProblems,
    idempotency: 'required',
    handler: ({ params: { applicationId }, body, user, idempotency }) =>
      moveApplication(applicationId, {
        ...{ contract, user, idempotency },
        submit: (at) =>
          contract.submit(user.identity, at, 'applications:AttachEvidence', { applicationId, ...body }),
        done: ({ application: { evidence } }) => evidence?.consentId === body.consentId,
      }),
  });
}

function decide(contract: LendingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/applications/{applicationId}:decide',
    id: 'decideApplication',
    tag: 'applications',
    summary: 'Have the contract decide on the evidence',
    description:
      "Runs on the bank's own peer alone, which holds what was delivered. Everybody sees that it was decided and on which evidence; what was decided is read by `readDecision`, and given to the applicant by `notifyApplicant`.",
    scope: 'applications:decide',
    params: ApplicationParams,
    responses: {
      200: { description: 'Decided; the outcome is not in the answer.', schema: ApplicationOfBank },
    },
    problems: [...evidenceProblems, 'ALREADY_EXISTS', 'REFERENCE_MISSING'],
    idempotency: 'required',
    handler: ({ params: { applicationId }, user, idempotency }) =>
      moveApplication(applicationId, {
        ...{ contract, user, idempotency },
        submit: (at) => contract.decide(user.identity, at, applicationId),
        done: ({ application, decision }) => decision.round === application.round,
      }),
  });
}

function readDecision(contract: LendingContract): Route {
  return route({
    method: 'GET',
    path: '/v1/applications/{applicationId}/decision',
    id: 'readDecision',
    tag: 'applications',
    summary:
      'What was decided and why: metrics, points, limit, price, digests of the records; and the notice',
    description: "Read from the bank's own peer.",
    scope: 'decisions:read',
    params: ApplicationParams,
    query: Type.Object({ round: ReadInput.properties.round }, strict),
    responses: {
      200: {
        description: 'Decision and notice.',
        schema: OfBank(Type.Object({ decision: PrivateDecision, notice: Notice })),
      },
    },
    problems: ['NOT_FOUND', 'UNAUTHORISED_ROLE', 'PRIVATE_READ_REFUSED'],
    idempotency: 'none',
    async handler({ params: { applicationId }, query, user }) {
      const { channel } = await findApplication(contract, user, applicationId);
      const input = { applicationId, ...(query.round === undefined ? {} : { round: query.round }) };
      const read = await contract.readPrivate(user.identity, channel, 'applications:ReadDecision', input);
      return { status: 200, body: ofBank(channel, read) };
    },
  });
}

function notify(contract: LendingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/applications/{applicationId}:notify',
    id: 'notifyApplicant',
    tag: 'applications',
    summary: 'Give the applicant notice of the decision',
    description:
      "The notice goes to the applicant's organisation alone, whose peer holds it against the hash in the bank's books. From here on the application is decided or declined.",
    scope: 'applications:decide',
    params: ApplicationParams,
    responses: { 200: { description: 'Decided or declined.', schema: ApplicationOfBank } },
    problems: ['NOT_FOUND', 'UNAUTHORISED_ROLE', 'DECISION_MISSING', 'DECISION_MISMATCH', 'STATE_CONFLICT'],
    idempotency: 'required',
    handler: ({ params: { applicationId }, user, idempotency }) =>
      moveApplication(applicationId, {
        ...{ contract, user, idempotency },
        submit: (at, { application: { organisation } }) =>
          contract.notify(user.identity, at, applicationId, organisation),
        done: ({ application: { state } }) => state !== 'EVIDENCE_COMPLETE',
      }),
  });
}
