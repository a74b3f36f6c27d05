import type { peer as peerProtos } from '@hyperledger/fabric-protos';
import type { Endorsement } from '../endorser/endorser';
import type { EmbeddedPeer } from '../peer/network';
import { detailOf, type ErrorDetail } from './errors';
import type { Layout } from './layouts';

/** A transaction's result with the endorsements that it needs. */
export interface Completed {
  /** Serialised `ProposalResponsePayload`, the same from every endorser. */
  readonly payload: Uint8Array;
  readonly endorsements: readonly peerProtos.Endorsement[];
}

/**
 * The state of collecting endorsements: layouts are tried one after the other, and one that needs a peer which
 * failed is given up. An organisation has one peer, so there is never another of the same group to ask.
 */
export class EndorsementPlan {
  readonly #layouts: readonly Layout[];
  readonly #endorsements = new Map<EmbeddedPeer, peerProtos.Endorsement>();
  readonly #failed = new Set<EmbeddedPeer>();
  readonly #errors: ErrorDetail[] = [];
  #payload: Uint8Array | undefined;

  /** Layouts in the order in which they shall be tried. */
  constructor(layouts: readonly Layout[]) {
    this.#layouts = layouts;
  }

  get errors(): readonly ErrorDetail[] {
    return this.#errors;
  }

  /** The peers to ask next, or undefined when a layout is complete or none is left. */
  next(): EmbeddedPeer[] | undefined {
    if (this.completed !== undefined) {
      return undefined;
    }
    const layout = this.#layouts.find((peers) => !peers.some((peer) => this.#failed.has(peer)));
    return layout?.filter((peer) => !this.#endorsements.has(peer));
  }

  get completed(): Completed | undefined {
    const payload = this.#payload;
    if (payload === undefined) {
      return undefined;
    }
    for (const layout of this.#layouts) {
      const endorsements = layout.flatMap((peer) => this.#endorsements.get(peer) ?? []);
      if (endorsements.length === layout.length) {
        return { payload, endorsements };
      }
    }
    return undefined;
  }

  /** Takes an endorsement in, unless its result differs from that of the first. */
  endorsed(peer: EmbeddedPeer, { payload, endorsement }: Endorsement): void {
    if (payload === undefined || endorsement === undefined) {
      this.failed(peer, 'the peer did not endorse the proposal');
      return;
    }
    if (this.#payload !== undefined && !Buffer.from(this.#payload).equals(payload)) {
      this.failed(peer, 'ProposalResponsePayloads do not match');
      return;
    }
    this.#payload = payload;
    this.#endorsements.set(peer, endorsement);
  }

  failed(peer: EmbeddedPeer, message: string): void {
    this.#failed.add(peer);
    this.#errors.push(detailOf(peer, message));
  }
}
