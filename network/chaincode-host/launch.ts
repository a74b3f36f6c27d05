import { setTimeout as sleep } from 'node:timers/promises';
import { processState, ProcessError, signalProcess, startProcess, stopProcess } from '../processes/processes';
import type { ChaincodeService, NetworkContext } from '../runtimes/runtime';
import { compiledProgram, projectRoot } from '../topology/project';
import { isService, readReplaced, readServed, readServices, writeReplaced, writeServices } from './services';
import type { ServiceName } from './services';

type Directory = Pick<NetworkContext, 'directory'>;

/** Name of the process that serves whatever has no process of its own. */
export const sharedHost = 'chaincode-host';

const deadlineMs = 20_000;

/**
 * Serves the chaincodes of all organisations from one process. Called again with other package ids or modules, it
 * brings that process up to date; a chaincode that was replaced for a test is put back.
 *
 * @throws {@link ProcessError} where a service does not come up.
 */
export async function startChaincodeHosts(
  { directory }: Directory,
  services: readonly ChaincodeService[],
): Promise<void> {
  for (const replaced of readReplaced(directory)) await stopProcess(directory, ownHost(replaced));
  writeReplaced(directory, []);
  writeServices(directory, services);
  const started = await startHost(directory, sharedHost, []);
  if (!started) await refreshSharedHost(directory);
}

/** Stops every chaincode process of the network. Harmless where none runs. */
export async function stopChaincodeHosts({ directory }: Directory): Promise<void> {
  const hosts = [sharedHost, ...readReplaced(directory).map(ownHost)];
  await Promise.all(hosts.map((host) => stopProcess(directory, host)));
  if (readReplaced(directory).length > 0) writeReplaced(directory, []);
}

/**
 * Runs another module as one organisation's chaincode, in a process of its own at the same address and under the same
 * package id: what an organisation does that changes its code and tells nobody.
 *
 * @param modulePath absolute path of the compiled module, which exports `contracts`.
 */
export async function replaceChaincode(
  { directory }: Directory,
  organisation: string,
  chaincode: string,
  modulePath: string,
): Promise<void> {
  const name: ServiceName = { organisation, chaincode };
  if (!readServices(directory).some(isService(name)))
    throw new Error(`${organisation} runs no chaincode "${chaincode}"`);
  await stopProcess(directory, ownHost(name));
  writeReplaced(directory, [...readReplaced(directory).filter((other) => !isService(name)(other)), name]);
  await refreshSharedHost(directory);
  const args = ['--organisation', organisation, '--chaincode', chaincode, '--module', modulePath];
  await startHost(directory, ownHost(name), args);
}

/** Ends what {@link replaceChaincode} began: the organisation runs the declared chaincode again. */
export async function restoreChaincode(
  { directory }: Directory,
  organisation: string,
  chaincode: string,
): Promise<void> {
  const name: ServiceName = { organisation, chaincode };
  await stopProcess(directory, ownHost(name));
  writeReplaced(
    directory,
    readReplaced(directory).filter((other) => !isService(name)(other)),
  );
  await refreshSharedHost(directory);
}

/** Names of the chaincode processes, for `network status`. */
export function chaincodeHosts({ directory }: Directory): readonly string[] {
  return [sharedHost, ...readReplaced(directory).map(ownHost)];
}

function ownHost({ organisation, chaincode }: ServiceName): string {
  return `chaincode-${organisation}-${chaincode}`;
}

async function startHost(directory: string, name: string, args: readonly string[]): Promise<boolean> {
  return startProcess({
    directory,
    name,
    command: process.execPath,
    args: [
      compiledProgram('network', 'chaincode-host', 'main.js'),
      '--directory',
      directory,
      '--name',
      name,
      ...args,
    ],
    cwd: projectRoot,
    env: { CORE_CHAINCODE_LOGGING_LEVEL: 'error' },
    ready: (log) => log.includes('serving '),
    deadlineMs,
  });
}

/** Makes the shared host read its services again and waits until it serves exactly those. */
async function refreshSharedHost(directory: string): Promise<void> {
  const replaced = readReplaced(directory);
  const wanted = JSON.stringify(
    readServices(directory).filter((service) => !replaced.some(isService(service))),
  );
  const served = (): boolean => JSON.stringify(readServed(directory, sharedHost)) === wanted;
  if (served()) return;
  signalProcess(directory, sharedHost, 'SIGHUP');
  const deadline = Date.now() + deadlineMs;
  while (!served()) {
    if (!processState(directory, sharedHost).running || Date.now() > deadline)
      throw new ProcessError(`${sharedHost} does not serve what it should; see its log`);
    await sleep(25);
  }
}
