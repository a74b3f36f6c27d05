import { Type, type Static } from 'typebox';

/**
 * General-ledger codes of a lending channel. Debits are positive everywhere, credits negative; every journal entry sums to
 * zero. The first block is the loan sub-ledger, as the engine names its accounts.
 */
export const ledgerCodes = [
  'PRINCIPAL',
  'INTEREST_RECEIVABLE',
  'PENALTY_RECEIVABLE',
  'COSTS_RECEIVABLE',
  'INTEREST_NOT_ACCRUED',
  'INTEREST_NOT_ACCRUED_CONTRA',
  'INTEREST_INCOME',
  'PENALTY_INCOME',
  'FEE_INCOME',
  'COSTS_INCOME',
  'WAIVER_EXPENSE',
  'WRITE_OFF_EXPENSE',
  'RECOVERY_INCOME',
  /** Control account of all deposits: what the bank owes its customers, a credit balance. */
  'CUSTOMER_DEPOSITS',
  /** What the core banking system holds against the deposits that were issued here. */
  'CASH_AT_CORE',
  /** Money on its way to payees who have no deposit on this channel. */
  'PAYEE_CLEARING',
  'SUSPENSE',
] as const;

export const LedgerCode = Type.Enum(ledgerCodes);
export type LedgerCode = Static<typeof LedgerCode>;

/** Codes that are posted to directly; deposits are posted to by their own account. */
export type DirectCode = Exclude<LedgerCode, 'CUSTOMER_DEPOSITS'>;
