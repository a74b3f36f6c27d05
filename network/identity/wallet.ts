import { createPrivateKey, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { Topology } from '../topology/topology';
import { mspPaths, userPath, type NetworkFiles } from './paths';

/** A signing identity as clients of Fabric use it. */
export interface WalletIdentity {
  readonly mspId: string;
  /** PEM. */
  readonly certificate: string;
  readonly privateKey: KeyObject;
}

/**
 * Reads an identity from the wallet of an organisation.
 *
 * @throws where the network knows no such organisation or identity.
 */
export function loadIdentity(context: NetworkFiles, organisation: string, id: string): WalletIdentity {
  return readIdentity(context.directory, organisation, mspOf(context.topology, organisation), id);
}

/** As {@link loadIdentity}, for a process that knows its organisation's MSP but has no topology. */
export function readIdentity(
  directory: string,
  organisation: string,
  mspId: string,
  id: string,
): WalletIdentity {
  const files = mspPaths(userPath(directory, organisation, id));
  if (!existsSync(files.certificate))
    throw new Error(`${organisation} has no identity "${id}"; "network identity list" shows what there is`);
  return {
    mspId,
    certificate: readFileSync(files.certificate, 'utf8'),
    privateKey: createPrivateKey(readFileSync(files.key)),
  };
}

function mspOf(topology: Topology, organisation: string): string {
  const all = [...topology.organisations, topology.orderer];
  const found = all.find(({ name }) => name === organisation);
  if (found === undefined) throw new Error(`no organisation "${organisation}" in the consortium`);
  return found.msp;
}
