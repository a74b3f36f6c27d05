import type { Readable } from 'node:stream';
import { parse, type Info } from 'csv-parse';
import { Cadence } from '../../chaincode/ledger/schemas';
import { jsonIn } from '../../chaincode/ledger/json';
import { check } from '../../chaincode/ledger/parse';
import { Assurance, type RecordType } from '../../chaincode/registry/model';
import { FactCheck, type Fact, type FactError } from './facts';

/** A line of a file: a fact, or what is wrong with the line. */
export type Line =
  | { readonly line: number; readonly fact: Fact }
  | { readonly line: number; readonly errors: readonly FactError[] };

/** The file as a whole cannot be read as this record type; the message names the column. */
export class CsvFormError extends Error {
  override readonly name = 'CsvFormError';
}

const cadenceCheck = check(Cadence);
const assuranceCheck = check(Assurance);

/** Columns that every file may have besides the record type's fields. */
const ownColumns = ['uscc', 'period_from', 'period_to', 'issued_on', 'assurance', 'cadence', 'record_key'];
const longestLine = 256 * 1024;

/**
 * Reads an agency's extract, line by line: `uscc`, `period_from` and `period_to` (or `issued_on` where a record has no
 * period), optionally `assurance` (`ISSUED` unless given), `cadence` and `record_key` (the agency's own reference, where
 * an enterprise may have several in a period), and the fields in snake_case. Lists are JSON; an empty cell is no field.
 *
 * A bad line is reported and skipped, and never quoted: it may be confidential.
 *
 * @throws CsvFormError where the header does not fit.
 */
export async function* readLines(source: Readable, recordType: RecordType): AsyncGenerator<Line> {
  const checks = new FactCheck(recordType);
  const skipped: Line[] = [];
  const parser = parse({
    bom: true,
    columns: (header: string[]) => checkHeader(header, recordType),
    info: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: longestLine,
    on_skip: (error) => {
      skipped.push({
        line: typeof error?.lines === 'number' ? error.lines : 0,
        errors: [{ field: '', message: 'is not a line of this file: the number of columns or the quoting' }],
      });
      return undefined;
    },
  });
  // Errors of either end up in the iteration; a broken pipe alone would be silent.
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: Record<string, string>;
      info: Info;
    }>) {
      yield* skipped.splice(0);
      yield readLine(record, info.lines, recordType, checks);
    }
    yield* skipped;
  } finally {
    source.unpipe(parser);
    parser.destroy();
  }
}

function readLine(
  record: Record<string, string>,
  line: number,
  recordType: RecordType,
  checks: FactCheck,
): Line {
  const cell = (name: string) => (record[name] ?? '').trim();
  const errors: FactError[] = [];
  const fields: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(properties(recordType))) {
    const text = cell(columnOf(name));
    if (text === '') continue;
    const value = readCell(text, schema);
    if (value === undefined) errors.push({ field: name, message: 'is not of the right form' });
    else fields[name] = value;
  }
  const cadence = cell('cadence');
  const assurance = cell('assurance') || 'ISSUED';
  const knownCadence = cadence === '' ? undefined : cadenceCheck.accept(cadence);
  const knownAssurance = assuranceCheck.accept(assurance);
  if (cadence !== '' && knownCadence === undefined)
    errors.push({ field: 'cadence', message: 'is not known' });
  if (knownAssurance === undefined) errors.push({ field: 'assurance', message: 'is not known' });
  const fact: Fact = {
    uscc: cell('uscc'),
    period: { from: cell('period_from') || cell('issued_on'), to: cell('period_to') || cell('issued_on') },
    assurance: knownAssurance ?? 'ISSUED',
    fields,
    recordKey: cell('record_key'),
    ...(knownCadence === undefined ? {} : { cadence: knownCadence }),
  };
  // A cell that could not be read is reported once, not again as a missing field.
  const found = errors.length > 0 ? errors : checks.errors(fact);
  return found.length > 0 ? { line, errors: found } : { line, fact };
}

/** `taxPayable` as a column: `tax_payable`. */
export function columnOf(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

interface FieldSchema {
  readonly type?: string | readonly string[];
}

function properties(recordType: RecordType): Record<string, FieldSchema> {
  const found: unknown = recordType.schema.properties;
  return typeof found === 'object' && found !== null ? (found as Record<string, FieldSchema>) : {};
}

/** A cell as its schema's type; undefined where it is none. */
function readCell(text: string, { type }: FieldSchema): unknown {
  switch (type) {
    case 'integer':
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
    case 'boolean':
      return { true: true, false: false }[text];
    case 'array':
    case 'object':
      return jsonIn(text);
    default:
      return text;
  }
}

function checkHeader(header: string[], recordType: RecordType): string[] {
  const names = header.map((name) => name.trim());
  const known = new Set([...ownColumns, ...Object.keys(properties(recordType)).map(columnOf)]);
  const unknown = names.find((name) => !known.has(name));
  // A header that is none may be a line of data, so only what looks like a name is repeated.
  if (unknown !== undefined)
    throw new CsvFormError(
      /^[a-z][a-z0-9_]{0,63}$/.test(unknown)
        ? `${recordType.code} has no column "${unknown}"`
        : `the first line is not a header of ${recordType.code}`,
    );
  if (new Set(names).size !== names.length) throw new CsvFormError('a column comes twice');
  if (!names.includes('uscc')) throw new CsvFormError('the column "uscc" is missing');
  const dated = names.includes('issued_on') || (names.includes('period_from') && names.includes('period_to'));
  if (!dated)
    throw new CsvFormError('the columns "period_from" and "period_to", or "issued_on", are missing');
  return names;
}
