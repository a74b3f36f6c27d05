/**
 * Everything that a contract refuses, by stable code. The gateway maps codes to HTTP; nothing may decide by the text.
 */
export const errorCodes = [
  'INVALID_INPUT',
  'UNAUTHORISED_ROLE',
  'NOT_YOUR_RECORD',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'ALREADY_SET_UP',
  'NOT_SET_UP',
  'CLOCK_SKEW',
  'UNKNOWN_ORGANISATION',
  'UNKNOWN_DEPARTMENT',
  'UNKNOWN_ISSUER',
  'UNKNOWN_RECORD_TYPE',
  'UNKNOWN_PURPOSE',
  'EVIDENCE_NOT_CITED',
  'ARCHIVE_NOT_OPEN',
  'NOT_NARROWER',
  'PERSON_NOT_ENROLLED',
  'PURPOSE_CEILING_EXCEEDED',
  'ENTERPRISE_NOT_ACTIVE',
  'ENTERPRISE_SIGNATURE_INVALID',
  'ENTERPRISE_INVALID',
  'VERSION_CONFLICT',
  'CHANGE_INVALID',
  'VOTES_MISSING',
  'RECORD_SIGNATURE_INVALID',
  'RECORD_SCHEMA_INVALID',
  'RECORD_TAMPERED',
  'RECORD_NOT_ANCHORED',
  'RECORD_NOT_ACTIVE',
  'SEQUENCE_GAP',
  'PRIVATE_DATA_MISMATCH',
  'PRIVATE_READ_REFUSED',
  'RESPONSE_KEY_REQUIRED',
  'STATE_CONFLICT',
  'STATE_INVALID',
  'CONSENT_NOT_ACTIVE',
  'SIGNATURE_INVALID',
  'SIGNATURE_REPLAYED',
  'SIGNATORY_UNKNOWN',
  'SIGNATORY_NOT_AUTHORISED',
  'STATEMENT_MISMATCH',
  'BEYOND_CONSENT',
  'FREQUENCY_EXCEEDED',
  'REQUEST_NOT_OPEN',
  'OFFER_MISSING',
  'OFFER_MISMATCH',
  'COMPLETENESS_INVALID',
  'COMPLETENESS_GAP',
  'ANSWER_INVALID',
  'QUESTION_BUDGET_SPENT',
  'DATA_LIFE_ENDED',
  'PURGED',
  'CALLEE_FAILED',
  'SAME_PERSON',
  'APPROVAL_MISMATCH',
  'APPROVAL_NOT_OPEN',
  'ENTRY_UNBALANCED',
  'ACCOUNT_NOT_OPEN',
  'INSUFFICIENT_FUNDS',
  'HOLD_NOT_OPEN',
  'ORDER_EXPIRED',
  'QUORUM_MISSING',
  'MANDATE_MISSING',
  'MANDATE_EXCEEDED',
  'BUSINESS_DATE_AHEAD',
  'BUSINESS_DAY_NOT_OPEN',
  'BUSINESS_DAY_NOT_CLOSING',
  'LOANS_NOT_CLOSED',
  'PRODUCT_NOT_OPEN',
  'PRODUCT_LIMIT_EXCEEDED',
  'RATE_CEILING_EXCEEDED',
  'EVIDENCE_MISSING',
  'EVIDENCE_STALE',
  'EVIDENCE_INCOMPLETE',
  'EVIDENCE_SUPERSEDED',
  'EVIDENCE_WEAK',
  'DECISION_MISSING',
  'DECISION_MISMATCH',
  'DECISION_NEGATIVE',
  'OFFER_EXPIRED',
  'ACCEPTANCE_INVALID',
  'LINE_NOT_OPEN',
  'LINE_LIMIT_EXCEEDED',
  'LOAN_NOT_ACTIVE',
  'PREPAYMENT_REFUSED',
  'QUOTE_EXPIRED',
  'TERMS_MISMATCH',
  'REFERENCE_MISSING',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/**
 * A refusal. Its message crosses the shim as the only thing that a client sees: `CODE: text` or `CODE[field.path]: text`.
 * The shim logs it too, so the text never carries a value that was given or disclosed.
 */
export class ContractError extends Error {
  readonly code: ErrorCode;
  /** Dotted path of the member of the input that is at fault. */
  readonly field: string | undefined;
  /** The text without code and field. */
  readonly reason: string;

  constructor(code: ErrorCode, reason: string, field?: string) {
    super(`${code}${field === undefined ? '' : `[${field}]`}: ${reason}`);
    this.name = 'ContractError';
    this.code = code;
    this.field = field;
    this.reason = reason;
  }
}

/** What a {@link ContractError} says, read back from text that Fabric and its clients may have put more text around. */
export interface ErrorText {
  readonly code: ErrorCode;
  readonly field?: string;
  readonly reason: string;
}

const pattern = new RegExp(`\\b(${errorCodes.join('|')})(?:\\[([A-Za-z0-9_.-]{1,200})\\])?: ([^\\n]*)`);

/** The first contract error in a text, or undefined where there is none. */
export function parseErrorText(text: string): ErrorText | undefined {
  const match = pattern.exec(text);
  const code = errorCodes.find((known) => known === match?.[1]);
  if (match === null || code === undefined) return undefined;
  const field = match[2];
  return { code, reason: match[3] ?? '', ...(field === undefined ? {} : { field }) };
}
