import { ledger } from '@hyperledger/fabric-protos';

const { NsPvtReadWriteSet, TxPvtReadWriteSet } = ledger.rwset;

/** The write sets of the collections that `wanted` picks, or undefined where there are none. */
export function collectionRwsets(
  rwset: ledger.rwset.TxPvtReadWriteSet,
  wanted: (collection: string) => boolean,
): ledger.rwset.TxPvtReadWriteSet | undefined {
  const namespaces = rwset.getNsPvtRwsetList().flatMap((set) => {
    const collections = set
      .getCollectionPvtRwsetList()
      .filter((collection) => wanted(collection.getCollectionName()));
    if (collections.length === 0) return [];
    const picked = new NsPvtReadWriteSet();
    picked.setNamespace(set.getNamespace());
    picked.setCollectionPvtRwsetList(collections);
    return [picked];
  });
  if (namespaces.length === 0) return undefined;
  const result = new TxPvtReadWriteSet();
  result.setNsPvtRwsetList(namespaces);
  return result;
}
