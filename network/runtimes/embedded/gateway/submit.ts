import * as grpc from '@grpc/grpc-js';
import { common } from '@hyperledger/fabric-protos';
import { channelOf } from '../peer/network';
import type { GatewayContext } from './endorse';
import { detailOf, RpcError } from './errors';

const statusNames = new Map<number, string>(
  Object.entries(common.Status).map(([name, code]) => [code, name]),
);

/**
 * Hands a transaction to the channel's orderer.
 * @throws RpcError with Fabric's status codes.
 */
export function submit(context: GatewayContext, channelName: string, envelope: common.Envelope): void {
  if (envelope.getPayload_asU8().length === 0) {
    throw new RpcError(grpc.status.INVALID_ARGUMENT, 'a prepared transaction is required');
  }
  if (envelope.getSignature_asU8().length === 0) {
    throw new RpcError(grpc.status.INVALID_ARGUMENT, 'prepared transaction must be signed');
  }
  const channel = channelOf(context.network, context.local, channelName);
  if (channel === undefined) {
    throw new RpcError(
      grpc.status.FAILED_PRECONDITION,
      `failed to get config for channel [${channelName}]: could not get last config for channel ${channelName}`,
    );
  }
  const { status, info } = channel.orderer.broadcast(envelope);
  if (status === common.Status.SUCCESS) {
    return;
  }
  const message = `received unsuccessful response from orderer: status=${statusNames.get(status) ?? status}, info=${info}`;
  if (status >= 400 && status < 500) {
    throw new RpcError(grpc.status.ABORTED, message);
  }
  throw new RpcError(grpc.status.UNAVAILABLE, 'no orderers could successfully process transaction', [
    detailOf(context.local, message),
  ]);
}
