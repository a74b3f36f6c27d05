import * as grpc from '@grpc/grpc-js';
import { gateway, google } from '@hyperledger/fabric-protos';
import { Any } from 'google-protobuf/google/protobuf/any_pb';
import type { EmbeddedPeer } from '../peer/network';

/** What one peer had to say to a request that failed. */
export interface ErrorDetail {
  readonly address: string;
  readonly mspId: string;
  readonly message: string;
}

/** A gRPC error as the gateway service gives it, with what each peer said. */
export class RpcError extends Error implements Partial<grpc.StatusObject> {
  override readonly name = 'RpcError';
  readonly code: grpc.status;
  readonly details: string;
  readonly metadata: grpc.Metadata;

  constructor(code: grpc.status, message: string, details: readonly ErrorDetail[] = []) {
    super(message);
    this.code = code;
    this.details = message;
    this.metadata = statusMetadata(code, message, details);
  }
}

/** A detail in the words of one peer. */
export function detailOf(peer: EmbeddedPeer, message: string): ErrorDetail {
  return { address: peer.address, mspId: peer.msp, message };
}

/** `google.rpc.Status` in the trailer, from which fabric-gateway takes the details. */
function statusMetadata(code: grpc.status, message: string, details: readonly ErrorDetail[]): grpc.Metadata {
  const metadata = new grpc.Metadata();
  if (details.length === 0) {
    return metadata;
  }
  const status = new google.rpc.Status();
  status.setCode(code);
  status.setMessage(message);
  for (const detail of details) {
    const errorDetail = new gateway.ErrorDetail();
    errorDetail.setAddress(detail.address);
    errorDetail.setMspId(detail.mspId);
    errorDetail.setMessage(detail.message);
    const any = new Any();
    any.pack(errorDetail.serializeBinary(), 'gateway.ErrorDetail');
    status.addDetails(any);
  }
  metadata.set('grpc-status-details-bin', Buffer.from(status.serializeBinary()));
  return metadata;
}
