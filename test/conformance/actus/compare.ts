import type { ContractEvent } from '../../../chaincode/lending/engine/actus';
import { contractTypes, events, parseTerms } from '../../../chaincode/lending/engine/actus';
import { Decimal } from '../../../chaincode/lending/engine/decimal';
import { toLocalDateTime } from '../../../chaincode/lending/engine/time/moment';
import type { Case } from './cases';
import { textOf } from './cases';

const tolerance = '1e-7';
const amounts = ['payoff', 'notionalPrincipal', 'nominalInterestRate', 'accruedInterest'] as const;

/** Whether the engine computes a case's contract type. */
export function isSupported({ contractType }: Case): boolean {
  return contractTypes.some((type) => type === contractType);
}

function differs(actual: Decimal, expected: unknown): boolean {
  const text = textOf(expected);
  if (text === '') return true;
  return actual.minus(text).abs().greaterThan(tolerance);
}

function differencesOf(
  actual: ContractEvent,
  expected: Readonly<Record<string, unknown>>,
): readonly string[] {
  const [type, date] = [textOf(expected.eventType), toLocalDateTime(textOf(expected.eventDate))];
  const where = `${actual.eventDate} ${actual.eventType}`;
  if (type !== actual.eventType || date !== actual.eventDate)
    return [`got ${where}, expected ${date} ${type}`];
  return amounts
    .filter((field) => differs(actual[field], expected[field]))
    .map((field) => `${where}: ${field} ${actual[field].toFixed(10)}, expected ${textOf(expected[field])}`);
}

/**
 * How the engine's events of a case differ from the expected ones: in order, on date, type, payoff, notional, rate and
 * accrued interest, to 1e-7. Empty where they agree. A case that cannot be read or that the engine refuses differs by
 * what the refusal says.
 */
export function differences({ terms, riskFactors, to, results }: Case): readonly string[] {
  try {
    const actual = events(parseTerms(terms), riskFactors(), to === '' ? undefined : to);
    const single = actual.flatMap((event, index) => {
      const expected = results[index];
      return expected === undefined ? [] : differencesOf(event, expected);
    });
    return actual.length === results.length
      ? single
      : [`${actual.length} events, expected ${results.length}`, ...single];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
