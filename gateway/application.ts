import { randomUUID } from 'node:crypto';
import cors from 'cors';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import { pinoHttp } from 'pino-http';
import type { TokenVerifier } from './auth/tokens';
import { toProblem } from './http/errors';
import type { Idempotency } from './http/idempotency';
import { defaultLimits, RequestCounts, type RateLimits } from './http/limits';
import { Problem } from './http/problem';
import type { Route } from './http/route';
import { requestId, routerOf } from './http/router';
import type { Services } from './services';

export interface ApplicationOptions {
  readonly services: Services;
  readonly routes: readonly Route[];
  readonly tokens: TokenVerifier;
  readonly idempotency: Idempotency;
  /** Requests that one address may make in a minute. */
  readonly requestsPerMinute: number;
  /** Requests that one user, one client, one guesser may make in a minute. */
  readonly limits?: Partial<RateLimits>;
  /** Measures each request. */
  readonly measure?: RequestHandler;
  /** Origins whose pages may call this gateway; none unless given. */
  readonly allowedOrigins?: readonly string[];
  /** Check answers against their schemas too. */
  readonly checkResponses: boolean;
  /** True once the gateway is stopping: connections are then closed after their answer. */
  readonly stopping?: () => boolean;
}

/** The Express application of one organisation. Its routes are those given, and nothing else is served. */
export function createApplication(options: ApplicationOptions): Express {
  const { services, routes, tokens, idempotency } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  if (options.measure !== undefined) app.use(options.measure);
  app.use(logging(services));
  app.use(
    helmet({
      contentSecurityPolicy: {
        directives: {
          defaultSrc: ["'none'"],
          styleSrc: ["'self'", "'unsafe-inline'"],
          scriptSrc: ["'none'"],
          formAction: ["'none'"],
        },
        useDefaults: false,
      },
    }),
  );
  const { allowedOrigins = [] } = options;
  if (allowedOrigins.length > 0) app.use(crossOrigin(allowedOrigins));
  app.use((_request, response, next) => {
    if (options.stopping?.() === true) response.set('Connection', 'close');
    next();
  });
  app.use(
    rateLimit({
      windowMs: 60_000,
      limit: options.requestsPerMinute,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      skip: (request) => request.path === '/health',
      handler: () => {
        throw new Problem('TOO_MANY_REQUESTS', 'Wait a little, then go on more slowly');
      },
    }),
  );
  app.use(
    routerOf(routes, {
      users: services.users,
      tokens,
      idempotency,
      counts: new RequestCounts({ ...defaultLimits, ...options.limits }),
      logger: services.logger,
      checkResponses: options.checkResponses,
    }),
  );
  app.use((request) => {
    throw new Problem('ROUTE_NOT_FOUND', `Nothing is served at ${request.path}`);
  });
  app.use(answerProblem(services));
  return app;
}

/** Lets pages of these origins call, with a bearer token and without cookies. */
function crossOrigin(origins: readonly string[]) {
  return cors({
    origin: [...origins],
    methods: ['GET', 'HEAD', 'POST'],
    allowedHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key', 'Last-Event-ID', 'X-Request-Id'],
    exposedHeaders: ['Location', 'Retry-After', 'X-Request-Id', 'Idempotency-Replayed', 'RateLimit'],
    maxAge: 600,
  });
}

/** One line a request: ids, route, status, time; no headers, no query, no body. */
function logging({ logger }: Services) {
  return pinoHttp({
    logger,
    genReqId: (request, response) => {
      const given = request.headers['x-request-id'];
      const id = typeof given === 'string' && /^[A-Za-z0-9._-]{8,64}$/.test(given) ? given : randomUUID();
      response.setHeader('X-Request-Id', id);
      return id;
    },
    autoLogging: { ignore: (request) => request.url === '/health' },
    quietReqLogger: true,
    customAttributeKeys: { reqId: 'requestId' },
    customLogLevel: (_request, response, error) =>
      error !== undefined || response.statusCode >= 500 ? 'error' : 'info',
    customProps: (_request, response) => {
      const { route, code } =
        (response as unknown as { readonly locals?: { route?: string; code?: string } }).locals ?? {};
      return { route, code };
    },
    serializers: {
      req: (request: { readonly method: string }) => ({ method: request.method }),
      res: (response: { readonly statusCode: number }) => ({ status: response.statusCode }),
    },
  });
}

function answerProblem({ logger }: Services): ErrorRequestHandler {
  // Express recognises an error handler by its four parameters.
  // eslint-disable-next-line @typescript-eslint/no-unused-vars
  return (error: unknown, request, response, _next) => {
    const problem = toProblem(error);
    const id = requestId(request);
    response.locals.code = problem.code;
    if (problem.status >= 500)
      logger.error({ requestId: id, code: problem.code, err: error }, 'request failed');
    if (response.headersSent) {
      response.destroy();
      return;
    }
    response
      .status(problem.status)
      .set({ 'Cache-Control': 'no-store', ...problem.headers })
      .type('application/problem+json')
      .send(JSON.stringify(problem.document({ instance: request.path, requestId: id })));
  };
}
