import { common, peer } from '@hyperledger/fabric-protos';
import { ChaincodeRunner, recordDefinition, SYSTEM_CHAINCODES } from '../chaincode/runner';
import type { Identity } from '../msp/types';
import { AccessDeniedError, authenticate, authorise } from '../peer/access';
import { channelOf, type EmbeddedChannel, type EmbeddedNetwork, type EmbeddedPeer } from '../peer/network';
import type { SystemChaincodes } from '../system/system';
import { interestMessage, interestOf, type InterestCall } from './interest';
import { computeTxId, type Proposal } from './proposal';

/** Status from which on a chaincode's response is not endorsed (shim.ERRORTHRESHOLD). */
const ERROR_THRESHOLD = 400;
/** Status of a chaincode's error (shim.ERROR). */
const ERROR = 500;

/** System chaincodes that tell of the peer, not of one channel. */
const CHANNELLESS: ReadonlySet<string> = new Set(['cscc', 'qscc']);

/** A proposal that the peer does not take: its sender is at fault. The message is fit for the sender. */
export class ProposalRefusedError extends Error {
  override readonly name = 'ProposalRefusedError';
}

/** What a peer answers to a proposal. */
export interface Endorsement {
  readonly response: peer.Response;
  /** Serialised `ProposalResponsePayload`. Undefined where the peer, not the chaincode, failed. */
  readonly payload: Uint8Array | undefined;
  /** Undefined where the response is not endorsed. */
  readonly endorsement: peer.Endorsement | undefined;
  readonly interest: readonly InterestCall[];
}

/** What executing a proposal gave. */
export interface Simulated {
  readonly response: peer.Response;
  readonly event: peer.ChaincodeEvent | undefined;
  readonly publicRwset: Uint8Array | undefined;
  readonly interest: readonly InterestCall[];
  readonly version: string;
}

/** Executes proposals on the peers of the network and signs their results. */
export class Endorser {
  readonly #network: EmbeddedNetwork;
  readonly #runner: ChaincodeRunner;
  readonly #system: SystemChaincodes;
  /** Senders of proposals whose signature was verified: the same for every peer of the channel. */
  readonly #senders = new WeakMap<Proposal, Identity>();

  constructor(network: EmbeddedNetwork, system: SystemChaincodes) {
    this.#network = network;
    this.#runner = new ChaincodeRunner(network);
    this.#system = system;
  }

  /**
   * Processes a proposal as one organisation's peer.
   *
   * @param evaluate the response serves for a query only: nothing is kept of what was written, nothing is signed.
   * @throws ProposalRefusedError where the proposal itself is not acceptable. Whatever fails later is told by the
   * response's status, 500 without a payload.
   */
  async process(endorsingPeer: EmbeddedPeer, proposal: Proposal, evaluate: boolean): Promise<Endorsement> {
    if (proposal.channel === '') {
      return this.#withoutChannel(endorsingPeer, proposal);
    }
    const channel = channelOf(this.#network, endorsingPeer, proposal.channel);
    if (channel === undefined) {
      return failure(`channel '${proposal.channel}' not found`);
    }
    this.#check(channel, proposal);
    try {
      const simulated = SYSTEM_CHAINCODES.has(proposal.chaincode)
        ? await this.#runSystemChaincode(endorsingPeer, channel, proposal)
        : await this.#simulate(endorsingPeer, channel, proposal, evaluate);
      return evaluate ? unsigned(simulated) : endorse(endorsingPeer, proposal, simulated);
    } catch (error) {
      return failure(error instanceof Error ? error.message : String(error));
    }
  }

  /**
   * A question to the peer itself, by a member of its own organisation; the answer is not endorsed. Identities are
   * judged by a channel's MSPs, among which the peer's own is.
   */
  async #withoutChannel(asked: EmbeddedPeer, proposal: Proposal): Promise<Endorsement> {
    const channel = [...this.#network.channels.values()].find(
      ({ name }) => channelOf(this.#network, asked, name) !== undefined,
    );
    if (channel === undefined || !CHANNELLESS.has(proposal.chaincode)) {
      return failure(`${proposal.chaincode} cannot be called without a channel on the embedded runtime`);
    }
    if (this.#sender(channel, proposal).mspId !== asked.msp) {
      throw new ProposalRefusedError(
        'error validating proposal: access denied: channel [] creator org unknown, creator is malformed',
      );
    }
    const response = await this.#system.invoke({ peer: asked, channel, proposal });
    return { response, payload: undefined, endorsement: undefined, interest: [] };
  }

  /** The proposal's sender, once its headers and signature are known to be good. @throws ProposalRefusedError */
  #sender(channel: EmbeddedChannel, proposal: Proposal): Identity {
    checkHeaders(proposal);
    let sender = this.#senders.get(proposal);
    if (sender === undefined) {
      const { signed, creator } = proposal;
      const data = signed.getProposalBytes_asU8();
      const signature = signed.getSignature_asU8();
      sender = refusing(() => authenticate(channel.ledger.resources, { data, identity: creator, signature }));
      this.#senders.set(proposal, sender);
    }
    return sender;
  }

