import * as grpc from '@grpc/grpc-js';
import type { peer } from '@hyperledger/fabric-protos';
import type { Proposal } from '../endorser/proposal';
import { channelOf, peersOf, type EmbeddedPeer } from '../peer/network';
import { hasChaincode, type GatewayContext } from './endorse';
import { detailOf, RpcError, type ErrorDetail } from './errors';
import { askPeer } from './verdict';

/**
 * Has one peer execute a proposal and gives its response: a peer of the target organisations, or the own one first.
 * With transient data and no targets, only the own peer sees it.
 *
 * @throws RpcError with Fabric's status codes and what each peer said.
 */
export async function evaluate(
  context: GatewayContext,
  proposal: Proposal,
  targetOrganizations: readonly string[],
): Promise<peer.Response> {
  const { endorser, local } = context;
  const errors: ErrorDetail[] = [];
  let code = grpc.status.UNAVAILABLE;
  for (const asked of evaluators(context, proposal, targetOrganizations)) {
    const answer = await askPeer(endorser, asked, proposal, { local, evaluate: true });
    if (answer.ok) {
      return answer.endorsed.response;
    }
    errors.push(detailOf(asked, answer.message));
    code = answer.code;
    if (!answer.retry) {
      throw new RpcError(code, `evaluate call to endorser returned error: ${answer.message}`, errors);
    }
  }
  throw new RpcError(code, 'failed to evaluate transaction, see attached details for more info', errors);
}

function evaluators(
  { network, local }: GatewayContext,
  proposal: Proposal,
  targetOrganizations: readonly string[],
): EmbeddedPeer[] {
  const channel = channelOf(network, local, proposal.channel);
  if (channel === undefined) {
    throw new RpcError(
      grpc.status.UNAVAILABLE,
      `failed to get config for channel [${proposal.channel}]: could not get last config for channel ${proposal.channel}`,
    );
  }
  const transientProtected = proposal.hasTransient && targetOrganizations.length === 0;
  const targets = transientProtected ? [local.msp] : targetOrganizations;
  const members = peersOf(network, channel);
  const peers = [local, ...members.filter((peer) => peer !== local)].filter(
    (peer) => targets.length === 0 || targets.includes(peer.msp),
  );
  if (peers.length === 0 || !hasChaincode(channel, proposal.chaincode)) {
    const reason = `no peers available to evaluate chaincode ${proposal.chaincode} in channel ${proposal.channel}`;
    throw new RpcError(
      grpc.status.FAILED_PRECONDITION,
      transientProtected
        ? "no endorsers found in the gateway's organization; retry specifying target organization(s) to protect " +
            `transient data: ${reason}`
        : reason,
    );
  }
  return peers;
}
