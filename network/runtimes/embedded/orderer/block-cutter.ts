import type { common } from '@hyperledger/fabric-protos';

/** Limits of a channel's `BatchSize`. */
export interface BatchLimits {
  readonly maxMessages: number;
  /** Bytes. */
  readonly preferredBytes: number;
}

/** A message with the size that Fabric counts: payload and signature, in bytes. */
export interface OrderedMessage {
  readonly envelope: common.Envelope;
  readonly bytes: number;
}

/**
 * Groups messages to blocks by number and size, with the rules of Fabric's block cutter: a message above the
 * preferred size gets a block of its own, and one that would overflow the pending block cuts it first.
 */
export class BlockCutter {
  readonly #limits: () => BatchLimits;
  #pending: common.Envelope[] = [];
  #pendingBytes = 0;

  /** `limits` is asked for each message: an update of the channel's configuration may change them. */
  constructor(limits: () => BatchLimits) {
    this.#limits = limits;
  }

  /** True while messages wait for a block: the batch timer runs then. */
  get pending(): boolean {
    return this.#pending.length > 0;
  }

  /** Takes a message; gives the blocks' contents, none to two, that are complete by it. */
  ordered(message: OrderedMessage): common.Envelope[][] {
    const { maxMessages, preferredBytes } = this.#limits();
    const batches: common.Envelope[][] = [];
    if (message.bytes > preferredBytes) {
      if (this.pending) {
        batches.push(this.cut());
      }
      batches.push([message.envelope]);
      return batches;
    }
    if (this.#pendingBytes + message.bytes > preferredBytes) {
      batches.push(this.cut());
    }
    this.#pending.push(message.envelope);
    this.#pendingBytes += message.bytes;
    if (this.#pending.length >= maxMessages) {
      batches.push(this.cut());
    }
    return batches;
  }

  /** Takes what is pending, also when the block is not full: the batch timer has run out. */
  cut(): common.Envelope[] {
    const batch = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    return batch;
  }
}