  /** The checks of Fabric's `preProcess`. */
  #check(channel: EmbeddedChannel, proposal: Proposal): void {
    const sender = this.#sender(channel, proposal);
    const { ledger } = channel;
    if (ledger.transaction(proposal.txId) !== undefined) {
      const creator = Buffer.from(proposal.creator).toString('hex');
      throw new ProposalRefusedError(`duplicate transaction found [${proposal.txId}]. Creator [${creator}]`);
    }
    if (!SYSTEM_CHAINCODES.has(proposal.chaincode)) {
      refusing(() => authorise(ledger.resources, 'peer/Propose', sender));
    }
  }

  async #runSystemChaincode(
    endorsingPeer: EmbeddedPeer,
    channel: EmbeddedChannel,
    proposal: Proposal,
  ): Promise<Simulated> {
    const response = await this.#system.invoke({ peer: endorsingPeer, channel, proposal });
    return { response, event: undefined, publicRwset: undefined, interest: [], version: 'syscc' };
  }

  async #simulate(
    endorsingPeer: EmbeddedPeer,
    channel: EmbeddedChannel,
    proposal: Proposal,
    evaluate: boolean,
  ): Promise<Simulated> {
    const { chaincode, input, txId } = proposal;
    const simulator = channel.ledger.simulator({ msp: endorsingPeer.msp, txId });
    try {
      const { version } = recordDefinition({ channel, chaincode, simulator });
      const namespaces = new Set<string>();
      const touched = (namespace: string): unknown => namespaces.add(namespace);
      const execution = { peer: endorsingPeer, channel, chaincode, input, proposal, simulator, touched };
      const final = await this.#execute(execution, txId);
      const response = peer.Response.deserializeBinary(final.getPayload_asU8());
      const event = response.getStatus() < ERROR_THRESHOLD ? final.getChaincodeEvent() : undefined;
      event?.setChaincodeId(chaincode);
      event?.setTxId(txId);
      const results = simulator.results();
      if (results.privateRwset !== undefined && !evaluate) {
        await channel.ledger.stagePrivateData(txId, results.privateRwset);
      }
      const interest = interestOf(results, namespaces);
      return { response, event, publicRwset: results.publicRwset, interest, version };
    } finally {
      simulator.done();
    }
  }

  async #execute(
    execution: Parameters<ChaincodeRunner['run']>[0],
    txId: string,
  ): Promise<peer.ChaincodeMessage> {
    let final: peer.ChaincodeMessage;
    try {
      final = await this.#runner.run(execution);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`error in simulation: failed to execute transaction ${txId}: ${reason}`, {
        cause: error,
      });
    }
    if (final.getType() !== peer.ChaincodeMessage.Type.COMPLETED) {
      const reason = Buffer.from(final.getPayload_asU8()).toString();
      throw new Error(`error in simulation: transaction returned with failure: ${reason}`);
    }
    return final;
  }
}

