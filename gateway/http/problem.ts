import { Type, type Static } from 'typebox';
import { problemKinds, type ProblemCode } from './codes';

/** RFC 9457 problem document with this interface's extension members. */
export const ProblemDocument = Type.Object(
  {
    type: Type.String({ description: 'URN of the code.' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    instance: Type.String({ description: 'Path of the request.' }),
    code: Type.String({ pattern: '^[A-Z][A-Z0-9_]{1,63}$', description: 'Stable; clients decide by it.' }),
    requestId: Type.String(),
    errors: Type.Optional(
      Type.Array(
        Type.Object({ field: Type.String(), message: Type.String() }, { additionalProperties: false }),
      ),
    ),
    transactionId: Type.Optional(Type.String({ description: 'Where a transaction was made.' })),
  },
  { additionalProperties: false },
);
export type ProblemDocument = Static<typeof ProblemDocument>;

export interface FieldError {
  /** Path of the member, dotted, e.g. `items.0.recordType`; empty for the body as a whole. */
  readonly field: string;
  readonly message: string;
}

interface ProblemDetails {
  readonly errors?: readonly FieldError[];
  readonly transactionId?: string | undefined;
  /** Header fields of the answer, e.g. `Allow`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An answer other than success. Thrown by handlers and middleware; the error handler renders it. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly errors: readonly FieldError[];
  readonly transactionId: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  /** @param detail words for a person about this occurrence; nothing confidential. */
  constructor(
    readonly code: ProblemCode,
    detail: string,
    details: ProblemDetails = {},
  ) {
    super(detail, details.cause === undefined ? undefined : { cause: details.cause });
    this.errors = details.errors ?? [];
    this.transactionId = details.transactionId;
    this.headers = details.headers ?? {};
  }

  get status(): number {
    return problemKinds[this.code].status;
  }

  /** The document as sent to the client. */
  document(request: { readonly instance: string; readonly requestId: string }): ProblemDocument {
    return {
      type: problemType(this.code),
      title: problemKinds[this.code].title,
      status: this.status,
      detail: this.message,
      instance: request.instance,
      code: this.code,
      requestId: request.requestId,
      ...(this.errors.length > 0 ? { errors: [...this.errors] } : {}),
      ...(this.transactionId === undefined ? {} : { transactionId: this.transactionId }),
    };
  }
}

/** The `type` of a code: a URN, since nothing needs to be fetched to understand it; `/docs` lists them. */
export function problemType(code: ProblemCode): string {
  return `urn:sme-credit:problem:${code}`;
}
