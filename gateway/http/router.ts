import express, { type Request, type RequestHandler, type Response } from 'express';
import type { Logger } from 'pino';
import type { Users } from '../auth/users';
import type { TokenVerifier } from '../auth/tokens';
import { isScope, type Scope } from '../auth/scopes';
import type { Idempotency } from './idempotency';
import type { RequestCounts } from './limits';
import { idempotencyKeySchema } from './openapi';
import { Problem } from './problem';
import type { Reply, Route, RouteRequest, User } from './route';
import { responseChecker, validator, type Validator } from './validation';

/** What every route is mounted with. */
export interface RouterOptions {
  readonly users: Users;
  readonly tokens: TokenVerifier;
  readonly idempotency: Idempotency;
  readonly counts: RequestCounts;
  readonly logger: Logger;
  /** Check answers against their schemas too: in development and tests. */
  readonly checkResponses: boolean;
}

const defaultMaxBytes = 256 * 1024;
const keyPattern = new RegExp(idempotencyKeySchema.pattern);

/**
 * A router of exactly these routes. A path that exists answers other methods with 405 and `Allow`.
 *
 * @throws where two routes have the same method and path, or the same id.
 */
export function routerOf(routes: readonly Route[], options: RouterOptions): express.Router {
  const router = express.Router({ caseSensitive: true, strict: true });
  const byPath = new Map<string, Map<string, RequestHandler>>();
  const ids = new Set<string>();
  for (const route of routes) {
    if (ids.has(route.id)) throw new Error(`two routes have the id ${route.id}`);
    ids.add(route.id);
    const methods = byPath.get(route.path) ?? new Map<string, RequestHandler>();
    if (methods.has(route.method)) throw new Error(`two routes serve ${route.method} ${route.path}`);
    byPath.set(route.path, methods.set(route.method, handlerOf(route, options)));
  }
  for (const [path, methods] of byPath) router.all(pathPattern(path), dispatch(path, methods));
  return router;
}

/** `/v1/records/{id}:revoke` as a pattern; parameters match neither `/` nor `:`. */
export function pathPattern(path: string): RegExp {
  const pattern = path
    .split(/(\{[a-zA-Z]+\})/)
    .map((part) =>
      part.startsWith('{') ? `(?<${part.slice(1, -1)}>[^/:]+)` : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
    )
    .join('');
  return new RegExp(`^${pattern}$`);
}

