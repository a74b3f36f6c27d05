import type { NetworkFiles } from '../../identity/paths';
import { isListening, startProcess, stopProcess } from '../../processes/processes';
import type { Binaries } from './binaries';
import { writeBuilder } from './builder';
import { ordererConfig, peerConfig, writeConfig } from './config';
import { configPath, ORDERER_PROCESS, peerProcess } from './paths';

/** Milliseconds until a process must listen; a peer that replays its ledger after a crash takes its time. */
const START_DEADLINE_MS = 60_000;

/** Milliseconds a process gets to close its ledgers. */
const STOP_GRACE_MS = 15_000;

/** Names of the runtime's processes: the orderer first. */
export function processNames({ topology }: Pick<NetworkFiles, 'topology'>): readonly string[] {
  return [ORDERER_PROCESS, ...topology.organisations.map(({ name }) => peerProcess(name))];
}

/**
 * Environment of a Fabric process. Its settings come from the generated file alone, so whatever the operator's shell
 * has for other networks (`CORE_PEER_…` of Fabric's test-network, say) is blanked: Fabric ignores an empty variable.
 */
function environment(config: string): Record<string, string> {
  const foreign = Object.keys(process.env).filter((name) => /^(CORE|ORDERER)_/.test(name));
  return {
    ...Object.fromEntries(foreign.map((name) => [name, ''])),
    FABRIC_CFG_PATH: config,
    FABRIC_LOGGING_SPEC: process.env.FABRIC_LOGGING_SPEC ?? 'warning',
  };
}

/**
 * Writes the configuration for the version found, and starts the orderer and every organisation's peer.
 * @returns names of the processes that were started; those that ran already are left alone.
 * @throws ProcessError where one does not come up.
 */
export async function startAll(files: NetworkFiles, binaries: Binaries): Promise<readonly string[]> {
  const { directory, topology } = files;
  const builder = writeBuilder(directory);
  const start = async (
    name: string,
    command: string,
    args: string[],
    ports: readonly number[],
  ): Promise<string[]> => {
    const config = configPath(directory, name);
    const started = await startProcess({
      directory,
      name,
      command,
      args,
      env: environment(config),
      cwd: config,
      ready: async () => (await Promise.all(ports.map(isListening))).every(Boolean),
      deadlineMs: START_DEADLINE_MS,
    });
    return started ? [name] : [];
  };
  const { orderer } = topology;
  writeConfig(
    configPath(directory, ORDERER_PROCESS),
    'orderer.yaml',
    ordererConfig(directory, orderer, binaries.release),
  );
  const ordering = start(
    ORDERER_PROCESS,
    binaries.orderer,
    [],
    [
      orderer.ports.orderer,
      // It opens after the other, and channels are joined through it.
      orderer.ports.admin,
    ],
  );
  const peers = topology.organisations.map((organisation) => {
    const name = peerProcess(organisation.name);
    const content = peerConfig(directory, organisation, binaries.release, builder);
    writeConfig(configPath(directory, name), 'core.yaml', content);
    return start(name, binaries.peer, ['node', 'start'], [organisation.ports.peer]);
  });
  return (await Promise.all([ordering, ...peers])).flat();
}

/** Stops every process of the runtime. Harmless where none runs. */
export async function stopAll(files: NetworkFiles): Promise<void> {
  await Promise.all(processNames(files).map((name) => stopProcess(files.directory, name, STOP_GRACE_MS)));
}
