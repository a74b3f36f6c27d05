import { toMillis } from '../ledger/calendar';
import { ContractError } from '../ledger/errors';
import type { Evidence } from '../registry/model';
import type { Purpose } from '../registry/purpose-model';
import { firstDuplicate, isWithinDuration, isWithinFrequency, isWithinMonths, requireRange } from './limits';
import type { ConsentArtefact, ConsentItem, RequestDataInput } from './model';
import { checkQuestions, isInVocabulary } from './questions/ceilings';

/** What a request for consent may ask: the purpose's ceilings and what each issuer attests, both consortium state. */

const millisPerDay = 86_400_000;

function exceeds(field: string, message: string): never {
  throw new ContractError('PURPOSE_CEILING_EXCEEDED', message, field);
}

function checkIssuer(
  item: Pick<ConsentItem, 'issuer' | 'recordType' | 'fields'>,
  evidence: Evidence,
  field: string,
): void {
  if (!evidence.issuers[item.issuer]) {
    throw new ContractError('UNKNOWN_ISSUER', `${item.issuer} is not registered`, `${field}.issuer`);
  }
  const type = evidence.recordTypes[item.recordType];
  if (!type) {
    throw new ContractError(
      'UNKNOWN_RECORD_TYPE',
      `${item.recordType} is not a record type`,
      `${field}.recordType`,
    );
  }
  const [kind, id] = item.issuer.split(':');
  const attests =
    kind === 'department'
      ? evidence.consortium.organisations
          .flatMap((organisation) => organisation.departments)
          .some((department) => department.id === id && department.recordTypes.includes(item.recordType))
      : type.attestedBy === 'enterprise';
  if (!attests) {
    throw new ContractError(
      'UNKNOWN_ISSUER',
      `${item.issuer} does not attest ${item.recordType}`,
      `${field}.issuer`,
    );
  }
  const known = Object.keys(type.schema.properties ?? {});
  const unknown = item.fields.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new ContractError('INVALID_INPUT', `${item.recordType} has no field ${unknown}`, `${field}.fields`);
  }
}

function checkItems(artefact: ConsentArtefact, purpose: Purpose, evidence: Evidence): void {
  const twice = firstDuplicate(artefact.items.map((item) => `${item.issuer} ${item.recordType}`));
  if (twice !== undefined) throw new ContractError('INVALID_INPUT', `${twice} is named twice`, 'items');
  artefact.items.forEach((item, index) => {
    const field = `items.${index}`;
    const repeated = firstDuplicate(item.fields);
    if (repeated !== undefined) {
      throw new ContractError('INVALID_INPUT', `${repeated} is named twice`, `${field}.fields`);
    }
    checkIssuer(item, evidence, field);
    checkFields(purpose, item.recordType, item.fields, field);
  });
}

function checkTimes(artefact: ConsentArtefact, purpose: Purpose, nowMillis: number): void {
  const start = toMillis(artefact.consentStart);
  const expiry = toMillis(artefact.consentExpiry);
  if (expiry <= start || expiry <= nowMillis) {
    throw new ContractError('INVALID_INPUT', 'must be after consentStart and after now', 'consentExpiry');
  }
  if (expiry - start > purpose.maxValidityDays * millisPerDay) {
    exceeds('consentExpiry', `a consent for ${purpose.code} lasts at most ${purpose.maxValidityDays} days`);
  }
  requireRange(artefact.DataRange, 'DataRange');
  if (!isWithinMonths(artefact.DataRange, purpose.maxRangeMonths)) {
    exceeds('DataRange', `${purpose.code} needs at most ${purpose.maxRangeMonths} months`);
  }
  if (!isWithinDuration(artefact.DataLife, purpose.maxDataLife)) {
    exceeds(
      'DataLife',
      `${purpose.code} may read for at most ${purpose.maxDataLife.value} ${purpose.maxDataLife.unit}`,
    );
  }
}

