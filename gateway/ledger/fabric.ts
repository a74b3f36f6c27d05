import { randomBytes } from 'node:crypto';
import type { Client } from '@grpc/grpc-js';
import type { Contract, Gateway, ProposalOptions } from '@hyperledger/fabric-gateway';
import { gateway as messages, msp as mspMessages } from '@hyperledger/fabric-protos';
import { canonicalJson } from '../../chaincode/ledger/canonical';
import { openResponse, responseKeyEntry } from '../../chaincode/ledger/sealed';
import { connectGateway, connectPeer, defaultDeadlines, type Deadlines } from '../../network/client/connect';
import { readIdentity } from '../../network/identity/wallet';
import type { PeerConnection } from '../../network/runtimes/runtime';
import type {
  EventStream,
  LedgerCall,
  LedgerClient,
  LedgerEvent,
  LedgerSubmission,
  TransactionOutcome,
} from './client';
import { LedgerError, TransactionInDoubt } from './errors';
import { Retries, validationCodeName, type TransactionAttempt } from './retry';

interface FabricLedgerOptions {
  /** Absolute path of the network's directory. */
  readonly directory: string;
  readonly organisation: string;
  readonly msp: string;
  readonly peer: PeerConnection;
  readonly deadlines?: Deadlines;
  readonly retries?: Retries;
}

const text = new TextDecoder();

/**
 * The ledger over the Fabric Gateway of the organisation's own peer: one connection, and one signing gateway for each
 * identity of the wallet that was used.
 */
export class FabricLedger implements LedgerClient {
  readonly #options: FabricLedgerOptions;
  readonly #deadlines: Deadlines;
  readonly #retries: Retries;
  readonly #client: Client;
  readonly #gateways = new Map<string, Gateway>();
  readonly #streams = new Set<{ close(): void }>();

  constructor(options: FabricLedgerOptions) {
    this.#options = options;
    this.#deadlines = options.deadlines ?? defaultDeadlines;
    this.#retries = options.retries ?? new Retries();
    this.#client = connectPeer(options.peer);
  }

  async evaluate(call: LedgerCall): Promise<unknown> {
    const result = await this.#retries.read(() =>
      this.#contract(call).evaluate(call.name, this.#proposal(call, [this.#options.msp])),
    );
    return parse(result);
  }

  async readPrivate(call: LedgerCall): Promise<unknown> {
    const key = randomBytes(32).toString('base64url');
    const sealed = await this.evaluate({
      ...call,
      transient: { ...call.transient, [responseKeyEntry]: key },
    });
    return openResponse(JSON.stringify(sealed), key);
  }

  async submit(submission: LedgerSubmission) {
    const contract = this.#contract(submission);
    const proposal = this.#proposal(submission, submission.endorsers);
    try {
      const { transactionId, result, blockNumber } = await this.#retries.transact(() =>
        attempt(contract, submission.name, proposal, submission.endorsers?.length),
      );
      return { transactionId, blockNumber, result: parse(result) };
    } catch (error) {
      if (
        error instanceof LedgerError &&
        error.code === 'TRANSACTION_STATUS_UNKNOWN' &&
        error.transactionId !== undefined
      ) {
        const { identity, channel } = submission;
        throw new TransactionInDoubt({ identity, channel, transactionId: error.transactionId }, error);
      }
      throw error;
    }
  }

  async outcome(identity: string, channel: string, transactionId: string): Promise<TransactionOutcome> {
    const gateway = this.#gateway(identity);
    const { mspId, credentials: certificate } = gateway.getIdentity();
    const creator = new mspMessages.SerializedIdentity();
    creator.setMspid(mspId);
    creator.setIdBytes(certificate);
    const request = new messages.CommitStatusRequest();
    request.setChannelId(channel);
    request.setTransactionId(transactionId);
    request.setIdentity(creator.serializeBinary());
    const signed = new messages.SignedCommitStatusRequest();
    signed.setRequest(request.serializeBinary());
    const commit = gateway.newCommit(signed.serializeBinary());
    try {
      const status = await this.#retries.read(() => commit.getStatus());
      return { known: true, valid: status.successful, code: validationCodeName(status.code) };
    } catch (error) {
      if (error instanceof LedgerError && error.code === 'LEDGER_TIMEOUT') return { known: false };
      throw error;
    }
  }

  async events({
    identity,
    channel,
    chaincode,
    from,
  }: Parameters<LedgerClient['events']>[0]): Promise<EventStream> {
    const network = this.#gateway(identity).getNetwork(channel);
    const position =
      from === undefined
        ? {}
        : from.transactionId === undefined
          ? { startBlock: from.blockNumber }
          : {
              checkpoint: {
                getBlockNumber: () => from.blockNumber,
                getTransactionId: () => from.transactionId,
              },
            };
    const stream = await network.getChaincodeEvents(chaincode, position);
    this.#streams.add(stream);
    const close = () => {
      this.#streams.delete(stream);
      stream.close();
    };
    return {
      close,
      async *[Symbol.asyncIterator](): AsyncGenerator<LedgerEvent> {
        for await (const event of stream)
          yield {
            channel,
            name: event.eventName,
            payload: parse(event.payload),
            transactionId: event.transactionId,
            blockNumber: event.blockNumber,
          };
      },
    };
  }

  close(): void {
    for (const stream of this.#streams) stream.close();
    for (const gateway of this.#gateways.values()) gateway.close();
    this.#client.close();
  }

  #contract({ identity, channel, chaincode }: LedgerCall): Contract {
    return this.#gateway(identity).getNetwork(channel).getContract(chaincode);
  }

  #gateway(identity: string): Gateway {
    const known = this.#gateways.get(identity);
    if (known !== undefined) return known;
    const { directory, organisation, msp } = this.#options;
    const gateway = connectGateway(
      this.#client,
      readIdentity(directory, organisation, msp, identity),
      this.#deadlines,
    );
    this.#gateways.set(identity, gateway);
    return gateway;
  }

  #proposal({ input, transient }: LedgerCall, endorsers: readonly string[] | undefined): ProposalOptions {
    return {
      arguments: [JSON.stringify(input)],
      ...(transient === undefined ? {} : { transientData: transientData(transient) }),
      ...(endorsers === undefined ? {} : { endorsingOrganizations: [...endorsers] }),
    };
  }
}

function attempt(
  contract: Contract,
  name: string,
  options: ProposalOptions,
  endorsers: number | undefined,
): TransactionAttempt {
  const proposal = contract.newProposal(name, options);
  return {
    transactionId: proposal.getTransactionId(),
    ...(endorsers === undefined ? {} : { endorsers }),
    endorse: async () => {
      const transaction = await proposal.endorse();
      return {
        result: transaction.getResult(),
        submit: async () => {
          const commit = await transaction.submit();
          return { status: () => commit.getStatus() };
        },
      };
    },
  };
}

function transientData(transient: NonNullable<LedgerCall['transient']>): Record<string, Uint8Array | string> {
  return Object.fromEntries(
    Object.entries(transient).map(([name, value]) => [
      name,
      typeof value === 'string' || value instanceof Uint8Array ? value : canonicalJson(value),
    ]),
  );
}

function parse(bytes: Uint8Array | string): unknown {
  const json = typeof bytes === 'string' ? bytes : text.decode(bytes);
  return json === '' ? undefined : JSON.parse(json);
}
