import { createHash } from 'node:crypto';
import { common, peer } from '@hyperledger/fabric-protos';
import { blockDataHash, blockHeaderBytes, transactionId } from '../../network/blocks/hashes';
import { parseRwsets } from '../../network/blocks/rwsets';
import { openHolder, type Roots } from './certificates';

/** What one transaction did to `sharing`, with who answers for it. */
export interface ProvenTransaction {
  readonly id: string;
  readonly writes: ReadonlyMap<string, string>;
  /** MSPs whose peers' endorsements hold. */
  readonly endorsers: ReadonlySet<string>;
  /** SHA-256 of the private value, base64url, by `<collection> <SHA-256 of the key, base64url>`. */
  readonly privateHashes: ReadonlyMap<string, string>;
}

/** What of a block may not hold. */
export const ledgerFaults = [
  'BLOCK_DATA_HASH',
  'ORDERER_SIGNATURE',
  'CREATOR_SIGNATURE',
  'ENDORSEMENT_SIGNATURES',
  'TRANSACTION_VALID',
] as const;
export type LedgerFault = (typeof ledgerFaults)[number];

/** A block taken apart: the transactions on the channel, and what does not hold. */
export interface OpenedBlock {
  readonly transactions: readonly ProvenTransaction[];
  readonly faults: ReadonlySet<LedgerFault>;
}

/** Whether one orderer's signature over the header holds, as Fabric's `protoutil` composes what is signed. */
function isOrdered(
  block: common.Block,
  header: common.BlockHeader,
  orderer: string,
  roots: Roots,
  at: number,
): boolean {
  const list = block.getMetadata()?.getMetadataList_asU8() ?? [];
  const metadata = common.Metadata.deserializeBinary(
    list[common.BlockMetadataIndex.SIGNATURES] ?? new Uint8Array(),
  );
  return metadata.getSignaturesList().some((signature) => {
    const signatureHeader = signature.getSignatureHeader_asU8();
    const creator = common.SignatureHeader.deserializeBinary(signatureHeader).getCreator_asU8();
    const holder = openHolder(creator, roots, at);
    const signed = Buffer.concat([metadata.getValue_asU8(), signatureHeader, blockHeaderBytes(header)]);
    return (
      holder?.msp === orderer &&
      holder.units.includes('orderer') &&
      holder.signed(signed, signature.getSignature_asU8())
    );
  });
}

/**
 * Verifies a block and its endorser transactions that touch `sharing`.
 *
 * @param wanted whether a transaction that wrote these keys matters; others are left alone.
 */
export function openBlock(
  bytes: Uint8Array,
  { channel, orderer, roots }: { readonly channel: string; readonly orderer: string; readonly roots: Roots },
  wanted: (key: string) => boolean,
): OpenedBlock {
  const faults = new Set<LedgerFault>();
  const transactions: ProvenTransaction[] = [];
  const block = common.Block.deserializeBinary(bytes);
  const header = block.getHeader() ?? new common.BlockHeader();
  const envelopes = block.getData()?.getDataList_asU8() ?? [];
  if (!blockDataHash(envelopes).equals(header.getDataHash_asU8())) faults.add('BLOCK_DATA_HASH');
  const codes = block.getMetadata()?.getMetadataList_asU8()[common.BlockMetadataIndex.TRANSACTIONS_FILTER];
  let at = 0;
  envelopes.forEach((raw, index) => {
    const envelope = common.Envelope.deserializeBinary(raw);
    const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
    const channelBytes = payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array();
    const signatureBytes = payload.getHeader()?.getSignatureHeader_asU8() ?? new Uint8Array();
    const channelHeader = common.ChannelHeader.deserializeBinary(channelBytes);
    if (channelHeader.getType() !== common.HeaderType.ENDORSER_TRANSACTION) return;
    const millis = (channelHeader.getTimestamp()?.getSeconds() ?? 0) * 1000;
    at = Math.max(at, millis);
    for (const action of peer.Transaction.deserializeBinary(payload.getData_asU8()).getActionsList()) {
      const chosen = peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8());
      const endorsed = chosen.getAction();
      const answer = endorsed?.getProposalResponsePayload_asU8() ?? new Uint8Array();
      const response = peer.ProposalResponsePayload.deserializeBinary(answer);
      const sets = setsOf(
        peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8()).getResults_asU8(),
      );
      if (channelHeader.getChannelId() !== channel || ![...sets.writes.keys()].some(wanted)) continue;
      if (codes?.[index] !== peer.TxValidationCode.VALID) faults.add('TRANSACTION_VALID');
      const signatureHeader = common.SignatureHeader.deserializeBinary(signatureBytes);
      const creator = signatureHeader.getCreator_asU8();
      const id = channelHeader.getTxId();
      const signer = openHolder(creator, roots, millis);
      const own = signer?.signed(envelope.getPayload_asU8(), envelope.getSignature_asU8()) === true;
      if (!own || transactionId(signatureHeader.getNonce_asU8(), creator) !== id)
        faults.add('CREATOR_SIGNATURE');
      const proposal = createHash('sha256')
        .update(channelBytes)
        .update(signatureBytes)
        .update(chosen.getChaincodeProposalPayload_asU8())
        .digest();
      const bound = proposal.equals(response.getProposalHash_asU8());
      const endorsers = new Set<string>();
      for (const endorsement of endorsed?.getEndorsementsList() ?? []) {
        const who = endorsement.getEndorser_asU8();
        const holder = openHolder(who, roots, millis);
        const holds =
          holder?.units.includes('peer') === true &&
          holder.signed(Buffer.concat([answer, who]), endorsement.getSignature_asU8());
        if (holds && bound) endorsers.add(holder.msp);
        else faults.add('ENDORSEMENT_SIGNATURES');
      }
      transactions.push({ id, ...sets, endorsers });
    }
  });
  if (!isOrdered(block, header, orderer, roots, at)) faults.add('ORDERER_SIGNATURE');
  return { transactions, faults };
}

function setsOf(results: Uint8Array): Pick<ProvenTransaction, 'writes' | 'privateHashes'> {
  const writes = new Map<string, string>();
  const privateHashes = new Map<string, string>();
  for (const { rwset, collections } of parseRwsets(results).filter(
    ({ namespace }) => namespace === 'sharing',
  )) {
    for (const write of rwset.getWritesList())
      writes.set(write.getKey(), Buffer.from(write.getValue_asU8()).toString('utf8'));
    for (const { name, rwset: hashed } of collections)
      for (const write of hashed.getHashedWritesList()) {
        const key = Buffer.from(write.getKeyHash_asU8()).toString('base64url');
        const value = Buffer.from(write.getValueHash_asU8()).toString('base64url');
        privateHashes.set(`${name} ${key}`, value);
      }
  }
  return { writes, privateHashes };
}
