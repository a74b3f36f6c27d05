import { createHash, randomBytes } from 'node:crypto';
import { common } from '@hyperledger/fabric-protos';
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
  const dataHash = createHash('sha256');
  for (const envelope of data) {
    dataHash.update(envelope);
  }
  header.setDataHash(dataHash.digest());

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
  signature.setSignature(signer.sign(Buffer.concat([value, signatureHeaderBytes, derHeader(header)])));
  const metadata = new common.Metadata();
  metadata.setValue(value);
  metadata.setSignaturesList([signature]);
  return metadata.serializeBinary();
}

/** `SEQUENCE { INTEGER number, OCTET STRING previousHash, OCTET STRING dataHash }`: what hash and signature cover. */
function derHeader(header: common.BlockHeader): Buffer {
  const body = Buffer.concat([
    derElement(0x02, unsigned(header.getNumber())),
    derElement(0x04, header.getPreviousHash_asU8()),
    derElement(0x04, header.getDataHash_asU8()),
  ]);
  return derElement(0x30, body);
}

/** Every part is shorter than 128 bytes, so one length octet does. */
function derElement(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([tag, content.length]), content]);
}

function unsigned(value: number): Buffer {
  const hex = value.toString(16);
  const digits = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), digits]) : digits;
}
