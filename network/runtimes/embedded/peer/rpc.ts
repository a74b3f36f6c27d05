import type { EventEmitter } from 'node:events';
import * as grpc from '@grpc/grpc-js';

/** Requests that one service of a peer works on at a time, as `peer.limits.concurrency` of core.yaml. */
export class ConcurrencyLimit {
  readonly #service: string;
  readonly #limit: number;
  #running = 0;

  /** `service` is the gRPC name, for the message to those who come too much. */
  constructor(service: string, limit: number) {
    this.#service = service;
    this.#limit = limit;
  }

  /** Runs an operation, or refuses. @throws Error with Fabric's text, which becomes a gRPC status UNKNOWN */
  async run<T>(operation: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limit) {
      throw new Error(`too many requests for ${this.#service}, exceeding concurrency limit (${this.#limit})`);
    }
    this.#running += 1;
    try {
      return await operation();
    } finally {
      this.#running -= 1;
    }
  }
}

interface Cancellable {
  readonly cancelled: boolean;
  on(event: 'cancelled', listener: () => void): unknown;
}

/** Reason of a signal whose client does not wait any more. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';
}

// One for all: a call that has ended well is reported as cancelled, too, and stack traces are dear.
const CLIENT_GONE = new ClientGoneError('the client has gone or its deadline has passed');

/** A signal that is aborted when the client goes away or its deadline passes. */
export function cancellation(call: Cancellable): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => controller.abort(CLIENT_GONE);
  call.on('cancelled', abort);
  if (call.cancelled) {
    abort();
  }
  return controller.signal;
}

/** A gRPC status for anything thrown; what is not one already is `UNKNOWN` with its message, as in Go. */
export function toStatus(error: unknown): Partial<grpc.StatusObject> {
  if (isStatus(error)) {
    return { code: error.code, details: error.details, metadata: error.metadata };
  }
  return {
    code: grpc.status.UNKNOWN,
    details: error instanceof Error ? error.message : String(error),
  };
}

function isStatus(error: unknown): error is grpc.StatusObject {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && 'metadata' in error;
}

/** A unary gRPC handler from a promise: within the limit, and abandoned when the client is gone. */
export function unary<Request, Response>(
  limit: ConcurrencyLimit,
  handle: (request: Request, signal: AbortSignal) => Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const signal = cancellation(call);
    limit
      .run(() => handle(call.request, signal))
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(toStatus(error)),
      );
  };
}

/** Resolves when a stream takes more, or its client is gone. */
export function drained(call: EventEmitter, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      call.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    call.on('drain', done);
    signal.addEventListener('abort', done);
    if (signal.aborted) {
      done();
    }
  });
}
