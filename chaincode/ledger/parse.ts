import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import type { Context } from 'fabric-contract-api';
import type { Static, TSchema } from 'typebox';
import { ContractError, type ErrorCode } from './errors';

/** Checks values against one schema, compiled once. */
export interface Check<T> {
  /** The value itself if it conforms, otherwise undefined. */
  accept(value: unknown): T | undefined;
  /** The value itself. @throws ContractError with the code, naming the member at fault below `path`. */
  require(value: unknown, code?: ErrorCode, path?: string): T;
}

/** One compiler for all schemas: each would compile the meta-schema anew, at tens of milliseconds. */
const ajv = addFormats(new Ajv2020({ strict: false }));

const maxInputBytes = 512 * 1024;
const maxTransientBytes = 8 * 1024 * 1024;
const maxDepth = 32;

/**
 * Compiles a JSON Schema given as data, such as a record type's. Members at fault are named, values never.
 *
 * @throws Error where the schema itself is none.
 */
export function compileJsonSchema(schema: Record<string, unknown>): Check<unknown> {
  const validate = compileOnce(schema);
  return {
    accept: (value) => (validate(value) ? value : undefined),
    require: (value, code = 'INVALID_INPUT', path = '') => {
      if (validate(value)) return value;
      const error = validate.errors?.[0];
      throw new ContractError(code, error?.message ?? 'does not conform', fieldOf(error, path));
    },
  };
}

/** Compiles a schema and forgets it, so that the compiler is after every call what it was before. */
function compileOnce(schema: Record<string, unknown>): ValidateFunction {
  try {
    return ajv.compile(schema);
  } finally {
    ajv.removeSchema(schema);
  }
}

/** Compiles a TypeBox schema. Call it once, when the module loads. */
export function check<S extends TSchema>(schema: S): Check<Static<S>> {
  return compileJsonSchema(schema as unknown as Record<string, unknown>) as Check<Static<S>>;
}

/**
 * Parses the one argument of a contract function.
 *
 * @throws ContractError `INVALID_INPUT` that names the member at fault.
 */
export function parseInput<T>(input: string, against: Check<T>): T {
  return against.require(parseJson(input, maxInputBytes));
}

/**
 * Parses an entry of the transient map, which is how private input comes.
 *
 * @throws ContractError `INVALID_INPUT` that names the member at fault, below the entry's name.
 */
export function parseTransient<T>(ctx: Context, name: string, against: Check<T>): T {
  return against.require(parseJson(transientText(ctx, name), maxTransientBytes, name), 'INVALID_INPUT', name);
}

/** An entry of the transient map as text. @throws ContractError `INVALID_INPUT` where it is absent. */
export function transientText(ctx: Context, name: string): string {
  const bytes = ctx.stub.getTransient().get(name);
  if (bytes === undefined)
    throw new ContractError('INVALID_INPUT', 'is missing from the transient map', name);
  return Buffer.from(bytes).toString('utf8');
}

function parseJson(text: string, maxBytes: number, field?: string): unknown {
  if (Buffer.byteLength(text, 'utf8') > maxBytes)
    throw new ContractError('INVALID_INPUT', `is longer than ${maxBytes} bytes`, field);
  if (depthOf(text) > maxDepth)
    throw new ContractError('INVALID_INPUT', `nests deeper than ${maxDepth}`, field);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // The parser's own message quotes the text, which may be private.
    if (error instanceof SyntaxError) throw new ContractError('INVALID_INPUT', 'is not JSON', field);
    throw error;
  }
}

/** Deepest nesting of a JSON text, found before anything recursive sees it. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (inString) {
      if (character === '\\') index++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth);
    else if (character === '}' || character === ']') depth--;
  }
  return deepest;
}

function fieldOf(error: ErrorObject | undefined, path: string): string | undefined {
  if (error === undefined) return path === '' ? undefined : path;
  const params = error.params as { missingProperty?: string; additionalProperty?: string };
  const last = params.missingProperty ?? params.additionalProperty;
  const parts = [path, ...error.instancePath.split('/'), last ?? ''].filter((part) => part !== '');
  const field = parts.join('.');
  // A member's name is the caller's own words: what does not look like a name is not repeated.
  return /^[A-Za-z0-9_.-]{1,200}$/.test(field) ? field : undefined;
}