/** The purpose of a consent as the consortium has it today. @throws ContractError `UNKNOWN_PURPOSE`. */
export function purposeOf(
  { Purpose: { code } }: Pick<ConsentArtefact, 'Purpose'>,
  evidence: Evidence,
): Purpose {
  const purpose = evidence.consortium.purposes.find((candidate) => candidate.code === code);
  if (!purpose) throw new ContractError('UNKNOWN_PURPOSE', `${code} is not a purpose`, 'Purpose.code');
  return purpose;
}

/**
 * Holds a request for data against the purpose's ceilings of today: a consent that was given under higher ones allows no
 * more than what is allowed now.
 *
 * @throws ContractError `PURPOSE_CEILING_EXCEEDED` naming what is too much.
 */
export function checkCeilingsToday(
  purpose: Purpose,
  artefact: Pick<ConsentArtefact, 'questions'>,
  asked: Pick<RequestDataInput, 'items' | 'questions' | 'range'>,
): void {
  asked.items.forEach(({ recordType, fields }, index) => {
    checkFields(purpose, recordType, fields, `items.${index}`);
  });
  const questions = (artefact.questions ?? []).filter(({ id }) => asked.questions?.includes(id) === true);
  for (const question of questions)
    if (!isInVocabulary(question, purpose))
      exceeds('questions', `${purpose.code} does not ask ${question.measure} of that`);
  if (!isWithinMonths(asked.range, purpose.maxRangeMonths))
    exceeds('range', `${purpose.code} needs at most ${purpose.maxRangeMonths} months`);
}

function checkFields(purpose: Purpose, recordType: string, fields: readonly string[], at: string): void {
  const ceiling = purpose.items.find((allowed) => allowed.recordType === recordType);
  if (!ceiling) exceeds(`${at}.recordType`, `${purpose.code} does not need ${recordType}`);
  const beyond = fields.find((name) => !ceiling.fields.includes(name));
  if (beyond !== undefined) exceeds(`${at}.fields`, `${purpose.code} does not need ${beyond}`);
}

/**
 * Refuses a request for consent that asks for more than its purpose allows, or for what nobody attests.
 *
 * @throws ContractError UNKNOWN_PURPOSE, UNKNOWN_ISSUER, UNKNOWN_RECORD_TYPE, INVALID_INPUT, PURPOSE_CEILING_EXCEEDED;
 * the field names what is too much.
 */
export function checkCeilings(artefact: ConsentArtefact, evidence: Evidence, nowMillis: number): void {
  const purpose = purposeOf(artefact, evidence);
  // The signatories read the consortium's words for the purpose, not the bank's.
  if (artefact.Purpose.text !== purpose.text) {
    throw new ContractError('INVALID_INPUT', `must be: ${purpose.text}`, 'Purpose.text');
  }
  if (artefact.items.length === 0 && artefact.questions === undefined)
    throw new ContractError('INVALID_INPUT', 'asks for nothing', 'items');
  checkItems(artefact, purpose, evidence);
  artefact.questions?.forEach((question, index) =>
    checkIssuer({ ...question, fields: [] }, evidence, `questions.${index}`),
  );
  checkQuestions(artefact.questions ?? [], purpose, evidence);
  checkTimes(artefact, purpose, nowMillis);
  if (!isWithinFrequency(artefact.Frequency, purpose.maxFrequency)) {
    exceeds(
      'Frequency',
      `${purpose.code} may ask each issuer at most ${purpose.maxFrequency.value} times a ${purpose.maxFrequency.unit}`,
    );
  }
  if (artefact.purgeWithinDays > purpose.maxPurgeDays) {
    exceeds('purgeWithinDays', `data for ${purpose.code} is purged within ${purpose.maxPurgeDays} days`);
  }
  if (artefact.evidenceYears > purpose.maxEvidenceYears) {
    exceeds('evidenceYears', `${purpose.code} keeps evidence for at most ${purpose.maxEvidenceYears} years`);
  }
}
