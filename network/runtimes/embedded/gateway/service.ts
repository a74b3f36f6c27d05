import * as grpc from '@grpc/grpc-js';
import { gateway, common, type peer } from '@hyperledger/fabric-protos';
import { ProposalError, unpackProposal, type Proposal } from '../endorser/proposal';
import { cancellation, ConcurrencyLimit, drained, toStatus, unary } from '../peer/rpc';
import { chaincodeEvents } from './chaincode-events';
import { commitStatus } from './commit-status';
import { endorse, type GatewayContext } from './endorse';
import { RpcError } from './errors';
import { evaluate } from './evaluate';
import { submit } from './submit';

/** `peer.limits.concurrency.gatewayService` of core.yaml; calls that wait for a commit count. */
const MAX_CONCURRENT = 500;

/** The `gateway.Gateway` service of one organisation's peer. */
export function gatewayService(context: GatewayContext): grpc.UntypedServiceImplementation {
  const limit = new ConcurrencyLimit('gateway.Gateway', MAX_CONCURRENT);
  return {
    evaluate: unary(limit, async (request: gateway.EvaluateRequest, signal) => {
      const proposal = unpacked(
        request.getProposedTransaction(),
        'failed to unpack transaction proposal: a signed proposal is required',
      );
      const result = await withinDeadline(
        evaluate(context, proposal, request.getTargetOrganizationsList()),
        signal,
        'evaluate timeout expired',
      );
      const response = new gateway.EvaluateResponse();
      response.setResult(result);
      return response;
    }),
    endorse: unary(limit, async (request: gateway.EndorseRequest, signal) => {
      const proposal = unpacked(
        request.getProposedTransaction(),
        'the proposed transaction must contain a signed proposal',
      );
      const prepared = await withinDeadline(
        endorse(context, proposal, request.getEndorsingOrganizationsList()),
        signal,
        'endorsement timeout expired while collecting endorsements',
      );
      const response = new gateway.EndorseResponse();
      response.setPreparedTransaction(prepared);
      return response;
    }),
    submit: unary(limit, (request: gateway.SubmitRequest) => {
      submit(context, request.getChannelId(), request.getPreparedTransaction() ?? new common.Envelope());
      return Promise.resolve(new gateway.SubmitResponse());
    }),
    commitStatus: unary(limit, (request: gateway.SignedCommitStatusRequest, signal) =>
      commitStatus(
        context,
        { request: request.getRequest_asU8(), signature: request.getSignature_asU8() },
        signal,
      ),
    ),
    chaincodeEvents: (
      call: grpc.ServerWritableStream<gateway.SignedChaincodeEventsRequest, gateway.ChaincodeEventsResponse>,
    ) => {
      limit
        .run(() => streamEvents(context, call))
        .then(
          () => call.end(),
          (error: unknown) => call.emit('error', toStatus(error)),
        );
    },
  };
}

async function streamEvents(
  context: GatewayContext,
  call: grpc.ServerWritableStream<gateway.SignedChaincodeEventsRequest, gateway.ChaincodeEventsResponse>,
): Promise<void> {
  const { request } = call;
  const signal = cancellation(call);
  const signed = { request: request.getRequest_asU8(), signature: request.getSignature_asU8() };
  for await (const response of chaincodeEvents(context, signed, signal)) {
    if (!call.write(response)) {
      await drained(call, signal);
    }
  }
}

function unpacked(signed: peer.SignedProposal | undefined, missing: string): Proposal {
  if (signed === undefined || signed.getProposalBytes_asU8().length === 0) {
    throw new RpcError(grpc.status.INVALID_ARGUMENT, missing);
  }
  try {
    return unpackProposal(signed);
  } catch (error) {
    throw error instanceof ProposalError ? new RpcError(grpc.status.INVALID_ARGUMENT, error.message) : error;
  }
}

/** The peers may work on, but the client is told at once. @throws RpcError DEADLINE_EXCEEDED */
function withinDeadline<T>(work: Promise<T>, signal: AbortSignal, message: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const expired = (): void => reject(new RpcError(grpc.status.DEADLINE_EXCEEDED, message));
    signal.addEventListener('abort', expired, { once: true });
    if (signal.aborted) {
      expired();
    }
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', expired));
  });
}
