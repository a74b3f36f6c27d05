import { ContractError } from '../../ledger/errors';
import type { Evidence, RecordType } from '../../registry/model';
import type { Purpose } from '../../registry/purpose-model';
import { firstDuplicate } from '../limits';
import type { ConsentQuestion } from './model';

const invalid = (reason: string, field: string): never => {
  throw new ContractError('INVALID_INPUT', reason, field);
};

const fieldsNeeded = { SUM: 1, COUNT: 0, RATIO: 2, TREND: 1 } as const;

/** Whether a field of a record type is a number: fen, or an integer. */
function isNumber(type: RecordType, field: string): boolean {
  const properties = type.schema.properties as Readonly<Record<string, unknown>> | undefined;
  const schema = properties?.[field] as { readonly type?: unknown; readonly pattern?: unknown } | undefined;
  if (schema?.type === 'integer') return true;
  return schema?.type === 'string' && schema.pattern === '^-?(0|[1-9][0-9]{0,17})$';
}

function checkForm(question: ConsentQuestion, field: string): void {
  const { measure, atLeast, atMost } = question;
  const given = [question.field, question.of].filter((name) => name !== undefined);
  if (given.length !== fieldsNeeded[measure] || (question.of !== undefined && question.field === undefined))
    invalid(`${measure} is of ${fieldsNeeded[measure]} fields`, field);
  if (atLeast !== undefined && atMost !== undefined) invalid('has two thresholds: ask two questions', field);
}

/** Whether the purpose's vocabulary has a measure of these fields. */
export function isInVocabulary(
  { recordType, measure, field, of }: ConsentQuestion,
  { questions = [] }: Pick<Purpose, 'questions'>,
): boolean {
  const allowed = questions.find((ceiling) => ceiling.recordType === recordType);
  const names = [field, of].filter((name) => name !== undefined);
  return allowed?.measures.includes(measure) === true && names.every((name) => allowed.fields.includes(name));
}

/**
 * Refuses questions beyond the purpose's vocabulary, or that make no sense for their record type.
 *
 * @throws ContractError `INVALID_INPUT`, `UNKNOWN_RECORD_TYPE`, `PURPOSE_CEILING_EXCEEDED`, naming the question.
 */
export function checkQuestions(
  questions: readonly ConsentQuestion[],
  purpose: Purpose,
  evidence: Evidence,
): void {
  const twice = firstDuplicate(questions.map(({ id }) => id));
  if (twice !== undefined) invalid(`${twice} is named twice`, 'questions');
  questions.forEach((question, index) => {
    const at = `questions.${index}`;
    checkForm(question, at);
    const { recordType, measure } = question;
    const type = evidence.recordTypes[recordType];
    if (!type)
      throw new ContractError(
        'UNKNOWN_RECORD_TYPE',
        `${recordType} is not a record type`,
        `${at}.recordType`,
      );
    const names = [question.field, question.of].filter((name) => name !== undefined);
    const unfit = names.find((name) => !isNumber(type, name));
    if (unfit !== undefined) invalid(`${unfit} of ${recordType} is no number`, `${at}.field`);
    if (!isInVocabulary(question, purpose))
      throw new ContractError(
        'PURPOSE_CEILING_EXCEEDED',
        `${purpose.code} does not ask ${measure} of that`,
        at,
      );
  });
}
