import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { NetworkContext, Progress, Runtime } from '../runtimes/runtime';
import { loadTopology } from './load';

/** What a network's directory says about itself in `network.json`. */
export interface NetworkFile {
  readonly runtime: Runtime['name'];
  /** Absolute path of the consortium file. */
  readonly consortium: string;
  /** First port, where it is not the file's own. */
  readonly portBase?: number;
  /** Whether the REST gateways belong to what runs. */
  readonly gateways?: boolean;
  /** When `network up` last completed, ISO 8601; absent before. */
  readonly startedAt?: string;
}

/** Where a network lives unless told otherwise: `.network` in the working directory. */
export const defaultDirectory = '.network';

/** Reads `network.json`; undefined where the directory holds no network. */
export function readNetworkFile(directory: string): NetworkFile | undefined {
  const file = networkFilePath(directory);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as NetworkFile) : undefined;
}

export function writeNetworkFile(directory: string, content: NetworkFile): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = networkFilePath(directory);
  writeFileSync(`${file}.new`, JSON.stringify(content, null, 2) + '\n');
  renameSync(`${file}.new`, file);
}

/**
 * The context of a network that was started before, for any process that is given its directory.
 *
 * @throws where the directory holds no network, or its consortium file cannot be used.
 */
export function openNetwork(directory: string, progress: Progress = () => undefined): NetworkContext {
  const absolute = path.resolve(directory);
  const known = readNetworkFile(absolute);
  if (known === undefined) throw new Error(`there is no network in ${absolute}; "network up" makes one`);
  return { topology: loadTopology(known.consortium, portOptions(known)), directory: absolute, progress };
}

/** Load options that a network's file asks for. */
export function portOptions({ portBase }: Pick<NetworkFile, 'portBase'>): { portBase?: number } {
  return portBase === undefined ? {} : { portBase };
}

function networkFilePath(directory: string): string {
  return path.join(directory, 'network.json');
}
