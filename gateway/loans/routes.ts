import { Type } from 'typebox';
import { PositiveFen } from '../../chaincode/ledger/money';
import { OpaqueId, Uscc, strict } from '../../chaincode/ledger/schemas';
import { PrepayOrder, RepayOrder, SignedOrder } from '../../chaincode/lending/books/payment-order';
import { ExecutedOrder } from '../../chaincode/lending/books/model';
import { Instalment } from '../../chaincode/lending/engine/loan/model';
import { LoanView, QuoteView, StoredFact } from '../../chaincode/lending/loans/model';
import { route, type Route, type User } from '../http/route';
import { LendingContract } from '../ledger/lending';
import { BankPageQuery, OfBank, ofBank, pageOfBanks, PageOfBank } from '../lending/banks';
import { carryOut, orderProblems, requireAbout, type CarriedOut } from '../lending/orders';
import type { Services } from '../services';

const LoanParams = Type.Object({ loanId: OpaqueId }, strict);

/** A payment that was carried out, and the loan after it. */
const Payment = Type.Object({ order: ExecutedOrder, ...LoanView.properties }, strict);

/** Loans: a bank pays one out by a proposal of the action DISBURSE; the borrower pays by signed orders. */
export function loanRoutes({ organisation, topology, ledger }: Services): readonly Route[] {
  const contract = new LendingContract(ledger, topology, organisation);
  if (contract.channels.length === 0) return [];
  return [
    ...readLoans(contract),
    ...readDetails(contract),
    ...(organisation.roles.includes('enterprise') ? [repay(contract), prepay(contract)] : []),
  ];
}

function readLoans(contract: LendingContract): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/loans',
      id: 'listLoans',
      tag: 'loans',
      summary: 'Loans, of one enterprise or of all',
      description:
        'An enterprise sees its own at all its banks; bank and supervisor see all, or those of the enterprise named.',
      scope: 'loans:read',
      query: Type.Object({ ...BankPageQuery.properties, enterprise: Type.Optional(Uscc) }, strict),
      responses: { 200: { description: 'A page.', schema: PageOfBank(LoanView) } },
      problems: ['NOT_YOUR_RECORD', 'UNKNOWN_ORGANISATION'],
      idempotency: 'none',
      async handler({ query, user }) {
        const { enterprise } = query;
        const body = await pageOfBanks(contract, query, (channel, page) =>
          contract.evaluate(user.identity, channel, 'loans:List', {
            ...page,
            ...(enterprise === undefined ? {} : { enterprise }),
          }),
        );
        return { status: 200, body };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/loans/{loanId}',
      id: 'getLoan',
      tag: 'loans',
      summary: 'A loan: its terms, and where it stands',
      scope: 'loans:read',
      params: LoanParams,
      responses: { 200: { description: 'The loan.', schema: OfBank(LoanView) } },
      problems: ['NOT_FOUND', 'NOT_YOUR_RECORD'],
      idempotency: 'none',
      async handler({ params: { loanId }, user }) {
        const { channel, found } = await findLoan(contract, user, loanId);
        return { status: 200, body: ofBank(channel, found) };
      },
    }),
  ];
}

