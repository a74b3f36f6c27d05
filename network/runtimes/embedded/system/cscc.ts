import { peer } from '@hyperledger/fabric-protos';
import { channelOf } from '../peer/network';
import { permittedChannel, type SystemChaincode, type SystemQuery } from './system';

/** The channel queries of Fabric's `cscc`. Channels are joined by starting the runtime, not through this chaincode. */
export const cscc: SystemChaincode = (query) => {
  switch (query.fn) {
    case 'GetChannels':
      return Promise.resolve(channels(query));
    case 'GetConfigBlock':
      return configBlock(query);
    default:
      throw new Error(`the function ${query.fn} of cscc is not supported by the embedded runtime`);
  }
};

/** Fabric guards this by the policy `Members` of the peer's own MSP. */
function channels(query: SystemQuery): Uint8Array {
  const { network, proposal, channel } = query;
  if (channel.ledger.resources.msps.identity(proposal.creator).mspId !== query.peer.msp) {
    throw new Error(`access denied for [GetChannels]: the caller is not a member of ${query.peer.msp}`);
  }
  const response = new peer.ChannelQueryResponse();
  for (const name of network.channels.keys()) {
    if (channelOf(network, query.peer, name) !== undefined) {
      const info = new peer.ChannelInfo();
      info.setChannelId(name);
      response.addChannels(info);
    }
  }
  return response.serializeBinary();
}

async function configBlock(query: SystemQuery): Promise<Uint8Array> {
  const { ledger } = permittedChannel(query, 'cscc');
  const block = await ledger.blockBytes(ledger.lastConfig);
  if (block === undefined) {
    throw new Error('failed to retrieve the configuration block');
  }
  return block;
}
