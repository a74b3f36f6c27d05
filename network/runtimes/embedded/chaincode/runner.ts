import { peer } from '@hyperledger/fabric-protos';
import type { Proposal } from '../endorser/proposal';
import { LIFECYCLE, sequenceKey } from '../lifecycle/definitions';
import type { ChaincodeDefinition, TransactionSimulator } from '../ledger/types';
import { checkAccess } from '../peer/access';
import { channelOf, type EmbeddedChannel, type EmbeddedNetwork, type EmbeddedPeer } from '../peer/network';
import { StateRequests } from './requests';

/** Chaincodes that are part of a peer. */
export const SYSTEM_CHAINCODES: ReadonlySet<string> = new Set([LIFECYCLE, 'cscc', 'lscc', 'qscc']);

/** One chaincode to run for a proposal: the one that it names, or one called by it. */
export interface Execution {
  readonly peer: EmbeddedPeer;
  readonly channel: EmbeddedChannel;
  readonly chaincode: string;
  /** Serialised `ChaincodeInput`. */
  readonly input: Uint8Array;
  readonly proposal: Proposal;
  readonly simulator: TransactionSimulator;
  /** Told of each namespace of which state is read or written. */
  readonly touched: (namespace: string) => void;
}

/** Runs chaincodes on the processes of the organisation whose peer executes, and routes their calls to others. */
export class ChaincodeRunner {
  readonly #network: EmbeddedNetwork;

  constructor(network: EmbeddedNetwork) {
    this.#network = network;
  }

  /**
   * Runs to the final message, COMPLETED or ERROR.
   * @throws where the chaincode is not defined, cannot be reached, dies or takes too long.
   */
  async run(execution: Execution): Promise<peer.ChaincodeMessage> {
    const { channel, chaincode, proposal, simulator } = execution;
    recordDefinition(execution);
    const connection = execution.peer.chaincode(chaincode);
    if (connection === undefined) {
      throw new Error(
        `chaincode definition for '${chaincode}' exists, but chaincode is not installed on ${execution.peer.address}`,
      );
    }
    const requests = new StateRequests({
      namespace: chaincode,
      simulator,
      touched: execution.touched,
      invoke: (spec) => this.#invoke(execution, spec),
    });
    try {
      return await connection.execute({
        channel: channel.name,
        txId: proposal.txId,
        input: execution.input,
        signedProposal: proposal.signed,
        requests,
      });
    } finally {
      requests.close();
    }
  }

  /**
   * A call from one chaincode to another. On the same channel it shares the transaction's simulation. On another
   * channel it reads only: its simulation is dropped, so its writes vanish and its reads are not validated.
   */
  async #invoke(caller: Execution, spec: peer.ChaincodeSpec): Promise<Uint8Array> {
    const target = parseTarget(spec.getChaincodeId()?.getName() ?? '', caller.channel.name);
    if (SYSTEM_CHAINCODES.has(target.chaincode)) {
      throw new Error(`calls of the system chaincode ${target.chaincode} by chaincode are not supported`);
    }
    const channel = channelOf(this.#network, caller.peer, target.channel);
    if (channel === undefined) {
      throw new Error(`failed to find ledger for channel: ${target.channel}`);
    }
    const { signed, creator } = caller.proposal;
    checkAccess(channel.ledger.resources, 'peer/ChaincodeToChaincode', {
      data: signed.getProposalBytes_asU8(),
      identity: creator,
      signature: signed.getSignature_asU8(),
    });
    const input = spec.getInput() ?? new peer.ChaincodeInput();
    input.getDecorationsMap().clear();
    const call = { ...caller, channel, chaincode: target.chaincode, input: input.serializeBinary() };
    if (channel === caller.channel) {
      return this.#called(call);
    }
    const simulator = channel.ledger.simulator({ msp: caller.peer.msp, txId: caller.proposal.txId });
    try {
      return await this.#called({ ...call, simulator, touched: () => undefined });
    } finally {
      simulator.done();
    }
  }

  async #called(call: Execution): Promise<Uint8Array> {
    try {
      return (await this.run(call)).serializeBinary();
    } catch (error) {
      throw new Error(`execute failed: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  }
}

/**
 * The definition of an execution's chaincode, with the read that ties the transaction to it.
 * @throws where the chaincode is not defined on the channel.
 */
export function recordDefinition(execution: {
  readonly channel: EmbeddedChannel;
  readonly chaincode: string;
  readonly simulator: TransactionSimulator;
}): ChaincodeDefinition {
  const { channel, chaincode, simulator } = execution;
  simulator.getState(LIFECYCLE, sequenceKey(chaincode));
  const definition = channel.ledger.definition(chaincode);
  if (definition === undefined) {
    throw new Error(
      `make sure the chaincode ${chaincode} has been successfully defined on channel ${channel.name} and try again: ` +
        `chaincode ${chaincode} not found`,
    );
  }
  return definition;
}

interface Target {
  readonly chaincode: string;
  readonly channel: string;
}

/** `name:version/channel`, of which version and channel may be missing; the version has no meaning any more. */
function parseTarget(name: string, ownChannel: string): Target {
  const slash = name.indexOf('/');
  const [chaincode = ''] = (slash < 0 ? name : name.slice(0, slash)).split(':', 1);
  const channel = slash < 0 ? '' : name.slice(slash + 1);
  return { chaincode, channel: channel === '' ? ownChannel : channel };
}
