import * as grpc from '@grpc/grpc-js';
import { ProposalRefusedError, type Endorsement, type Endorser } from '../endorser/endorser';
import type { Proposal } from '../endorser/proposal';
import type { EmbeddedPeer } from '../peer/network';

/** A peer's answer that counts as success. */
export interface Success {
  readonly ok: true;
  readonly endorsed: Endorsement;
}

/** A peer's answer that does not, with how the gateway takes it. */
export interface Failure {
  readonly ok: false;
  readonly code: grpc.status;
  readonly message: string;
  /** True where another peer may succeed. */
  readonly retry: boolean;
}

/**
 * Has one peer process a proposal and classifies the answer, as `responseStatus` of Fabric's gateway. `local` is the
 * gateway's own peer: what any other peer refuses reaches the gateway as an error of the call.
 */
export async function askPeer(
  endorser: Endorser,
  peer: EmbeddedPeer,
  proposal: Proposal,
  options: { readonly local: EmbeddedPeer; readonly evaluate: boolean },
): Promise<Success | Failure> {
  let endorsed: Endorsement;
  try {
    endorsed = await endorser.process(peer, proposal, options.evaluate);
  } catch (error) {
    if (!(error instanceof ProposalRefusedError)) {
      throw error;
    }
    return peer === options.local
      ? { ok: false, code: grpc.status.FAILED_PRECONDITION, message: error.message, retry: false }
      : {
          ok: false,
          code: grpc.status.UNAVAILABLE,
          message: `rpc error: code = Unknown desc = ${error.message}`,
          retry: true,
        };
  }
  const status = endorsed.response.getStatus();
  if (status >= 200 && status < 400) {
    return { ok: true, endorsed };
  }
  const message = endorsed.response.getMessage();
  if (endorsed.payload === undefined && status === 500) {
    return { ok: false, code: grpc.status.ABORTED, message, retry: true };
  }
  return {
    ok: false,
    code: grpc.status.UNKNOWN,
    message: `chaincode response ${status}, ${message}`,
    retry: false,
  };
}
