import type { Period } from '../../ledger/schemas';
import { isWithinPeriod } from '../limits';
import type { Answer, ConsentQuestion } from './model';
import { compare, minus, over, parseDecimal, rational, toDecimal, type Rational } from './rational';
import { spanOf, windowsOf } from './windows';

/** A valid record of the type that a question is about, with the fields that it asks. */
export interface Fact {
  readonly id: string;
  readonly period: Period;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Fewest records that a number is computed from: with one it would be the record's own. */
const leastRecords = 2;
/** Decimals of a ratio; a trend is a ratio in whole percents. */
const ratioDecimals = 4;
const trendDecimals = 2;

/** An amount or a number of things as records have it; undefined where the record has none, such as a month not filed. */
function amountOf(value: unknown): bigint | undefined {
  if (typeof value === 'string' && /^-?(0|[1-9][0-9]{0,17})$/.test(value)) return BigInt(value);
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : undefined;
}

const hasAll = (fact: Fact, fields: readonly string[]): boolean =>
  fields.every((field) => amountOf(fact.fields[field]) !== undefined);

const sum = (facts: readonly Fact[], field: string | undefined): Rational =>
  rational(
    field === undefined
      ? BigInt(facts.length)
      : facts.reduce((total, { fields }) => total + (amountOf(fields[field]) ?? 0n), 0n),
  );

const isZero = ({ numerator }: Rational): boolean => numerator === 0n;

/** The number that a measure gives over the records of its windows; undefined for a division by zero. */
function measured(
  { measure, field, of }: ConsentQuestion,
  windows: readonly (readonly Fact[])[],
): Rational | undefined {
  const facts = windows.at(-1) ?? [];
  const value = sum(facts, field);
  if (measure === 'SUM' || measure === 'COUNT') return value;
  if (measure === 'RATIO') {
    const divisor = sum(facts, of);
    return isZero(divisor) ? undefined : over(value, divisor);
  }
  const before = sum(windows[0] ?? [], field);
  return isZero(before) ? undefined : minus(over(value, before), rational(1n));
}

/** Decimals that a value is given with: amounts and counts are integers. */
function decimalsOf({ measure }: ConsentQuestion): number {
  return measure === 'RATIO' ? ratioDecimals : measure === 'TREND' ? trendDecimals : 0;
}

/**
 * Answers a question from the records of its holder.
 *
 * SUM adds the field up, in fen or units; COUNT counts records; RATIO divides one sum by another; TREND is how much the sum
 * of the window differs from that of the window before, as a share of the latter. A record counts in the window that holds
 * its whole period, and where it has what is asked: a month that was not filed has no sales. Thresholds are held against the
 * exact value, never a rounded one.
 *
 * @param to last day of the request's range, a last day of a quarter.
 * @param facts all valid records of the type, of this issuer about this enterprise.
 */
export function answerQuestion(question: ConsentQuestion, to: string, facts: readonly Fact[]): Answer {
  const { field, of, atLeast, atMost } = question;
  const asked = [field, of].filter((name) => name !== undefined);
  const windows = windowsOf(question, to).map((window) =>
    facts.filter((fact) => isWithinPeriod(fact.period, window) && hasAll(fact, asked)),
  );
  const used = windows.flat();
  const base = {
    question: question.id,
    window: spanOf(question, to),
    records: used.map(({ id }) => id).sort(),
  };
  const value = measured(question, windows);
  const predicate = atLeast !== undefined || atMost !== undefined;
  const tooFew =
    !predicate && question.measure !== 'COUNT' && windows.some((facts) => facts.length < leastRecords);
  if (value === undefined || tooFew) return { ...base, outcome: 'UNDEFINED' };
  if (!predicate) return { ...base, outcome: 'VALUE', value: toDecimal(value, decimalsOf(question)) };
  const holds =
    (atLeast === undefined || compare(value, parseDecimal(atLeast)) >= 0) &&
    (atMost === undefined || compare(value, parseDecimal(atMost)) <= 0);
  return { ...base, outcome: holds ? 'YES' : 'NO' };
}
