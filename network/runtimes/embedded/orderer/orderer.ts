import { common } from '@hyperledger/fabric-protos';
import type { ChannelLedger } from '../ledger/types';
import { IdentityError, type MspManager } from '../msp/types';
import type { Signer } from '../peer/signer';
import { BlockCutter } from './block-cutter';
import { buildBlock } from './block';

type Status = common.StatusMap[keyof common.StatusMap];

/** What `Broadcast` answers: `SUCCESS` says that the message will be in a block, not that it will be valid. */
export interface BroadcastResult {
  readonly status: Status;
  readonly info: string;
}

const { Status: BroadcastStatus } = common;
const ACCEPTED: BroadcastResult = { status: BroadcastStatus.SUCCESS, info: '' };
/** Blocks that may wait for the ledger before the orderer asks clients to come back later. */
const MAX_WAITING_BLOCKS = 64;

/**
 * Orders one channel's transactions: checks that the sender may write, cuts blocks by number, size and time as the
 * channel's configuration says, chains and signs them, and hands them to the ledger one after the other.
 */
export class ChannelOrderer {
  readonly #ledger: ChannelLedger;
  readonly #signer: Signer;
  readonly #cutter: BlockCutter;
  readonly #onFailure: (error: unknown) => void;
  readonly #batches: common.Envelope[][] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #closed = false;

  /** `onFailure` is told when a block cannot be written: nothing more can be ordered then. */
  constructor(ledger: ChannelLedger, signer: Signer, onFailure: (error: unknown) => void) {
    this.#ledger = ledger;
    this.#signer = signer;
    this.#onFailure = onFailure;
    this.#cutter = new BlockCutter(() => ledger.resources.batch);
  }

  /** Takes a transaction in, if the rules for the channel's writers allow it. */
  broadcast(envelope: common.Envelope): BroadcastResult {
    if (this.#closed || this.#batches.length >= MAX_WAITING_BLOCKS) {
      return { status: BroadcastStatus.SERVICE_UNAVAILABLE, info: 'the ordering service is not ready' };
    }
    const bytes = envelope.getPayload_asU8().length + envelope.getSignature_asU8().length;
    const refusal = this.#refusal(envelope, bytes);
    if (refusal !== undefined) {
      return refusal;
    }
    this.#enqueue(this.#cutter.ordered({ envelope, bytes }));
    return ACCEPTED;
  }

  /** Stops taking messages in, and writes what has been accepted. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#cutter.pending) {
      this.#enqueue([this.#cutter.cut()]);
    }
    clearTimeout(this.#timer);
    while (this.#writing !== undefined) {
      await this.#writing;
    }
  }

  /** The filters of Fabric's standard channel processor: size, expiry, and the channel's `Writers`. */
  #refusal(envelope: common.Envelope, bytes: number): BroadcastResult | undefined {
    const { batch } = this.#ledger.resources;
    if (bytes > batch.absoluteBytes) {
      return {
        status: BroadcastStatus.BAD_REQUEST,
        info: `message payload is ${bytes} bytes and exceeds maximum allowed ${batch.absoluteBytes} bytes`,
      };
    }
    const header = headerOf(envelope);
    if (header === undefined) {
      return { status: BroadcastStatus.BAD_REQUEST, info: 'message is not a well-formed transaction' };
    }
    if (header.channel !== this.#ledger.channel) {
      return { status: BroadcastStatus.NOT_FOUND, info: `channel ${header.channel} not found` };
    }
    if (header.type !== common.HeaderType.ENDORSER_TRANSACTION) {
      return {
        status: BroadcastStatus.NOT_IMPLEMENTED,
        info: `message type ${header.type} is not supported by the embedded runtime: only transactions are`,
      };
    }
    return this.#authorised(header.creator, envelope)
      ? undefined
      : {
          status: BroadcastStatus.FORBIDDEN,
          info:
            'implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy requires 1 of the ' +
            "'Writers' sub-policies to be satisfied: permission denied",
        };
  }

  #authorised(creator: Uint8Array, envelope: common.Envelope): boolean {
    const { resources } = this.#ledger;
    const signed = {
      data: envelope.getPayload_asU8(),
      identity: creator,
      signature: envelope.getSignature_asU8(),
    };
    return (
      !isExpired(resources.msps, creator) &&
      (resources.policy('/Channel/Writers')?.evaluate([signed]) ?? false)
    );
  }

  #enqueue(batches: readonly common.Envelope[][]): void {
    if (batches.length > 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#batches.push(...batches);
      this.#write();
    }
    if (this.#cutter.pending) {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#enqueue([this.#cutter.cut()]);
      }, this.#ledger.resources.batch.timeoutMs);
    }
  }

  #write(): void {
    this.#writing ??= this.#writeAll()
      .catch((error: unknown) => {
        this.#closed = true;
        this.#batches.length = 0;
        this.#onFailure(error);
      })
      .finally(() => {
        this.#writing = undefined;
        if (this.#batches.length > 0) {
          this.#write();
        }
      });
  }

  async #writeAll(): Promise<void> {
    for (let batch = this.#batches.shift(); batch !== undefined; batch = this.#batches.shift()) {
      const { height: number, info, lastConfig } = this.#ledger;
      const position = { number, previousHash: info.currentHash, lastConfig };
      await this.#ledger.commit(buildBlock(position, batch, this.#signer));
    }
  }
}

interface EnvelopeHeader {
  readonly type: number;
  readonly channel: string;
  readonly creator: Uint8Array;
}

function headerOf(envelope: common.Envelope): EnvelopeHeader | undefined {
  try {
    const header = common.Payload.deserializeBinary(envelope.getPayload_asU8()).getHeader();
    if (header === undefined) {
      return undefined;
    }
    const channelHeader = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());
    return {
      type: channelHeader.getType(),
      channel: channelHeader.getChannelId(),
      creator: common.SignatureHeader.deserializeBinary(header.getSignatureHeader_asU8()).getCreator_asU8(),
    };
  } catch {
    // Bytes from a client that are no protobuf message are the client's fault.
    return undefined;
  }
}

function isExpired(msps: MspManager, creator: Uint8Array): boolean {
  try {
    return msps.identity(creator).expiresAt.getTime() < Date.now();
  } catch (error) {
    if (error instanceof IdentityError) {
      return true;
    }
    throw error;
  }
}
