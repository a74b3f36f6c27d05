import { common, ledger, peer } from '@hyperledger/fabric-protos';
import type { ChannelLedger, CommittedBlock, CommittedTransaction } from '../ledger/types';
import type { Identity } from '../msp/types';

/** What one of the three Deliver calls sends for a block, to whom. */
export type BlockResponse = (
  ledger: ChannelLedger,
  block: CommittedBlock,
  reader: { readonly identity: Identity; readonly peerMsp: string },
) => Promise<peer.DeliverResponse>;

/** The whole block. */
export const wholeBlock: BlockResponse = (_ledger, { block }) => {
  const response = new peer.DeliverResponse();
  response.setBlock(block);
  return Promise.resolve(response);
};

/** Ids, codes and the names of events, without payloads. */
export const filteredBlock: BlockResponse = (channelLedger, { number, transactions }) => {
  const filtered = new peer.FilteredBlock();
  filtered.setChannelId(channelLedger.channel);
  filtered.setNumber(number);
  filtered.setFilteredTransactionsList(transactions.map(filteredTransaction));
  const response = new peer.DeliverResponse();
  response.setFilteredBlock(filtered);
  return Promise.resolve(response);
};

function filteredTransaction(transaction: CommittedTransaction): peer.FilteredTransaction {
  const filtered = new peer.FilteredTransaction();
  filtered.setTxid(transaction.txId);
  filtered.setType(transaction.type as common.HeaderTypeMap[keyof common.HeaderTypeMap]);
  filtered.setTxValidationCode(transaction.code);
  if (filtered.getType() === common.HeaderType.ENDORSER_TRANSACTION) {
    const actions = new peer.FilteredTransactionActions();
    if (transaction.event !== undefined) {
      const event = new peer.ChaincodeEvent();
      event.setChaincodeId(transaction.event.getChaincodeId());
      event.setTxId(transaction.event.getTxId());
      event.setEventName(transaction.event.getEventName());
      const action = new peer.FilteredChaincodeAction();
      action.setChaincodeEvent(event);
      actions.addChaincodeActions(action);
    }
    filtered.setTransactionActions(actions);
  }
  return filtered;
}

/** The block with the private data that the peer has and the reader, by membership of the collections, may see. */
export const blockWithPrivateData: BlockResponse = async (
  channelLedger,
  committed,
  { identity, peerMsp },
) => {
  const message = new peer.BlockAndPrivateData();
  message.setBlock(committed.block);
  const stored = await channelLedger.privateDataOfBlock(peerMsp, committed.number);
  for (const [index, rwset] of stored) {
    const visible = visibleTo(identity, rwset);
    if (visible.getNsPvtRwsetList().length > 0) {
      message.getPrivateDataMapMap().set(index, visible);
    }
  }
  const response = new peer.DeliverResponse();
  response.setBlockAndPrivateData(message);
  return response;
};

/** Members of an implicit collection are its organisation alone. */
function visibleTo(
  identity: Identity,
  rwset: ledger.rwset.TxPvtReadWriteSet,
): ledger.rwset.TxPvtReadWriteSet {
  const visible = new ledger.rwset.TxPvtReadWriteSet();
  visible.setDataModel(rwset.getDataModel());
  for (const namespace of rwset.getNsPvtRwsetList()) {
    const collections = namespace
      .getCollectionPvtRwsetList()
      .filter((collection) => collection.getCollectionName() === `_implicit_org_${identity.mspId}`);
    if (collections.length > 0) {
      const copy = new ledger.rwset.NsPvtReadWriteSet();
      copy.setNamespace(namespace.getNamespace());
      copy.setCollectionPvtRwsetList(collections);
      visible.addNsPvtRwset(copy);
    }
  }
  return visible;
}
