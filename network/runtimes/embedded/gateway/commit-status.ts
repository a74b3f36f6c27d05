import * as grpc from '@grpc/grpc-js';
import { gateway } from '@hyperledger/fabric-protos';
import { AccessDeniedError, checkAccess } from '../peer/access';
import { channelOf, type EmbeddedChannel, type EmbeddedNetwork, type EmbeddedPeer } from '../peer/network';
import { ClientGoneError } from '../peer/rpc';
import { RpcError } from './errors';

/** A signed request about a channel. */
export interface SignedRequest {
  readonly request: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * The channel of a signed request, once its sender is known to have access.
 * @throws RpcError PERMISSION_DENIED
 */
export function permitted(
  { network, local }: { readonly network: EmbeddedNetwork; readonly local: EmbeddedPeer },
  resource: string,
  channelName: string,
  signed: SignedRequest & { readonly identity: Uint8Array },
): EmbeddedChannel {
  const channel = channelOf(network, local, channelName);
  if (channel === undefined) {
    throw new RpcError(grpc.status.PERMISSION_DENIED, `channel ${channelName} not found`);
  }
  const { request: data, identity, signature } = signed;
  try {
    checkAccess(channel.ledger.resources, resource, { data, identity, signature });
  } catch (error) {
    throw error instanceof AccessDeniedError
      ? new RpcError(grpc.status.PERMISSION_DENIED, error.message)
      : error;
  }
  return channel;
}

/**
 * Waits for a transaction to commit.
 * @throws RpcError, also when the client's deadline passes first.
 */
export async function commitStatus(
  context: { readonly network: EmbeddedNetwork; readonly local: EmbeddedPeer },
  signed: SignedRequest,
  signal: AbortSignal,
): Promise<gateway.CommitStatusResponse> {
  if (signed.request.length === 0) {
    throw new RpcError(grpc.status.INVALID_ARGUMENT, 'a commit status request is required');
  }
  const request = gateway.CommitStatusRequest.deserializeBinary(signed.request);
  const channel = permitted(context, 'gateway/CommitStatus', request.getChannelId(), {
    ...signed,
    identity: request.getIdentity_asU8(),
  });
  try {
    const position = await channel.ledger.waitForTransaction(request.getTransactionId(), signal);
    const response = new gateway.CommitStatusResponse();
    response.setResult(position.code);
    response.setBlockNumber(position.blockNumber);
    return response;
  } catch (error) {
    throw error instanceof ClientGoneError
      ? new RpcError(grpc.status.DEADLINE_EXCEEDED, 'context deadline exceeded')
      : error;
  }
}
