import type * as grpc from '@grpc/grpc-js';
import { common, peer } from '@hyperledger/fabric-protos';
import { AccessDeniedError, authenticate, authorise } from '../peer/access';
import { followBlocks } from '../peer/follow';
import { channelOf, type EmbeddedChannel, type EmbeddedNetwork, type EmbeddedPeer } from '../peer/network';
import { cancellation, ConcurrencyLimit, drained, toStatus } from '../peer/rpc';
import { blockWithPrivateData, filteredBlock, wholeBlock, type BlockResponse } from './responses';
import { DeliverError, parseSeek, seekRange } from './seek';

type DeliverCall = grpc.ServerDuplexStream<common.Envelope, peer.DeliverResponse>;

interface DeliverContext {
  readonly network: EmbeddedNetwork;
  readonly local: EmbeddedPeer;
}

/** One of the Deliver calls: the resource whose ACL guards it, and what it sends. */
interface DeliverKind {
  readonly resource: string;
  readonly respond: BlockResponse;
}

/** `peer.limits.concurrency.deliverService` of core.yaml. */
const MAX_CONCURRENT = 2500;

/** The `protos.Deliver` service of one organisation's peer. */
export function deliverService(context: DeliverContext): grpc.UntypedServiceImplementation {
  const limit = new ConcurrencyLimit('protos.Deliver', MAX_CONCURRENT);
  const handler =
    (kind: DeliverKind) =>
    (call: DeliverCall): void => {
      limit
        .run(() => serve(context, kind, call))
        .then(
          () => call.end(),
          (error: unknown) => call.emit('error', toStatus(error)),
        );
    };
  return {
    deliver: handler({ resource: 'event/Block', respond: wholeBlock }),
    deliverFiltered: handler({ resource: 'event/FilteredBlock', respond: filteredBlock }),
    deliverWithPrivateData: handler({ resource: 'event/Block', respond: blockWithPrivateData }),
  };
}

/** Answers the requests of one stream, one after the other; the first that fails ends it. */
async function serve(context: DeliverContext, kind: DeliverKind, call: DeliverCall): Promise<void> {
  const signal = cancellation(call);
  for await (const envelope of call as AsyncIterable<common.Envelope>) {
    const status = await deliverBlocks(context, kind, { call, envelope, signal });
    if (!signal.aborted) {
      const response = new peer.DeliverResponse();
      response.setStatus(status);
      call.write(response);
    }
    if (status !== common.Status.SUCCESS) {
      return;
    }
  }
}

interface DeliverRequest {
  readonly call: DeliverCall;
  readonly envelope: common.Envelope;
  readonly signal: AbortSignal;
}

async function deliverBlocks(
  { network, local }: DeliverContext,
  kind: DeliverKind,
  { call, envelope, signal }: DeliverRequest,
): Promise<common.StatusMap[keyof common.StatusMap]> {
  try {
    const { channel: name, creator, seek } = parseSeek(envelope);
    const channel = channelOf(network, local, name);
    if (channel === undefined) {
      return common.Status.NOT_FOUND;
    }
    const signed = {
      data: envelope.getPayload_asU8(),
      identity: creator,
      signature: envelope.getSignature_asU8(),
    };
    const access = new SessionAccess(channel, kind.resource, signed);
    const identity = access.check();
    const { start, stop, failIfNotReady } = seekRange(channel.ledger, seek);
    if (failIfNotReady && start >= channel.ledger.height) {
      return common.Status.NOT_FOUND;
    }
    for await (const block of followBlocks(channel.ledger, start, signal)) {
      access.check();
      const reader = { identity, peerMsp: local.msp };
      if (!call.write(await kind.respond(channel.ledger, block, reader))) {
        await drained(call, signal);
      }
      if (block.number >= stop) {
        break;
      }
      if (failIfNotReady && block.number + 1 >= channel.ledger.height) {
        return common.Status.NOT_FOUND;
      }
    }
    return common.Status.SUCCESS;
  } catch (error) {
    if (error instanceof DeliverError) {
      return error.status;
    }
    if (error instanceof AccessDeniedError) {
      return common.Status.FORBIDDEN;
    }
    throw error;
  }
}

/** Whether the reader may go on reading: asked for each block, since certificates expire and policies change. */
class SessionAccess {
  readonly #channel: EmbeddedChannel;
  readonly #resource: string;
  readonly #signed: Parameters<typeof authenticate>[1];
  #checked: { readonly identity: ReturnType<typeof authenticate>; readonly sequence: number } | undefined;

  constructor(channel: EmbeddedChannel, resource: string, signed: Parameters<typeof authenticate>[1]) {
    this.#channel = channel;
    this.#resource = resource;
    this.#signed = signed;
  }

  /** @throws AccessDeniedError */
  check(): ReturnType<typeof authenticate> {
    const { resources } = this.#channel.ledger;
    if (this.#checked?.sequence === resources.sequence) {
      if (this.#checked.identity.expiresAt.getTime() < Date.now()) {
        throw new AccessDeniedError('deliver client identity expired');
      }
      return this.#checked.identity;
    }
    const identity = authenticate(resources, this.#signed);
    authorise(resources, this.#resource, identity);
    this.#checked = { identity, sequence: resources.sequence };
    return identity;
  }
}
