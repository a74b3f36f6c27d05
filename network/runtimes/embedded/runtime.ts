import { startChaincodeHosts } from '../../chaincode-host/launch';
import { processState, startProcess, stopProcess } from '../../processes/processes';
import { compiledProgram, projectRoot } from '../../topology/project';
import type { ChannelStatus, NetworkContext, Runtime, RuntimeStatus } from '../runtime';
import { embeddedServices } from './services';

const PROCESS = 'embedded-fabric';
const START_TIMEOUT_MS = 30_000;
const STATUS_TIMEOUT_MS = 2000;

/** A development Fabric: every organisation's peer and the orderer in one Node process. */
export const embeddedRuntime: Runtime = {
  name: 'embedded',

  async up(context: NetworkContext): Promise<void> {
    const { topology, directory, progress } = context;
    await stopOutdated(context);
    const [, started] = await Promise.all([
      startChaincodeHosts(context, embeddedServices(topology)),
      startProcess({
        directory,
        name: PROCESS,
        command: process.execPath,
        args: [compiledProgram('network', 'runtimes', 'embedded', 'main.js'), '--directory', directory],
        cwd: projectRoot,
        ready: (log) => log.includes('embedded fabric: ready'),
        deadlineMs: START_TIMEOUT_MS,
      }),
    ]);
    const peers = `${topology.organisations.length} peers, ${topology.channels.length} channels`;
    progress(`embedded Fabric with ${peers}: ${started ? 'ready' : 'runs already'}`);
  },

  async down({ directory }: NetworkContext): Promise<void> {
    await stopProcess(directory, PROCESS);
  },

  async status({ topology, directory }: NetworkContext): Promise<RuntimeStatus> {
    const state = processState(directory, PROCESS);
    const channels = state.running ? await runningChannels(topology.orderer.ports.operations) : [];
    return { processes: [state], channels };
  },
};

/** A process that runs other versions than the topology has is stopped: definitions are brought up to date at the start. */
async function stopOutdated({ topology, directory }: NetworkContext): Promise<void> {
  if (!processState(directory, PROCESS).running) {
    return;
  }
  const versions = new Map(topology.chaincodes.map(({ name, version }) => [name, version]));
  const channels = await runningChannels(topology.orderer.ports.operations);
  const isCurrent = topology.channels.every((declared) => {
    const running = channels.find(({ name }) => name === declared.name)?.chaincodes ?? [];
    return declared.chaincodes.every(({ name }) =>
      running.some((chaincode) => chaincode.name === name && chaincode.version === versions.get(name)),
    );
  });
  if (!isCurrent) {
    await stopProcess(directory, PROCESS);
  }
}

/** Asks the process; a process that does not answer has no channels to tell of. */
async function runningChannels(port: number): Promise<readonly ChannelStatus[]> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/channels`, {
      signal: AbortSignal.timeout(STATUS_TIMEOUT_MS),
    });
    return response.ok ? ((await response.json()) as ChannelStatus[]) : [];
  } catch {
    return [];
  }
}
