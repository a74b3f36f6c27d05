import { addDays } from '../../ledger/calendar';
import { digestOf } from '../../ledger/canonical';
import { ContractError } from '../../ledger/errors';
import { sumOf, toFen } from '../../ledger/money';
import type { Reference } from '../../registry/reference-model';
import { rateOn } from '../../registry/reference-data';
import { Decimal } from '../engine/decimal';
import { planOf, type LoanTerms, type Market } from '../engine/loan';
import type { Product } from '../products/model';
import { ceilingOf, feeOf } from '../products/rules';
import { allInAnnualRate } from './annual-rate';
import type { Application, Approval, AttachedEvidence, LoanSheet } from './model';

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

/** Codes of the published data that a product's sheet is computed with. */
export function referencesOf({ pricing, ceilings, terms }: Product): readonly string[] {
  const codes = new Set<string>([pricing.index]);
  for (const { ceiling } of ceilings) if (ceiling.kind === 'MULTIPLE') codes.add(ceiling.index);
  if (terms.calendar !== 'NONE' && terms.calendar !== 'MONDAY_TO_FRIDAY') codes.add(terms.calendar);
  return [...codes].sort();
}

/** Published data as the engine takes them. */
export function marketOf(references: readonly Reference[], calendarCode: string): Market {
  const dated = references.find(({ code, kind }) => code === calendarCode && kind === 'CALENDAR');
  return {
    rateOn: (index, date) => indexOn(references, index, date),
    calendar:
      dated?.kind === 'CALENDAR'
        ? { kind: 'DATED', holidays: dated.holidays, workingWeekends: dated.workingWeekends }
        : { kind: 'NO_CALENDAR' },
  };
}

function indexOn(references: readonly Reference[], index: string, date: string): string {
  const series = references.find(({ code }) => code === index);
  if (series?.kind !== 'RATE')
    throw new ContractError('REFERENCE_MISSING', `nothing is published under ${index}`, 'product');
  return rateOn(series, date);
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

/**
 * Computes a sheet: terms, schedule, fees, and the all-in annual rate held against the ceiling for the lender's kind.
 *
 * @throws ContractError REFERENCE_MISSING, RATE_CEILING_EXCEEDED.
 */
export function sheetOf(input: SheetInput): LoanSheet {
  const { application, product, evidence, date, references } = input;
  const annual = annualRateOf(input);
  const terms = termsOf(input, annual);
  const schedule = planOf(terms, marketOf(references, terms.calendar));
  const principal = BigInt(input.amount);
  const fees = product.fees.map((fee) => ({ code: fee.code, amount: toFen(feeOf(fee, principal)) }));
  const totalFees = sumOf(fees.map(({ amount }) => BigInt(amount)));
  const totalInterest = sumOf(schedule.map(({ interest }) => BigInt(interest)));
  const allIn = allInAnnualRate([
    { date, amount: principal - totalFees },
    ...schedule.map(({ dueDate, total }) => ({ date: dueDate, amount: -BigInt(total) })),
  ]);
  const ceiling = ceilingOf(product, (index) => indexOn(references, index, date));
  if (allIn === undefined || (ceiling !== undefined && allIn.gt(ceiling)))
    throw new ContractError(
      'RATE_CEILING_EXCEEDED',
      'the all-in annual rate is above the ceiling',
      'product',
    );
  const expires = addDays(date, product.offerDays);
  const largest = schedule.reduce((most, { total }) => (BigInt(total) > most ? BigInt(total) : most), 1n);
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
    allInAnnualRate: allIn.toFixed(),
    fees,
    schedule: schedule.map(({ number, dueDate, principal: share, interest, total }) => ({
      number,
      dueDate,
      principal: share,
      interest,
      total,
    })),
    totalInterest: toFen(totalInterest),
    totalFees: toFen(totalFees),
    totalToPay: toFen(principal + totalInterest + totalFees),
    evidence: {
      consentId: evidence.consentId,
      consentExpiry: evidence.consentExpiry,
      retentionYears: evidence.evidenceYears,
      deliveries: evidence.deliveries,
    },
    leastDebitCap: toFen(largest),
    offeredOn: date,
    expires,
    drawBy: addDays(expires, product.drawDays),
  };
}
