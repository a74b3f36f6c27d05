import type { Readable } from 'node:stream';
import type { Logger } from 'pino';
import type { Static, TObject, TSchema } from 'typebox';
import type { Scope } from '../auth/scopes';
import type { ProblemCode } from './codes';

/** A user as the bearer token and the organisation's user list tell. */
export interface User {
  /** Subject of the token. */
  readonly subject: string;
  /** Id of the Fabric identity in the organisation's wallet that the user acts through. */
  readonly identity: string;
  readonly roles: readonly string[];
  readonly scopes: readonly Scope[];
  /** Department of an agency, from the certificate. */
  readonly department?: string;
  /** Enterprise that the user belongs to, from the certificate. */
  readonly uscc?: string;
}

/** What a handler learns of a request; everything in it is validated. */
export interface RouteRequest<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** The request's body as it arrives, for routes that declare `stream`; otherwise an ended stream. */
  readonly stream: Readable;
  /** Who asks. Public routes have no user: asking for it there is a programming error and throws. */
  readonly user: User;
  readonly requestId: string;
  readonly idempotency: IdempotencyContext;
  readonly logger: Logger;
  /** Address of the other end of the connection. */
  readonly remoteAddress: string;
}

/** What a handler needs so that a repeated request does nothing twice. */
export interface IdempotencyContext {
  /**
   * True where an earlier request with this key and content began and its answer is not known (the gateway died, or
   * the ledger did not answer). What then exists already, with the same content, is this request's own work.
   */
  readonly resumed: boolean;
  /**
   * Opaque id (43 characters of base64url) that is the same for each repetition of the request and of no use to guess
   * the key: for ledger objects whose id the body leaves out.
   *
   * @param purpose tells several ids of one request apart.
   */
  readonly id: (purpose: string) => string;
}

/** An answer. `body` is sent as JSON unless `contentType` says otherwise, and then must be a string or a stream. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ResponseSpec {
  readonly description: string;
  /** Absent for an answer without a body. */
  readonly schema?: TSchema;
  /** `application/json` unless given. */
  readonly contentType?: string;
}

/** Declaration of a route: at once its documentation, its validation and its implementation. */
export interface RouteDefinition<P extends TObject, Q extends TObject, B extends TSchema> {
  readonly method: 'GET' | 'POST';
  /** As in OpenAPI, e.g. `/v1/records/{id}:revoke`. A parameter never matches `/` or `:`. */
  readonly path: string;
  /** `operationId`, unique in the application. */
  readonly id: string;
  /** Resource that the route belongs to. */
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Scope that the token must hold; `public` needs no token. */
  readonly scope: Scope | 'public';
  readonly params?: P;
  readonly query?: Q;
  /** Schema of a JSON body. */
  readonly body?: B;
  /** A body that the handler reads as it arrives, instead of JSON. */
  readonly stream?: { readonly contentType: string; readonly maxBytes: number };
  /** Largest JSON body in bytes; 256 KiB unless given. */
  readonly maxBytes?: number;
  /** By HTTP status, the successful ones. */
  readonly responses: Readonly<Record<number, ResponseSpec>>;
  /** Codes that this route is known to answer with besides those that every route has. */
  readonly problems?: readonly ProblemCode[];
  /** Whether `Idempotency-Key` must be sent. `none` for reads and for what is idempotent by nature. */
  readonly idempotency: 'required' | 'none';
  handler(request: RouteRequest<Static<P>, Static<Q>, Static<B>>): Promise<Reply>;
}

/** A route whose parts have lost their static types; made by {@link route} only. */
export type Route = Omit<RouteDefinition<TObject, TObject, TSchema>, 'handler'> & {
  handler(request: RouteRequest<unknown, unknown, unknown>): Promise<Reply>;
};

/**
 * Declares a route. Nothing else mounts one, so that no route exists outside the OpenAPI document.
 * The validators that run before the handler are built from the same schemas, which is why the types can be forgotten.
 */
export function route<P extends TObject = TObject, Q extends TObject = TObject, B extends TSchema = TSchema>(
  definition: RouteDefinition<P, Q, B>,
): Route {
  return definition;
}
