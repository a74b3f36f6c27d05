import { LedgerError } from '../ledger/errors';
import type { ProblemCode } from './codes';
import { Problem } from './problem';

/** Errors of Express's body parsers, by their `type`. */
const parserProblems: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  'entity.too.large': ['CONTENT_TOO_LARGE', 'The body is larger than this resource takes'],
  'entity.parse.failed': ['BAD_REQUEST', 'The body is not JSON'],
  'encoding.unsupported': ['UNSUPPORTED_MEDIA_TYPE', 'The body has a content encoding that is not supported'],
  'charset.unsupported': ['UNSUPPORTED_MEDIA_TYPE', 'JSON is sent in UTF-8'],
  'request.aborted': ['BAD_REQUEST', 'The connection ended before the body did'],
  'request.size.invalid': ['BAD_REQUEST', 'The body is not as long as its Content-Length says'],
};

/**
 * Renders any error as a problem. What is not foreseen becomes `INTERNAL_ERROR` without a word about the cause, which
 * goes to the log.
 */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof LedgerError) return ledgerProblem(error);
  if (error instanceof URIError) return new Problem('BAD_REQUEST', 'The path is not properly encoded');
  const type = error instanceof Error && 'type' in error ? String(error.type) : '';
  const known = parserProblems[type];
  if (known !== undefined) return new Problem(known[0], known[1], { cause: error });
  if (error instanceof Error && 'status' in error && error.status === 400)
    return new Problem('BAD_REQUEST', 'The request cannot be read', { cause: error });
  return new Problem('INTERNAL_ERROR', 'Something went wrong here; the request id leads to the log', {
    cause: error,
  });
}

function ledgerProblem(error: LedgerError): Problem {
  const detail = sentence(error.message);
  return new Problem(error.code, detail, {
    transactionId: error.transactionId,
    cause: error,
    ...(error.field === undefined ? {} : { errors: [{ field: error.field, message: error.message }] }),
    ...(error.code === 'LEDGER_UNAVAILABLE' || error.code === 'STATE_CHANGED'
      ? { headers: { 'Retry-After': '1' } }
      : {}),
  });
}

function sentence(text: string): string {
  return text === '' ? 'No reason was given' : text.charAt(0).toUpperCase() + text.slice(1);
}
