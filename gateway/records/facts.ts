import { ContractError } from '../../chaincode/ledger/errors';
import { compileJsonSchema, type Check } from '../../chaincode/ledger/parse';
import type { Cadence, Period } from '../../chaincode/ledger/schemas';
import type { Assurance, RecordType } from '../../chaincode/registry/model';
import { isPeriodOf } from '../../chaincode/registry/periods';
import { isUscc } from '../../chaincode/registry/uscc';

/** Something that an issuer is to attest. */
export interface Fact {
  readonly uscc: string;
  readonly period: Period;
  readonly assurance: Assurance;
  readonly fields: Readonly<Record<string, unknown>>;
  /** What tells records of one enterprise, type and period apart; '' where one is all there can be. */
  readonly recordKey: string;
  /** How often the enterprise has to file, as of the start of the period. */
  readonly cadence?: Cadence;
}

/** What is wrong with a fact, by field; never a value. */
export interface FactError {
  readonly field: string;
  readonly message: string;
}

/** Checks facts of one record type before anything is signed. */
export class FactCheck {
  readonly #schema: Check<unknown>;

  constructor(readonly recordType: RecordType) {
    this.#schema = compileJsonSchema(recordType.schema);
  }

  /** Everything that can be said at once; empty where the fact may be attested. */
  errors(fact: Fact): FactError[] {
    const errors: FactError[] = [];
    const { period, cadence } = fact;
    if (!isUscc(fact.uscc)) errors.push({ field: 'uscc', message: 'is no credit code: the check character' });
    if (!isCalendarDate(period.from)) errors.push({ field: 'period.from', message: 'is no calendar date' });
    else if (!isCalendarDate(period.to)) errors.push({ field: 'period.to', message: 'is no calendar date' });
    else if (period.to < period.from) errors.push({ field: 'period.to', message: 'is before period.from' });
    else if (!this.recordType.cadences.some((allowed) => isPeriodOf(period, allowed)))
      errors.push({ field: 'period', message: `is none of ${this.recordType.cadences.join(', ')}` });
    if (cadence !== undefined && !this.recordType.cadences.includes(cadence))
      errors.push({ field: 'cadence', message: `must be one of ${this.recordType.cadences.join(', ')}` });
    try {
      this.#schema.require(fact.fields, 'RECORD_SCHEMA_INVALID');
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
      errors.push({ field: error.field ?? 'fields', message: error.reason });
    }
    return errors;
  }
}

/** Whether a text is a date of the Gregorian calendar, `YYYY-MM-DD`. */
export function isCalendarDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
