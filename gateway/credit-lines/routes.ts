import { Type } from 'typebox';
import { PositiveFen } from '../../chaincode/ledger/money';
import { OpaqueId, Uscc, strict } from '../../chaincode/ledger/schemas';
import { ExecutedOrder } from '../../chaincode/lending/books/model';
import { DrawOrder, SignedOrder } from '../../chaincode/lending/books/payment-order';
import { CreditLineView, Drawdown, DrawQuote } from '../../chaincode/lending/lines/model';
import { PageQuery } from '../http/queries';
import { requireDone } from '../http/repeats';
import { route, type Route, type User } from '../http/route';
import { LendingContract } from '../ledger/lending';
import { BankPageQuery, contractPage, OfBank, ofBank, pageOfBanks, PageOfBank } from '../lending/banks';
import { carryOut, orderProblems, requireAbout } from '../lending/orders';
import type { Services } from '../services';

const LineParams = Type.Object({ lineId: OpaqueId }, strict);
const DrawdownParams = Type.Object({ lineId: OpaqueId, loanId: OpaqueId }, strict);

/** A drawdown and the order that was accepted for it. */
const Ordered = Type.Object({ order: ExecutedOrder, drawdown: Drawdown }, strict);

/** Why nothing can be drawn, whoever asks. */
const drawProblems = [
  'LINE_NOT_OPEN',
  'LINE_LIMIT_EXCEEDED',
  'MANDATE_EXCEEDED',
  'OFFER_EXPIRED',
  'TERMS_MISMATCH',
  'STATE_CONFLICT',
  'PRODUCT_NOT_OPEN',
  'PRODUCT_LIMIT_EXCEEDED',
  'RATE_CEILING_EXCEEDED',
  'CONSENT_NOT_ACTIVE',
  'BEYOND_CONSENT',
  'REFERENCE_MISSING',
  'INVALID_INPUT',
] as const;

/**
 * Credit lines: opened by accepting an offer of a product with a line; the borrower orders drawdowns, which the bank pays
 * out by a proposal of the action DRAW_DOWN.
 */
export function creditLineRoutes({ organisation, topology, ledger }: Services): readonly Route[] {
  const contract = new LendingContract(ledger, topology, organisation);
  if (contract.channels.length === 0) return [];
  const { roles } = organisation;
  return [
    ...readLines(contract),
    ...readDrawdowns(contract),
    ...(roles.includes('enterprise') ? [draw(contract), withdraw(contract)] : []),
    ...(roles.includes('enterprise') || roles.includes('bank') ? [close(contract)] : []),
  ];
}

function readLines(contract: LendingContract): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/credit-lines',
      id: 'listCreditLines',
      tag: 'credit lines',
      summary: 'Credit lines, of one enterprise or of all',
      description:
        'An enterprise sees its own at all its banks; bank and supervisor see all, or those of the enterprise named.',
      scope: 'loans:read',
      query: Type.Object({ ...BankPageQuery.properties, enterprise: Type.Optional(Uscc) }, strict),
      responses: { 200: { description: 'A page.', schema: PageOfBank(CreditLineView) } },
      problems: ['NOT_YOUR_RECORD', 'UNKNOWN_ORGANISATION'],
      idempotency: 'none',
      async handler({ query, user }) {
        const { enterprise } = query;
        const body = await pageOfBanks(contract, query, (channel, page) =>
          contract.evaluate(user.identity, channel, 'lines:List', {
            ...page,
            ...(enterprise === undefined ? {} : { enterprise }),
          }),
        );
        return { status: 200, body };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/credit-lines/{lineId}',
      id: 'getCreditLine',
      tag: 'credit lines',
      summary: 'A credit line: its limit, what is used of it, and what may still be drawn',
      scope: 'loans:read',
      params: LineParams,
      responses: { 200: { description: 'The line.', schema: OfBank(CreditLineView) } },
      problems: ['NOT_FOUND', 'NOT_YOUR_RECORD'],
      idempotency: 'none',
      async handler({ params: { lineId }, user }) {
        const { channel, found } = await findLine(contract, user, lineId);
        return { status: 200, body: ofBank(channel, found) };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/credit-lines/{lineId}/quote',
      id: 'quoteDrawdown',
      tag: 'credit lines',
      summary: 'What a drawdown of the business date would cost',
      description: 'Its schedule, fees and all-in annual rate, to be looked at before anybody signs.',
      scope: 'loans:read',
      params: LineParams,
      query: Type.Object(
        { amount: PositiveFen, termMonths: Type.Integer({ minimum: 1, maximum: 360 }) },
        strict,
      ),
      responses: { 200: { description: 'The quote.', schema: OfBank(DrawQuote) } },
      problems: ['NOT_FOUND', 'NOT_YOUR_RECORD', 'BUSINESS_DAY_NOT_OPEN', ...drawProblems],
      idempotency: 'none',
      async handler({ params: { lineId }, query: { amount, termMonths }, user }) {
        const { channel } = await findLine(contract, user, lineId);
        const asked = { lineId, amount, termMonths };
        const quote = await contract.evaluate(user.identity, channel, 'lines:Quote', asked);
        return { status: 200, body: ofBank(channel, quote) };
      },
    }),
  ];
}

