const readers = '/Channel/Application/Readers';
const writers = '/Channel/Application/Writers';

/**
 * Policies of channel resources that a channel's configuration does not map, from Fabric's `core/aclmgmt`. Resources
 * of a peer without a channel (installing, joining) are not here: this runtime does not serve them.
 */
export const aclDefaults: Readonly<Record<string, string>> = {
  '_lifecycle/CommitChaincodeDefinition': writers,
  '_lifecycle/QueryChaincodeDefinition': writers,
  '_lifecycle/QueryChaincodeDefinitions': writers,
  '_lifecycle/CheckCommitReadiness': writers,
  'qscc/GetChainInfo': readers,
  'qscc/GetBlockByNumber': readers,
  'qscc/GetBlockByHash': readers,
  'qscc/GetTransactionByID': readers,
  'qscc/GetBlockByTxID': readers,
  'cscc/GetConfigBlock': readers,
  'cscc/GetChannelConfig': readers,
  'peer/Propose': writers,
  'peer/ChaincodeToChaincode': writers,
  'event/Block': readers,
  'event/FilteredBlock': readers,
  'gateway/CommitStatus': readers,
  'gateway/ChaincodeEvents': readers,
};
