import { Type } from 'typebox';
import { OpaqueId, strict } from '../../chaincode/ledger/schemas';
import { ExecutedOrder, Hold } from '../../chaincode/lending/books/model';
import {
  HoldOrder,
  PostOrder,
  SignedOrder,
  TransferOrder,
  VoidOrder,
  type PaymentOrder,
} from '../../chaincode/lending/books/payment-order';
import { requireDone } from '../http/repeats';
import { route, type Route } from '../http/route';
import { LendingContract } from '../ledger/lending';
import { OfBank, ofBank } from '../lending/banks';
import { carryOut, orderProblems, requireAbout, type Carrying } from '../lending/orders';
import type { Services } from '../services';

const HoldParams = Type.Object({ holdId: OpaqueId }, strict);

/** What an enterprise does with its deposits, by orders that its signatories signed. */
export function transferRoutes({ organisation, topology, ledger }: Services): readonly Route[] {
  const contract = new LendingContract(ledger, topology, organisation);
  if (contract.channels.length === 0) return [];
  const { roles } = organisation;
  return [
    ...(roles.includes('enterprise')
      ? [transfer(contract), placeHold(contract), postHold(contract), voidHold(contract)]
      : []),
    ...(roles.includes('enterprise') || roles.includes('bank') ? [expireHold(contract)] : []),
    ...readOrders(contract),
  ];
}

function transfer(contract: LendingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/transfers',
    id: 'transfer',
    tag: 'transfers',
    summary: 'Move money to another deposit account of the same bank',
    description:
      'By an order that as many signatories signed as bind the enterprise. An order is carried out once, whatever number of times it is brought.',
    scope: 'transfers:write',
    body: SignedOrder(TransferOrder),
    responses: { 201: { description: 'Carried out.', schema: OfBank(ExecutedOrder) } },
    problems: orderProblems,
    idempotency: 'required',
    async handler({ body, user, idempotency }) {
      const { channel, executed } = await carryOut(body.order, {
        ...{ contract, user, idempotency },
        submit: (at) => contract.submit(user.identity, at, 'books:Transfer', body),
      });
      const headers = { Location: `/v1/orders/${executed.orderId}` };
      return { status: 201, body: ofBank(channel, executed), headers };
    },
  });
}

function placeHold(contract: LendingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/holds',
    id: 'placeHold',
    tag: 'transfers',
    summary: 'Reserve money for another deposit account, until a last business date',
    description: "The order's id becomes the hold's.",
    scope: 'transfers:write',
    body: SignedOrder(HoldOrder),
    responses: { 201: { description: 'The hold, pending.', schema: OfBank(Hold) } },
    problems: orderProblems,
    idempotency: 'required',
    async handler({ body, user, idempotency }) {
      const { orderId: holdId } = body.order;
      const submit: Carrying['submit'] = (at) => contract.submit(user.identity, at, 'books:PlaceHold', body);
      const hold = await holdAfter(body.order, holdId, { contract, user, idempotency, submit });
      return { status: 201, body: hold, headers: { Location: `/v1/holds/${holdId}` } };
    },
  });
}

function postHold(contract: LendingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/holds/{holdId}:post',
    id: 'postHold',
    tag: 'transfers',
    summary: 'Pay what was reserved, or a part of it; the rest is free again',
    scope: 'transfers:write',
    params: HoldParams,
    body: SignedOrder(PostOrder),
    responses: { 200: { description: 'The hold, posted.', schema: OfBank(Hold) } },
    problems: [...orderProblems, 'HOLD_NOT_OPEN'],
    idempotency: 'required',
    async handler({ params: { holdId }, body, user, idempotency }) {
      requireAbout('hold', holdId, body.order.holdId);
      const submit: Carrying['submit'] = (at) => contract.submit(user.identity, at, 'books:PostHold', body);
      return {
        status: 200,
        body: await holdAfter(body.order, holdId, { contract, user, idempotency, submit }),
      };
    },
  });
}

function voidHold(contract: LendingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/holds/{holdId}:void',
    id: 'voidHold',
    tag: 'transfers',
    summary: 'Give free what was reserved',
    scope: 'transfers:write',
    params: HoldParams,
    body: SignedOrder(VoidOrder),
    responses: { 200: { description: 'The hold, voided.', schema: OfBank(Hold) } },
    problems: [...orderProblems, 'HOLD_NOT_OPEN'],
    idempotency: 'required',
    async handler({ params: { holdId }, body, user, idempotency }) {
      requireAbout('hold', holdId, body.order.holdId);
      const submit: Carrying['submit'] = (at) => contract.submit(user.identity, at, 'books:VoidHold', body);
      return {
        status: 200,
        body: await holdAfter(body.order, holdId, { contract, user, idempotency, submit }),
      };
    },
  });
}

/** Has an order about a hold carried out. @returns the hold as it is then. */
async function holdAfter(order: PaymentOrder, holdId: string, carrying: Carrying) {
  const { channel } = await carryOut(order, carrying);
  const { contract, user } = carrying;
  return ofBank(channel, await contract.evaluate(user.identity, channel, 'books:GetHold', { holdId }));
}

function expireHold(contract: LendingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/holds/{holdId}:expire',
    id: 'expireHold',
    tag: 'transfers',
    summary: 'End a hold whose last business date has passed',
    description: 'Takes no signature: it only gives back.',
    scope: 'accounts:read',
    params: HoldParams,
    responses: { 200: { description: 'The hold, expired.', schema: OfBank(Hold) } },
    problems: ['NOT_FOUND', 'NOT_YOUR_RECORD', 'HOLD_NOT_OPEN', 'BUSINESS_DAY_NOT_OPEN'],
    idempotency: 'required',
    async handler({ params: { holdId }, user: { identity }, idempotency }) {
      const { channel } = await findHold(contract, identity, holdId);
      const find = () => contract.evaluate(identity, channel, 'books:GetHold', { holdId });
      try {
        await contract.submit(identity, channel, 'books:ExpireHold', { holdId });
      } catch (error) {
        await requireDone(error, idempotency, async () => (await find()).state === 'EXPIRED');
      }
      return { status: 200, body: ofBank(channel, await find()) };
    },
  });
}

function readOrders(contract: LendingContract): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/holds/{holdId}',
      id: 'getHold',
      tag: 'transfers',
      summary: 'A hold: pending, posted, voided or expired',
      scope: 'accounts:read',
      params: HoldParams,
      responses: { 200: { description: 'The hold.', schema: OfBank(Hold) } },
      problems: ['NOT_FOUND', 'NOT_YOUR_RECORD'],
      idempotency: 'none',
      async handler({ params: { holdId }, user: { identity } }) {
        const { channel, found } = await findHold(contract, identity, holdId);
        return { status: 200, body: ofBank(channel, found) };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/orders/{orderId}',
      id: 'getOrder',
      tag: 'transfers',
      summary: 'A signed order that was carried out: its digest, and who signed',
      scope: 'accounts:read',
      params: Type.Object({ orderId: OpaqueId }, strict),
      responses: { 200: { description: 'The order.', schema: OfBank(ExecutedOrder) } },
      problems: ['NOT_FOUND', 'NOT_YOUR_RECORD'],
      idempotency: 'none',
      async handler({ params: { orderId }, user: { identity } }) {
        const { channel, found } = await contract.find(identity, `order ${orderId}`, 'books:GetOrder', {
          orderId,
        });
        return { status: 200, body: ofBank(channel, found) };
      },
    }),
  ];
}

function findHold(contract: LendingContract, identity: string, holdId: string) {
  return contract.find(identity, `hold ${holdId}`, 'books:GetHold', { holdId });
}
