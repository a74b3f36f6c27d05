import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** How long `peer version` may take, in milliseconds; it reads no network and no ledger. */
const VERSION_DEADLINE_MS = 10_000;

/** Releases whose configuration this runtime knows how to write. */
const SUPPORTED = ['2.5', '3.1'] as const;

/** Release line of Fabric, which decides what configuration its binaries accept. */
export type Release = (typeof SUPPORTED)[number];

/** Fabric's executables as found on this machine. */
export interface Binaries {
  /** Absolute path of `peer`. */
  readonly peer: string;
  /** Absolute path of `orderer`. */
  readonly orderer: string;
  /** Full version, e.g. `2.5.16`. */
  readonly version: string;
  readonly release: Release;
}

/** The native runtime cannot start because Fabric's binaries are missing, mixed or of a release it does not know. */
export class BinariesError extends Error {
  override readonly name = 'BinariesError';
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Directories to search: `FABRIC_BIN` alone where it is set, so that nobody runs another version than he named. */
function searchPath(environment: NodeJS.ProcessEnv): { directories: string[]; described: string } {
  const chosen = environment.FABRIC_BIN;
  if (chosen !== undefined && chosen !== '') {
    return { directories: [chosen], described: `FABRIC_BIN (${chosen})` };
  }
  const directories = (environment.PATH ?? '').split(delimiter).filter((entry) => entry !== '');
  return { directories, described: 'the PATH, and FABRIC_BIN is not set' };
}

/**
 * Reads the version and release line out of what `peer version` or `orderer version` prints.
 * @throws BinariesError where there is no version, or one this runtime writes no configuration for.
 */
export function parseVersion(output: string): { version: string; release: Release } {
  const version = /^\s*Version:\s*v?(\d+\.\d+\.\d+\S*)/m.exec(output)?.[1];
  if (version === undefined) {
    throw new BinariesError(`cannot read a version from what the binary printed: ${output.slice(0, 200)}`);
  }
  const release = SUPPORTED.find((line) => version.startsWith(`${line}.`));
  if (release === undefined) {
    throw new BinariesError(
      `Fabric ${version} is not supported by the native runtime; it needs ${SUPPORTED.join('.x or ')}.x`,
    );
  }
  return { version, release };
}

async function versionOf(path: string): Promise<{ version: string; release: Release }> {
  const { stdout } = await run(path, ['version'], { timeout: VERSION_DEADLINE_MS });
  return parseVersion(stdout);
}

/**
 * Finds `peer` and `orderer` in `FABRIC_BIN`, or on the `PATH` where it is not set, and reads their version.
 * @throws BinariesError naming what is missing and where it was looked for, or what versions do not go together.
 */
export async function findBinaries(environment: NodeJS.ProcessEnv = process.env): Promise<Binaries> {
  const { directories, described } = searchPath(environment);
  const find = (name: string): string | undefined =>
    directories.map((directory) => join(directory, name)).find(isExecutable);
  const peer = find('peer');
  const orderer = find('orderer');
  if (peer === undefined || orderer === undefined) {
    const missing = [peer === undefined ? 'peer' : '', orderer === undefined ? 'orderer' : ''].filter(
      Boolean,
    );
    throw new BinariesError(
      `the native runtime needs Fabric's ${missing.join(' and ')}, not found on ${described}. ` +
        'Put the binaries of Fabric 2.5.x or 3.1.x there, or use --runtime embedded, which needs none.',
    );
  }
  const [ofPeer, ofOrderer] = await Promise.all([versionOf(peer), versionOf(orderer)]);
  if (ofPeer.version !== ofOrderer.version) {
    throw new BinariesError(
      `${peer} is Fabric ${ofPeer.version} and ${orderer} is ${ofOrderer.version}: use one version`,
    );
  }
  return { peer, orderer, ...ofPeer };
}
