import type { Server } from '@grpc/grpc-js';
import { Shim, type ChaincodeServer, type ChaincodeServerOpts } from 'fabric-shim';
import type { ChaincodeService } from '../runtimes/runtime';
import { loadChaincode } from './load-contracts';

/** As Fabric's own limit on a message. */
const maxMessageBytes = 100 * 1024 * 1024;

/** Serves chaincodes to the peers that connect, one server a service, on the loopback addresses of the services. */
export class ChaincodeHost {
  readonly #servers = new Map<string, ChaincodeServer>();

  /** Makes what is served equal to the list: closes what is not in it, opens what is new. */
  async serve(services: readonly ChaincodeService[]): Promise<void> {
    const wanted = new Map(services.map((service) => [JSON.stringify(service), service]));
    for (const [key, server] of this.#servers) {
      if (wanted.has(key)) continue;
      close(server);
      this.#servers.delete(key);
    }
    for (const [key, service] of wanted) {
      if (this.#servers.has(key)) continue;
      const options: Omit<ChaincodeServerOpts, 'tlsProps'> = {
        ccid: service.packageId,
        address: service.address,
        'grpc.max_receive_message_length': maxMessageBytes,
        'grpc.max_send_message_length': maxMessageBytes,
      };
      // Its types ask for TLS, its code takes a server without: this one is reached on loopback only.
      const server = Shim.server(loadChaincode(service), options as ChaincodeServerOpts);
      await server.start();
      this.#servers.set(key, server);
    }
  }

  close(): void {
    for (const server of this.#servers.values()) close(server);
    this.#servers.clear();
  }
}

/** fabric-shim has no way to stop a server; its gRPC server has. Peers see their streams end and connect anew. */
function close(server: ChaincodeServer): void {
  (server as unknown as { readonly _server: Server })._server.forceShutdown();
}
