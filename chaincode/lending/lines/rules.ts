import { ContractError } from '../../ledger/errors';
import { fen, sumOf } from '../../ledger/money';
import type { LoanSheet, SignedDebit } from '../applications/model';
import type { Cost } from '../applications/sheet';
import type { DrawOrder } from '../books/payment-order';
import type { LoanTerms, Position } from '../engine/loan';
import type { Product } from '../products/model';
import { requirePayee, requirePurpose } from '../products/rules';
import { mostDrawdowns, type CreditLine } from './model';

/** What a credit line allows. Pure. */

/** What the line's loans owe of principal: so much of it is used. What was written off is owed still. */
export function usedOf(positions: readonly Position[]): bigint {
  return sumOf(positions.map(({ principal, claim }) => (claim === undefined ? fen(principal) : fen(claim))));
}

/** What may still be drawn; 0 where a payment that was taken back has lifted the debt above the limit. */
export function availableOf({ limit }: CreditLine, positions: readonly Position[]): bigint {
  const left = fen(limit) - usedOf(positions);
  return left > 0n ? left : 0n;
}

/**
 * Whether a borrower is late with, or has failed, one of the line's loans: nothing more is drawn until it has paid. Days past
 * due are counted at the end of a day, so that what was paid since has to be looked at as well.
 */
function inTrouble({ status, daysPastDue, unpaid }: Position): boolean {
  return (daysPastDue > 0 && unpaid.length > 0) || status === 'NON_ACCRUAL' || status === 'WRITTEN_OFF';
}

/** What a drawdown is held against. */
export interface Drawing {
  readonly order: DrawOrder;
  readonly line: CreditLine;
  /** Where the line's loans stand that are not repaid. */
  readonly positions: readonly Position[];
  readonly sheet: LoanSheet;
  readonly product: Product;
}

/**
 * Refuses a drawdown that line, sheet or product do not allow.
 *
 * @throws ContractError NOT_YOUR_RECORD, LINE_NOT_OPEN, LINE_LIMIT_EXCEEDED, TERMS_MISMATCH, PRODUCT_LIMIT_EXCEEDED,
 * INVALID_INPUT; the field is the order's.
 */
export function requireDrawable({ order, line, positions, sheet, product }: Drawing): void {
  if (line.enterprise !== order.enterprise)
    throw new ContractError('NOT_YOUR_RECORD', 'the credit line is of another enterprise', 'order.lineId');
  if (line.state !== 'OPEN')
    throw new ContractError('LINE_NOT_OPEN', 'the credit line is closed', 'order.lineId');
  if (order.from !== line.account)
    throw new ContractError('TERMS_MISMATCH', 'the line is debited from another account', 'order.from');
  if (fen(order.amount) < fen(sheet.line?.minimumDrawdown ?? sheet.terms.principal))
    throw new ContractError('PRODUCT_LIMIT_EXCEEDED', 'is below the least drawdown', 'order.amount');
  requireTerm(sheet, product, order.termMonths, 'order.termMonths');
  requirePurpose(product, order.purpose, 'order.purpose');
  requirePayee(product, order, 'order.payee');
  if (positions.some(inTrouble))
    throw new ContractError('LINE_NOT_OPEN', 'a loan of the line is past due', 'order.lineId');
  if (fen(order.amount) > availableOf(line, positions))
    throw new ContractError('LINE_LIMIT_EXCEEDED', 'the line does not leave as much', 'order.amount');
  if (positions.length >= mostDrawdowns)
    throw new ContractError('LINE_LIMIT_EXCEEDED', 'as many loans of the line run as may', 'order.lineId');
}

/** @throws ContractError `PRODUCT_LIMIT_EXCEEDED` for a term that the sheet does not reach to, or the product not down to. */
export function requireTerm(
  { terms }: LoanSheet,
  { minimumTermMonths }: Product,
  termMonths: number,
  field: string,
): void {
  if (termMonths < minimumTermMonths || termMonths > terms.termMonths)
    throw new ContractError('PRODUCT_LIMIT_EXCEEDED', 'the line does not lend for this term', field);
}

/** The line's signed terms for a drawdown: what changes is amount, term and first day. */
export function drawTerms(
  { terms }: LoanSheet,
  { amount, termMonths }: Pick<DrawOrder, 'amount' | 'termMonths'>,
  startDate: string,
): LoanTerms {
  return { ...terms, principal: amount, termMonths, startDate };
}

/**
 * Refuses a drawdown that the signed direct debit could not collect: a shorter term has larger instalments than the sheet's.
 *
 * @throws ContractError `MANDATE_EXCEEDED`.
 */
export function requireCollectable({ schedule, largest }: Cost, { cap, expires }: SignedDebit): void {
  if (largest > fen(cap))
    throw new ContractError(
      'MANDATE_EXCEEDED',
      'an instalment is above the cap of the direct debit',
      'order',
    );
  if ((schedule.at(-1)?.dueDate ?? '') > expires)
    throw new ContractError('MANDATE_EXCEEDED', 'it falls due after the direct debit ends', 'order');
}
