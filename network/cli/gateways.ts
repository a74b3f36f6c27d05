import { existsSync } from 'node:fs';
import { processState, startProcess, stopProcess, type ProcessState } from '../processes/processes';
import type { NetworkContext } from '../runtimes/runtime';
import { compiledProgram, projectRoot } from '../topology/project';

const deadlineMs = 30_000;

/** A gateway of an organisation as `network status` shows it. */
export interface GatewayStatus extends ProcessState {
  readonly organisation: string;
  readonly url: string;
}

/** Starts each organisation's REST gateway and waits until all answer. One that already runs is left alone. */
export async function startGateways({ topology, directory, progress }: NetworkContext): Promise<void> {
  const program = compiledProgram('gateway', 'main.js');
  if (!existsSync(program)) {
    progress('gateways: left out, since they have not been built');
    return;
  }
  await Promise.all(
    topology.organisations.map(({ name, ports }) =>
      startProcess({
        directory,
        name: processName(name),
        command: process.execPath,
        args: [program, '--directory', directory, '--organisation', name],
        cwd: projectRoot,
        ready: () => isHealthy(ports.gateway),
        deadlineMs,
      }),
    ),
  );
  progress(`gateways: ${topology.organisations.length} up`);
}

/** Stops the gateways. Harmless where none runs. */
export async function stopGateways({ topology, directory }: NetworkContext): Promise<void> {
  await Promise.all(topology.organisations.map(({ name }) => stopProcess(directory, processName(name))));
}

/** The organisations' gateways and whether they run. */
export function gatewayStatus({ topology, directory }: NetworkContext): readonly GatewayStatus[] {
  return topology.organisations.map(({ name, ports }) => ({
    organisation: name,
    url: `http://127.0.0.1:${ports.gateway}`,
    ...processState(directory, processName(name)),
  }));
}

function processName(organisation: string): string {
  return `gateway-${organisation}`;
}

async function isHealthy(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(2000) });
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    // Not listening yet.
    return false;
  }
}
