import { common, peer } from '@hyperledger/fabric-protos';
import type { ChannelLedger } from '../ledger/types';
import { permittedChannel, required, text, type SystemChaincode, type SystemQuery } from './system';

const FUNCTIONS = new Map<string, (ledger: ChannelLedger, query: SystemQuery) => Promise<Uint8Array>>([
  ['GetChainInfo', (ledger) => Promise.resolve(chainInfo(ledger))],
  ['GetBlockByNumber', (ledger, query) => blockByNumber(ledger, text(required(query, 1)))],
  ['GetBlockByHash', (ledger, query) => blockByHash(ledger, required(query, 1))],
  ['GetBlockByTxID', (ledger, query) => blockByTxId(ledger, text(required(query, 1)))],
  ['GetTransactionByID', (ledger, query) => transactionById(ledger, text(required(query, 1)))],
]);

/** The ledger queries of Fabric's `qscc`, each guarded by the ACL `qscc/<function>`. */
export const qscc: SystemChaincode = (query) => {
  const run = FUNCTIONS.get(query.fn);
  if (run === undefined) {
    throw new Error(`Requested function ${query.fn} not found.`);
  }
  return run(permittedChannel(query, 'qscc').ledger, query);
};

function chainInfo(ledger: ChannelLedger): Uint8Array {
  const { height, currentHash, previousHash } = ledger.info;
  const info = new common.BlockchainInfo();
  info.setHeight(height);
  info.setCurrentblockhash(currentHash);
  info.setPreviousblockhash(previousHash);
  return info.serializeBinary();
}

async function blockByNumber(ledger: ChannelLedger, argument: string): Promise<Uint8Array> {
  if (!/^\d{1,15}$/.test(argument)) {
    throw new Error(`Failed to parse block number with error: invalid syntax "${argument}"`);
  }
  const block = await ledger.blockBytes(Number(argument));
  if (block === undefined) {
    throw new Error(
      `Failed to get block number ${argument}, error no such block number [${argument}] in index`,
    );
  }
  return block;
}

function blockByHash(ledger: ChannelLedger, hash: Uint8Array): Promise<Uint8Array> {
  const number = ledger.blockNumberByHash(hash);
  if (number === undefined) {
    throw new Error(
      `Failed to get block hash ${Buffer.from(hash).toString('hex')}, error no such block hash in index`,
    );
  }
  return blockByNumber(ledger, String(number));
}

function blockByTxId(ledger: ChannelLedger, txId: string): Promise<Uint8Array> {
  const position = ledger.transaction(txId);
  if (position === undefined) {
    throw new Error(`Failed to get block for txID ${txId}, error no such transaction ID [${txId}] in index`);
  }
  return blockByNumber(ledger, String(position.blockNumber));
}

async function transactionById(ledger: ChannelLedger, txId: string): Promise<Uint8Array> {
  const position = ledger.transaction(txId);
  const block = position && (await ledger.block(position.blockNumber));
  const envelope = position && block?.block.getData()?.getDataList_asU8()[position.index];
  if (position === undefined || envelope === undefined) {
    throw new Error(
      `Failed to get transaction with id ${txId}, error no such transaction ID [${txId}] in index`,
    );
  }
  const processed = new peer.ProcessedTransaction();
  processed.setTransactionenvelope(common.Envelope.deserializeBinary(envelope));
  processed.setValidationcode(position.code);
  return processed.serializeBinary();
}
