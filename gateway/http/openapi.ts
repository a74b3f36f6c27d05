import type { TObject } from 'typebox';
import { scopes, type Scope } from '../auth/scopes';
import { problemKinds, type ProblemCode } from './codes';
import { ProblemDocument } from './problem';
import type { Route } from './route';

interface About {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  /** Base URL of the gateway. */
  readonly server: string;
}

/** OpenAPI 3.1 document of exactly these routes, with the schemas that validate them. */
export function openApiDocument(about: About, routes: readonly Route[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method.toLowerCase()] = operation(route);
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: {
      title: about.title,
      version: about.version,
      description: about.description,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: about.server }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: `Token of the organisation's issuer. Scopes: ${Object.entries(scopes)
            .map(([scope, words]) => `\`${scope}\` (${words})`)
            .join(', ')}.`,
        },
      },
      schemas: { Problem: ProblemDocument },
      parameters: {
        IdempotencyKey: {
          name: 'Idempotency-Key',
          in: 'header',
          required: true,
          description:
            'Chosen by the client, unique to the request. Sent again with the same content it gets the same answer; with other content, 422.',
          schema: idempotencyKeySchema,
        },
      },
      headers: {
        RequestId: {
          description: 'Id of the request, in the logs too.',
          schema: { type: 'string' },
        },
      },
    },
  };
}

export const idempotencyKeySchema = {
  type: 'string',
  minLength: 8,
  maxLength: 128,
  pattern: '^[\\x21-\\x7e]+$',
} as const;

/** Codes that a route may answer with, whichever handler it has, in the order of their status. */
export function problemsOf(route: Route): readonly ProblemCode[] {
  const codes = new Set<ProblemCode>(['BAD_REQUEST', 'TOO_MANY_REQUESTS', 'INTERNAL_ERROR']);
  if (route.params !== undefined || route.query !== undefined || route.body !== undefined)
    codes.add('VALIDATION_FAILED');
  if (route.scope !== 'public')
    codes.add('UNAUTHENTICATED').add('INSUFFICIENT_SCOPE').add('IDENTITY_PROVIDER_UNAVAILABLE');
  if (route.method === 'POST' && (route.body !== undefined || route.stream !== undefined))
    codes.add('CONTENT_TOO_LARGE').add('UNSUPPORTED_MEDIA_TYPE');
  if (route.idempotency === 'required')
    codes.add('IDEMPOTENCY_KEY_REQUIRED').add('IDEMPOTENCY_KEY_REUSED').add('IDEMPOTENCY_IN_PROGRESS');
  for (const code of route.problems ?? []) codes.add(code);
  return [...codes].sort((a, b) => problemKinds[a].status - problemKinds[b].status);
}

function operation(route: Route): object {
  return {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    security: route.scope === 'public' ? [] : [{ bearer: [route.scope satisfies Scope] }],
    parameters: [
      ...parametersOf(route.params, 'path'),
      ...parametersOf(route.query, 'query'),
      ...(route.idempotency === 'required' ? [{ $ref: '#/components/parameters/IdempotencyKey' }] : []),
    ],
    ...requestBody(route),
    responses: responsesOf(route),
  };
}

function parametersOf(schema: TObject | undefined, where: 'path' | 'query'): object[] {
  if (schema === undefined) return [];
  const required = new Set<string>((schema as { readonly required?: readonly string[] }).required);
  return Object.entries(schema.properties).map(([name, property]) => ({
    name,
    in: where,
    required: where === 'path' || required.has(name),
    schema: property,
  }));
}

function requestBody(route: Route): object {
  if (route.stream !== undefined)
    return { requestBody: { required: true, content: { [route.stream.contentType]: {} } } };
  if (route.body !== undefined)
    return { requestBody: { required: true, content: { 'application/json': { schema: route.body } } } };
  return {};
}

function responsesOf(route: Route): Record<string, object> {
  const headers = { 'X-Request-Id': { $ref: '#/components/headers/RequestId' } };
  const responses: Record<string, object> = {};
  for (const [status, { description, schema, contentType }] of Object.entries(route.responses)) {
    const content =
      schema === undefined && contentType === undefined
        ? {}
        : { content: { [contentType ?? 'application/json']: schema === undefined ? {} : { schema } } };
    responses[status] = { description, headers, ...content };
  }
  const byStatus = new Map<string, ProblemCode[]>();
  for (const code of problemsOf(route)) {
    const status = String(problemKinds[code].status);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  for (const [status, codes] of byStatus)
    responses[status] = {
      description: codes.map((code) => `\`${code}\`: ${problemKinds[code].title}`).join('; '),
      headers,
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    };
  return responses;
}
