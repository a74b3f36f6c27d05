import { createHash } from 'node:crypto';
import { common, peer } from '@hyperledger/fabric-protos';
import { transactionId } from '../../../blocks/hashes';
import { parseRwsets, type NamespaceRwset } from '../../../blocks/rwsets';
import type { ValidationCode } from './types';

const codes = peer.TxValidationCode;
const types = common.HeaderType;

/** What a transaction by endorsement asks for. */
export interface EndorsedAction {
  readonly chaincode: string;
  readonly version: string;
  /** Name in the result, which endorsers signed; it must be the one in the header. */
  readonly endorsedChaincode: string | undefined;
  readonly event: peer.ChaincodeEvent | undefined;
  readonly rwsets: readonly NamespaceRwset[];
  readonly proposalResponse: Uint8Array;
  readonly endorsements: readonly peer.Endorsement[];
}

/** An envelope of a block, parsed as far as it can be. */
export interface ParsedTransaction {
  readonly txId: string;
  /** Number of `common.HeaderType`, −1 where the header cannot be read. */
  readonly type: number;
  readonly channel: string;
  readonly timestamp: { readonly seconds: number; readonly nanos: number };
  readonly creator: Uint8Array;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  readonly action: EndorsedAction | undefined;
  /** Why the parts do not make a transaction, in the order of Fabric's checks; the creator's signature comes between. */
  readonly malformedHeader: ValidationCode | undefined;
  readonly malformedBody: ValidationCode | undefined;
}

/** A failed check, to be turned into a validation code by whoever asked. */
class Malformed extends Error {
  readonly code: ValidationCode;

  constructor(code: ValidationCode) {
    super('malformed');
    this.code = code;
  }
}

/** Runs a protobuf decoder, whose exceptions on foreign bytes are of no particular class. */
function decode<T>(bytes: Uint8Array, decoder: (bytes: Uint8Array) => T, code: ValidationCode): T {
  try {
    return decoder(bytes);
  } catch {
    throw new Malformed(code);
  }
}

function parseAction(
  channelHeader: common.ChannelHeader,
  channelHeaderBytes: Uint8Array,
  data: Uint8Array,
): EndorsedAction {
  const invalid = codes.INVALID_ENDORSER_TRANSACTION;
  const transaction = decode(data, (b) => peer.Transaction.deserializeBinary(b), invalid);
  const [action, ...others] = transaction.getActionsList();
  if (action === undefined || others.length > 0) throw new Malformed(invalid);
  const signatureHeader = decode(
    action.getHeader_asU8(),
    (b) => common.SignatureHeader.deserializeBinary(b),
    invalid,
  );
  if (signatureHeader.getNonce().length === 0 || signatureHeader.getCreator().length === 0) {
    throw new Malformed(invalid);
  }
  const payload = decode(
    action.getPayload_asU8(),
    (b) => peer.ChaincodeActionPayload.deserializeBinary(b),
    invalid,
  );
  const endorsed = payload.getAction();
  if (endorsed === undefined) throw new Malformed(invalid);
  const proposalResponse = endorsed.getProposalResponsePayload_asU8();
  const response = decode(
    proposalResponse,
    (b) => peer.ProposalResponsePayload.deserializeBinary(b),
    invalid,
  );
  const proposalHash = createHash('sha256')
    .update(channelHeaderBytes)
    .update(action.getHeader_asU8())
    .update(payload.getChaincodeProposalPayload_asU8())
    .digest();
  if (!proposalHash.equals(response.getProposalHash_asU8())) throw new Malformed(invalid);

  const extension = decode(
    channelHeader.getExtension_asU8(),
    (b) => peer.ChaincodeHeaderExtension.deserializeBinary(b),
    codes.BAD_HEADER_EXTENSION,
  );
  const result = decode(
    response.getExtension_asU8(),
    (b) => peer.ChaincodeAction.deserializeBinary(b),
    codes.BAD_RESPONSE_PAYLOAD,
  );
  const rwsets = decode(result.getResults_asU8(), parseRwsets, codes.BAD_RWSET);
  const eventBytes = result.getEvents_asU8();
  return {
    chaincode: extension.getChaincodeId()?.getName() ?? '',
    version: result.getChaincodeId()?.getVersion() ?? '',
    endorsedChaincode: result.getChaincodeId()?.getName(),
    event:
      eventBytes.length === 0
        ? undefined
        : decode(eventBytes, (b) => peer.ChaincodeEvent.deserializeBinary(b), codes.INVALID_OTHER_REASON),
    rwsets,
    proposalResponse,
    endorsements: endorsed.getEndorsementsList(),
  };
}