function readDetails(contract: LendingContract): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/loans/{loanId}/facts',
      id: 'listLoanFacts',
      tag: 'loans',
      summary: 'Everything that happened to a loan, in the order of the ledger',
      description: 'Position and postings follow from the terms and these facts alone.',
      scope: 'loans:read',
      params: LoanParams,
      responses: {
        200: { description: 'All facts.', schema: Type.Object({ items: Type.Array(StoredFact) }, strict) },
      },
      problems: ['NOT_FOUND', 'NOT_YOUR_RECORD'],
      idempotency: 'none',
      async handler({ params: { loanId }, user }) {
        const { channel } = await findLoan(contract, user, loanId);
        const items = await contract.evaluate(user.identity, channel, 'loans:Facts', { loanId });
        return { status: 200, body: { items } };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/loans/{loanId}/schedule',
      id: 'getSchedule',
      tag: 'loans',
      summary: 'The schedule that the terms give from the day of the disbursement',
      scope: 'loans:read',
      params: LoanParams,
      responses: {
        200: {
          description: 'All instalments.',
          schema: Type.Object({ items: Type.Array(Instalment) }, strict),
        },
      },
      problems: ['NOT_FOUND', 'NOT_YOUR_RECORD', 'REFERENCE_MISSING'],
      idempotency: 'none',
      async handler({ params: { loanId }, user }) {
        const { channel } = await findLoan(contract, user, loanId);
        const items = await contract.evaluate(user.identity, channel, 'loans:Schedule', { loanId });
        return { status: 200, body: { items } };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/loans/{loanId}/quote',
      id: 'quotePrepayment',
      tag: 'loans',
      summary: 'What a prepayment would pay, valid on the business date',
      description: 'Of the amount that the payer would give, or, without one, of the whole debt.',
      scope: 'loans:read',
      params: LoanParams,
      query: Type.Object(
        {
          amount: Type.Optional(PositiveFen),
        },
        strict,
      ),
      responses: { 200: { description: 'The quote.', schema: OfBank(QuoteView) } },
      problems: [
        'NOT_FOUND',
        'NOT_YOUR_RECORD',
        'LOAN_NOT_ACTIVE',
        'PREPAYMENT_REFUSED',
        'BUSINESS_DAY_NOT_OPEN',
        'REFERENCE_MISSING',
      ],
      idempotency: 'none',
      async handler({ params: { loanId }, query, user }) {
        const { channel } = await findLoan(contract, user, loanId);
        const input = { loanId, ...(query.amount === undefined ? {} : { amount: query.amount }) };
        const quote = await contract.evaluate(user.identity, channel, 'loans:Quote', input);
        return { status: 200, body: ofBank(channel, quote) };
      },
    }),
  ];
}

function repay(contract: LendingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/loans/{loanId}/repayments',
    id: 'repayLoan',
    tag: 'loans',
    summary: 'Pay what is due, or a part of it',
    description: 'By an order that as many signatories signed as bind the enterprise.',
    scope: 'loans:repay',
    params: LoanParams,
    body: SignedOrder(RepayOrder),
    responses: { 201: { description: 'Paid.', schema: OfBank(Payment) } },
    problems: [...orderProblems, 'LOAN_NOT_ACTIVE', 'LOANS_NOT_CLOSED', 'INVALID_INPUT', 'REFERENCE_MISSING'],
    idempotency: 'required',
    async handler({ params: { loanId }, body, user, idempotency }) {
      requireAbout('loan', loanId, body.order.loanId);
      const done = await carryOut(body.order, {
        ...{ contract, user, idempotency },
        submit: (at) => contract.submit(user.identity, at, 'loans:Repay', body),
      });
      return paid(contract, user, loanId, done);
    },
  });
}

function prepay(contract: LendingContract): Route {
  return route({
    method: 'POST',
    path: '/v1/loans/{loanId}/prepayments',
    id: 'prepayLoan',
    tag: 'loans',
    summary: 'Pay principal before it is due, as quoted for the business date',
    scope: 'loans:repay',
    params: LoanParams,
    body: SignedOrder(PrepayOrder),
    responses: { 201: { description: 'Paid.', schema: OfBank(Payment) } },
    problems: [
      ...orderProblems,
      'LOAN_NOT_ACTIVE',
      'LOANS_NOT_CLOSED',
      'QUOTE_EXPIRED',
      'PREPAYMENT_REFUSED',
      'INVALID_INPUT',
      'REFERENCE_MISSING',
    ],
    idempotency: 'required',
    async handler({ params: { loanId }, body, user, idempotency }) {
      requireAbout('loan', loanId, body.order.loanId);
      const done = await carryOut(body.order, {
        ...{ contract, user, idempotency },
        submit: (at) => contract.submit(user.identity, at, 'loans:Prepay', body),
      });
      return paid(contract, user, loanId, done);
    },
  });
}

async function paid(
  contract: LendingContract,
  { identity }: User,
  loanId: string,
  { channel, executed }: CarriedOut,
) {
  const view = await contract.evaluate(identity, channel, 'loans:Get', { loanId });
  const headers = { Location: `/v1/orders/${executed.orderId}` };
  return { status: 201, body: ofBank(channel, { order: executed, ...view }), headers };
}

function findLoan(contract: LendingContract, { identity }: User, loanId: string) {
  return contract.find(identity, `loan ${loanId}`, 'loans:Get', { loanId });
}
