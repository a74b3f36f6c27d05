import { problemKinds, type ProblemCode } from '../http/codes';

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security: readonly { readonly bearer?: readonly string[] }[];
  readonly parameters: readonly {
    readonly $ref?: string;
    readonly name?: string;
    readonly in?: string;
    readonly required?: boolean;
    readonly schema?: object;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: object }>> };
  readonly responses: Readonly<
    Record<
      string,
      {
        readonly description: string;
        readonly content?: Readonly<Record<string, { readonly schema?: object }>>;
      }
    >
  >;
}

/** The part of an OpenAPI document that the page shows. */
export interface Documented {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** A page to browse the interface by: HTML of its own, without scripts, fonts or anything from elsewhere. */
export function documentationPage(document: Documented): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const tags = [...new Set(operations.flatMap(({ operation }) => operation.tags))];
  const server = document.servers[0]?.url ?? '';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(document.info.title)}</title><style>${style}</style></head><body>
<h1>${escape(document.info.title)} <small>${escape(document.info.version)}</small></h1>
<p>${escape(document.info.description)}</p>
<p><a href="/openapi.json">OpenAPI 3.1 document</a></p>
<nav>${tags.map((tag) => `<a href="#${escape(tag)}">${escape(tag)}</a>`).join(' ')} <a href="#problems">problems</a></nav>
${tags
  .map(
    (tag) => `<h2 id="${escape(tag)}">${escape(tag)}</h2>
${operations
  .filter(({ operation }) => operation.tags.includes(tag))
  .map((each) => operationSection(server, each))
  .join('\n')}`,
  )
  .join('\n')}
<h2 id="problems">problems</h2>
<p>Every refusal is a problem document (RFC 9457, <code>application/problem+json</code>); decide by its <code>code</code>.</p>
<table><tr><th>code</th><th>status</th><th>meaning</th></tr>
${problemRows()}</table>
</body></html>
`;
}

function operationSection(
  server: string,
  { path, method, operation }: { path: string; method: string; operation: Operation },
): string {
  const scope = operation.security[0]?.bearer?.[0];
  const body = Object.entries(operation.requestBody?.content ?? {});
  return `<details id="${escape(operation.operationId)}"><summary><b class="${method}">${method}</b> <code>${escape(path)}</code> ${escape(operation.summary)}</summary>
${operation.description === undefined ? '' : `<p>${escape(operation.description)}</p>`}
<p>${scope === undefined ? 'Public.' : `Scope <code>${escape(scope)}</code>.`}</p>
${parameterTable(operation)}
${body.map(([type, { schema }]) => `<h4>Body: ${escape(type)}</h4>${schemaBlock(schema)}`).join('')}
${Object.entries(operation.responses)
  .map(
    ([status, { description, content = {} }]) =>
      `<h4>${escape(status)}</h4><p>${escape(description)}</p>${Object.entries(content)
        .filter(([type]) => type !== 'application/problem+json')
        .map(([type, { schema }]) => `<p>${escape(type)}</p>${schemaBlock(schema)}`)
        .join('')}`,
  )
  .join('')}
<h4>Try it</h4><pre>${escape(curl(server, path, method, operation))}</pre></details>`;
}

function parameterTable({ parameters }: Operation): string {
  const rows = parameters.map(({ $ref, name, in: where, required, schema }) =>
    $ref === undefined
      ? `<tr><td><code>${escape(name ?? '')}</code></td><td>${escape(where ?? '')}</td><td>${required === true ? 'required' : ''}</td><td><code>${escape(JSON.stringify(schema))}</code></td></tr>`
      : '<tr><td><code>Idempotency-Key</code></td><td>header</td><td>required</td><td>8 to 128 visible characters, unique to the request</td></tr>',
  );
  return rows.length === 0 ? '' : `<table>${rows.join('')}</table>`;
}

function schemaBlock(schema: object | undefined): string {
  return schema === undefined ? '' : `<pre>${escape(JSON.stringify(schema, undefined, 2))}</pre>`;
}

function curl(server: string, path: string, method: string, operation: Operation): string {
  const lines = [`curl -s ${method === 'GET' ? '' : `-X ${method} `}'${server}${path}'`];
  if (operation.security.length > 0) lines.push(`-H "Authorization: Bearer $TOKEN"`);
  if (operation.parameters.some(({ $ref }) => $ref !== undefined))
    lines.push('-H "Idempotency-Key: $(uuidgen)"');
  for (const type of Object.keys(operation.requestBody?.content ?? {}))
    lines.push(`-H 'Content-Type: ${type}' --data-binary @FILE`);
  return lines.join(' \\\n  ');
}

function problemRows(): string {
  return (Object.keys(problemKinds) as ProblemCode[])
    .sort((a, b) => problemKinds[a].status - problemKinds[b].status || a.localeCompare(b))
    .map((code) => {
      const { status, title } = problemKinds[code];
      return `<tr><td><code>${code}</code></td><td>${status}</td><td>${escape(title)}</td></tr>`;
    })
    .join('\n');
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}
nav a{margin-right:.6rem}details{border:1px solid #d0d7de;border-radius:6px;margin:.4rem 0;padding:.4rem .8rem}
summary{cursor:pointer}pre{background:#f6f8fa;padding:.6rem;overflow:auto;max-height:24rem;font-size:.85rem}
table{border-collapse:collapse;font-size:.9rem}td,th{border:1px solid #d0d7de;padding:.2rem .5rem;text-align:left;vertical-align:top}
b.GET{color:#0550ae}b.POST{color:#116329}small{color:#57606a}`;
