import { createHash } from 'node:crypto';
import { common, peer } from '@hyperledger/fabric-protos';

/** A proposal taken apart once, for all endorsers that are asked. */
export interface Proposal {
  readonly signed: peer.SignedProposal;
  readonly header: common.Header;
  readonly channelHeader: common.ChannelHeader;
  readonly channel: string;
  readonly txId: string;
  readonly creator: Uint8Array;
  readonly nonce: Uint8Array;
  /** Name of the chaincode that is called. */
  readonly chaincode: string;
  readonly args: readonly Uint8Array[];
  /** Serialised `ChaincodeInput` for the chaincode, without decorations: those are the peer's to set. */
  readonly input: Uint8Array;
  readonly hasTransient: boolean;
  /** Serialised `ChaincodeProposalPayload` without the transient map: the part that goes into the transaction. */
  readonly payload: Uint8Array;
  /** What the endorsements refer to: SHA-256 over both headers and `payload`. */
  readonly hash: Uint8Array;
}

/** A proposal that is not well-formed. The message is fit for a client. */
export class ProposalError extends Error {
  override readonly name = 'ProposalError';
}

/** Takes a proposal apart, as `endorser.UnpackProposal` does. @throws ProposalError */
export function unpackProposal(signed: peer.SignedProposal): Proposal {
  try {
    return unpack(signed);
  } catch (error) {
    if (error instanceof ProposalError) {
      throw error;
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new ProposalError(`error unmarshalling proposal: ${reason}`);
  }
}

function unpack(signed: peer.SignedProposal): Proposal {
  const proposal = peer.Proposal.deserializeBinary(signed.getProposalBytes_asU8());
  const header = common.Header.deserializeBinary(proposal.getHeader_asU8());
  const channelHeader = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());
  const signatureHeader = common.SignatureHeader.deserializeBinary(header.getSignatureHeader_asU8());
  const chaincode = peer.ChaincodeHeaderExtension.deserializeBinary(channelHeader.getExtension_asU8())
    .getChaincodeId()
    ?.getName();
  if (chaincode === undefined) {
    throw new ProposalError('ChaincodeHeaderExtension.ChaincodeId is nil');
  }
  if (chaincode === '') {
    throw new ProposalError('ChaincodeHeaderExtension.ChaincodeId.Name is empty');
  }
  const full = peer.ChaincodeProposalPayload.deserializeBinary(proposal.getPayload_asU8());
  const spec = peer.ChaincodeInvocationSpec.deserializeBinary(full.getInput_asU8()).getChaincodeSpec();
  if (spec === undefined) {
    throw new ProposalError('chaincode invocation spec did not contain chaincode spec');
  }
  const input = spec.getInput();
  if (input === undefined) {
    throw new ProposalError('chaincode input did not contain any input');
  }
  // The validator compares this name with the header's; two that differ can only be an attempt to confuse.
  if (spec.getChaincodeId()?.getName() !== chaincode) {
    throw new ProposalError('the chaincode of the header extension is not that of the invocation');
  }
  input.getDecorationsMap().clear();

  const withoutTransient = new peer.ChaincodeProposalPayload();
  withoutTransient.setInput(full.getInput_asU8());
  const payload = withoutTransient.serializeBinary();
  return {
    signed,
    header,
    channelHeader,
    channel: channelHeader.getChannelId(),
    txId: channelHeader.getTxId(),
    creator: signatureHeader.getCreator_asU8(),
    nonce: signatureHeader.getNonce_asU8(),
    chaincode,
    args: input.getArgsList_asU8(),
    input: input.serializeBinary(),
    hasTransient: full.getTransientmapMap().getLength() > 0,
    payload,
    hash: createHash('sha256')
      .update(header.getChannelHeader_asU8())
      .update(header.getSignatureHeader_asU8())
      .update(payload)
      .digest(),
  };
}

/** The transaction id that a nonce and a creator give: `hex(sha256(nonce ‖ creator))`. */
export function computeTxId(nonce: Uint8Array, creator: Uint8Array): string {
  return createHash('sha256').update(nonce).update(creator).digest('hex');
}
