import { ContractError } from '../../ledger/errors';
import { Decimal } from '../engine/decimal';
import type { Static } from 'typebox';
import type { Fee, Product, RateCeiling } from './model';

/** What a product must be to hold together, and what it allows. */

/**
 * Checks what the schema cannot say.
 *
 * @throws ContractError `INVALID_INPUT` naming the member at fault.
 */
export function checkProduct(product: Product): void {
  if (BigInt(product.minimumAmount) > BigInt(product.maximumAmount))
    invalid('is above the maximum', 'minimumAmount');
  if (product.minimumTermMonths > product.maximumTermMonths)
    invalid('is above the maximum', 'minimumTermMonths');
  if (product.line !== undefined && BigInt(product.line.minimumDrawdown) > BigInt(product.minimumAmount))
    invalid('is above the least limit', 'line.minimumDrawdown');
  const { kind, resetMonths } = product.pricing;
  if ((kind === 'FLOATING') !== (resetMonths !== undefined))
    invalid('belongs to a floating rate, and to no other', 'pricing.resetMonths');
  if ((product.terms.type === 'LAM') !== (product.terms.principalCycle !== undefined))
    invalid('belongs to LAM, and to no other type', 'terms.principalCycle');
  if (product.terms.type === 'ANN' && product.terms.interestCycle === 'AT_MATURITY')
    invalid('has no instalments for an annuity', 'terms.interestCycle');
  unique(
    product.evidence.map(({ recordType }) => recordType),
    'evidence',
  );
  unique(
    product.scorecard.map(({ metric }) => metric),
    'scorecard',
  );
  unique(
    product.grades.map(({ grade }) => grade),
    'grades',
  );
  unique(
    product.ceilings.map(({ lenderType }) => lenderType),
    'ceilings',
  );
  unique(
    product.fees.map(({ code }) => code),
    'fees',
  );
  for (const [index, { bands }] of product.scorecard.entries())
    bands.forEach(({ from }, at) => {
      const before = bands[at - 1]?.from;
      if ((from === undefined) !== (at === 0))
        invalid('is open at the first band only', `scorecard.${index}`);
      if (from !== undefined && before !== undefined && new Decimal(from).lte(before))
        invalid('bands do not rise', `scorecard.${index}`);
    });
  product.grades.forEach(({ minimumPoints }, at) => {
    const better = product.grades[at - 1];
    if (better !== undefined && minimumPoints >= better.minimumPoints)
      invalid('grades do not fall', `grades.${at}`);
  });
  if (new Decimal(product.limit.minimumCoverage).lte(0)) invalid('is not above 0', 'limit.minimumCoverage');
  if (new Decimal(product.limit.testRate).lt(0)) invalid('is below 0', 'limit.testRate');
  for (const [index, { revenueShare }] of product.grades.entries())
    if (new Decimal(revenueShare).lt(0)) invalid('is below 0', `grades.${index}.revenueShare`);
  for (const [index, { rate }] of product.fees.entries())
    if (new Decimal(rate).lt(0)) invalid('is below 0', `fees.${index}.rate`);
}

/**
 * Refuses an amount or a term that the product does not lend.
 *
 * @throws ContractError `PRODUCT_LIMIT_EXCEEDED` naming the member.
 */
export function requireWithin(
  product: Product,
  { amount, termMonths }: { readonly amount: string; readonly termMonths: number },
): void {
  const fen = BigInt(amount);
  if (fen < BigInt(product.minimumAmount) || fen > BigInt(product.maximumAmount))
    throw new ContractError('PRODUCT_LIMIT_EXCEEDED', 'the product does not lend this amount', 'amount');
  if (termMonths < product.minimumTermMonths || termMonths > product.maximumTermMonths)
    throw new ContractError(
      'PRODUCT_LIMIT_EXCEEDED',
      'the product does not lend for this term',
      'termMonths',
    );
}

/** @throws ContractError `PRODUCT_LIMIT_EXCEEDED` where the product does not lend for a purpose; it names the field. */
export function requirePurpose({ purposes }: Product, purpose: string, field = 'purpose'): void {
  if (!purposes.includes(purpose))
    throw new ContractError('PRODUCT_LIMIT_EXCEEDED', 'the product does not lend for this purpose', field);
}

/**
 * Entrusted payment: above the product's threshold money goes to whom it is for and not through the borrower's hands
 * (Measures for Working-Capital Loans, 流动资金贷款管理办法, NFRA 2024, on the payment of loans).
 *
 * @throws ContractError `INVALID_INPUT` naming the field, where a payee is missing.
 */
export function requirePayee(
  { entrustedAbove }: Product,
  { amount, payee }: { readonly amount: string; readonly payee?: unknown },
  field = 'payee',
): void {
  if (payee === undefined && BigInt(amount) > BigInt(entrustedAbove))
    throw new ContractError('INVALID_INPUT', 'an amount as large is paid to a payee', field);
}

/**
 * The highest all-in annual rate for the product's lender; undefined where the law sets none for its kind.
 *
 * @param indexOf the value of a published rate on the day of the offer.
 */
export function ceilingOf(product: Product, indexOf: (index: string) => string): Decimal | undefined {
  const found: RateCeiling | undefined = product.ceilings.find(
    ({ lenderType }) => lenderType === product.lenderType,
  );
  if (found === undefined) return undefined;
  const { ceiling } = found;
  return ceiling.kind === 'ANNUAL'
    ? new Decimal(ceiling.annual)
    : new Decimal(indexOf(ceiling.index)).times(ceiling.times);
}

/** A fee of a principal in fen: its share rounded half up, and its amount. */
export function feeOf({ rate, amount }: Static<typeof Fee>, principal: bigint): bigint {
  const share = new Decimal(principal.toString()).times(rate).toDecimalPlaces(0, Decimal.ROUND_HALF_UP);
  return BigInt(share.toFixed()) + BigInt(amount);
}

function unique(names: readonly string[], field: string): void {
  if (new Set(names).size !== names.length) invalid('has a name twice', field);
}

function invalid(reason: string, field: string): never {
  throw new ContractError('INVALID_INPUT', reason, field);
}
