import * as grpc from '@grpc/grpc-js';
import { peer } from '@hyperledger/fabric-protos';

const MessageType = peer.ChaincodeMessage.Type;

/** The texts that Fabric's peer uses; clients and tests recognise failures by them. */
export const STREAM_TERMINATED = 'chaincode stream terminated';
const EXECUTION_TIMEOUT = 'timeout expired while executing transaction';

/** As `peer.maxRecvMsgSize` of Fabric's core.yaml, in bytes. */
export const MAX_MESSAGE_BYTES = 100 * 1024 * 1024;

/** Where one organisation's chaincode process listens, and the package id under which it must register. */
export interface ChaincodeEndpoint {
  readonly packageId: string;
  /** `host:port`. */
  readonly address: string;
}

/** Answers what a chaincode asks while it executes one transaction. */
export interface TransactionRequests {
  /**
   * Handles one request message and gives the payload of the RESPONSE.
   * @throws with the text that the chaincode receives as an ERROR.
   */
  handle(message: peer.ChaincodeMessage): Promise<Uint8Array>;
}

/** One invocation sent down a connection. */
export interface Invocation {
  readonly channel: string;
  readonly txId: string;
  /** Serialized `ChaincodeInput`. */
  readonly input: Uint8Array;
  readonly signedProposal: peer.SignedProposal;
  readonly requests: TransactionRequests;
}

/** Timings of a connection, in milliseconds. */
export interface ConnectionTimings {
  /** Longest execution of one invocation; `chaincode.executetimeout` of core.yaml. */
  readonly executeMs: number;
  /** Longest wait for the chaincode process to accept and register. */
  readonly connectMs: number;
}

interface Pending {
  readonly requests: TransactionRequests;
  readonly finish: (message: peer.ChaincodeMessage) => void;
  readonly fail: (error: Error) => void;
}

type Stream = grpc.ClientDuplexStream<peer.ChaincodeMessage, peer.ChaincodeMessage>;

const CHANNEL_OPTIONS: grpc.ChannelOptions = {
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  // Without a sub-channel pool of its own a connection to a restarted process would inherit another's back-off.
  'grpc.use_local_subchannel_pool': 1,
  'grpc.initial_reconnect_backoff_ms': 50,
  'grpc.min_reconnect_backoff_ms': 50,
  'grpc.max_reconnect_backoff_ms': 1000,
};

const messageTypeNames = new Map<number, string>(
  Object.entries(MessageType).map(([name, value]) => [value, name]),
);

/**
 * The peer's end of the chaincode-as-a-service stream: one for each organisation and chaincode. It connects on
 * first use, registers, and carries any number of transactions at a time. When the process dies, the
 * invocations under way fail and the next use connects again.
 */
export class ChaincodeConnection {
  readonly #endpoint: ChaincodeEndpoint;
  readonly #timings: ConnectionTimings;
  readonly #pending = new Map<string, Pending>();
  #client: peer.ChaincodeClient | undefined;
  #stream: Promise<Stream> | undefined;
  #closed = false;

  constructor(endpoint: ChaincodeEndpoint, timings: ConnectionTimings) {
    this.#endpoint = endpoint;
    this.#timings = timings;
  }

  /** Connects and registers, if that has not happened yet. @throws if the chaincode cannot be reached. */
  async ready(): Promise<void> {
    await this.#connected();
  }