function readDrawdowns(contract: LendingContract): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/credit-lines/{lineId}/drawdowns',
      id: 'listDrawdowns',
      tag: 'credit lines',
      summary: 'What was ordered on a line, and what became of it',
      scope: 'loans:read',
      params: LineParams,
      query: PageQuery,
      responses: { 200: { description: 'A page.', schema: PageOfBank(Drawdown) } },
      problems: ['NOT_FOUND', 'NOT_YOUR_RECORD'],
      idempotency: 'none',
      async handler({ params: { lineId }, query, user }) {
        const { channel } = await findLine(contract, user, lineId);
        const asked = { lineId, ...contractPage(query) };
        const page = await contract.evaluate(user.identity, channel, 'lines:ListDrawdowns', asked);
        const items = page.items.map((drawdown) => ofBank(channel, drawdown));
        return { status: 200, body: { ...page, items } };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/credit-lines/{lineId}/drawdowns/{loanId}',
      id: 'getDrawdown',
      tag: 'credit lines',
      summary: 'A drawdown; paid out, it is the loan of the same id',
      scope: 'loans:read',
      params: DrawdownParams,
      responses: { 200: { description: 'The drawdown.', schema: OfBank(Drawdown) } },
      problems: ['NOT_FOUND', 'NOT_YOUR_RECORD'],
      idempotency: 'none',
      async handler({ params, user }) {
        const { channel } = await findLine(contract, user, params.lineId);
        const found = await contract.evaluate(user.identity, channel, 'lines:GetDrawdown', params);
        return { status: 200, body: ofBank(channel, found) };
      },
    }),
  ];
}

function draw(contract: LendingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/credit-lines/{lineId}/drawdowns',
    id: 'orderDrawdown',
    tag: 'credit lines',
    summary: 'Order a drawdown',
    description:
      'By an order that as many signatories signed as bind the enterprise. The bank pays it out by a proposal of the action `DRAW_DOWN`.',
    scope: 'loans:draw',
    params: LineParams,
    body: SignedOrder(DrawOrder),
    responses: { 201: { description: 'Ordered; nothing is paid out yet.', schema: OfBank(Ordered) } },
    problems: [...orderProblems, ...drawProblems],
    idempotency: 'required',
    async handler({ params: { lineId }, body, user, idempotency }) {
      requireAbout('line', lineId, body.order.lineId);
      const { channel, executed } = await carryOut(body.order, {
        ...{ contract, user, idempotency },
        submit: (at) => contract.submit(user.identity, at, 'lines:Draw', body),
      });
      const { loanId } = body.order;
      const asked = { lineId, loanId };
      const drawdown = await contract.evaluate(user.identity, channel, 'lines:GetDrawdown', asked);
      const headers = { Location: `/v1/credit-lines/${lineId}/drawdowns/${loanId}` };
      return { status: 201, body: ofBank(channel, { order: executed, drawdown }), headers };
    },
  });
}

function withdraw(contract: LendingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/credit-lines/{lineId}/drawdowns/{loanId}:withdraw',
    id: 'withdrawDrawdown',
    tag: 'credit lines',
    summary: 'Take an order back that is not paid out yet',
    scope: 'loans:draw',
    params: DrawdownParams,
    responses: { 200: { description: 'Withdrawn.', schema: OfBank(Drawdown) } },
    problems: ['NOT_FOUND', 'NOT_YOUR_RECORD', 'STATE_CONFLICT'],
    idempotency: 'required',
    async handler({ params, user, idempotency }) {
      const { identity } = user;
      const { channel } = await findLine(contract, user, params.lineId);
      const find = () => contract.evaluate(identity, channel, 'lines:GetDrawdown', params);
      try {
        await contract.submit(identity, channel, 'lines:WithdrawDraw', params);
      } catch (error) {
        await requireDone(error, idempotency, async () => (await find()).state === 'WITHDRAWN');
      }
      return { status: 200, body: ofBank(channel, await find()) };
    },
  });
}

function close(contract: LendingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/credit-lines/{lineId}:close',
    id: 'closeCreditLine',
    tag: 'credit lines',
    summary: 'Close a credit line under which no loan runs',
    description: 'The borrower at any time; the bank once nothing can be drawn any more.',
    scope: 'credit-lines:close',
    params: LineParams,
    responses: { 200: { description: 'Closed.', schema: OfBank(CreditLineView) } },
    problems: ['NOT_FOUND', 'NOT_YOUR_RECORD', 'UNAUTHORISED_ROLE', 'LINE_NOT_OPEN', 'STATE_CONFLICT'],
    idempotency: 'required',
    async handler({ params: { lineId }, user, idempotency }) {
      const { channel } = await findLine(contract, user, lineId);
      const find = () => contract.evaluate(user.identity, channel, 'lines:Get', { lineId });
      try {
        await contract.submit(user.identity, channel, 'lines:Close', { lineId });
      } catch (error) {
        await requireDone(error, idempotency, async () => (await find()).line.state === 'CLOSED');
      }
      return { status: 200, body: ofBank(channel, await find()) };
    },
  });
}

function findLine(contract: LendingContract, { identity }: User, lineId: string) {
  return contract.find(identity, `credit line ${lineId}`, 'lines:Get', { lineId });
}
