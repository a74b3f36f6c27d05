import { setTimeout as sleep } from 'node:timers/promises';
import { common } from '@hyperledger/fabric-protos';
import type { ChannelLedger } from '../../../network/runtimes/embedded/ledger/types';
import { IdentityError } from '../../../network/runtimes/embedded/msp/types';
import { ChannelOrderer } from '../../../network/runtimes/embedded/orderer/orderer';

const { FORBIDDEN, SUCCESS, BAD_REQUEST, NOT_FOUND, SERVICE_UNAVAILABLE } = common.Status;
const signer = { mspId: 'OrdererMSP', serialized: Buffer.from('orderer'), sign: () => Buffer.from('signed') };
const failed = jest.fn();

function envelope(channel = 'common', creator = 'writer', bytes = 10): common.Envelope {
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(common.HeaderType.ENDORSER_TRANSACTION);
  channelHeader.setChannelId(channel);
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setCreator(Buffer.from(creator));
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(Buffer.alloc(bytes));
  const message = new common.Envelope();
  message.setPayload(payload.serializeBinary());
  message.setSignature(Buffer.from('signature'));
  return message;
}

/** A ledger that keeps blocks in memory and takes its time to write them. */
class SlowLedger {
  readonly blocks: common.Block[] = [];
  readonly channel = 'common';
  readonly lastConfig = 0;
  failing = false;
  readonly resources = {
    channel: 'common',
    batch: { maxMessages: 3, preferredBytes: 10_000, absoluteBytes: 20_000, timeoutMs: 40 },
    msps: {
      identity: (creator: Uint8Array) => {
        const name = Buffer.from(creator).toString();
        if (name === 'stranger') throw new IdentityError('unknown');
        return { expiresAt: name === 'expired' ? new Date(0) : new Date(Date.now() + 1e6) };
      },
    },
    policy: () => ({
      evaluate: ([signed]: { identity: Uint8Array }[]) =>
        Buffer.from(signed?.identity ?? []).toString() === 'writer',
    }),
  };

  get height(): number {
    return this.blocks.length;
  }

  get info(): { currentHash: Uint8Array } {
    return { currentHash: Buffer.from(`hash of ${this.blocks.length - 1}`) };
  }

  async commit(block: common.Block): Promise<void> {
    await sleep(5);
    if (this.failing) throw new Error('disk full');
    this.blocks.push(block);
  }

  sizes(): number[] {
    return this.blocks.map((block) => block.getData()?.getDataList().length ?? 0);
  }
}

function order(ledger: SlowLedger): ChannelOrderer {
  return new ChannelOrderer(ledger as unknown as ChannelLedger, signer, failed);
}

describe('the orderer of a channel', () => {
  let ledger: SlowLedger;
  let orderer: ChannelOrderer;

  beforeEach(() => {
    failed.mockClear();
    ledger = new SlowLedger();
    orderer = order(ledger);
  });

  afterEach(() => orderer.close());

  it('writes a full block at once and the rest when the batch timer runs out', async () => {
    for (let index = 0; index < 4; index += 1) {
      expect(orderer.broadcast(envelope()).status).toBe(SUCCESS);
    }
    await sleep(20);
    expect(ledger.sizes()).toEqual([3]);
    await sleep(60);
    expect(ledger.sizes()).toEqual([3, 1]);
  });

  it('chains blocks in the order in which they were cut', async () => {
    for (let index = 0; index < 9; index += 1) orderer.broadcast(envelope());
    await orderer.close();
    expect(ledger.blocks.map((block) => block.getHeader()?.getNumber())).toEqual([0, 1, 2]);
    expect(
      ledger.blocks.map((block) => Buffer.from(block.getHeader()?.getPreviousHash_asU8() ?? []).toString()),
    ).toEqual(['hash of -1', 'hash of 0', 'hash of 1']);
  });

  it('writes what it accepted before it closes, and takes nothing more', async () => {
    orderer.broadcast(envelope());
    await orderer.close();
    expect(ledger.sizes()).toEqual([1]);
    expect(orderer.broadcast(envelope()).status).toBe(SERVICE_UNAVAILABLE);
  });

  it.each([
    ['of somebody who may not write', envelope('common', 'reader'), FORBIDDEN],
    ['of an unknown identity', envelope('common', 'stranger'), FORBIDDEN],
    ['of an expired identity', envelope('common', 'expired'), FORBIDDEN],
    ['for another channel', envelope('other'), NOT_FOUND],
    ['above the absolute size', envelope('common', 'writer', 20_001), BAD_REQUEST],
    ['that is none', new common.Envelope(), BAD_REQUEST],
  ])('refuses a message %s', async (_case, message, status) => {
    expect(orderer.broadcast(message).status).toBe(status);
    await orderer.close();
    expect(ledger.sizes()).toEqual([]);
  });

  it('tells when a block cannot be written, and takes nothing more', async () => {
    ledger.failing = true;
    for (let index = 0; index < 3; index += 1) orderer.broadcast(envelope());
    await sleep(30);
    expect(failed).toHaveBeenCalledWith(new Error('disk full'));
    expect(orderer.broadcast(envelope()).status).toBe(SERVICE_UNAVAILABLE);
  });
});
