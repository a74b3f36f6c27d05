import type { ErrorCode } from '../../chaincode/ledger/errors';
import type { LedgerFailure } from '../ledger/errors';

/** What a problem's code means to a client of the REST interface. */
export interface ProblemKind {
  /** HTTP status (RFC 9110). */
  readonly status: number;
  /** Short words that do not change from one occurrence to the next (RFC 9457, section 3.1.3). */
  readonly title: string;
}

const kind = (status: number, title: string): ProblemKind => ({ status, title });

/**
 * Every code that a client may see: the gateway's own and the contracts' (the first word of an error that crosses
 * the shim). Clients decide by code; the status follows from it here and nowhere else.
 */
export const problemKinds = {
  // The gateway's own
  BAD_REQUEST: kind(400, 'The request cannot be read'),
  VALIDATION_FAILED: kind(400, 'The request does not match its schema'),
  IDEMPOTENCY_KEY_REQUIRED: kind(400, 'An Idempotency-Key is required'),
  UNAUTHENTICATED: kind(401, 'A valid bearer token is required'),
  INSUFFICIENT_SCOPE: kind(403, 'The token does not allow this'),
  NOT_FROM_THIS_HOST: kind(403, 'Only from the machine that the gateway runs on'),
  ROUTE_NOT_FOUND: kind(404, 'No such resource'),
  METHOD_NOT_ALLOWED: kind(405, 'The resource does not allow this method'),
  NOT_ACCEPTABLE: kind(406, 'No acceptable representation'),
  IDEMPOTENCY_IN_PROGRESS: kind(409, 'A request with this Idempotency-Key is still being handled'),
  CONTENT_TOO_LARGE: kind(413, 'The request body is too large'),
  UNSUPPORTED_MEDIA_TYPE: kind(415, 'The request body has a type that the resource does not take'),
  IDEMPOTENCY_KEY_REUSED: kind(422, 'The Idempotency-Key was used for another request'),
  UNPROCESSABLE: kind(422, 'The request cannot be carried out as it stands'),
  TOO_MANY_REQUESTS: kind(429, 'Too many requests'),
  INTERNAL_ERROR: kind(500, 'The gateway failed'),
  DELIVERY_UNPROVEN: kind(502, 'The delivery on the ledger does not hold what it claims'),
  SHUTTING_DOWN: kind(503, 'The gateway is stopping'),

  // What the ledger as a whole answers
  IDENTITY_PROVIDER_UNAVAILABLE: kind(503, 'The identity provider cannot be reached'),
  LEDGER_UNAVAILABLE: kind(503, 'The ledger cannot be reached'),
  LEDGER_TIMEOUT: kind(504, 'The ledger did not answer in time'),
  TRANSACTION_STATUS_UNKNOWN: kind(504, 'Whether the transaction was committed is not known yet'),
  STATE_CHANGED: kind(409, 'Others changed the same state; try again'),
  ENDORSEMENT_FAILED: kind(502, 'The organisations needed did not endorse'),
  TRANSACTION_INVALID: kind(502, 'The ledger declared the transaction invalid'),
  LEDGER_REFUSED: kind(502, 'The ledger refused the call'),

  // The contracts': who and what
  INVALID_INPUT: kind(400, 'The contract refused the input'),
  UNAUTHORISED_ROLE: kind(403, 'The role of the caller does not allow this'),
  NOT_YOUR_RECORD: kind(403, 'The record belongs to another'),
  PRIVATE_READ_REFUSED: kind(403, 'Private data is read by its owner only'),
  RESPONSE_KEY_REQUIRED: kind(400, 'A private read needs a response key'),
  NOT_FOUND: kind(404, 'Not found'),
  ALREADY_EXISTS: kind(409, 'It exists already'),
  ALREADY_SET_UP: kind(409, 'The consortium is set up already'),
  NOT_SET_UP: kind(503, 'The consortium is not set up yet'),
  STATE_INVALID: kind(502, 'What the ledger holds is not what the contract wrote'),
  CLOCK_SKEW: kind(503, 'The clocks of gateway and ledger differ too much'),
  STATE_CONFLICT: kind(409, 'The state does not allow this'),
  VERSION_CONFLICT: kind(409, 'The version is not the next one'),
  CHANGE_INVALID: kind(422, 'The state cannot change like that'),
  VOTES_MISSING: kind(409, 'Too few organisations approve'),
  CALLEE_FAILED: kind(502, 'A contract that this one relies on failed'),

  // The contracts': registry
  UNKNOWN_ORGANISATION: kind(422, 'No such organisation in the consortium'),
  UNKNOWN_DEPARTMENT: kind(422, 'No such department'),
  UNKNOWN_ISSUER: kind(422, 'No such holder of records'),
  UNKNOWN_RECORD_TYPE: kind(422, 'No such record type'),
  UNKNOWN_PURPOSE: kind(422, 'No such purpose'),
  EVIDENCE_NOT_CITED: kind(409, 'No signed loan cites this delivery'),
  ARCHIVE_NOT_OPEN: kind(409, 'The archive is not open'),
  NOT_NARROWER: kind(422, 'A counter-proposal only narrows'),
  PERSON_NOT_ENROLLED: kind(422, 'Nobody is enrolled whom a personal field is about'),
  ENTERPRISE_NOT_ACTIVE: kind(409, 'The enterprise is not active'),
  ENTERPRISE_SIGNATURE_INVALID: kind(
    422,
    'The entry of the enterprise is not signed by its registering department',
  ),
  ENTERPRISE_INVALID: kind(422, 'The entry of the enterprise is not consistent'),
  RECORD_SIGNATURE_INVALID: kind(422, 'The record is not signed by its issuer'),
  RECORD_SCHEMA_INVALID: kind(422, 'The fields do not match the record type'),
  RECORD_TAMPERED: kind(422, 'The record was altered'),
  RECORD_NOT_ANCHORED: kind(422, 'The record is not anchored'),
  RECORD_NOT_ACTIVE: kind(409, 'The record is not active'),
  SEQUENCE_GAP: kind(409, 'The sequence number is not the next one'),
  PRIVATE_DATA_MISMATCH: kind(409, 'The private data differs from its public digest'),

  // The contracts': sharing
  PURPOSE_CEILING_EXCEEDED: kind(422, 'The request asks for more than its purpose allows'),
  CONSENT_NOT_ACTIVE: kind(409, 'The consent is not active'),
  SIGNATURE_INVALID: kind(422, 'The signature does not hold'),
  SIGNATURE_REPLAYED: kind(409, 'The signed statement was lodged before'),
  SIGNATORY_UNKNOWN: kind(422, 'No such signatory of the enterprise'),
  SIGNATORY_NOT_AUTHORISED: kind(422, 'The signatory may not sign this'),
  STATEMENT_MISMATCH: kind(422, 'The signed statement is about something else'),
  BEYOND_CONSENT: kind(403, 'The consent does not cover this'),
  FREQUENCY_EXCEEDED: kind(429, 'The consent allows no further request in this period'),
  REQUEST_NOT_OPEN: kind(409, 'The data request is closed'),
  OFFER_MISSING: kind(409, 'Nothing was offered for this request'),
  OFFER_MISMATCH: kind(409, 'The delivery differs from what was offered'),
  COMPLETENESS_INVALID: kind(422, 'The statement of completeness does not hold'),
  COMPLETENESS_GAP: kind(422, 'The delivery leaves something out without a reason'),
  ANSWER_INVALID: kind(422, 'The answers are not what was asked, or not what the records give'),
  QUESTION_BUDGET_SPENT: kind(422, 'With earlier answers this would tell more than the consent allows'),
  DATA_LIFE_ENDED: kind(410, 'The time for which the data may be read is over'),
  PURGED: kind(410, 'The data was purged'),

  // The contracts': lending
  SAME_PERSON: kind(403, 'Maker and checker are two persons'),
  APPROVAL_MISMATCH: kind(409, 'What is approved is not what was proposed'),
  APPROVAL_NOT_OPEN: kind(409, 'The proposal is closed'),
  ENTRY_UNBALANCED: kind(500, 'A posting does not balance'),
  ACCOUNT_NOT_OPEN: kind(409, 'The account is not open'),
  INSUFFICIENT_FUNDS: kind(409, 'The account does not hold as much'),
  HOLD_NOT_OPEN: kind(409, 'The hold is closed'),
  ORDER_EXPIRED: kind(409, 'The order has expired'),
  QUORUM_MISSING: kind(422, 'Too few signatories signed'),
  MANDATE_MISSING: kind(409, 'There is no mandate to debit the account'),
  MANDATE_EXCEEDED: kind(409, 'The mandate does not cover this debit'),
  BUSINESS_DATE_AHEAD: kind(409, 'The business date may not run ahead of the real date'),
  BUSINESS_DAY_NOT_OPEN: kind(409, 'The business day is not open'),
  BUSINESS_DAY_NOT_CLOSING: kind(409, 'The business day is not being closed'),
  LOANS_NOT_CLOSED: kind(409, 'Loans of the business day are not closed yet'),
  PRODUCT_NOT_OPEN: kind(409, 'The product is not on offer'),
  PRODUCT_LIMIT_EXCEEDED: kind(422, 'The product does not allow this'),
  RATE_CEILING_EXCEEDED: kind(422, 'The all-in annual rate is above the ceiling'),
  EVIDENCE_MISSING: kind(409, 'Evidence is missing'),
  EVIDENCE_STALE: kind(409, 'Evidence is out of date'),
  EVIDENCE_INCOMPLETE: kind(409, 'Evidence leaves something out'),
  EVIDENCE_SUPERSEDED: kind(409, 'Evidence was superseded or revoked'),
  EVIDENCE_WEAK: kind(409, 'Evidence is too weakly assured'),
  DECISION_MISSING: kind(409, 'There is no decision yet'),
  DECISION_MISMATCH: kind(409, 'This is not what was decided'),
  DECISION_NEGATIVE: kind(409, 'The application was declined'),
  OFFER_EXPIRED: kind(409, 'The offer has expired'),
  ACCEPTANCE_INVALID: kind(422, 'The acceptance does not hold'),
  LINE_NOT_OPEN: kind(409, 'Nothing can be drawn on the credit line'),
  LINE_LIMIT_EXCEEDED: kind(409, 'The credit line does not leave as much'),
  LOAN_NOT_ACTIVE: kind(409, 'The loan is not active'),
  PREPAYMENT_REFUSED: kind(409, 'The terms do not allow this prepayment'),
  QUOTE_EXPIRED: kind(409, 'The quote is no longer valid'),
  TERMS_MISMATCH: kind(409, 'The terms are not those of the loan'),
  REFERENCE_MISSING: kind(503, 'The regulator has not published what this needs'),
} as const satisfies Readonly<Record<ErrorCode | LedgerFailure, ProblemKind> & Record<string, ProblemKind>>;

export type ProblemCode = keyof typeof problemKinds;
