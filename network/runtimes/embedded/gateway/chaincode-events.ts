import * as grpc from '@grpc/grpc-js';
import { gateway, peer, type orderer } from '@hyperledger/fabric-protos';
import type { ChannelLedger, CommittedBlock } from '../ledger/types';
import { followBlocks } from '../peer/follow';
import type { EmbeddedNetwork, EmbeddedPeer } from '../peer/network';
import { permitted, type SignedRequest } from './commit-status';
import { RpcError } from './errors';

/**
 * The events of one chaincode, by block, from the position or transaction that the request names: one message for
 * each block that has any.
 *
 * @throws RpcError
 */
export async function* chaincodeEvents(
  context: { readonly network: EmbeddedNetwork; readonly local: EmbeddedPeer },
  signed: SignedRequest,
  signal: AbortSignal,
): AsyncGenerator<gateway.ChaincodeEventsResponse, void, undefined> {
  if (signed.request.length === 0) {
    throw new RpcError(grpc.status.INVALID_ARGUMENT, 'a chaincode events request is required');
  }
  const request = gateway.ChaincodeEventsRequest.deserializeBinary(signed.request);
  const { ledger } = permitted(context, 'gateway/ChaincodeEvents', request.getChannelId(), {
    ...signed,
    identity: request.getIdentity_asU8(),
  });
  const matches = eventMatcher(request);
  for await (const block of followBlocks(ledger, startBlock(ledger, request), signal)) {
    const events = validEvents(block).filter(matches);
    if (events.length > 0) {
      const response = new gateway.ChaincodeEventsResponse();
      response.setBlockNumber(block.number);
      response.setEventsList(events);
      yield response;
    }
  }
}

function validEvents({ transactions }: CommittedBlock): peer.ChaincodeEvent[] {
  return transactions.flatMap(({ code, event }) =>
    code === peer.TxValidationCode.VALID && event !== undefined && isComplete(event) ? [event] : [],
  );
}

function isComplete(event: peer.ChaincodeEvent): boolean {
  return event.getChaincodeId() !== '' && event.getEventName() !== '' && event.getTxId() !== '';
}

function eventMatcher(request: gateway.ChaincodeEventsRequest): (event: peer.ChaincodeEvent) => boolean {
  const chaincode = request.getChaincodeId();
  const after = request.getAfterTransactionId();
  let passed = after === '';
  return (event) => {
    if (!passed) {
      passed = event.getTxId() === after;
      return false;
    }
    return event.getChaincodeId() === chaincode;
  };
}

function startBlock(ledger: ChannelLedger, request: gateway.ChaincodeEventsRequest): number {
  const after = request.getAfterTransactionId();
  const position = after === '' ? undefined : ledger.transaction(after);
  return position?.blockNumber ?? seekStart(ledger, request.getStartPosition());
}

function seekStart(ledger: ChannelLedger, position: orderer.SeekPosition | undefined): number {
  const specified = position?.getSpecified();
  if (specified !== undefined) {
    return specified.getNumber();
  }
  if (position?.hasOldest() === true || position?.hasNewest() === true) {
    throw new RpcError(grpc.status.INVALID_ARGUMENT, 'invalid start position type');
  }
  return ledger.height;
}
