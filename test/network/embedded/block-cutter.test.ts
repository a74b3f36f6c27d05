import { common } from '@hyperledger/fabric-protos';
import { BlockCutter, type OrderedMessage } from '../../../network/runtimes/embedded/orderer/block-cutter';

const limits = { maxMessages: 3, preferredBytes: 100 };

function message(bytes: number): OrderedMessage {
  return { envelope: new common.Envelope(), bytes };
}

function sizes(batches: readonly (readonly common.Envelope[])[]): number[] {
  return batches.map((batch) => batch.length);
}

describe('the block cutter', () => {
  it('cuts a block at the number of messages', () => {
    const cutter = new BlockCutter(() => limits);
    expect(sizes(cutter.ordered(message(10)))).toEqual([]);
    expect(sizes(cutter.ordered(message(10)))).toEqual([]);
    expect(cutter.pending).toBe(true);
    expect(sizes(cutter.ordered(message(10)))).toEqual([3]);
    expect(cutter.pending).toBe(false);
  });

  it('cuts what is pending before a message that would overflow it, and keeps that message', () => {
    const cutter = new BlockCutter(() => limits);
    cutter.ordered(message(60));
    expect(sizes(cutter.ordered(message(41)))).toEqual([1]);
    expect(cutter.pending).toBe(true);
    expect(cutter.cut()).toHaveLength(1);
  });

  it('fills a block to exactly the preferred size', () => {
    const cutter = new BlockCutter(() => limits);
    cutter.ordered(message(60));
    expect(sizes(cutter.ordered(message(40)))).toEqual([]);
    expect(cutter.cut()).toHaveLength(2);
  });

  it('gives a message above the preferred size a block of its own, after what is pending', () => {
    const cutter = new BlockCutter(() => limits);
    cutter.ordered(message(10));
    cutter.ordered(message(10));
    expect(sizes(cutter.ordered(message(101)))).toEqual([2, 1]);
    expect(cutter.pending).toBe(false);
    expect(sizes(cutter.ordered(message(101)))).toEqual([1]);
  });

  it('follows limits that change', () => {
    let maxMessages = 3;
    const cutter = new BlockCutter(() => ({ ...limits, maxMessages }));
    cutter.ordered(message(1));
    maxMessages = 2;
    expect(sizes(cutter.ordered(message(1)))).toEqual([2]);
  });
});