/** Turns a denial into the refusal of a proposal. */
function refusing<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof AccessDeniedError
      ? new ProposalRefusedError(`error validating proposal: ${error.message}`)
      : error;
  }
}

/** @throws ProposalRefusedError */
function checkHeaders(proposal: Proposal): void {
  const { channelHeader, nonce, creator, signed } = proposal;
  const refuse = (reason: string): never => {
    throw new ProposalRefusedError(`error validating proposal: ${reason}`);
  };
  if (channelHeader.getType() !== common.HeaderType.ENDORSER_TRANSACTION) {
    refuse(`invalid header type ${channelHeader.getType()}`);
  }
  if (channelHeader.getEpoch() !== 0) {
    refuse('epoch is non-zero');
  }
  if (nonce.length === 0) {
    refuse('nonce is empty');
  }
  if (creator.length === 0) {
    refuse('creator is empty');
  }
  const expected = computeTxId(nonce, creator);
  if (proposal.txId !== expected) {
    refuse(`incorrectly computed txid '${proposal.txId}' -- expected '${expected}'`);
  }
  if (signed.getSignature_asU8().length === 0) {
    refuse('empty signature bytes');
  }
}

function failure(message: string): Endorsement {
  const response = new peer.Response();
  response.setStatus(ERROR);
  response.setMessage(message);
  return { response, payload: undefined, endorsement: undefined, interest: [] };
}

/** What a query needs; the payload is there for those who tell a chaincode's error from the peer's by it. */
function unsigned({ response, interest }: Simulated): Endorsement {
  return { response, payload: new Uint8Array(), endorsement: undefined, interest };
}

/** Signs a result as the peer's `escc` does; an error of the chaincode stays unsigned. */
export function endorse(endorsingPeer: EmbeddedPeer, proposal: Proposal, simulated: Simulated): Endorsement {
  const { response, interest } = simulated;
  const status = response.getStatus();
  if (status >= ERROR_THRESHOLD && status < ERROR) {
    return { response, payload: undefined, endorsement: undefined, interest: [] };
  }
  const payload = responsePayload(proposal, simulated);
  if (status >= ERROR) {
    return { response, payload, endorsement: undefined, interest };
  }
  const { signer } = endorsingPeer;
  const endorsement = new peer.Endorsement();
  endorsement.setEndorser(signer.serialized);
  endorsement.setSignature(signer.sign(Buffer.concat([payload, signer.serialized])));
  return { response, payload, endorsement, interest };
}

function responsePayload(proposal: Proposal, simulated: Simulated): Uint8Array {
  const chaincodeId = new peer.ChaincodeID();
  chaincodeId.setName(proposal.chaincode);
  chaincodeId.setVersion(simulated.version);
  const action = new peer.ChaincodeAction();
  action.setResults(simulated.publicRwset ?? new Uint8Array());
  action.setEvents(simulated.event?.serializeBinary() ?? new Uint8Array());
  action.setResponse(simulated.response);
  action.setChaincodeId(chaincodeId);
  const payload = new peer.ProposalResponsePayload();
  payload.setProposalHash(proposal.hash);
  payload.setExtension$(action.serializeBinary());
  return payload.serializeBinary();
}

/** The protobuf form, for clients of `ProcessProposal`. */
export function proposalResponse(endorsed: Endorsement): peer.ProposalResponse {
  const message = new peer.ProposalResponse();
  message.setResponse(endorsed.response);
  if (endorsed.payload !== undefined) {
    message.setPayload(endorsed.payload);
  }
  if (endorsed.endorsement !== undefined) {
    message.setVersion(1);
    message.setEndorsement(endorsed.endorsement);
  }
  if (endorsed.interest.length > 0) {
    message.setInterest(interestMessage(endorsed.interest));
  }
  return message;
}
