import { Type } from 'typebox';
import { addDays, dayOf as today } from '../../chaincode/ledger/calendar';
import { CalendarDate, strict } from '../../chaincode/ledger/schemas';
import { BusinessDate } from '../../chaincode/lending/days/business-date';
import { DateInput, DayClose } from '../../chaincode/lending/days/model';
import type { CloseOrders } from '../agents/close-orders';
import { lastDayOver } from '../agents/servicing';
import { Problem } from '../http/problem';
import { requireSame } from '../http/repeats';
import { route, type Route } from '../http/route';
import type { LendingChannel } from '../ledger/channels';
import { LendingContract } from '../ledger/lending';
import { bankMember, OfBank, ofBank } from '../lending/banks';
import type { Services } from '../services';

const BankQuery = Type.Object({ bank: bankMember }, strict);

/** A business day as it stands; with the close as far as it has come. */
export const BusinessDayView = Type.Object(
  {
    date: CalendarDate,
    state: Type.Union([
      Type.Literal('AHEAD'),
      Type.Literal('OPEN'),
      Type.Literal('CLOSING'),
      Type.Literal('CLOSED'),
    ]),
    close: Type.Optional(DayClose),
  },
  strict,
);

/** A bank's business days: begun once, closed in order, with control totals. */
export function businessDayRoutes(services: Services): readonly Route[] {
  const { organisation, topology, ledger, closeOrders } = services;
  const contract = new LendingContract(ledger, topology, organisation);
  if (contract.channels.length === 0) return [];
  const { roles } = organisation;
  return [
    getCurrent(contract),
    ...(roles.includes('bank') || roles.includes('regulator') ? [getDay(contract)] : []),
    ...(roles.includes('bank') ? [begin(contract), close(contract, closeOrders)] : []),
  ];
}

function getCurrent(contract: LendingContract): Route {
  return route({
    method: 'GET',
    path: '/v1/business-days/current',
    id: 'getCurrentBusinessDay',
    tag: 'business-days',
    summary: "The date that a bank's books are at",
    scope: 'business-days:read',
    query: BankQuery,
    responses: { 200: { description: 'Date and state.', schema: OfBank(BusinessDate) } },
    problems: ['BUSINESS_DAY_NOT_OPEN', 'UNKNOWN_ORGANISATION'],
    idempotency: 'none',
    async handler({ query, user: { identity } }) {
      const channel = contract.channelOf(query.bank);
      return {
        status: 200,
        body: ofBank(channel, await contract.evaluate(identity, channel, 'days:Get', {})),
      };
    },
  });
}

function getDay(contract: LendingContract): Route {
  return route({
    method: 'GET',
    path: '/v1/business-days/{date}',
    id: 'getBusinessDay',
    tag: 'business-days',
    summary: 'A business day: how far its close has come, with control totals',
    scope: 'business-days:read',
    params: Type.Object({ date: CalendarDate }, strict),
    query: BankQuery,
    responses: { 200: { description: 'The day.', schema: OfBank(BusinessDayView) } },
    problems: ['NOT_FOUND', 'BUSINESS_DAY_NOT_OPEN', 'UNKNOWN_ORGANISATION'],
    idempotency: 'none',
    async handler({ params: { date }, query, user: { identity } }) {
      const channel = contract.channelOf(query.bank);
      return { status: 200, body: ofBank(channel, await viewOf(contract, identity, channel, date)) };
    },
  });
}

async function viewOf(contract: LendingContract, identity: string, channel: LendingChannel, date: string) {
  const current = await contract.evaluate(identity, channel, 'days:Get', {});
  if (date > current.date) return { date, state: 'AHEAD' };
  if (date === current.date && current.state === 'OPEN') return { date, state: 'OPEN' };
  const found = await contract.evaluate(identity, channel, 'days:GetClose', { date });
  return { date, state: date === current.date ? 'CLOSING' : 'CLOSED', close: found };
}

function begin(contract: LendingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/business-days:begin',
    id: 'beginBusinessDays',
    tag: 'business-days',
    summary: "Begin the bank's first business day",
    scope: 'business-days:write',
    body: DateInput,
    responses: { 201: { description: 'The first day is open.', schema: OfBank(BusinessDate) } },
    problems: ['ALREADY_EXISTS', 'BUSINESS_DATE_AHEAD', 'UNAUTHORISED_ROLE'],
    idempotency: 'required',
    async handler({ body: { date }, user: { identity } }) {
      const channel = contract.channelOf(undefined);
      const find = () => contract.evaluate(identity, channel, 'days:Get', {});
      try {
        await contract.submit(identity, channel, 'days:Begin', { date });
      } catch (error) {
        await requireSame(error, async () => (await find()).date === date);
      }
      const headers = { Location: `/v1/business-days/${date}` };
      return { status: 201, body: ofBank(channel, await find()), headers };
    },
  });
}

function close(contract: LendingContract, orders: CloseOrders): Route {
  return route({
    method: 'POST',
    path: '/v1/business-days:close',
    id: 'closeBusinessDays',
    tag: 'business-days',
    summary: 'Have every business day up to and including one closed',
    description:
      'The servicing agent closes them in order, those that were missed first; the answer does not wait for it. Look at the last day to see it closed. On a real clock the agent closes each day by itself once it is over.',
    scope: 'business-days:write',
    body: Type.Object({ through: CalendarDate }, strict),
    responses: {
      202: { description: 'The last day asked for, as it stands.', schema: OfBank(BusinessDayView) },
    },
    problems: ['BUSINESS_DAY_NOT_OPEN', 'BUSINESS_DATE_AHEAD', 'NOT_FOUND'],
    idempotency: 'required',
    async handler({ body: { through }, user: { identity } }) {
      const channel = contract.channelOf(undefined);
      const current = await contract.evaluate(identity, channel, 'days:Get', {});
      requireCloseable(through, channel, current);
      const day = await viewOf(contract, identity, channel, through);
      await orders.order(channel.name, through);
      const headers = { Location: `/v1/business-days/${through}` };
      return { status: 202, body: ofBank(channel, day), headers };
    },
  });
}

/** Days that one request may ask for: a slip of the year would close them for good. */
const mostDays = 366;

/** @throws Problem `BUSINESS_DATE_AHEAD` for a day that is not over on a real clock, or far off on a simulated one. */
function requireCloseable(through: string, { simulatedClock }: LendingChannel, { date }: BusinessDate): void {
  const last = simulatedClock ? addDays(date, mostDays) : lastDayOver(today(Date.now()));
  if (through > last)
    throw new Problem('BUSINESS_DATE_AHEAD', `The last day that can be closed now is ${last}`, {
      errors: [{ field: 'through', message: `is after ${last}` }],
    });
}
