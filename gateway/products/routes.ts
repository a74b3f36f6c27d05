import { Type } from 'typebox';
import { Code, ReasonCode, strict } from '../../chaincode/ledger/schemas';
import { ProductView } from '../../chaincode/lending/products/model';
import { requireDone } from '../http/repeats';
import { route, type Route } from '../http/route';
import { LendingContract } from '../ledger/lending';
import { bankMember, BankPageQuery, OfBank, ofBank, pageOfBanks, PageOfBank } from '../lending/banks';
import type { Services } from '../services';

const ProductParams = Type.Object({ code: Code }, strict);

/** Loan products of banks. A bank publishes one by a proposal of the action PUBLISH_PRODUCT. */
export function productRoutes({ organisation, topology, ledger }: Services): readonly Route[] {
  const contract = new LendingContract(ledger, topology, organisation);
  if (contract.channels.length === 0) return [];
  return [
    ...readProducts(contract),
    ...(organisation.roles.includes('regulator') ? [suspend(contract), resume(contract)] : []),
  ];
}

function readProducts(contract: LendingContract): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/products',
      id: 'listProducts',
      tag: 'products',
      summary: 'Loan products, each in its latest version',
      scope: 'products:read',
      query: BankPageQuery,
      responses: { 200: { description: 'A page.', schema: PageOfBank(ProductView) } },
      problems: ['UNKNOWN_ORGANISATION'],
      idempotency: 'none',
      async handler({ query, user: { identity } }) {
        const body = await pageOfBanks(contract, query, (channel, page) =>
          contract.evaluate(identity, channel, 'products:List', page),
        );
        return { status: 200, body };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/products/{code}',
      id: 'getProduct',
      tag: 'products',
      summary: 'A loan product: limits, price, terms, the evidence and scorecard that decide',
      description: 'The latest version unless one is named. A later version changes no loan.',
      scope: 'products:read',
      params: ProductParams,
      query: Type.Object(
        { bank: bankMember, version: Type.Optional(Type.Integer({ minimum: 1, maximum: 10000 })) },
        strict,
      ),
      responses: { 200: { description: 'The product.', schema: OfBank(ProductView) } },
      problems: ['NOT_FOUND', 'UNKNOWN_ORGANISATION'],
      idempotency: 'none',
      async handler({ params: { code }, query: { bank, version }, user: { identity } }) {
        const channel = contract.channelOf(bank);
        const input = { code, ...(version === undefined ? {} : { version }) };
        const product = await contract.evaluate(identity, channel, 'products:Get', input);
        return { status: 200, body: ofBank(channel, product) };
      },
    }),
  ];
}

function suspend(contract: LendingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/products/{code}:suspend',
    id: 'suspendProduct',
    tag: 'products',
    summary: 'Stop new business in a product',
    description: 'Loans that run are not touched. The regulator alone endorses it: no bank can undo it.',
    scope: 'products:suspend',
    params: ProductParams,
    body: Type.Object({ bank: bankMember, reason: ReasonCode }, strict),
    responses: { 200: { description: 'The product, suspended.', schema: OfBank(ProductView) } },
    problems: ['NOT_FOUND', 'STATE_CONFLICT', 'UNAUTHORISED_ROLE', 'UNKNOWN_ORGANISATION'],
    idempotency: 'required',
    async handler({ params: { code }, body: { bank, reason }, user: { identity }, idempotency }) {
      const channel = contract.channelOf(bank);
      const find = () => contract.evaluate(identity, channel, 'products:Get', { code });
      try {
        await contract.submit(identity, channel, 'products:Suspend', { code, reason });
      } catch (error) {
        await requireDone(error, idempotency, async () => (await find()).stop.state === 'SUSPENDED');
      }
      return { status: 200, body: ofBank(channel, await find()) };
    },
  });
}

function resume(contract: LendingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/products/{code}:resume',
    id: 'resumeProduct',
    tag: 'products',
    summary: 'End a suspension',
    scope: 'products:suspend',
    params: ProductParams,
    body: Type.Object({ bank: bankMember }, strict),
    responses: { 200: { description: 'The product, open.', schema: OfBank(ProductView) } },
    problems: ['NOT_FOUND', 'STATE_CONFLICT', 'UNAUTHORISED_ROLE', 'UNKNOWN_ORGANISATION'],
    idempotency: 'required',
    async handler({ params: { code }, body: { bank }, user: { identity }, idempotency }) {
      const channel = contract.channelOf(bank);
      const find = () => contract.evaluate(identity, channel, 'products:Get', { code });
      try {
        await contract.submit(identity, channel, 'products:Resume', { code });
      } catch (error) {
        await requireDone(error, idempotency, async () => (await find()).stop.state === 'OPEN');
      }
      return { status: 200, body: ofBank(channel, await find()) };
    },
  });
}
