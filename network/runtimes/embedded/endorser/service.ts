import type * as grpc from '@grpc/grpc-js';
import type { peer } from '@hyperledger/fabric-protos';
import type { EmbeddedPeer } from '../peer/network';
import { ConcurrencyLimit, unary } from '../peer/rpc';
import { proposalResponse, type Endorser } from './endorser';
import { unpackProposal } from './proposal';

/** `peer.limits.concurrency.endorserService` of core.yaml. */
const MAX_CONCURRENT = 2500;

/** The `protos.Endorser` service of one organisation's peer; what it refuses becomes a gRPC status UNKNOWN. */
export function endorserService(local: EmbeddedPeer, endorser: Endorser): grpc.UntypedServiceImplementation {
  const limit = new ConcurrencyLimit('protos.Endorser', MAX_CONCURRENT);
  return {
    processProposal: unary(limit, async (signed: peer.SignedProposal) =>
      proposalResponse(await endorser.process(local, unpackProposal(signed), false)),
    ),
  };
}
