import { addDays, addMonths } from '../../ledger/calendar';
import { digestOf } from '../../ledger/canonical';
import { ContractError } from '../../ledger/errors';
import { sumOf, toFen } from '../../ledger/money';
import type { Reference } from '../../registry/reference-model';
import { Decimal } from '../engine/decimal';
import { planOf, type Instalment, type LoanTerms } from '../engine/loan';
import type { Product } from '../products/model';
import { ceilingOf, feeOf } from '../products/rules';
import { allInAnnualRate } from './annual-rate';
import type { Application, Approval, AttachedEvidence, LoanSheet } from './model';
import { indexOn, marketOf } from './published';

/** The loan sheet, computed: no amount in it is supplied but the principal and the term of the offer. */

/** What a sheet is made from. */
export interface SheetInput {
  readonly channel: string;
  readonly bank: string;
  readonly application: Application;
  readonly approval: Approval;
  readonly product: Product;
  readonly productDigest: string;
  readonly evidence: AttachedEvidence;
  readonly offerId: string;
  readonly amount: string;
  readonly termMonths: number;
  /** Date of the bank. */
  readonly date: string;
  readonly references: readonly Reference[];
}

/** The contract's rate on a day: the index plus the spread, within cap and floor. */
function annualRateOf({ product, approval, references, date }: SheetInput): Decimal {
  const { index, cap, floor } = product.pricing;
  const rate = new Decimal(indexOn(references, index, date)).plus(approval.spread);
  if (cap !== undefined && rate.gt(cap)) return new Decimal(cap);
  if (floor !== undefined && rate.lt(floor)) return new Decimal(floor);
  return rate;
}

/** The terms of the loan that is offered. @throws ContractError `PRODUCT_LIMIT_EXCEEDED` for a rate below nothing. */
function termsOf(input: SheetInput, annual: Decimal): LoanTerms {
  const { product, approval, amount, termMonths, date } = input;
  const { kind, index, resetMonths, cap, floor } = product.pricing;
  if (annual.lt(0)) throw new ContractError('PRODUCT_LIMIT_EXCEEDED', 'the rate is below nothing', 'product');
  return {
    ...product.terms,
    principal: amount,
    startDate: date,
    termMonths,
    rate:
      kind === 'FIXED'
        ? { kind, annual: annual.toFixed() }
        : {
            kind,
            index,
            spread: approval.spread,
            resetMonths: resetMonths ?? 12,
            ...(cap === undefined ? {} : { cap }),
            ...(floor === undefined ? {} : { floor }),
          },
  };
}

/** What a loan costs its borrower. */
export interface Cost {
  readonly schedule: readonly Instalment[];
  readonly fees: readonly { readonly code: string; readonly amount: string }[];
  readonly totalFees: bigint;
  readonly totalInterest: bigint;
  readonly allInAnnualRate: Decimal;
  /** What the largest instalment takes at once. */
  readonly largest: bigint;
}

/**
 * Schedule and fees of a loan of a product, paid out on its terms' first day, and its all-in annual rate held against the
 * ceiling for the lender's kind.
 *
 * @throws ContractError REFERENCE_MISSING, RATE_CEILING_EXCEEDED.
 */
export function costOf(product: Product, terms: LoanTerms, references: readonly Reference[]): Cost {
  const schedule = planOf(terms, marketOf(references, terms.calendar));
  const principal = BigInt(terms.principal);
  const fees = product.fees.map((fee) => ({ code: fee.code, amount: toFen(feeOf(fee, principal)) }));
  const totalFees = sumOf(fees.map(({ amount }) => BigInt(amount)));
  const allInAnnual = allInAnnualRate([
    { date: terms.startDate, amount: principal - totalFees },
    ...schedule.map(({ dueDate, total }) => ({ date: dueDate, amount: -BigInt(total) })),
  ]);
  const ceiling = ceilingOf(product, (index) => indexOn(references, index, terms.startDate));
  if (allInAnnual === undefined || (ceiling !== undefined && allInAnnual.gt(ceiling)))
    throw new ContractError(
      'RATE_CEILING_EXCEEDED',
      'the all-in annual rate is above the ceiling',
      'product',
    );
  return {
    schedule,
    fees,
    totalFees,
    totalInterest: sumOf(schedule.map(({ interest }) => BigInt(interest))),
    allInAnnualRate: allInAnnual,
    largest: schedule.reduce((most, { total }) => (BigInt(total) > most ? BigInt(total) : most), 1n),
  };
}

/** Computes a sheet. @throws ContractError PRODUCT_LIMIT_EXCEEDED and what {@link costOf} throws. */
export function sheetOf(input: SheetInput): LoanSheet {
  const { application, product, evidence, date, references } = input;
  const { line } = product;
  const annual = annualRateOf(input);
  const terms = termsOf(input, annual);
  const cost = costOf(product, terms, references);
  const { totalFees, totalInterest } = cost;
  const expires = addDays(date, product.offerDays);
  return {
    channel: input.channel,
    bank: input.bank,
    enterprise: application.enterprise,
    applicationId: application.applicationId,
    offerId: input.offerId,
    product: { code: product.code, version: product.version },
    productDigest: input.productDigest,
    productName: product.name,
    lenderType: product.lenderType,
    purpose: application.purpose,
    account: application.account,
    ...(application.payee === undefined ? {} : { payee: application.payee }),
    terms,
    termsDigest: digestOf(terms),
    annualRate: new Decimal(annual).toFixed(),
    allInAnnualRate: cost.allInAnnualRate.toFixed(),
    fees: [...cost.fees],
    schedule: cost.schedule.map(({ number, dueDate, principal: share, interest, total }) => ({
      number,
      dueDate,
      principal: share,
      interest,
      total,
    })),
    totalInterest: toFen(totalInterest),
    totalFees: toFen(totalFees),
    totalToPay: toFen(BigInt(terms.principal) + totalInterest + totalFees),
    evidence: {
      consentId: evidence.consentId,
      consentExpiry: evidence.consentExpiry,
      retentionYears: evidence.evidenceYears,
      deliveries: evidence.deliveries,
    },
    leastDebitCap: toFen(cost.largest),
    ...(line === undefined ? {} : { line: { minimumDrawdown: line.minimumDrawdown } }),
    offeredOn: date,
    expires,
    drawBy: line === undefined ? addDays(expires, product.drawDays) : addMonths(date, line.drawMonths),
  };
}
