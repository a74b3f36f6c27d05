import { Type } from 'typebox';
import { route, type Route } from '../http/route';
import { openApiDocument } from '../http/openapi';
import type { Services } from '../services';
import { documentationPage, type Documented } from './page';

/**
 * The routes given, and with them the document of them all, itself included.
 *
 * @param server base URL that the document names.
 */
export function withDocumentation(
  { organisation, topology }: Services,
  server: string,
  routes: readonly Route[],
): readonly Route[] {
  const all = [...routes, ...documentationRoutes(() => document)];
  const document = openApiDocument(
    {
      title: `${organisation.name}: gateway to the ${topology.name} network`,
      version: '0.1.0',
      description:
        'Consent-gated sharing of records of small enterprises. What may be done depends on the roles of the organisation and of the user; the contracts check both again.',
      server,
    },
    all,
  );
  return all;
}

function documentationRoutes(document: () => object): readonly Route[] {
  let page: string | undefined;
  return [
    route({
      method: 'GET',
      path: '/openapi.json',
      id: 'getOpenApiDocument',
      tag: 'documentation',
      summary: 'This interface as an OpenAPI 3.1 document',
      scope: 'public',
      responses: { 200: { description: 'The document.', schema: Type.Object({}) } },
      idempotency: 'none',
      handler: () => Promise.resolve({ status: 200, body: document() }),
    }),
    route({
      method: 'GET',
      path: '/docs',
      id: 'browseDocumentation',
      tag: 'documentation',
      summary: 'This interface as a page',
      scope: 'public',
      responses: { 200: { description: 'The page.', contentType: 'text/html' } },
      idempotency: 'none',
      handler() {
        page ??= documentationPage(document() as Documented);
        return Promise.resolve({ status: 200, body: page, contentType: 'text/html' });
      },
    }),
  ];
}
