import type { SignedEnterprise } from '../../../chaincode/registry/model';
import type { Delivery, RequestView } from '../../../chaincode/sharing/model';
import { keys } from '../../../chaincode/sharing/store';
import { channelHeight, readBlocks, writesOf } from '../../../network/client/blocks';
import type { Connection } from '../../../network/client/connect';
import { ownPeer } from '../../../network/client/own-peer';
import type { DeliveryBundle } from '../../verify/bundle';

/**
 * Takes a delivery out of the ledger with the blocks that prove it. A block is exported whole, since the orderer signed it
 * whole: what else it holds of the channel goes along.
 *
 * @param officer of the bank: the contract lets him read the delivery, or not.
 * @param reader of an identity that may read the channel's blocks.
 * @throws what the contract refuses with, such as `NOT_FOUND` or `CONSENT_NOT_ACTIVE`, or where the blocks cannot be read.
 */
export async function exportDelivery(
  officer: Pick<Connection, 'gateway'>,
  reader: Pick<Connection, 'gateway'>,
  channel: string,
  requestId: string,
): Promise<DeliveryBundle> {
  const peer = ownPeer(officer);
  const { request } = (await peer.evaluate(channel, 'sharing', 'GetRequest', { requestId })) as RequestView;
  const delivery = (await peer.readPrivate(channel, 'sharing', 'ReadDelivery', { requestId })) as Delivery;
  const { enterprise: uscc, consentId } = request;
  const enterprise = (await peer.evaluate('registry', 'registry', 'GetEnterprise', {
    uscc,
  })) as SignedEnterprise;
  const wanted = [
    keys.consent(consentId),
    keys.grant(consentId),
    keys.request(requestId),
    keys.offer(requestId),
  ];
  const blocks: string[] = [];
  const height = await channelHeight(reader.gateway, channel);
  for await (const block of readBlocks(reader.gateway, channel, { height })) {
    if (writesOf(block, 'sharing').some(({ key }) => wanted.includes(key)))
      blocks.push(Buffer.from(block.serializeBinary()).toString('base64'));
  }
  return { version: 1, channel, requestId, delivery, enterprise, blocks };
}