const blank = {
  txId: '',
  type: -1,
  channel: '',
  timestamp: { seconds: 0, nanos: 0 },
  creator: new Uint8Array(),
  payload: new Uint8Array(),
  signature: new Uint8Array(),
  action: undefined,
  malformedHeader: undefined,
  malformedBody: undefined,
} satisfies ParsedTransaction;

function parseHeader(envelope: Uint8Array): {
  transaction: ParsedTransaction;
  header: common.ChannelHeader;
  headerBytes: Uint8Array;
  data: Uint8Array;
  nonce: Uint8Array;
} {
  const parsed = decode(envelope, (b) => common.Envelope.deserializeBinary(b), codes.INVALID_OTHER_REASON);
  const payloadBytes = parsed.getPayload_asU8();
  const payload = decode(payloadBytes, (b) => common.Payload.deserializeBinary(b), codes.BAD_PAYLOAD);
  const bad = codes.BAD_COMMON_HEADER;
  const headerBytes = payload.getHeader()?.getChannelHeader_asU8();
  const signatureBytes = payload.getHeader()?.getSignatureHeader_asU8();
  if (headerBytes === undefined || signatureBytes === undefined) throw new Malformed(bad);
  const header = decode(headerBytes, (b) => common.ChannelHeader.deserializeBinary(b), bad);
  const signatureHeader = decode(signatureBytes, (b) => common.SignatureHeader.deserializeBinary(b), bad);
  const type: number = header.getType();
  const known = type === types.ENDORSER_TRANSACTION || type === types.CONFIG || type === types.CONFIG_UPDATE;
  const complete =
    known &&
    header.getEpoch() === 0 &&
    signatureHeader.getNonce().length > 0 &&
    signatureHeader.getCreator().length > 0;
  return {
    header,
    headerBytes,
    data: payload.getData_asU8(),
    nonce: signatureHeader.getNonce_asU8(),
    transaction: {
      ...blank,
      txId: header.getTxId(),
      type,
      channel: header.getChannelId(),
      timestamp: {
        seconds: header.getTimestamp()?.getSeconds() ?? 0,
        nanos: header.getTimestamp()?.getNanos() ?? 0,
      },
      creator: signatureHeader.getCreator_asU8(),
      payload: payloadBytes,
      signature: parsed.getSignature_asU8(),
      malformedHeader: complete ? undefined : bad,
    },
  };
}

/** Parses an envelope of a block. Never throws: what is wrong stands in the result. */
export function parseTransaction(envelope: Uint8Array): ParsedTransaction {
  let head: ReturnType<typeof parseHeader>;
  try {
    head = parseHeader(envelope);
  } catch (error) {
    if (error instanceof Malformed) return { ...blank, malformedHeader: error.code };
    throw error;
  }
  const { transaction, header, headerBytes, data, nonce } = head;
  if (transaction.malformedHeader !== undefined) return transaction;
  if (transaction.type === types.CONFIG) return transaction;
  if (transaction.type !== types.ENDORSER_TRANSACTION) {
    return { ...transaction, malformedBody: codes.UNSUPPORTED_TX_PAYLOAD };
  }
  if (transaction.txId !== transactionId(nonce, transaction.creator)) {
    return { ...transaction, malformedBody: codes.BAD_PROPOSAL_TXID };
  }
  try {
    return { ...transaction, action: parseAction(header, headerBytes, data) };
  } catch (error) {
    if (error instanceof Malformed) return { ...transaction, malformedBody: error.code };
    throw error;
  }
}
