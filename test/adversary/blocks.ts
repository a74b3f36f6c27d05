import { common, ledger, peer } from '@hyperledger/fabric-protos';
import type { Scenario } from './scenario';

/** Who may read blocks: an administrator of a member. */
const reader = { organisation: 'regulator', identity: 'Admin' };

/** One block of a channel. */
export async function blockOf(scenario: Scenario, channel: string, number: bigint): Promise<common.Block> {
  for await (const block of blocksFrom(scenario, channel, number)) return block;
  throw new Error(`there is no block ${number}`);
}

/** All blocks of a channel up to one. */
export async function blocksTo(scenario: Scenario, channel: string, last: bigint): Promise<common.Block[]> {
  const blocks: common.Block[] = [];
  for await (const block of blocksFrom(scenario, channel, 0n)) {
    blocks.push(block);
    if (BigInt(block.getHeader()?.getNumber() ?? 0) >= last) break;
  }
  return blocks;
}

async function* blocksFrom(
  scenario: Scenario,
  channel: string,
  startBlock: bigint,
): AsyncGenerator<common.Block> {
  const blocks = await scenario.gateway(reader).getNetwork(channel).getBlockEvents({ startBlock });
  try {
    for await (const block of blocks) yield block;
  } finally {
    blocks.close();
  }
}

/** The hashes by which a block tells of private data, in hexadecimal. */
export interface PrivateHashes {
  readonly keys: readonly string[];
  readonly values: readonly string[];
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Every hash of a private key or value that stands in the read and write sets of blocks. */
export function privateHashes(blocks: readonly common.Block[]): PrivateHashes {
  const sets = blocks.flatMap(actionsOf).flatMap(hashedSets);
  const writes = sets.flatMap((set) => set.getHashedWritesList());
  const keys = [
    ...writes.map((write) => write.getKeyHash_asU8()),
    ...sets.flatMap((set) => set.getHashedReadsList()).map((read) => read.getKeyHash_asU8()),
    ...sets.flatMap((set) => set.getMetadataWritesList()).map((write) => write.getKeyHash_asU8()),
  ];
  const values = writes.filter((write) => !write.getIsDelete()).map((write) => write.getValueHash_asU8());
  return { keys: [...new Set(keys.map(hex))], values: [...new Set(values.map(hex))] };
}

/** The results of the endorsed transactions of a block. */
function actionsOf(block: common.Block): peer.ChaincodeAction[] {
  return (block.getData()?.getDataList_asU8() ?? []).flatMap((bytes) => {
    const payload = common.Payload.deserializeBinary(
      common.Envelope.deserializeBinary(bytes).getPayload_asU8(),
    );
    const header = common.ChannelHeader.deserializeBinary(
      payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array(),
    );
    if (header.getType() !== common.HeaderType.ENDORSER_TRANSACTION) return [];
    const actions = peer.Transaction.deserializeBinary(payload.getData_asU8()).getActionsList();
    return actions.map((action) => {
      const endorsed = peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8()).getAction();
      const response = peer.ProposalResponsePayload.deserializeBinary(
        endorsed?.getProposalResponsePayload_asU8() ?? new Uint8Array(),
      );
      return peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8());
    });
  });
}

function hashedSets(action: peer.ChaincodeAction): ledger.rwset.kvrwset.HashedRWSet[] {
  return ledger.rwset.TxReadWriteSet.deserializeBinary(action.getResults_asU8())
    .getNsRwsetList()
    .flatMap((namespace) => namespace.getCollectionHashedRwsetList())
    .map((set) => ledger.rwset.kvrwset.HashedRWSet.deserializeBinary(set.getHashedRwset_asU8()));
}
