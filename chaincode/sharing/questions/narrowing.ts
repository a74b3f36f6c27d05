import { canonicalJson } from '../../ledger/canonical';
import { ContractError } from '../../ledger/errors';
import type { Period } from '../../ledger/schemas';
import type { AskedBefore, ConsentQuestion } from './model';
import { spanOf } from './windows';

/**
 * What repeated questions give away together.
 *
 * Sums: every window has an even number of whole quarters. Whatever sums are added to and subtracted from each other, the
 * result spans an even number again, so that no combination gives one quarter by itself, under however many consents. (A
 * sum over a window is the difference of two running totals, at its two ends; a quarter is determined exactly where sums
 * connect its two ends, and an even step never leads from an even boundary to an odd one.)
 *
 * Thresholds narrow a number down by bisection. Each stands in a consent and was signed; besides, no more than
 * {@link mostThresholds} different ones of one measure are answered about windows that overlap, for all consents of an
 * enterprise with a bank together.
 */

/** Different thresholds of one measure that are answered about windows that overlap. */
export const mostThresholds = 3;
/** Most questions with a threshold that are kept of one measure. */
const mostKept = 200;

const overlap = (a: Period, b: Period): boolean => a.from <= b.to && b.from <= a.to;

function withQuestion(before: AskedBefore, question: ConsentQuestion, to: string): AskedBefore {
  const at = question.atLeast ?? question.atMost;
  if (at === undefined) return before;
  const { recordType, measure, field = '', of = '' } = question;
  const key = `${recordType}~${measure}~${field}~${of}`;
  const entry = { window: spanOf(question, to), at };
  const known = before.thresholds[key] ?? [];
  if (known.some((old) => canonicalJson(old) === canonicalJson(entry))) return before;
  const refuse = (reason: string): never => {
    throw new ContractError('QUESTION_BUDGET_SPENT', reason, `questions.${question.id}`);
  };
  const different = new Set(known.filter((old) => overlap(old.window, entry.window)).map((old) => old.at));
  if (different.add(at).size > mostThresholds)
    refuse(`no more than ${mostThresholds} thresholds are answered about the same time`);
  if (known.length >= mostKept) refuse('too much was asked about this already');
  return { ...before, thresholds: { ...before.thresholds, [key]: [...known, entry] } };
}

/**
 * What has been asked once these questions are answered, too.
 *
 * @param to last day of the request's range.
 * @throws ContractError `QUESTION_BUDGET_SPENT` where, with all that was asked before, they would tell more than the rule
 * above allows.
 */
export function askedAfter(
  before: AskedBefore,
  questions: readonly ConsentQuestion[],
  to: string,
): AskedBefore {
  return questions.reduce((asked, question) => withQuestion(asked, question, to), before);
}
