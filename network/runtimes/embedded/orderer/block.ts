import { randomBytes } from 'node:crypto';
import { common } from '@hyperledger/fabric-protos';
import { blockDataHash, blockHeaderBytes } from '../../../blocks/hashes';
import type { Signer } from '../peer/signer';

/** What a new block follows on. */
export interface BlockPosition {
  readonly number: number;
  readonly previousHash: Uint8Array;
  /** Number of the newest configuration block. */
  readonly lastConfig: number;
}

/**
 * Builds a block and signs it as an orderer does: over the metadata value, the signature header and the DER-coded
 * block header (protoutil/blockutils.go).
 */
export function buildBlock(
  position: BlockPosition,
  envelopes: readonly common.Envelope[],
  signer: Signer,
): common.Block {
  const data = envelopes.map((envelope) => envelope.serializeBinary());
  const header = new common.BlockHeader();
  header.setNumber(position.number);
  header.setPreviousHash(position.previousHash);
  header.setDataHash(blockDataHash(data));

  const blockData = new common.BlockData();
  blockData.setDataList(data);
  const metadata = new common.BlockMetadata();
  metadata.setMetadataList([
    blockSignature(header, position.lastConfig, signer),
    new Uint8Array(),
    new Uint8Array(data.length),
    new Uint8Array(),
    new Uint8Array(),
  ]);
  const block = new common.Block();
  block.setHeader(header);
  block.setData(blockData);
  block.setMetadata(metadata);
  return block;
}

function blockSignature(header: common.BlockHeader, lastConfig: number, signer: Signer): Uint8Array {
  const config = new common.LastConfig();
  config.setIndex(lastConfig);
  const ordererMetadata = new common.OrdererBlockMetadata();
  ordererMetadata.setLastConfig(config);
  const value = ordererMetadata.serializeBinary();

  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setCreator(signer.serialized);
  signatureHeader.setNonce(randomBytes(24));
  const signatureHeaderBytes = signatureHeader.serializeBinary();

  const signature = new common.MetadataSignature();
  signature.setSignatureHeader(signatureHeaderBytes);
  signature.setSignature(signer.sign(Buffer.concat([value, signatureHeaderBytes, blockHeaderBytes(header)])));
  const metadata = new common.Metadata();
  metadata.setValue(value);
  metadata.setSignaturesList([signature]);
  return metadata.serializeBinary();
}
