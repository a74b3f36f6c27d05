import { addDays, addMonths, daysBetween } from '../../../ledger/calendar';
import type { Period } from '../../../ledger/schemas';
import type { Assurance } from '../../../registry/model';
import { Decimal } from '../../engine/decimal';

/** One record as it was delivered: verified claims and the fields that were disclosed. */
export interface RecordFact {
  readonly id: string;
  readonly requestId: string;
  /** The anchor's digest. */
  readonly digest: string;
  readonly recordType: string;
  readonly issuer: string;
  readonly period: Period;
  readonly assurance: Assurance;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** All that a decision rests on. */
export interface Facts {
  /** Day of the decision, UTC+8. */
  readonly day: string;
  readonly records: readonly RecordFact[];
  /** Record types that were delivered, among them those of which there is no record. */
  readonly delivered: readonly string[];
}

/** Records of a type, by the end of their period; the later of two of the same period wins nothing: both stand. */
export function recordsOf(facts: Facts, recordType: string): readonly RecordFact[] {
  return facts.records
    .filter((record) => record.recordType === recordType)
    .sort((a, b) => compare(a.period.to, b.period.to) || compare(a.id, b.id));
}

/** A field that is an integer of fen. */
export function amountOf(record: RecordFact, field: string): bigint | undefined {
  const value = record.fields[field];
  return typeof value === 'string' && /^-?(0|[1-9][0-9]{0,17})$/.test(value) ? BigInt(value) : undefined;
}

/** The sum of a field over records; undefined unless each of them tells it and there is one. */
export function sumOf(records: readonly RecordFact[], field: string): bigint | undefined {
  if (records.length === 0) return undefined;
  let sum = 0n;
  for (const record of records) {
    const amount = amountOf(record, field);
    if (amount === undefined) return undefined;
    sum += amount;
  }
  return sum;
}

/** Whole months of a period that begins on a first and ends on a last day of a month; undefined for any other. */
export function monthsOf({ from, to }: Period): number | undefined {
  if (!from.endsWith('-01') || !addDays(to, 1).endsWith('-01') || to < from) return undefined;
  let months = 1;
  while (addDays(addMonths(from, months), -1) < to) months++;
  return months;
}

/**
 * The records whose periods cover the given number of months without gap or overlap, back from an end; newest last.
 *
 * @param end last day of the window.
 * @returns undefined where a month is missing or a period sticks out of the window.
 */
export function windowOf(
  records: readonly RecordFact[],
  end: string,
  months: number,
): readonly RecordFact[] | undefined {
  const found: RecordFact[] = [];
  let left = months;
  let to = end;
  while (left > 0) {
    const record = records.find((candidate) => candidate.period.to === to);
    const length = record === undefined ? undefined : monthsOf(record.period);
    if (record === undefined || length === undefined || length > left) return undefined;
    found.unshift(record);
    left -= length;
    to = addDays(record.period.from, -1);
  }
  return found;
}

/** End of the latest period; undefined without records. */
export function latestEnd(records: readonly RecordFact[]): string | undefined {
  return records.at(-1)?.period.to;
}

/** Days from a date to the day of the decision. */
export function ageOf(facts: Facts, date: string): number {
  return daysBetween(date, facts.day);
}

/** A ratio of integers, undefined for a denominator that is not above 0. */
export function ratio(numerator: bigint, denominator: bigint): Decimal | undefined {
  if (denominator <= 0n) return undefined;
  return new Decimal(numerator.toString()).div(denominator.toString());
}

/** A value as decisions keep it: at most six places, half up. */
export function valueOf(value: Decimal | undefined): string | null {
  if (value === undefined) return null;
  const rounded = value.toDecimalPlaces(6, Decimal.ROUND_HALF_UP);
  return rounded.isZero() ? '0' : rounded.toFixed();
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
