import { ledger } from '@hyperledger/fabric-protos';

/** The read and write sets of one namespace, parsed. */
export interface NamespaceRwset {
  readonly namespace: string;
  readonly rwset: ledger.rwset.kvrwset.KVRWSet;
  readonly collections: readonly {
    readonly name: string;
    readonly rwset: ledger.rwset.kvrwset.HashedRWSet;
    /** SHA-256 of the private write set, empty where there is none. */
    readonly privateHash: Uint8Array;
  }[];
}

/** Parses a transaction's results. @throws whatever the protobuf decoder does on foreign bytes. */
export function parseRwsets(bytes: Uint8Array): NamespaceRwset[] {
  const { TxReadWriteSet, kvrwset } = ledger.rwset;
  return TxReadWriteSet.deserializeBinary(bytes)
    .getNsRwsetList()
    .map((set) => ({
      namespace: set.getNamespace(),
      rwset: kvrwset.KVRWSet.deserializeBinary(set.getRwset_asU8()),
      collections: set.getCollectionHashedRwsetList().map((collection) => ({
        name: collection.getCollectionName(),
        rwset: kvrwset.HashedRWSet.deserializeBinary(collection.getHashedRwset_asU8()),
        privateHash: collection.getPvtRwsetHash_asU8(),
      })),
    }));
}
