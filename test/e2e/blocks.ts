import { X509Certificate } from 'node:crypto';
import { common, msp, peer } from '@hyperledger/fabric-protos';
import { networkStatus } from '../../network/cli/network';
import { gatewayIdentity } from '../../network/identity/identities';
import type { TestNetwork } from '../support/network';

/** A transaction of a block: what every member of the channel sees. */
export interface PublicTransaction {
  readonly id: string;
  readonly bytes: Buffer;
  /** Name in its wallet of the identity that submitted it. */
  readonly creator: string;
  /** Function and its arguments. */
  readonly args: readonly string[];
  readonly event?: { readonly name: string; readonly payload: string };
}

/** All transactions of a channel, as an organisation's service reads them from its peer. */
export async function transactionsOf(
  network: TestNetwork,
  channel: string,
  organisation: string,
): Promise<PublicTransaction[]> {
  const { gateway } = network.connect(organisation, gatewayIdentity);
  const { channels } = await networkStatus(network.directory);
  const height = channels.find(({ name }) => name === channel)?.height ?? 0;
  const blocks = await gateway.getNetwork(channel).getBlockEvents({ startBlock: 0n });
  const found: PublicTransaction[] = [];
  let count = 0;
  for await (const block of blocks) {
    for (const bytes of block.getData()?.getDataList_asU8() ?? []) found.push(...open(bytes));
    count++;
    if (count >= height) break;
  }
  blocks.close();
  return found;
}

function open(bytes: Uint8Array): PublicTransaction[] {
  const payload = common.Payload.deserializeBinary(
    common.Envelope.deserializeBinary(bytes).getPayload_asU8(),
  );
  const header = common.ChannelHeader.deserializeBinary(
    payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array(),
  );
  if (header.getType() !== common.HeaderType.ENDORSER_TRANSACTION) return [];
  const signed = common.SignatureHeader.deserializeBinary(
    payload.getHeader()?.getSignatureHeader_asU8() ?? new Uint8Array(),
  );
  const identity = msp.SerializedIdentity.deserializeBinary(signed.getCreator_asU8());
  const creator = /CN=(.*)/.exec(new X509Certificate(identity.getIdBytes_asU8()).subject)?.[1] ?? '';
  const transaction = peer.Transaction.deserializeBinary(payload.getData_asU8());
  return transaction.getActionsList().map((action) => {
    const content = peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8());
    const proposal = peer.ChaincodeProposalPayload.deserializeBinary(
      content.getChaincodeProposalPayload_asU8(),
    );
    const spec = peer.ChaincodeInvocationSpec.deserializeBinary(proposal.getInput_asU8());
    const response = peer.ProposalResponsePayload.deserializeBinary(
      content.getAction()?.getProposalResponsePayload_asU8() ?? new Uint8Array(),
    );
    const result = peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8());
    const event = peer.ChaincodeEvent.deserializeBinary(result.getEvents_asU8());
    return {
      id: header.getTxId(),
      bytes: Buffer.from(bytes),
      creator,
      args: (spec.getChaincodeSpec()?.getInput()?.getArgsList_asU8() ?? []).map((argument) =>
        Buffer.from(argument).toString('utf8'),
      ),
      ...(event.getEventName() === ''
        ? {}
        : {
            event: {
              name: event.getEventName(),
              payload: Buffer.from(event.getPayload_asU8()).toString('utf8'),
            },
          }),
    };
  });
}
