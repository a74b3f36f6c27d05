import { ledger } from '@hyperledger/fabric-protos';
import { compareUtf8 } from './keys';
import type { Metadata } from './types';

const { KVMetadataEntry, KVMetadataWrite } = ledger.rwset.kvrwset;

/** Name under which a key's endorsement policy is kept (`protos.MetaDataKeys`). */
export const validationParameter = 'VALIDATION_PARAMETER';

/** Entries as they stand in a write set: by name. */
export function metadataEntries(metadata: Metadata): ledger.rwset.kvrwset.KVMetadataEntry[] {
  return [...metadata]
    .sort(([a], [b]) => compareUtf8(a, b))
    .map(([name, value]) => {
      const entry = new KVMetadataEntry();
      entry.setName(name);
      entry.setValue(value);
      return entry;
    });
}

/** The form in which the state keeps metadata; undefined for none. */
export function serializeEntries(entries: ledger.rwset.kvrwset.KVMetadataEntry[]): Uint8Array | undefined {
  if (entries.length === 0) return undefined;
  const write = new KVMetadataWrite();
  write.setEntriesList(entries);
  return write.serializeBinary();
}

/** Reads what `serializeEntries` gave. */
export function parseMetadata(bytes: Uint8Array | undefined): Metadata {
  if (bytes === undefined) return new Map();
  return new Map(
    KVMetadataWrite.deserializeBinary(bytes)
      .getEntriesList()
      .map((entry) => [entry.getName(), entry.getValue_asU8()]),
  );
}
