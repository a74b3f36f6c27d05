import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Decimal } from '../../../chaincode/lending/engine/decimal';
import type { ObservedEvent, RiskFactors } from '../../../chaincode/lending/engine/actus';
import { riskFactors } from '../../../chaincode/lending/engine/actus';

/** One case of the public ACTUS tests, as its file has it. */
export interface Case {
  readonly identifier: string;
  readonly contractType: string;
  readonly terms: Readonly<Record<string, unknown>>;
  /** The last time asked for; empty: to the end. */
  readonly to: string;
  /** What was observed. Read when the case is run, so that what one case has wrong fails that case alone. */
  readonly riskFactors: () => RiskFactors;
  readonly results: readonly Readonly<Record<string, unknown>>[];
}

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objects(value: unknown): readonly Json[] {
  return (Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []).filter(isObject);
}

/** A field as text; files write numbers as numbers and as texts with blanks. */
export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}

function observedEvent(event: Json): readonly ObservedEvent[] {
  const type = textOf(event.type ?? event.eventType);
  if (type !== 'PP' && type !== 'CE' && type !== 'AD') return [];
  const time = textOf(event.time ?? event.eventDate ?? event.timestamp);
  const amount = textOf(event.value ?? event.payoff);
  return [{ type, time, amount: new Decimal(amount === '' ? 0 : amount) }];
}

function riskFactorsOf(json: Json): RiskFactors {
  const observed = Object.fromEntries(
    Object.entries(isObject(json.dataObserved) ? json.dataObserved : {}).map(([code, data]) => [
      code,
      objects(isObject(data) ? data.data : []).map((point) => ({
        timestamp: textOf(point.timestamp),
        value: textOf(point.value),
      })),
    ]),
  );
  return riskFactors(observed, objects(json.eventsObserved).flatMap(observedEvent));
}

function caseOf(json: Json): readonly Case[] {
  const { identifier, terms, results } = json;
  if (!isObject(terms) || !Array.isArray(results)) return [];
  return [
    {
      identifier: textOf(identifier),
      contractType: textOf(terms.contractType),
      terms,
      to: textOf(json.to),
      riskFactors: () => riskFactorsOf(json),
      results: objects(results),
    },
  ];
}

/**
 * The cases in the JSON files of a folder, by file and then as they stand; files without cases, such as the dictionary, count
 * for nothing.
 *
 * @throws Error where the folder cannot be read or a file is not JSON.
 */
export function readCases(folder: string): readonly Case[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      try {
        return objects(JSON.parse(text)).flatMap(caseOf);
      } catch (error) {
        throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        });
      }
    });
}
