import { createHash } from 'node:crypto';
import { canonicalJson } from '../../chaincode/ledger/canonical';
import { openDisclosure } from '../../chaincode/ledger/credential';
import type { Extract, Row } from '../../examples/sample/extracts';

/** A value of a record, as its field has it and as text. */
export interface FieldValue {
  readonly uscc: string;
  readonly recordType: string;
  readonly field: string;
  readonly value: unknown;
}

const ownColumns = ['uscc', 'period_from', 'period_to', 'issued_on', 'assurance', 'cadence', 'record_key'];
const camelCase = (column: string): string =>
  column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The fields of a row of an extract, as the records that are made of it have them. */
export function fieldsOfRow(row: Row): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(row)
      .filter(([column]) => !ownColumns.includes(column))
      .map(([column, cell]) => [
        camelCase(column),
        typeof cell === 'bigint'
          ? cell.toString()
          : typeof cell === 'string' && cell.startsWith('[')
            ? (JSON.parse(cell) as unknown)
            : cell,
      ]),
  );
}

/** Every value in extracts: one for each field, lists as a whole. */
export function valuesOf(extracts: readonly Extract[]): FieldValue[] {
  return extracts.flatMap(({ recordType, rows }) =>
    rows.flatMap((row) =>
      Object.entries(fieldsOfRow(row)).map(([field, value]) => ({
        uscc: String(row.uscc),
        recordType,
        field,
        value,
      })),
    ),
  );
}

/** Texts within a value: of a list, those of its items. */
function leaves(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(leaves);
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(leaves);
  return typeof value === 'string' ? [value] : [];
}

/**
 * Whether a text, found anywhere, can only be the value: an amount of nine digits and more that is not round, or words
 * in Chinese (the parties' names are public, and no value of the sample's records).
 */
function isDistinctive(text: string): boolean {
  return /^-?\d{9,}$/.test(text) ? !text.endsWith('000000') : /\p{Script=Han}{2}/u.test(text);
}

/** What to search for on account of some values: distinctive texts that are not public anyway. */
export function needlesOf(values: readonly FieldValue[], publicTexts: readonly string[]): Set<string> {
  return new Set(
    values
      .flatMap(({ value }) => leaves(value))
      .filter((text) => isDistinctive(text) && !publicTexts.some((known) => known.includes(text))),
  );
}

/** A disclosure as it is, and its salt. */
export function secretsOf(disclosure: string): string[] {
  const [salt] = JSON.parse(Buffer.from(disclosure, 'base64url').toString()) as [string];
  return [disclosure, salt];
}

/** Name and value of a disclosure. */
export function disclosed(disclosure: string): { readonly name: string; readonly value: unknown } {
  const opened = openDisclosure(disclosure);
  if (opened === undefined) throw new Error('no disclosure');
  return opened;
}

/**
 * Digests that somebody who guesses can compute without any secret: of each value, of name and value, of a whole
 * record, and of names that private keys and handles might have. Values of few digits are in it, as they are the
 * easiest to guess.
 */
export function guessableDigests(extracts: readonly Extract[]): Buffer[] {
  const guesses = new Set<string>();
  for (const { department, recordType, rows } of extracts) {
    for (const row of rows) {
      const fields = fieldsOfRow(row);
      const uscc = String(row.uscc);
      const [from, to] = [row.period_from ?? row.issued_on, row.period_to ?? row.issued_on].map(String);
      const period = { from, to };
      const issuer = `department:${department}`;
      const record = { uscc, recordType, period, fields };
      for (const document of [fields, record, { ...record, issuer }, { sub: uscc, ...fields }])
        guesses.add(canonicalJson(document));
      for (const [field, value] of Object.entries(fields)) {
        for (const text of leaves(value)) guesses.add(text);
        guesses.add(canonicalJson(value));
        guesses.add(canonicalJson({ [field]: value }));
        guesses.add(canonicalJson([field, value]));
        guesses.add(Buffer.from(canonicalJson([field, value])).toString('base64url'));
      }
      for (const mark of ['|', '~', '/', ':', ','])
        for (const parts of [
          [uscc],
          [uscc, recordType],
          [uscc, recordType, from],
          [uscc, recordType, from, to],
          [uscc, recordType, String(to).slice(0, 4)],
          [issuer, uscc, recordType],
        ])
          for (const kind of ['', 'cadence~', 'index~', 'record~', 'head~', 'disclosures~'])
            guesses.add(kind + parts.join(mark));
    }
  }
  return [...guesses].map((guess) => createHash('sha256').update(guess).digest());
}
