import type { SignedEnterprise } from '../../../chaincode/registry/model';
import type { Delivery, RequestView } from '../../../chaincode/sharing/model';
import type { Connection } from '../../../network/client/connect';
import { ownPeer } from '../../../network/client/own-peer';
import type { DeliveryBundle } from '../../verify/bundle';
import { collectBundle } from './collect';

/**
 * Takes a delivery out of the ledger with the proof of it.
 *
 * @param officer of the bank: the contract lets him read the delivery, or not.
 * @param reader of an identity that may read the channel's blocks.
 * @throws what the contract refuses with, such as `NOT_FOUND` or `CONSENT_NOT_ACTIVE`.
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
  const entry = await peer.evaluate('registry', 'registry', 'GetEnterprise', { uscc });
  return collectBundle(reader.gateway, {
    channel,
    consentId,
    delivery,
    enterprise: entry as SignedEnterprise,
  });
}
