import { Type } from 'typebox';
import { OpaqueId, PageOf, Uscc, strict } from '../../chaincode/ledger/schemas';
import { Account, EntryId, JournalEntry, StatementLine } from '../../chaincode/lending/books/model';
import { PageQuery } from '../http/queries';
import { requireDone, requireSame } from '../http/repeats';
import { route, type Route } from '../http/route';
import { LendingContract } from '../ledger/lending';
import {
  bankMember,
  BankPageQuery,
  contractPage,
  OfBank,
  ofBank,
  pageOfBanks,
  PageOfBank,
} from '../lending/banks';
import type { Services } from '../services';

const AccountParams = Type.Object({ accountId: OpaqueId }, strict);

/** Opens a deposit; the gateway adds an id where none is given. */
export const AccountBody = Type.Object({ accountId: Type.Optional(OpaqueId), owner: Uscc }, strict);

/** Deposit accounts of enterprises at banks, their statements, and the bank's journal. */
export function accountRoutes({ organisation, topology, ledger }: Services): readonly Route[] {
  const contract = new LendingContract(ledger, topology, organisation);
  if (contract.channels.length === 0) return [];
  const { roles } = organisation;
  return [
    ...(roles.includes('bank') ? [openAccount(contract), closeAccount(contract)] : []),
    ...readAccounts(contract),
    ...(roles.includes('bank') || roles.includes('regulator') ? [getEntry(contract)] : []),
  ];
}

function openAccount(contract: LendingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/accounts',
    id: 'openAccount',
    tag: 'accounts',
    summary: 'Open a deposit account for an enterprise',
    description: 'Money comes in by a proposal of the action ISSUE, which a second person approves.',
    scope: 'accounts:write',
    body: AccountBody,
    responses: { 201: { description: 'The account, empty.', schema: OfBank(Account) } },
    problems: [
      'ENTERPRISE_NOT_ACTIVE',
      'ENTERPRISE_SIGNATURE_INVALID',
      'UNAUTHORISED_ROLE',
      'ALREADY_EXISTS',
    ],
    idempotency: 'required',
    async handler({ body, user: { identity }, idempotency }) {
      const { accountId = idempotency.id('account'), owner } = body;
      const channel = contract.channelOf(undefined);
      const find = () => contract.evaluate(identity, channel, 'books:GetAccount', { accountId });
      try {
        await contract.submit(identity, channel, 'books:OpenAccount', { accountId, owner });
      } catch (error) {
        await requireSame(error, async () => (await find()).owner === owner);
      }
      const headers = { Location: `/v1/accounts/${accountId}` };
      return { status: 201, body: ofBank(channel, await find()), headers };
    },
  });
}

function closeAccount(contract: LendingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/accounts/{accountId}:close',
    id: 'closeAccount',
    tag: 'accounts',
    summary: 'Close an empty deposit account, for good',
    scope: 'accounts:write',
    params: AccountParams,
    responses: { 200: { description: 'The account, closed.', schema: OfBank(Account) } },
    problems: ['NOT_FOUND', 'ACCOUNT_NOT_OPEN', 'STATE_CONFLICT', 'UNAUTHORISED_ROLE'],
    idempotency: 'required',
    async handler({ params: { accountId }, user: { identity }, idempotency }) {
      const channel = contract.channelOf(undefined);
      const find = () => contract.evaluate(identity, channel, 'books:GetAccount', { accountId });
      try {
        await contract.submit(identity, channel, 'books:CloseAccount', { accountId });
      } catch (error) {
        await requireDone(error, idempotency, async () => (await find()).status === 'CLOSED');
      }
      return { status: 200, body: ofBank(channel, await find()) };
    },
  });
}

function readAccounts(contract: LendingContract): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/accounts',
      id: 'listAccounts',
      tag: 'accounts',
      summary: 'Deposit accounts that the user may see',
      description: 'An enterprise sees its own at all its banks, a bank those with it, a supervisor all.',
      scope: 'accounts:read',
      query: Type.Object({ ...BankPageQuery.properties, owner: Type.Optional(Uscc) }, strict),
      responses: { 200: { description: 'A page.', schema: PageOfBank(Account) } },
      problems: ['NOT_YOUR_RECORD', 'UNKNOWN_ORGANISATION'],
      idempotency: 'none',
      async handler({ query, user: { identity } }) {
        const filter = query.owner === undefined ? {} : { owner: query.owner };
        const body = await pageOfBanks(contract, query, (channel, page) =>
          contract.evaluate(identity, channel, 'books:ListAccounts', { ...page, ...filter }),
        );
        return { status: 200, body };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/accounts/{accountId}',
      id: 'getAccount',
      tag: 'accounts',
      summary: 'A deposit account: its balance, and what of it is held',
      scope: 'accounts:read',
      params: AccountParams,
      responses: { 200: { description: 'The account.', schema: OfBank(Account) } },
      problems: ['NOT_FOUND', 'NOT_YOUR_RECORD'],
      idempotency: 'none',
      async handler({ params: { accountId }, user: { identity } }) {
        const { channel, found } = await findAccount(contract, identity, accountId);
        return { status: 200, body: ofBank(channel, found) };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/accounts/{accountId}/statement',
      id: 'readStatement',
      tag: 'accounts',
      summary: 'What was booked on a deposit account, the last first',
      scope: 'accounts:read',
      params: AccountParams,
      query: PageQuery,
      responses: { 200: { description: 'A page.', schema: PageOf(StatementLine) } },
      problems: ['NOT_FOUND', 'NOT_YOUR_RECORD'],
      idempotency: 'none',
      async handler({ params: { accountId }, query, user: { identity } }) {
        const { channel } = await findAccount(contract, identity, accountId);
        const input = { accountId, ...contractPage(query) };
        return { status: 200, body: await contract.evaluate(identity, channel, 'books:Statement', input) };
      },
    }),
  ];
}

function findAccount(contract: LendingContract, identity: string, accountId: string) {
  return contract.find(identity, `account ${accountId}`, 'books:GetAccount', { accountId });
}

function getEntry(contract: LendingContract): Route {
  return route({
    method: 'GET',
    path: '/v1/entries/{entryId}',
    id: 'getEntry',
    tag: 'accounts',
    summary: "A journal entry of a bank's books: lines that sum to zero",
    scope: 'journal:read',
    params: Type.Object({ entryId: EntryId }, strict),
    query: Type.Object({ bank: bankMember }, strict),
    responses: { 200: { description: 'The entry.', schema: OfBank(JournalEntry) } },
    problems: ['NOT_FOUND', 'NOT_YOUR_RECORD', 'UNKNOWN_ORGANISATION'],
    idempotency: 'none',
    async handler({ params: { entryId }, query, user: { identity } }) {
      const channel = contract.channelOf(query.bank);
      const entry = await contract.evaluate(identity, channel, 'books:GetEntry', { entryId });
      return { status: 200, body: ofBank(channel, entry) };
    },
  });
}
