import Ajv2020, { type ErrorObject, type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import type { TSchema } from 'typebox';
import { Problem, type FieldError } from './problem';

const options = { allErrors: true, strict: false, validateSchema: false } as const;
const bodies = addFormats(new Ajv2020(options));
/** Parameters arrive as text: numbers and booleans are read from it. */
const parameters = addFormats(new Ajv2020({ ...options, coerceTypes: true, useDefaults: true }));

/** Most field errors in one answer: a client mends the first few, and a hostile body may hold thousands. */
const mostErrors = 20;

/** Checks a value and answers it; the value may be changed in place where text is read as a number. */
export type Validator = (value: unknown) => unknown;

/**
 * Compiles a validator.
 *
 * @param part what is validated; the problem's field paths start with it for parameters.
 * @returns a function that throws {@link Problem} `VALIDATION_FAILED`, naming each field.
 */
export function validator(schema: TSchema, part: 'body' | 'query' | 'path'): Validator {
  const validate: ValidateFunction = (part === 'body' ? bodies : parameters).compile(schema);
  return (value) => {
    if (validate(value)) return value;
    const errors = (validate.errors ?? []).slice(0, mostErrors).map((error) => fieldError(error, part));
    const first = errors[0];
    const words = first === undefined ? 'it does not match its schema' : describe(first);
    throw new Problem('VALIDATION_FAILED', `The ${part} is not valid: ${words}`, { errors });
  };
}

/** For answers in development and tests: what is wrong with a value, or undefined. */
export function responseChecker(schema: TSchema): (value: unknown) => string | undefined {
  const validate = bodies.compile(schema);
  return (value) => (validate(value) ? undefined : bodies.errorsText(validate.errors));
}

function describe({ field, message }: FieldError): string {
  return field === '' ? message : `${field} ${message}`;
}

function fieldError(error: ErrorObject, part: 'body' | 'query' | 'path'): FieldError {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  const params = error.params as {
    readonly missingProperty?: string;
    readonly additionalProperty?: string;
    readonly allowedValue?: unknown;
  };
  const last = params.missingProperty ?? params.additionalProperty;
  if (last !== undefined) path.push(last);
  const prefix = part === 'body' ? [] : [part];
  return { field: [...prefix, ...path].join('.'), message: messageOf(error, params.allowedValue) };
}

function messageOf(error: ErrorObject, allowed: unknown): string {
  switch (error.keyword) {
    case 'required':
      return 'is missing';
    case 'additionalProperties':
      return 'is not known here';
    case 'const':
      return `must be ${JSON.stringify(allowed)}`;
    default:
      return error.message ?? 'is not valid';
  }
}
