import type { Gateway } from '@hyperledger/fabric-gateway';
import type { SignedEnterprise } from '../../../chaincode/registry/model';
import type { Delivery } from '../../../chaincode/sharing/model';
import { keys } from '../../../chaincode/sharing/store';
import { channelHeight, readBlocks, writesOf } from '../../../network/client/blocks';
import type { DeliveryBundle } from '../../verify/bundle';

/** What a bundle is made of beside the ledger. */
interface Delivered {
  readonly channel: string;
  readonly consentId: string;
  readonly delivery: Delivery;
  readonly enterprise: SignedEnterprise;
}

/**
 * Puts a delivery together with the blocks that prove it. A block is exported whole, since the orderer signed it whole:
 * what else it holds of the channel goes along.
 *
 * @param gateway of an identity that may read blocks.
 * @throws where the blocks cannot be read.
 */
export async function collectBundle(
  gateway: Gateway,
  { channel, consentId, delivery, enterprise }: Delivered,
): Promise<DeliveryBundle> {
  const { requestId } = delivery;
  const wanted = [
    keys.consent(consentId),
    keys.grant(consentId),
    keys.request(requestId),
    keys.offer(requestId),
  ];
  const blocks: string[] = [];
  const height = await channelHeight(gateway, channel);
  for await (const block of readBlocks(gateway, channel, { height })) {
    if (writesOf(block, 'sharing').some(({ key }) => wanted.includes(key)))
      blocks.push(Buffer.from(block.serializeBinary()).toString('base64'));
  }
  return { version: 1, channel, requestId, delivery, enterprise, blocks };
}