  /**
   * Runs one invocation to its end.
   * @returns the COMPLETED or ERROR message of the chaincode.
   * @throws when the chaincode cannot be reached, dies, or takes longer than the execute timeout.
   */
  async execute(invocation: Invocation): Promise<peer.ChaincodeMessage> {
    const stream = await this.#connected();
    const key = contextKey(invocation.channel, invocation.txId);
    if (this.#pending.has(key)) {
      throw new Error(`error sending: txid: ${invocation.txId}(${invocation.channel}) exists`);
    }
    const start = new peer.ChaincodeMessage();
    start.setType(MessageType.TRANSACTION);
    start.setTxid(invocation.txId);
    start.setChannelId(invocation.channel);
    start.setPayload(invocation.input);
    start.setProposal(invocation.signedProposal);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(key);
        reject(new Error(`error sending: ${EXECUTION_TIMEOUT}`));
      }, this.#timings.executeMs);
      const settle = (): void => {
        clearTimeout(timer);
        this.#pending.delete(key);
      };
      this.#pending.set(key, {
        requests: invocation.requests,
        finish: (message) => {
          settle();
          resolve(message);
        },
        fail: (error) => {
          settle();
          reject(error);
        },
      });
      stream.write(start);
    });
  }

  /** Ends the stream; invocations under way fail. */
  close(): void {
    this.#closed = true;
    this.#drop();
  }

  #connected(): Promise<Stream> {
    if (this.#closed) {
      return Promise.reject(new Error(STREAM_TERMINATED));
    }
    this.#stream ??= this.#connect().catch((error: unknown) => {
      this.#drop();
      throw error;
    });
    return this.#stream;
  }

  async #connect(): Promise<Stream> {
    const { address, packageId } = this.#endpoint;
    const client = new peer.ChaincodeClient(address, grpc.credentials.createInsecure(), CHANNEL_OPTIONS);
    this.#client = client;
    const deadline = Date.now() + this.#timings.connectMs;
    await new Promise<void>((resolve, reject) => {
      client.waitForReady(deadline, (error) => {
        if (error) {
          reject(
            new Error(
              `could not launch chaincode ${packageId}: connection to ${packageId} failed: ` +
                `error cannot create connection for ${packageId}: error creating grpc connection to ${address}`,
            ),
          );
        } else {
          resolve();
        }
      });
    });
    return this.#register(client.connect(), deadline);
  }

  /** REGISTER → REGISTERED, READY, as the peer's handler has it. */
  #register(stream: Stream, deadline: number): Promise<Stream> {
    const { packageId } = this.#endpoint;
    return new Promise((resolve, reject) => {
      const fail = (reason: string): void => {
        clearTimeout(timer);
        reject(new Error(`could not launch chaincode ${packageId}: ${reason}`));
        stream.cancel();
      };
      const timer = setTimeout(
        () => fail('timeout expired while waiting for the chaincode to register'),
        Math.max(1, deadline - Date.now()),
      );
      let registered = false;
      stream.on('data', (message: peer.ChaincodeMessage) => {
        if (registered) {
          this.#receive(stream, message);
          return;
        }
        if (message.getType() !== MessageType.REGISTER) {
          fail(`it sent ${typeName(message)} before REGISTER`);
          return;
        }
        const name = peer.ChaincodeID.deserializeBinary(message.getPayload_asU8()).getName();
        if (name !== packageId) {
          fail(`the process at ${this.#endpoint.address} registered as ${name}`);
          return;
        }
        registered = true;
        clearTimeout(timer);
        stream.write(handshake(MessageType.REGISTERED));
        stream.write(handshake(MessageType.READY));
        resolve(stream);
      });
      const ended = (): void => {
        if (!registered) {
          fail(STREAM_TERMINATED);
        }
        this.#terminated(stream);
      };
      stream.on('error', ended);
      stream.on('end', ended);
    });
  }

  #receive(stream: Stream, message: peer.ChaincodeMessage): void {
    const pending = this.#pending.get(contextKey(message.getChannelId(), message.getTxid()));
    switch (message.getType()) {
      case MessageType.KEEPALIVE:
        return;
      case MessageType.COMPLETED:
      case MessageType.ERROR:
        pending?.finish(message);
        return;
      default:
        void answer(stream, message, pending?.requests);
    }
  }

  #terminated(stream: Stream): void {
    void this.#stream?.then(
      (current) => {
        if (current === stream) {
          this.#drop();
        }
      },
      () => undefined,
    );
  }

  #drop(): void {
    this.#stream = undefined;
    this.#client?.close();
    this.#client = undefined;
    for (const pending of [...this.#pending.values()]) {
      pending.fail(new Error(`error sending: ${STREAM_TERMINATED}`));
    }
  }
}

async function answer(
  stream: Stream,
  message: peer.ChaincodeMessage,
  requests: TransactionRequests | undefined,
): Promise<void> {
  const response = new peer.ChaincodeMessage();
  response.setTxid(message.getTxid());
  response.setChannelId(message.getChannelId());
  try {
    if (requests === undefined) {
      throw new Error('no ledger context');
    }
    response.setPayload(await requests.handle(message));
    response.setType(MessageType.RESPONSE);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    response.setType(MessageType.ERROR);
    response.setPayload(
      Buffer.from(`${typeName(message)} failed: transaction ID: ${message.getTxid()}: ${reason}`),
    );
  }
  stream.write(response);
}

function handshake(
  type: peer.ChaincodeMessage.TypeMap[keyof peer.ChaincodeMessage.TypeMap],
): peer.ChaincodeMessage {
  const message = new peer.ChaincodeMessage();
  message.setType(type);
  return message;
}

function contextKey(channel: string, txId: string): string {
  return `${channel}\0${txId}`;
}

function typeName(message: peer.ChaincodeMessage): string {
  return messageTypeNames.get(message.getType()) ?? String(message.getType());
}
