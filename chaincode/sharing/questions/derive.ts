import { canonicalJson } from '../../ledger/canonical';
import { credentialKeyId, openCredential } from '../../ledger/credential';
import { ContractError } from '../../ledger/errors';
import type { PublicJwk } from '../../ledger/schemas';
import type { HeldRecord } from '../../registry/model';
import type { Completeness, DataRequest } from '../model';
import { answerQuestion, type Fact } from './answer';
import type { Answer, ConsentQuestion, DerivedAnswers } from './model';

/** The records that questions are answered from: those in the range that are valid, of the types that they are about. */
export function recordsOfQuestions(
  completeness: Completeness,
  questions: readonly ConsentQuestion[],
): readonly string[] {
  return completeness.types
    .filter(({ recordType }) => questions.some((question) => question.recordType === recordType))
    .flatMap(({ handles }) => handles.flatMap(({ entries }) => entries))
    .filter(({ state }) => state === 'DELIVERED' || state === 'WITHHELD')
    .map(({ id }) => id);
}

/**
 * Answers a request's questions from held records, each opened under its issuer's signature first.
 *
 * @param held with all their disclosures, by whatever order.
 * @param keys the issuer's keys by `kid`.
 * @throws ContractError `RECORD_SIGNATURE_INVALID` where a record is not the issuer's about this enterprise;
 * `RECORD_NOT_ANCHORED` where one that is accounted for is not held.
 */
export async function deriveAnswers(
  request: Pick<DataRequest, 'issuer' | 'enterprise' | 'range'>,
  questions: readonly ConsentQuestion[],
  completeness: Completeness,
  held: readonly HeldRecord[],
  keys: Readonly<Record<string, PublicJwk>>,
): Promise<readonly Answer[]> {
  const facts = new Map<string, Fact & { readonly recordType: string }>();
  for (const { id, jwt, disclosures } of held) {
    const kid = credentialKeyId(jwt) ?? '';
    const jwk = Object.hasOwn(keys, kid) ? keys[kid] : undefined;
    const opened = jwk && (await openCredential(jwt, disclosures, jwk));
    if (
      opened?.claims.jti !== id ||
      opened.claims.iss !== request.issuer ||
      opened.claims.sub !== request.enterprise
    )
      throw new ContractError('RECORD_SIGNATURE_INVALID', 'a record held is not what its issuer signed');
    const recordType = opened.claims.vct.split(':').at(-2) ?? '';
    facts.set(id, { id, period: opened.claims.period, fields: opened.fields, recordType });
  }
  const wanted = recordsOfQuestions(completeness, questions);
  if (wanted.some((id) => !facts.has(id)))
    throw new ContractError('RECORD_NOT_ANCHORED', 'a record that is accounted for is not held');
  return questions.map((question) =>
    answerQuestion(
      question,
      request.range.to,
      wanted.flatMap((id) => {
        const fact = facts.get(id);
        return fact?.recordType === question.recordType ? [fact] : [];
      }),
    ),
  );
}

/** @throws ContractError `ANSWER_INVALID` where what was signed is not what the records give. */
export function requireSame(signed: DerivedAnswers, computed: readonly Answer[]): void {
  const inOrder = (answers: readonly Answer[]): readonly Answer[] =>
    [...answers].sort((a, b) => (a.question < b.question ? -1 : 1));
  if (canonicalJson(inOrder(signed.answers)) !== canonicalJson(inOrder(computed)))
    throw new ContractError('ANSWER_INVALID', 'is not what the records give', 'delivery.answers');
}
