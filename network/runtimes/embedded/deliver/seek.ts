import { common, orderer } from '@hyperledger/fabric-protos';
import type { ChannelLedger } from '../ledger/types';

type Status = common.StatusMap[keyof common.StatusMap];

/** `peer.authentication.timewindow` of core.yaml, in milliseconds. */
const TIME_WINDOW_MS = 15 * 60 * 1000;

/** A request that the Deliver service answers with a status instead of blocks. */
export class DeliverError extends Error {
  override readonly name = 'DeliverError';
  readonly status: Status;

  constructor(status: Status, message: string) {
    super(message);
    this.status = status;
  }
}

/** A request for blocks, taken apart. */
export interface SeekRequest {
  readonly channel: string;
  readonly creator: Uint8Array;
  readonly seek: orderer.SeekInfo;
}

/** Which blocks a request asks for, both ends included. */
export interface SeekRange {
  readonly start: number;
  readonly stop: number;
  /** True where the request fails at a block that does not exist yet, instead of waiting for it. */
  readonly failIfNotReady: boolean;
}

/** @throws DeliverError BAD_REQUEST where the envelope is not well-formed or its time is off */
export function parseSeek(envelope: common.Envelope): SeekRequest {
  try {
    const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
    const header = payload.getHeader();
    if (header === undefined) {
      throw new Error('envelope has no header');
    }
    const channelHeader = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());
    const timestamp = channelHeader.getTimestamp();
    if (timestamp === undefined || Math.abs(timestamp.toDate().getTime() - Date.now()) > TIME_WINDOW_MS) {
      throw new Error('the envelope has no timestamp, or one that is too far from the current time');
    }
    return {
      channel: channelHeader.getChannelId(),
      creator: common.SignatureHeader.deserializeBinary(header.getSignatureHeader_asU8()).getCreator_asU8(),
      seek: orderer.SeekInfo.deserializeBinary(payload.getData_asU8()),
    };
  } catch (error) {
    throw new DeliverError(common.Status.BAD_REQUEST, error instanceof Error ? error.message : String(error));
  }
}

/** @throws DeliverError where start or stop are missing, out of order or out of bounds */
export function seekRange(ledger: ChannelLedger, seek: orderer.SeekInfo): SeekRange {
  const from = seek.getStart();
  const to = seek.getStop();
  if (from === undefined || to === undefined) {
    throw new DeliverError(common.Status.BAD_REQUEST, 'seek request with missing start or stop');
  }
  const start = startOf(ledger, from);
  const stop = stopOf(ledger, to, from, start);
  if (stop < start) {
    throw new DeliverError(
      common.Status.BAD_REQUEST,
      `start number ${start} greater than stop number ${stop}`,
    );
  }
  const failIfNotReady = seek.getBehavior() === orderer.SeekInfo.SeekBehavior.FAIL_IF_NOT_READY;
  return { start, stop, failIfNotReady };
}

function startOf(ledger: ChannelLedger, position: orderer.SeekPosition): number {
  const specified = position.getSpecified();
  if (specified !== undefined && specified.getNumber() <= ledger.height) {
    return specified.getNumber();
  }
  if (position.hasOldest()) {
    return 0;
  }
  if (position.hasNewest()) {
    return ledger.height - 1;
  }
  if (position.hasNextCommit()) {
    return ledger.height;
  }
  throw new DeliverError(common.Status.NOT_FOUND, 'the start position does not exist');
}

function stopOf(
  ledger: ChannelLedger,
  stop: orderer.SeekPosition,
  from: orderer.SeekPosition,
  start: number,
): number {
  if (stop.hasNewest()) {
    return from.hasNewest() ? start : ledger.height - 1;
  }
  return stop.getSpecified()?.getNumber() ?? start;
}
