import { Type } from 'typebox';
import { PageOf, Uscc } from '../../chaincode/ledger/schemas';
import { AccessLogEntry } from '../../chaincode/sharing/model';
import { badBookmark, decodeBookmark, encodeBookmark } from '../http/paging';
import { Problem } from '../http/problem';
import { PageQuery, pageSizeOf } from '../http/queries';
import { route, type Route, type User } from '../http/route';
import { SharingContract } from '../ledger/sharing';
import type { Services } from '../services';

const strict = { additionalProperties: false } as const;

/** Pages of 100 read from one channel at most: the log of one enterprise has a few entries a request. */
const mostPages = 100;

/** Who asked for, received and purged data of an enterprise, from all banks, in one place. */
export function accessLogRoutes({ organisation, topology, ledger }: Services): readonly Route[] {
  const contract = new SharingContract(ledger, topology, organisation);
  const sees = organisation.roles.includes('enterprise') || organisation.roles.includes('regulator');
  if (!sees || contract.channels.length === 0) return [];
  return [
    route({
      method: 'GET',
      path: '/v1/access-log',
      id: 'readAccessLog',
      tag: 'access-log',
      summary: 'Every request, signature, release, refusal and purge, newest first',
      description: 'Over all banks. A user of an enterprise sees its own; a supervisor names the enterprise.',
      scope: 'access-log:read',
      query: Type.Object({ ...PageQuery.properties, enterprise: Type.Optional(Uscc) }, strict),
      responses: { 200: { description: 'A page.', schema: PageOf(AccessLogEntry) } },
      problems: ['NOT_YOUR_RECORD'],
      idempotency: 'none',
      async handler({ query, user }) {
        const enterprise = enterpriseAsked(query.enterprise, user);
        const logs = await Promise.all(
          contract.channels.map(({ name }) => wholeLog(contract, user, name, enterprise)),
        );
        return { status: 200, body: pageOfLog(logs.flat(), pageSizeOf(query), query.bookmark) };
      },
    }),
  ];
}

function enterpriseAsked(asked: string | undefined, user: User): string {
  const enterprise = asked ?? user.uscc;
  if (enterprise !== undefined) return enterprise;
  throw new Problem('VALIDATION_FAILED', 'Name the enterprise', {
    errors: [{ field: 'query.enterprise', message: 'is missing' }],
  });
}

async function wholeLog(
  contract: SharingContract,
  user: User,
  channel: string,
  enterprise: string,
): Promise<readonly AccessLogEntry[]> {
  const entries: AccessLogEntry[] = [];
  let bookmark = '';
  for (let page = 0; page < mostPages; page++) {
    const next = await contract.accessLog(user.identity, channel, { enterprise, pageSize: 100, bookmark });
    entries.push(...next.items);
    bookmark = next.bookmark;
    if (bookmark === '') return entries;
  }
  throw new Problem('UNPROCESSABLE', `The log of ${channel} is too long to be read at once`);
}

/**
 * A page of a log, newest first. The log only grows at its new end, so a position counted from the old end means the same
 * entry when the next page is asked for.
 */
export function pageOfLog(
  entries: readonly AccessLogEntry[],
  pageSize: number,
  bookmark: string | undefined,
): { readonly items: readonly AccessLogEntry[]; readonly bookmark: string } {
  const oldestFirst = [...entries].sort(chronological);
  const end = bookmark === undefined ? oldestFirst.length : endOf(bookmark, oldestFirst.length);
  const start = Math.max(0, end - pageSize);
  return {
    items: oldestFirst.slice(start, end).reverse(),
    bookmark: start === 0 ? '' : encodeBookmark([start]),
  };
}

function endOf(bookmark: string, length: number): number {
  const [end] = decodeBookmark(bookmark);
  if (typeof end !== 'number' || !Number.isInteger(end) || end < 0 || end > length) throw badBookmark();
  return end;
}

/** By time; what happened at the same time in an order of its own, so that pages do not overlap. */
function chronological(a: AccessLogEntry, b: AccessLogEntry): number {
  return compare(a.at, b.at) || compare(tieOf(a), tieOf(b));
}

function tieOf({ bank, consentId, requestId = '', event }: AccessLogEntry): string {
  return [bank, consentId, requestId, event].join('~');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
