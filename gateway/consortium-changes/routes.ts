import { Type } from 'typebox';
import { canonicalJson } from '../../chaincode/ledger/canonical';
import { Digest, Instant, OpaqueId, PageOf } from '../../chaincode/ledger/schemas';
import { ChangeView, NextState, VoteInput } from '../../chaincode/registry/changes/model';
import { PageQuery, pageSizeOf } from '../http/queries';
import { requireSame } from '../http/repeats';
import { route, type Route } from '../http/route';
import { ConsortiumChanges } from '../ledger/changes';
import type { Services } from '../services';

const strict = { additionalProperties: false } as const;
const ChangeParams = Type.Object({ changeId: OpaqueId }, strict);
const State = Type.Object(
  { consortium: NextState.properties.consortium, from: Instant, until: Type.Optional(Instant) },
  strict,
);
/** The whole state with its schemas is larger than other bodies. */
const maxBytes = 2 * 1024 * 1024;

/** How the consortium changes its own state: record types, purposes and their ceilings, departments and their keys. */
export function consortiumChangeRoutes({ organisation, topology, ledger }: Services): readonly Route[] {
  const changes = new ConsortiumChanges(ledger, topology, organisation);
  return [propose(changes), vote(changes), enact(changes), ...reads(changes)];
}

function propose(changes: ConsortiumChanges): Route {
  return route({
    method: 'POST',
    path: '/v1/consortium-changes',
    id: 'proposeConsortiumChange',
    tag: 'consortium',
    summary: 'Propose the next state of the consortium',
    description:
      'The whole next state, one version above the one in force, and the record types that are new or of a new version. It takes effect once a majority of organisations has approved it and somebody enacts it.',
    scope: 'consortium:propose',
    body: Type.Object({ changeId: Type.Optional(OpaqueId), next: NextState }, strict),
    maxBytes,
    responses: { 201: { description: 'The change, as yet without votes.', schema: ChangeView } },
    problems: ['CHANGE_INVALID', 'VERSION_CONFLICT', 'ALREADY_EXISTS'],
    idempotency: 'required',
    async handler({ body, user, idempotency }) {
      const { changeId = idempotency.id('change'), next } = body;
      try {
        await changes.propose(user.identity, { changeId, next });
      } catch (error) {
        await requireSame(error, async () => {
          const { change } = await changes.get(user.identity, changeId);
          return canonicalJson(change.next) === canonicalJson(next);
        });
      }
      const view = await changes.get(user.identity, changeId);
      return { status: 201, body: view, headers: { Location: `/v1/consortium-changes/${changeId}` } };
    },
  });
}

function vote(changes: ConsortiumChanges): Route {
  return route({
    method: 'POST',
    path: '/v1/consortium-changes/{changeId}/votes',
    id: 'voteOnConsortiumChange',
    tag: 'consortium',
    summary: 'Vote for the own organisation on a change',
    description: 'Names the digest of what was looked at. The last vote before the change is enacted counts.',
    scope: 'consortium:vote',
    params: ChangeParams,
    body: Type.Object({ digest: Digest, vote: VoteInput.properties.vote }, strict),
    responses: { 200: { description: 'The change with the vote.', schema: ChangeView } },
    problems: ['NOT_FOUND', 'CHANGE_INVALID', 'STATE_CONFLICT'],
    idempotency: 'required',
    async handler({ params: { changeId }, body, user }) {
      await changes.vote(user.identity, { changeId, ...body });
      return { status: 200, body: await changes.get(user.identity, changeId) };
    },
  });
}

function enact(changes: ConsortiumChanges): Route {
  return route({
    method: 'POST',
    path: '/v1/consortium-changes/{changeId}:enact',
    id: 'enactConsortiumChange',
    tag: 'consortium',
    summary: 'Put a change that a majority approved into force',
    scope: 'consortium:vote',
    params: ChangeParams,
    responses: { 200: { description: 'The change, in force.', schema: ChangeView } },
    problems: ['NOT_FOUND', 'VOTES_MISSING', 'STATE_CONFLICT', 'CHANGE_INVALID'],
    idempotency: 'required',
    async handler({ params: { changeId }, user, idempotency }) {
      const { change, votes, state } = await changes.get(user.identity, changeId);
      const approving = votes
        .filter((given) => given.vote === 'APPROVE' && given.digest === change.digest)
        .map(({ msp }) => msp);
      // An attempt that was interrupted may have enacted it.
      if (!(idempotency.resumed && state === 'ENACTED'))
        await changes.enact(user.identity, changeId, approving);
      return { status: 200, body: await changes.get(user.identity, changeId) };
    },
  });
}

function reads(changes: ConsortiumChanges): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/consortium-changes',
      id: 'listConsortiumChanges',
      tag: 'consortium',
      summary: 'Changes of the consortium that were proposed, with their votes',
      scope: 'registry:read',
      query: Type.Object({ ...PageQuery.properties }, strict),
      responses: { 200: { description: 'A page.', schema: PageOf(ChangeView) } },
      idempotency: 'none',
      async handler({ query, user }) {
        const { bookmark } = query;
        const page = { pageSize: pageSizeOf(query), ...(bookmark === undefined ? {} : { bookmark }) };
        return { status: 200, body: await changes.list(user.identity, page) };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/consortium-changes/{changeId}',
      id: 'getConsortiumChange',
      tag: 'consortium',
      summary: 'A change, with its votes',
      scope: 'registry:read',
      params: ChangeParams,
      responses: { 200: { description: 'The change.', schema: ChangeView } },
      problems: ['NOT_FOUND'],
      idempotency: 'none',
      async handler({ params, user }) {
        return { status: 200, body: await changes.get(user.identity, params.changeId) };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/consortium-states/{version}',
      id: 'getConsortiumState',
      tag: 'consortium',
      summary: 'The state of the consortium of a version: what was valid then, and from when until when',
      scope: 'registry:read',
      params: Type.Object({ version: Type.String({ pattern: '^[1-9][0-9]{0,5}$' }) }, strict),
      responses: { 200: { description: 'The state.', schema: State } },
      problems: ['NOT_FOUND'],
      idempotency: 'none',
      async handler({ params, user }) {
        return {
          status: 200,
          body: await changes.state(user.identity, { version: Number(params.version) }),
        };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/consortium-states',
      id: 'findConsortiumState',
      tag: 'consortium',
      summary: 'The state of the consortium at an instant',
      scope: 'registry:read',
      query: Type.Object({ at: Instant }, strict),
      responses: { 200: { description: 'The state.', schema: State } },
      problems: ['NOT_FOUND'],
      idempotency: 'none',
      async handler({ query, user }) {
        return { status: 200, body: await changes.state(user.identity, { at: query.at }) };
      },
    }),
  ];
}
