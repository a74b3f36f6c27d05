import { Problem } from './problem';

/** One page of a list; the empty bookmark means that there is no next one. */
export interface PageOf<T> {
  readonly items: readonly T[];
  readonly bookmark: string;
}

interface Position {
  /** Index of the source. */
  readonly source: number;
  /** The source's own bookmark. */
  readonly bookmark: string;
}

/**
 * A page of a list that lies in several places, such as the channels of several banks, one after the other.
 *
 * @param fetch reads a page of one source.
 * @param bookmark from the page before; undefined for the first.
 * @throws Problem `VALIDATION_FAILED` where the bookmark is not one of this list.
 */
export async function pageAcross<S, T>(
  sources: readonly S[],
  page: { readonly pageSize: number; readonly bookmark: string | undefined },
  fetch: (source: S, page: { readonly pageSize: number; readonly bookmark: string }) => Promise<PageOf<T>>,
): Promise<PageOf<T>> {
  let { source: index, bookmark } = readBookmark(page.bookmark, sources.length);
  const items: T[] = [];
  while (items.length < page.pageSize) {
    const source = sources[index];
    if (source === undefined) return { items, bookmark: '' };
    const next = await fetch(source, { pageSize: page.pageSize - items.length, bookmark });
    items.push(...next.items);
    bookmark = next.bookmark;
    if (bookmark === '') index++;
  }
  return { items, bookmark: index < sources.length ? encodeBookmark([index, bookmark]) : '' };
}

/** An opaque bookmark of these values. */
export function encodeBookmark(values: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

/** The values of an opaque bookmark. @throws Problem `VALIDATION_FAILED` where it is none. */
export function decodeBookmark(bookmark: string): readonly unknown[] {
  try {
    const values = JSON.parse(Buffer.from(bookmark, 'base64url').toString('utf8')) as unknown;
    if (Array.isArray(values)) return values;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw badBookmark();
}

/** The refusal of a bookmark that this list did not give out. */
export function badBookmark(): Problem {
  return new Problem('VALIDATION_FAILED', 'The bookmark is not one that this list gave out', {
    errors: [{ field: 'query.bookmark', message: 'is not known' }],
  });
}

function readBookmark(bookmark: string | undefined, sources: number): Position {
  if (bookmark === undefined || bookmark === '') return { source: 0, bookmark: '' };
  const [source, inner] = decodeBookmark(bookmark);
  if (typeof source !== 'number' || !Number.isInteger(source) || source < 0 || source >= sources)
    throw badBookmark();
  if (typeof inner !== 'string') throw badBookmark();
  return { source, bookmark: inner };
}
