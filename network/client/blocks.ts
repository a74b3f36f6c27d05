import type { Gateway } from '@hyperledger/fabric-gateway';
import { common, peer, type ledger } from '@hyperledger/fabric-protos';
import { parseRwsets } from '../blocks/rwsets';

/** One write to a chaincode's public state by a valid transaction. */
export interface Write {
  /** Number of its block. */
  readonly block: number;
  readonly transaction: string;
  readonly key: string;
  /** Undefined where the key was deleted. */
  readonly value: string | undefined;
}

/** All that a block wrote to a chaincode's public state. */
export interface BlockWrites {
  readonly block: number;
  readonly writes: readonly Write[];
}

/**
 * Number of blocks of a channel, as the organisation's own peer says.
 *
 * @throws where the peer does not answer, or the identity may not ask.
 */
export async function channelHeight(gateway: Gateway, channel: string): Promise<number> {
  const answer = await gateway
    .getNetwork(channel)
    .getContract('qscc')
    .evaluateTransaction('GetChainInfo', channel);
  return common.BlockchainInfo.deserializeBinary(answer).getHeight();
}

/** Which blocks to read. */
interface Span {
  /** First block. */
  readonly from?: number;
  /** Number of blocks of the channel; the last block read is the one before it. */
  readonly height: number;
  /** Longest wait for the next block, in milliseconds. */
  readonly idleMs?: number;
}

/**
 * Reads blocks of a channel through Fabric's Deliver service and picks out what valid transactions wrote to one chaincode,
 * in the ledger's order. It takes an identity that may read whole blocks: a service of the organisation.
 *
 * @throws where the stream breaks or stays silent for too long.
 */
export async function* readWrites(
  gateway: Gateway,
  channel: string,
  chaincode: string,
  span: Span,
): AsyncGenerator<BlockWrites> {
  for await (const block of readBlocks(gateway, channel, span))
    yield { block: block.getHeader()?.getNumber() ?? 0, writes: writesOf(block, chaincode) };
}

/**
 * Reads whole blocks of a channel, in the ledger's order, as {@link readWrites} does.
 *
 * @throws where the stream breaks or stays silent for too long.
 */
export async function* readBlocks(
  gateway: Gateway,
  channel: string,
  { from = 0, height, idleMs = 30_000 }: Span,
): AsyncGenerator<common.Block> {
  if (from >= height) return;
  const blocks = await gateway.getNetwork(channel).getBlockEvents({ startBlock: BigInt(from) });
  const silence = new AbortController();
  silence.signal.addEventListener('abort', () => blocks.close());
  const giveUp = () => silence.abort();
  let timer = setTimeout(giveUp, idleMs);
  try {
    for await (const block of blocks) {
      clearTimeout(timer);
      yield block;
      if ((block.getHeader()?.getNumber() ?? 0) + 1 >= height) return;
      timer = setTimeout(giveUp, idleMs);
    }
    throw new Error(
      silence.signal.aborted
        ? `no block of ${channel} came for ${idleMs} ms`
        : `the blocks of ${channel} ended early`,
    );
  } finally {
    clearTimeout(timer);
    blocks.close();
  }
}

/** What the valid transactions of a block wrote to a chaincode's public state. */
export function writesOf(block: common.Block, chaincode: string): Write[] {
  const number = block.getHeader()?.getNumber() ?? 0;
  const codes = block.getMetadata()?.getMetadataList_asU8()[common.BlockMetadataIndex.TRANSACTIONS_FILTER];
  return (block.getData()?.getDataList_asU8() ?? []).flatMap((bytes, index) => {
    // A block whose transactions were not judged counts for nothing, rather than for everything.
    if (codes?.[index] !== peer.TxValidationCode.VALID) return [];
    const payload = common.Payload.deserializeBinary(
      common.Envelope.deserializeBinary(bytes).getPayload_asU8(),
    );
    const header = common.ChannelHeader.deserializeBinary(
      payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array(),
    );
    if (header.getType() !== common.HeaderType.ENDORSER_TRANSACTION) return [];
    return peer.Transaction.deserializeBinary(payload.getData_asU8())
      .getActionsList()
      .flatMap((action) => resultsOf(action, chaincode))
      .map((write) => ({
        block: number,
        transaction: header.getTxId(),
        key: write.getKey(),
        value: write.getIsDelete() ? undefined : Buffer.from(write.getValue_asU8()).toString('utf8'),
      }));
  });
}

function resultsOf(action: peer.TransactionAction, chaincode: string): ledger.rwset.kvrwset.KVWrite[] {
  const endorsed = peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8()).getAction();
  const response = peer.ProposalResponsePayload.deserializeBinary(
    endorsed?.getProposalResponsePayload_asU8() ?? new Uint8Array(),
  );
  const result = peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8());
  return parseRwsets(result.getResults_asU8())
    .filter(({ namespace }) => namespace === chaincode)
    .flatMap(({ rwset }) => rwset.getWritesList());
}
