import { randomBytes } from 'node:crypto';
import { common, peer } from '@hyperledger/fabric-protos';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb';
import { signaturePolicy } from '../../../channel-config/policies';
import type { Channel, Topology } from '../../../topology/topology';
import { endorse } from '../endorser/endorser';
import { computeTxId, unpackProposal, type Proposal } from '../endorser/proposal';
import { assembleTransaction } from '../gateway/transaction';
import type { ChaincodeDefinition } from '../ledger/types';
import { peersOf, type EmbeddedChannel, type EmbeddedNetwork } from '../peer/network';
import type { Signer } from '../peer/signer';
import { definitionState, LIFECYCLE, sequenceKey, signatureApplicationPolicy } from './definitions';

/** How long a definition may take to commit, in milliseconds. */
const COMMIT_TIMEOUT_MS = 30_000;

/**
 * Brings a channel's chaincode definitions to what the topology says, by transactions that all members' peers endorse.
 * What is there already is left alone; what has changed gets the next sequence number.
 *
 * @param creator who sends the transactions: an administrator of one of the members.
 * @returns the names of the chaincodes that were defined anew or changed.
 * @throws where a definition does not commit as valid.
 */
export async function deployChaincodes(
  network: EmbeddedNetwork,
  topology: Topology,
  declared: Channel,
  creator: Signer,
): Promise<string[]> {
  const channel = network.channels.get(declared.name);
  if (channel === undefined) {
    throw new Error(`channel ${declared.name} is not joined`);
  }
  const wanted = declared.chaincodes.flatMap(({ name, endorsement }) => {
    const policy = signatureApplicationPolicy(signaturePolicy(endorsement));
    const version = topology.chaincodes.find((source) => source.name === name)?.version ?? '';
    const current = channel.ledger.definition(name);
    const unchanged = current?.version === version && Buffer.from(current.endorsement).equals(policy);
    return unchanged ? [] : [{ name, version, sequence: (current?.sequence ?? 0) + 1, endorsement: policy }];
  });
  await Promise.all(wanted.map((definition) => commitDefinition(network, channel, definition, creator)));
  return wanted.map(({ name }) => name);
}

async function commitDefinition(
  network: EmbeddedNetwork,
  channel: EmbeddedChannel,
  definition: ChaincodeDefinition,
  creator: Signer,
): Promise<void> {
  const proposal = commitProposal(channel.name, definition, creator);
  const publicRwset = simulateDefinition(network, channel, definition, proposal.txId);
  const response = new peer.Response();
  response.setStatus(200);
  response.setPayload(new peer.lifecycle.CommitChaincodeDefinitionResult().serializeBinary());
  const endorsed = peersOf(network, channel).map((endorsingPeer) =>
    endorse(endorsingPeer, proposal, {
      response,
      event: undefined,
      publicRwset,
      interest: [],
      version: 'syscc',
    }),
  );
  const endorsements = endorsed.flatMap(({ endorsement }) => endorsement ?? []);
  const payload = endorsed[0]?.payload ?? new Uint8Array();
  const envelope = assembleTransaction(proposal, { payload, endorsements });
  envelope.setSignature(creator.sign(envelope.getPayload_asU8()));

  const committed = channel.ledger.waitForTransaction(proposal.txId, AbortSignal.timeout(COMMIT_TIMEOUT_MS));
  const { status, info } = channel.orderer.broadcast(envelope);
  if (status !== common.Status.SUCCESS) {
    committed.catch(() => undefined);
    throw new Error(`the definition of ${definition.name} on ${channel.name} was not ordered: ${info}`);
  }
  const { code } = await committed;
  if (code !== peer.TxValidationCode.VALID) {
    throw new Error(`the definition of ${definition.name} on ${channel.name} is not valid: code ${code}`);
  }
}

function simulateDefinition(
  network: EmbeddedNetwork,
  channel: EmbeddedChannel,
  definition: ChaincodeDefinition,
  txId: string,
): Uint8Array {
  const msp = peersOf(network, channel)[0]?.msp ?? '';
  const simulator = channel.ledger.simulator({ msp, txId });
  try {
    simulator.getState(LIFECYCLE, sequenceKey(definition.name));
    for (const [key, value] of definitionState(definition)) {
      simulator.putState(LIFECYCLE, key, value);
    }
    return simulator.results().publicRwset;
  } finally {
    simulator.done();
  }
}

function commitProposal(channel: string, definition: ChaincodeDefinition, creator: Signer): Proposal {
  const args = new peer.lifecycle.CommitChaincodeDefinitionArgs();
  args.setSequence(definition.sequence);
  args.setName(definition.name);
  args.setVersion(definition.version);
  args.setEndorsementPlugin('escc');
  args.setValidationPlugin('vscc');
  args.setValidationParameter(definition.endorsement);

  const chaincodeId = new peer.ChaincodeID();
  chaincodeId.setName(LIFECYCLE);
  const input = new peer.ChaincodeInput();
  input.setArgsList([Buffer.from('CommitChaincodeDefinition'), args.serializeBinary()]);
  const spec = new peer.ChaincodeSpec();
  spec.setChaincodeId(chaincodeId);
  spec.setInput(input);
  const invocation = new peer.ChaincodeInvocationSpec();
  invocation.setChaincodeSpec(spec);
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(invocation.serializeBinary());

  const proposal = new peer.Proposal();
  proposal.setHeader(proposalHeader(channel, chaincodeId, creator).serializeBinary());
  proposal.setPayload(payload.serializeBinary());
  const signed = new peer.SignedProposal();
  signed.setProposalBytes(proposal.serializeBinary());
  signed.setSignature(creator.sign(signed.getProposalBytes_asU8()));
  return unpackProposal(signed);
}

function proposalHeader(channel: string, chaincodeId: peer.ChaincodeID, creator: Signer): common.Header {
  const nonce = randomBytes(24);
  const extension = new peer.ChaincodeHeaderExtension();
  extension.setChaincodeId(chaincodeId);
  const timestamp = new Timestamp();
  timestamp.fromDate(new Date());
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(common.HeaderType.ENDORSER_TRANSACTION);
  channelHeader.setChannelId(channel);
  channelHeader.setTxId(computeTxId(nonce, creator.serialized));
  channelHeader.setTimestamp(timestamp);
  channelHeader.setExtension$(extension.serializeBinary());
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setCreator(creator.serialized);
  signatureHeader.setNonce(nonce);
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());
  return header;
}
