import { isListening, knownProcesses, processState } from '../processes/processes';
import type { NetworkContext } from '../runtimes/runtime';

/**
 * Refuses to start a network whose ports another program holds: its processes would fail one by one, or be taken for
 * ready because the other program answers. A network of which something runs already goes on and is not looked at.
 *
 * @throws where a port is taken, naming it and what it is for.
 */
export async function requireFreePorts({ topology, directory }: NetworkContext): Promise<void> {
  if (knownProcesses(directory).some((name) => processState(directory, name).running)) return;
  const wanted = [
    { port: topology.orderer.ports.orderer, purpose: 'the orderer' },
    ...topology.organisations.flatMap(({ name, ports }) => [
      { port: ports.peer, purpose: `the peer of ${name}` },
      { port: ports.chaincode, purpose: `the chaincode of ${name}` },
      { port: ports.gateway, purpose: `the gateway of ${name}` },
    ]),
  ];
  const taken = await Promise.all(wanted.map(async (item) => ((await isListening(item.port)) ? [item] : [])));
  const [first] = taken.flat();
  if (first !== undefined)
    throw new Error(
      `port ${first.port}, for ${first.purpose}, is in use by another program: ` +
        'stop it (another network? "network down --directory …"), or choose other ports with --port-base',
    );
}
