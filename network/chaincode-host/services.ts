import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ChaincodeService, NetworkContext } from '../runtimes/runtime';

/** A service before its package id is known. */
export type DeclaredService = Omit<ChaincodeService, 'packageId'> & {
  /** Label of the organisation's package. */
  readonly label: string;
};

/** One organisation's service of one chaincode. */
export interface ServiceName {
  readonly organisation: string;
  readonly chaincode: string;
}

/**
 * The chaincode services that the topology asks for: each organisation runs the chaincodes of its channels, each under
 * a package of its own.
 */
export function declaredServices({ topology }: Pick<NetworkContext, 'topology'>): readonly DeclaredService[] {
  return topology.organisations.flatMap((organisation) =>
    topology.chaincodes.flatMap((chaincode, index) => {
      const runs = topology.channels.some(
        (channel) =>
          channel.members.includes(organisation.msp) &&
          channel.chaincodes.some(({ name }) => name === chaincode.name),
      );
      if (!runs) return [];
      return {
        organisation: organisation.name,
        msp: organisation.msp,
        chaincode: chaincode.name,
        version: chaincode.version,
        label: `${chaincode.name}_${chaincode.version}_${organisation.name}`,
        address: `127.0.0.1:${organisation.ports.chaincode + index}`,
        module: chaincode.module,
      };
    }),
  );
}

/** Writes `chaincodes/<organisation>/<chaincode>.json`, which the chaincode hosts read. */
export function writeServices(directory: string, services: readonly ChaincodeService[]): void {
  for (const service of services) {
    const file = path.join(directory, 'chaincodes', service.organisation, `${service.chaincode}.json`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeJson(file, service);
  }
}

/** All services that have been written. */
export function readServices(directory: string): readonly ChaincodeService[] {
  const base = path.join(directory, 'chaincodes');
  if (!existsSync(base)) return [];
  return readdirSync(base)
    .sort()
    .flatMap((organisation) =>
      readdirSync(path.join(base, organisation))
        .filter((file) => file.endsWith('.json'))
        .sort()
        .map((file) => readJson(path.join(base, organisation, file)) as ChaincodeService),
    );
}

/** Services that the shared host leaves to a process of their own. */
export function readReplaced(directory: string): readonly ServiceName[] {
  const file = replacedPath(directory);
  return existsSync(file) ? (readJson(file) as ServiceName[]) : [];
}

export function writeReplaced(directory: string, replaced: readonly ServiceName[]): void {
  writeJson(replacedPath(directory), replaced);
}

/** What a host says it serves; undefined before it has said anything. */
export function readServed(directory: string, host: string): readonly ChaincodeService[] | undefined {
  const file = servedPath(directory, host);
  return existsSync(file) ? (readJson(file) as ChaincodeService[]) : undefined;
}

export function writeServed(directory: string, host: string, services: readonly ChaincodeService[]): void {
  writeJson(servedPath(directory, host), services);
}

export function isService({ organisation, chaincode }: ServiceName): (other: ServiceName) => boolean {
  return (other) => other.organisation === organisation && other.chaincode === chaincode;
}

function replacedPath(directory: string): string {
  return path.join(directory, 'run', 'chaincodes-replaced.json');
}

function servedPath(directory: string, host: string): string {
  return path.join(directory, 'run', `${host}.served.json`);
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Whole or not at all: another process may read it at any moment. */
function writeJson(file: string, value: unknown): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(value, null, 2) + '\n');
  renameSync(`${file}.new`, file);
}
