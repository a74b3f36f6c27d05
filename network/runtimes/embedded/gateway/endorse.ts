import * as grpc from '@grpc/grpc-js';
import type { common } from '@hyperledger/fabric-protos';
import type { Endorsement, Endorser } from '../endorser/endorser';
import type { InterestCall } from '../endorser/interest';
import type { Proposal } from '../endorser/proposal';
import { SYSTEM_CHAINCODES } from '../chaincode/runner';
import { channelOf, type EmbeddedChannel, type EmbeddedNetwork, type EmbeddedPeer } from '../peer/network';
import { detailOf, RpcError } from './errors';
import { NoLayoutError, type Layout, type Layouts } from './layouts';
import { EndorsementPlan } from './plan';
import { assembleTransaction } from './transaction';
import { askPeer } from './verdict';

/** What the gateway of one organisation's peer works with. */
export interface GatewayContext {
  readonly network: EmbeddedNetwork;
  readonly local: EmbeddedPeer;
  readonly endorser: Endorser;
  readonly layouts: Layouts;
}

/**
 * Collects the endorsements that a transaction needs and assembles it, as Fabric's gateway does: from the named
 * organisations, or from those that a first simulation on the own peer shows to be needed.
 *
 * @returns the transaction for the client to sign.
 * @throws RpcError with Fabric's status codes and what each peer said.
 */
export async function endorse(
  context: GatewayContext,
  proposal: Proposal,
  endorsingOrganizations: readonly string[],
): Promise<common.Envelope> {
  const channel = channelOf(context.network, context.local, proposal.channel);
  const plan =
    endorsingOrganizations.length > 0
      ? new EndorsementPlan([namedPeers(context, channel, proposal, endorsingOrganizations)])
      : await planFromFirstEndorser(context, channel, proposal);
  for (let peers = plan.next(); peers !== undefined; peers = plan.next()) {
    await Promise.all(peers.map((asked) => collect(context, plan, asked, proposal)));
  }
  if (plan.completed === undefined) {
    throw new RpcError(
      grpc.status.ABORTED,
      'failed to collect enough transaction endorsements, see attached details for more info',
      plan.errors,
    );
  }
  return assembleTransaction(proposal, plan.completed);
}

async function collect(
  { endorser, local }: GatewayContext,
  plan: EndorsementPlan,
  asked: EmbeddedPeer,
  proposal: Proposal,
): Promise<void> {
  const answer = await askPeer(endorser, asked, proposal, { local, evaluate: false });
  if (answer.ok) {
    plan.endorsed(asked, answer.endorsed);
  } else {
    plan.failed(asked, answer.message);
  }
}

/** The peers of organisations by their MSP ids, where they have the chaincode. @throws RpcError naming those missing */
function namedPeers(
  { network }: GatewayContext,
  channel: EmbeddedChannel | undefined,
  proposal: Proposal,
  organisations: readonly string[],
): Layout {
  const found = new Map<string, EmbeddedPeer>();
  const missing: string[] = [];
  for (const msp of organisations) {
    const peer = network.peers.get(msp);
    if (
      peer !== undefined &&
      channel?.ledger.resources.members.includes(msp) &&
      hasChaincode(channel, proposal.chaincode)
    ) {
      found.set(msp, peer);
    } else {
      missing.push(msp);
    }
  }
  if (missing.length > 0) {
    throw new RpcError(
      grpc.status.UNAVAILABLE,
      `failed to find any endorsing peers for org(s): ${missing.join(', ')}`,
    );
  }
  return [...found.values()];
}

/** True where the members of a channel can execute a chaincode. */
export function hasChaincode(channel: EmbeddedChannel, chaincode: string): boolean {
  return SYSTEM_CHAINCODES.has(chaincode) || channel.ledger.definition(chaincode) !== undefined;
}

async function planFromFirstEndorser(
  context: GatewayContext,
  channel: EmbeddedChannel | undefined,
  proposal: Proposal,
): Promise<EndorsementPlan> {
  const { endorser, local } = context;
  if (channel === undefined || !hasChaincode(channel, proposal.chaincode)) {
    throw new RpcError(
      grpc.status.FAILED_PRECONDITION,
      proposal.hasTransient
        ? "no endorsers found in the gateway's organization; retry specifying endorsing organization(s) to protect transient data"
        : `no combination of peers can be derived which satisfy the endorsement policy: ` +
            `No metadata was found for chaincode ${proposal.chaincode} in channel ${proposal.channel}`,
    );
  }
  const first = await askPeer(endorser, local, proposal, { local, evaluate: false });
  if (!first.ok) {
    throw new RpcError(
      grpc.status.ABORTED,
      'failed to endorse transaction, see attached details for more info',
      [detailOf(local, first.message)],
    );
  }
  const plan = new EndorsementPlan(plannedLayouts(context, channel, proposal, first.endorsed));
  plan.endorsed(local, first.endorsed);
  return plan;
}

/** The layouts for what the first simulation showed, those with the own peer first, otherwise in random order. */
function plannedLayouts(
  { layouts, local }: GatewayContext,
  channel: EmbeddedChannel,
  proposal: Proposal,
  first: Endorsement,
): Layout[] {
  const interest = first.interest.length > 0 ? first.interest : [wholeChaincode(proposal.chaincode)];
  // Transient data goes to every endorser: only members of the collections concerned may be chosen.
  const protective = interest.map((call) =>
    proposal.hasTransient ? { ...call, noPrivateReads: false } : call,
  );
  try {
    const found = shuffled(layouts.for(channel, protective));
    return [
      ...found.filter((layout) => layout.includes(local)),
      ...found.filter((layout) => !layout.includes(local)),
    ];
  } catch (error) {
    throw error instanceof NoLayoutError
      ? new RpcError(
          grpc.status.FAILED_PRECONDITION,
          explain(layouts, channel, { interest, protective }, error),
        )
      : error;
  }
}

function explain(
  layouts: Layouts,
  channel: EmbeddedChannel,
  { interest, protective }: { interest: readonly InterestCall[]; protective: readonly InterestCall[] },
  error: NoLayoutError,
): string {
  const protectedCollections = interest.flatMap((call, index) =>
    call.noPrivateReads && protective[index]?.noPrivateReads === false ? [call.collection ?? ''] : [],
  );
  if (protectedCollections.length > 0 && isPossible(layouts, channel, interest)) {
    return (
      'requires endorsement from organisation(s) that are not in the distribution policy of the private data ' +
      `collection(s): [${protectedCollections.join(' ')}]; retry specifying trusted endorsing organizations to ` +
      'protect transient data'
    );
  }
  return `no combination of peers can be derived which satisfy the endorsement policy: ${error.message}`;
}

function isPossible(layouts: Layouts, channel: EmbeddedChannel, interest: readonly InterestCall[]): boolean {
  try {
    return layouts.for(channel, interest).length > 0;
  } catch (error) {
    if (error instanceof NoLayoutError) {
      return false;
    }
    throw error;
  }
}

function wholeChaincode(chaincode: string): InterestCall {
  return {
    chaincode,
    collection: undefined,
    noPrivateReads: false,
    keyPolicies: [],
    disregardNamespacePolicy: false,
  };
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
