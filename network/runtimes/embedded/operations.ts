import { createServer, type Server } from 'node:http';
import type { ChannelStatus } from '../runtime';
import type { Topology } from '../../topology/topology';
import type { EmbeddedNetwork } from './peer/network';

/** What the channels of a network look like now. */
export function channelStatus(network: EmbeddedNetwork, topology: Topology): ChannelStatus[] {
  return topology.channels.flatMap(({ name, chaincodes }) => {
    const ledger = network.channels.get(name)?.ledger;
    if (ledger === undefined) {
      return [];
    }
    const defined = chaincodes.flatMap((chaincode) => ledger.definition(chaincode.name) ?? []);
    return [
      {
        name,
        height: ledger.height,
        chaincodes: defined.map((chaincode) => ({
          name: chaincode.name,
          version: chaincode.version,
          sequence: chaincode.sequence,
        })),
      },
    ];
  });
}

/** Serves `/healthz` and `/channels` on loopback, for `network status`. Tells heights and versions, nothing else. */
export async function serveOperations(network: EmbeddedNetwork, topology: Topology): Promise<Server> {
  const server = createServer((request, response) => {
    const body =
      request.url === '/healthz'
        ? { status: 'OK' }
        : request.url === '/channels'
          ? channelStatus(network, topology)
          : undefined;
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? { error: 'not found' }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(topology.orderer.ports.operations, '127.0.0.1', resolve);
  });
  return server;
}
