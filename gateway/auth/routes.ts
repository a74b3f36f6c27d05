import { Type } from 'typebox';
import { Problem } from '../http/problem';
import { route, type Route } from '../http/route';
import type { Services } from '../services';
import { developmentTokenLife, type DevelopmentIssuer } from './tokens';

const Subject = Type.Object(
  {
    subject: Type.String({ minLength: 1, maxLength: 256, description: 'A user of the organisation.' }),
    scopes: Type.Optional(
      Type.Array(Type.String({ maxLength: 64 }), {
        maxItems: 50,
        description: 'Only these; absent: all of the user.',
      }),
    ),
  },
  { additionalProperties: false },
);
const Token = Type.Object(
  {
    access_token: Type.String(),
    token_type: Type.Literal('Bearer'),
    expires_in: Type.Integer({ description: 'Seconds.' }),
    scope: Type.String(),
  },
  { additionalProperties: false },
);

/** The token endpoint of the development issuer; mounted only where that issuer runs. */
export function developmentTokenRoutes({ users }: Services, issuer: DevelopmentIssuer): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/dev/token',
      id: 'issueDevelopmentToken',
      tag: 'development',
      summary: 'A token for any user of the organisation, for development on this machine',
      description:
        'Asked for without any proof, and therefore only from the machine itself and never in production.',
      scope: 'public',
      body: Subject,
      responses: { 200: { description: 'The token.', schema: Token } },
      problems: ['NOT_FROM_THIS_HOST', 'NOT_FOUND'],
      idempotency: 'none',
      async handler({ body, remoteAddress }) {
        if (!isLoopback(remoteAddress))
          throw new Problem('NOT_FROM_THIS_HOST', 'The development issuer answers on loopback only');
        const user = users.find(body.subject);
        if (user === undefined)
          throw new Problem(
            'NOT_FOUND',
            'The organisation has no such user; "network identity list" shows them',
          );
        const scopes = body.scopes ?? user.scopes;
        return {
          status: 200,
          body: {
            access_token: await issuer.issue(body.subject, body.scopes),
            token_type: 'Bearer',
            expires_in: developmentTokenLife,
            scope: user.scopes.filter((scope) => scopes.includes(scope)).join(' '),
          },
        };
      },
    }),
  ];
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address);
}
