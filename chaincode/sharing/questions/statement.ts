import { toMillis } from '../../ledger/calendar';
import { canonicalJson } from '../../ledger/canonical';
import { ContractError } from '../../ledger/errors';
import { jsonIn } from '../../ledger/json';
import { peekHeader, signsCanonical, verifyJws } from '../../ledger/jws';
import { check } from '../../ledger/parse';
import type { PublicJwk } from '../../ledger/schemas';
import type { Completeness, DataRequest } from '../model';
import { answersType, DerivedAnswers, type Answer, type ConsentQuestion } from './model';
import { spanOf } from './windows';

const answersCheck = check(DerivedAnswers);

const invalid = (reason: string): ContractError =>
  new ContractError('ANSWER_INVALID', reason, 'delivery.answers');

/**
 * Verifies who signed answers.
 *
 * @param keys the issuer's keys by `kid`.
 * @throws ContractError `ANSWER_INVALID`.
 */
export async function openAnswers(
  jws: string,
  keys: Readonly<Record<string, PublicJwk>>,
): Promise<DerivedAnswers> {
  const kid = peekHeader(jws)?.kid ?? '';
  const jwk = Object.hasOwn(keys, kid) ? keys[kid] : undefined;
  const verified = jwk && (await verifyJws(jws, jwk, answersType));
  const answers = verified && answersCheck.accept(jsonIn(verified.payload));
  if (!verified || !answers || !signsCanonical(verified, answers))
    throw invalid('is not signed by the issuer');
  return answers;
}

export interface AnswersClaim {
  readonly request: DataRequest;
  /** The questions that the request asks, as the consent has them. */
  readonly questions: readonly ConsentQuestion[];
  readonly completeness: Completeness;
  /** Time of the transaction, since the epoch. */
  readonly millis: number;
  readonly skewSeconds: number;
}

function checkAnswer(answer: Answer, question: ConsentQuestion, claim: AnswersClaim): void {
  const window = spanOf(question, claim.request.range.to);
  if (answer.window.from !== window.from || answer.window.to !== window.to)
    throw invalid(`${question.id} is answered for another time`);
  const predicate = question.atLeast !== undefined || question.atMost !== undefined;
  const fits =
    answer.outcome === 'UNDEFINED' ||
    (predicate ? answer.outcome === 'YES' || answer.outcome === 'NO' : answer.outcome === 'VALUE');
  // A number beside a yes would be more than what was consented to.
  if (!fits || (answer.value !== undefined) !== (answer.outcome === 'VALUE'))
    throw invalid(`${question.id} is not answered in the form that was consented to`);
  const accounted = new Set(
    claim.completeness.types
      .filter(({ recordType }) => recordType === question.recordType)
      .flatMap(({ handles }) => handles.flatMap(({ entries }) => entries))
      .filter(({ state }) => state === 'DELIVERED' || state === 'WITHHELD')
      .map(({ id }) => id),
  );
  if (new Set(answer.records).size !== answer.records.length)
    throw invalid(`${question.id} uses a record twice`);
  if (answer.records.some((id) => !accounted.has(id)))
    throw invalid(`${question.id} uses a record that is not accounted for as valid`);
}

/**
 * Holds answers against the request, the consent and the statement of completeness: every question asked, none else, in
 * the form and for the time consented to, from records whose anchors are valid. Both endorsers do it. Whether the number
 * is right only the holder's peer can tell; it computed it when it endorsed the offer.
 *
 * @throws ContractError `ANSWER_INVALID`.
 */
export function checkAnswers(answers: DerivedAnswers, claim: AnswersClaim): void {
  const { request, questions, millis, skewSeconds } = claim;
  const { requestId, issuer, enterprise } = request;
  const subject = { requestId: answers.requestId, issuer: answers.issuer, enterprise: answers.enterprise };
  if (canonicalJson(subject) !== canonicalJson({ requestId, issuer, enterprise }))
    throw invalid('is about another request');
  const asOf = toMillis(answers.asOf);
  if (
    asOf < toMillis(request.requestedAt) - skewSeconds * 1000 ||
    asOf > millis + skewSeconds * 1000 ||
    answers.asOf !== claim.completeness.asOf
  )
    throw invalid('was not made with the statement of completeness');
  if (answers.answers.length !== questions.length) throw invalid('does not answer exactly what was asked');
  for (const question of questions) {
    const answer = answers.answers.find((candidate) => candidate.question === question.id);
    if (answer === undefined) throw invalid(`leaves ${question.id} unanswered`);
    checkAnswer(answer, question, claim);
  }
}
