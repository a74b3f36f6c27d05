import type { Context } from 'fabric-contract-api';
import { canonicalJson } from './canonical';
import { ContractError } from './errors';
import type { Check } from './parse';

/** The collection that Fabric gives every organisation on every channel; only its own peers hold what is in it. */
export function implicitCollection(msp: string): string {
  return `_implicit_org_${msp}`;
}

/**
 * A document of the public state, checked against its schema: what lies on the ledger was endorsed, which does not mean
 * that it was written by this code.
 *
 * @returns undefined where the key is absent.
 * @throws ContractError `STATE_INVALID` where the document is not what it should be.
 */
export async function readDocument<T>(ctx: Context, key: string, against: Check<T>): Promise<T | undefined> {
  const bytes = await ctx.stub.getState(key);
  if (bytes.length === 0) return undefined;
  return against.require(parseStored(bytes, key), 'STATE_INVALID', stem(key));
}

/** As {@link readDocument}, but a document that is not what it should be counts as absent. */
export async function findDocument<T>(ctx: Context, key: string, against: Check<T>): Promise<T | undefined> {
  try {
    return await readDocument(ctx, key, against);
  } catch (error) {
    if (error instanceof ContractError && error.code === 'STATE_INVALID') return undefined;
    throw error;
  }
}

/** As {@link readDocument}. @throws ContractError `NOT_FOUND` where the key is absent. */
export async function requireDocument<T>(ctx: Context, key: string, against: Check<T>): Promise<T> {
  const found = await readDocument(ctx, key, against);
  if (found === undefined) throw new ContractError('NOT_FOUND', `there is no such ${stem(key)}`);
  return found;
}

/** Whether a public key exists. */
export async function exists(ctx: Context, key: string): Promise<boolean> {
  return (await ctx.stub.getState(key)).length > 0;
}

/** Writes a document in its canonical form. Always await it: an unawaited write is lost silently. */
export async function writeDocument(ctx: Context, key: string, document: unknown): Promise<void> {
  await ctx.stub.putState(key, Buffer.from(canonicalJson(document), 'utf8'));
}

/** A document of an organisation's implicit collection; readable only on that organisation's peer. */
export async function readPrivate<T>(
  ctx: Context,
  msp: string,
  key: string,
  against: Check<T>,
): Promise<T | undefined> {
  const bytes = await ctx.stub.getPrivateData(implicitCollection(msp), key);
  if (bytes.length === 0) return undefined;
  return against.require(parseStored(bytes, key), 'STATE_INVALID', stem(key));
}

/** Writes a document in its canonical form into an organisation's implicit collection. */
export async function writePrivate(ctx: Context, msp: string, key: string, document: unknown): Promise<void> {
  await ctx.stub.putPrivateData(implicitCollection(msp), key, Buffer.from(canonicalJson(document), 'utf8'));
}

/** SHA-256 of a private value, base64url, which every peer of the channel knows; undefined where there is none. */
export async function privateHash(ctx: Context, msp: string, key: string): Promise<string | undefined> {
  const hash = await ctx.stub.getPrivateDataHash(implicitCollection(msp), key);
  return hash.length === 0 ? undefined : Buffer.from(hash).toString('base64url');
}

/** A page of a list; the empty bookmark means that it is the last. */
export interface Paged<T> {
  readonly items: readonly T[];
  readonly bookmark: string;
}

/** One page of an index. */
export interface KeyPage {
  /** The attributes of each composite key. */
  readonly keys: readonly (readonly string[])[];
  /** Where the next page starts; empty where there is none. */
  readonly bookmark: string;
}

/** Adds an entry to an index of composite keys. The value is not empty, since an empty one would be a delete. */
export async function addToIndex(ctx: Context, index: string, attributes: readonly string[]): Promise<void> {
  await ctx.stub.putState(ctx.stub.createCompositeKey(index, [...attributes]), Buffer.from('1'));
}

/** A page of an index. Only for functions that write nothing: Fabric refuses writes after a paged query. */
export async function pageOfIndex(
  ctx: Context,
  index: string,
  prefix: readonly string[],
  page: { readonly pageSize?: number; readonly bookmark?: string },
): Promise<KeyPage> {
  // The peer starts wherever a bookmark says, even before the prefix: another enterprise's entries would follow.
  const start = ctx.stub.createCompositeKey(index, [...prefix]);
  if (page.bookmark !== undefined && page.bookmark !== '' && !page.bookmark.startsWith(start)) {
    throw new ContractError('INVALID_INPUT', 'is not of this list', 'bookmark');
  }
  const answer = await ctx.stub.getStateByPartialCompositeKeyWithPagination(
    index,
    [...prefix],
    page.pageSize ?? 50,
    page.bookmark ?? '',
  );
  const { iterator } = answer;
  // The metadata of an empty page are no bytes, and fabric-shim then leaves them out, whatever its types say.
  const metadata = answer.metadata as { readonly bookmark: string } | undefined;
  const keys: string[][] = [];
  try {
    for (let next = await iterator.next(); !next.done; next = await iterator.next())
      keys.push(ctx.stub.splitCompositeKey(next.value.key).attributes);
  } finally {
    await iterator.close();
  }
  return { keys, bookmark: metadata?.bookmark ?? '' };
}

/** Emits the transaction's only event. Events are public to the channel: opaque ids and counts, nothing else. */
export function emit(ctx: Context, name: string, payload: unknown): void {
  ctx.stub.setEvent(name, Buffer.from(canonicalJson(payload), 'utf8'));
}

function parseStored(bytes: Uint8Array, key: string): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new ContractError('STATE_INVALID', `the stored ${stem(key)} is not JSON`);
    throw error;
  }
}

/** The kind of a document, from its key `<kind>~<id>`; ids stay out of texts. */
function stem(key: string): string {
  return key.split('~')[0] ?? key;
}
