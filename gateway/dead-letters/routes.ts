import { Type } from 'typebox';
import { Instant, PageOf } from '../../chaincode/ledger/schemas';
import { PageQuery, pageSizeOf } from '../http/queries';
import { Problem } from '../http/problem';
import { route, type Route } from '../http/route';
import type { Services } from '../services';

const strict = { additionalProperties: false } as const;
const Name = Type.String({ pattern: '^[A-Za-z0-9_-]{1,249}$' });
const Address = Type.Object({ agent: Name, channel: Name, id: Name }, strict);
const DeadLetter = Type.Object(
  {
    ...Address.properties,
    attempts: Type.Integer({ minimum: 1 }),
    reason: Type.String({ maxLength: 100, description: 'Code of the last failure.' }),
    givenUpAt: Instant,
  },
  strict,
);

/** What this organisation's agents gave up. */
export function deadLetterRoutes({ deadLetters }: Services): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/dead-letters',
      id: 'listDeadLetters',
      tag: 'agents',
      summary: 'Tasks that an agent gave up after its last attempt',
      scope: 'agents:operate',
      query: Type.Object({ ...PageQuery.properties }, strict),
      responses: { 200: { description: 'A page.', schema: PageOf(DeadLetter) } },
      idempotency: 'none',
      async handler({ query }) {
        return { status: 200, body: await deadLetters.list(pageSizeOf(query), query.bookmark ?? '') };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/dead-letters/{agent}/{channel}/{id}:retry',
      id: 'retryDeadLetter',
      tag: 'agents',
      summary: 'Hand a task back to its agent',
      description:
        'It is tried again at once, and as often as a new one. What was done meanwhile is not done twice.',
      scope: 'agents:operate',
      params: Address,
      responses: { 202: { description: 'The agent has it again.', schema: Address } },
      problems: ['NOT_FOUND'],
      idempotency: 'required',
      async handler({ params, idempotency }) {
        if (!(await deadLetters.retry(params)) && !idempotency.resumed)
          throw new Problem('NOT_FOUND', 'No agent that runs here gave up such a task');
        return { status: 202, body: params };
      },
    }),
  ];
}