function dispatch(path: string, methods: ReadonlyMap<string, RequestHandler>): RequestHandler {
  const allow = [...methods.keys(), ...(methods.has('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  return (request, response, next) => {
    response.locals.route = path;
    const handler = methods.get(request.method === 'HEAD' ? 'GET' : request.method);
    if (handler !== undefined) return handler(request, response, next);
    if (request.method === 'OPTIONS') {
      response.set('Allow', allow).status(204).end();
      return undefined;
    }
    throw new Problem('METHOD_NOT_ALLOWED', `${path} takes ${allow}`, { headers: { Allow: allow } });
  };
}

function handlerOf(route: Route, options: RouterOptions): RequestHandler {
  const produced = [
    ...new Set(Object.values(route.responses).map(({ contentType }) => contentType ?? 'application/json')),
  ];
  const params = route.params === undefined ? undefined : validator(route.params, 'path');
  const query = route.query === undefined ? rejectQuery : validator(route.query, 'query');
  const readBody = bodyReader(route);
  const send = sender(route, options.checkResponses);
  return async (request: Request, response: Response): Promise<void> => {
    const user = route.scope === 'public' ? undefined : await authenticate(request, options);
    if (user !== undefined && !user.scopes.includes(route.scope as Scope))
      throw new Problem('INSUFFICIENT_SCOPE', `This takes the scope ${route.scope}`, {
        headers: { 'WWW-Authenticate': `Bearer error="insufficient_scope", scope="${route.scope}"` },
      });
    if (request.accepts(produced) === false)
      throw new Problem('NOT_ACCEPTABLE', `This resource is available as ${produced.join(', ')}`);
    const input = {
      params: params?.({ ...request.params }),
      query: query({ ...request.query }),
      body: await readBody(request, response),
    };
    const run = (idempotency: RouteRequest<unknown, unknown, unknown>['idempotency']) =>
      route.handler({
        ...input,
        stream: request,
        get user(): User {
          if (user === undefined) throw new Error(`${route.id} is public and has no user`);
          return user;
        },
        requestId: requestId(request),
        idempotency,
        // Made where it is used: most handlers log nothing.
        get logger() {
          return options.logger.child({ requestId: requestId(request) });
        },
        remoteAddress: request.socket.remoteAddress ?? '',
      });
    const reply =
      route.idempotency === 'required' && user !== undefined
        ? await options.idempotency.run(
            {
              subject: user.subject,
              target: `${request.method} ${request.path}`,
              key: idempotencyKey(request),
              content: [input.query ?? null, input.body ?? null],
            },
            run,
          )
        : await run(noIdempotency);
    send(response, reply);
  };
}

const noIdempotency = {
  resumed: false,
  id: (): string => {
    throw new Error('only a route that requires an Idempotency-Key can derive an id from it');
  },
};

const rejectQuery: Validator = (value) => {
  const [name] = Object.keys(value as object);
  if (name === undefined) return undefined;
  throw new Problem('VALIDATION_FAILED', `The query is not valid: ${name} is not known here`, {
    errors: [{ field: `query.${name}`, message: 'is not known here' }],
  });
};

async function authenticate(request: Request, { tokens, users, counts }: RouterOptions): Promise<User> {
  const match = /^Bearer ([A-Za-z0-9._~+/=-]{1,8192})$/i.exec(request.get('authorization') ?? '');
  const claims = match?.[1] === undefined ? undefined : await tokens.verify(match[1]);
  const user = claims === undefined ? undefined : users.find(claims.subject);
  if (claims === undefined || user === undefined) {
    if (match !== null) await counts.refuse(request.socket.remoteAddress ?? '');
    throw new Problem('UNAUTHENTICATED', 'Send a bearer token that was issued for this organisation', {
      headers: { 'WWW-Authenticate': match === null ? 'Bearer' : 'Bearer error="invalid_token"' },
    });
  }
  await counts.take(user.subject, claims.client);
  if (claims.scopes === undefined) return user;
  const granted = new Set(claims.scopes.filter(isScope));
  return { ...user, scopes: user.scopes.filter((scope) => granted.has(scope)) };
}

type BodyReader = (request: Request, response: Response) => Promise<unknown>;

function bodyReader(route: Route): BodyReader {
  const { stream, body, maxBytes = defaultMaxBytes } = route;
  if (stream !== undefined)
    return (request) => {
      requireType(request, stream.contentType);
      if (Number(request.get('content-length') ?? 0) > stream.maxBytes)
        throw new Problem('CONTENT_TOO_LARGE', `The body may have ${stream.maxBytes} bytes`);
      return Promise.resolve(undefined);
    };
  if (body === undefined) return () => Promise.resolve(undefined);
  const parse: RequestHandler = express.json({ limit: maxBytes, type: () => true });
  const validate = validator(body, 'body');
  return async (request, response) => {
    requireType(request, 'application/json');
    await new Promise<void>((resolve, reject) => {
      parse(request, response, (error?: unknown) => {
        if (error === undefined) resolve();
        else reject(error instanceof Error ? error : new Error('the body could not be read'));
      });
    });
    return validate(request.body);
  };
}

function requireType(request: Request, contentType: string): void {
  if (request.is(contentType) === false || request.get('content-type') === undefined)
    throw new Problem('UNSUPPORTED_MEDIA_TYPE', `Send the body as ${contentType}`, {
      headers: { 'Accept-Post': contentType },
    });
}

function idempotencyKey(request: Request): string {
  const key = request.get('idempotency-key');
  const { minLength, maxLength } = idempotencyKeySchema;
  if (key === undefined)
    throw new Problem(
      'IDEMPOTENCY_KEY_REQUIRED',
      'Send an Idempotency-Key that you use for this request only',
    );
  if (key.length < minLength || key.length > maxLength || !keyPattern.test(key))
    throw new Problem(
      'VALIDATION_FAILED',
      `An Idempotency-Key has ${minLength} to ${maxLength} visible characters`,
      {
        errors: [{ field: 'header.Idempotency-Key', message: 'is not of the right form' }],
      },
    );
  return key;
}

function sender(route: Route, checkResponses: boolean): (response: Response, reply: Reply) => void {
  const checkers = new Map<number, (value: unknown) => string | undefined>();
  // Compiled at the first answer: compiling them all would hold up the start.
  const checkerOf = (status: number) => {
    const schema = route.responses[status]?.schema;
    if (schema === undefined) return undefined;
    const checker = checkers.get(status) ?? responseChecker(schema);
    checkers.set(status, checker);
    return checker;
  };
  return (response, { status, body, contentType, headers = {} }) => {
    if (checkResponses) {
      if (!(status in route.responses)) throw new Error(`${route.id} does not declare the status ${status}`);
      const wrong = checkerOf(status)?.(body);
      if (wrong !== undefined) throw new Error(`${route.id} answers against its schema: ${wrong}`);
    }
    response.status(status).set({ 'Cache-Control': 'no-store', ...headers });
    if (body === undefined) response.end();
    else if (contentType === undefined) response.json(body);
    else response.type(contentType).send(body);
  };
}

/** The id that the request's log lines and its answer carry. */
export function requestId(request: Request): string {
  return request.id as string;
}
