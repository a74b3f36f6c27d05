import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findOrganisation, peerHostAlias, peerPath, tlsPaths, type NetworkFiles } from '../identity/paths';
import type { PeerConnection } from '../runtimes/runtime';

/** All that a client of one organisation needs to know of the network. */
export interface ConnectionProfile {
  readonly organisation: string;
  readonly msp: string;
  /** The organisation's own peer, whose gateway its clients use. */
  readonly peer: PeerConnection;
  /** Channels of which the organisation is a member. */
  readonly channels: readonly string[];
  /** Where the organisation's REST gateway listens. */
  readonly gatewayUrl: string;
}

/** How an organisation's peer is reached; the same on every runtime. */
export function peerConnection({ topology, directory }: NetworkFiles, organisation: string): PeerConnection {
  const { name, msp, ports } = findOrganisation(topology, organisation);
  return {
    msp,
    address: `127.0.0.1:${ports.peer}`,
    hostAlias: peerHostAlias(name),
    tlsRootCertificate: tlsPaths(peerPath(directory, name)).rootCertificate,
  };
}

/** The connection profile of an organisation, from the topology. */
export function connectionProfile(files: NetworkFiles, organisation: string): ConnectionProfile {
  const { name, msp, ports } = findOrganisation(files.topology, organisation);
  return {
    organisation: name,
    msp,
    peer: peerConnection(files, organisation),
    channels: files.topology.channels
      .filter(({ members }) => members.includes(msp))
      .map((channel) => channel.name),
    gatewayUrl: `http://127.0.0.1:${ports.gateway}`,
  };
}

/** Writes `connections/<organisation>.json` for each organisation. */
export function writeConnectionProfiles(files: NetworkFiles): void {
  for (const { name } of files.topology.organisations) {
    const file = profilePath(files.directory, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify(connectionProfile(files, name), null, 2) + '\n');
    renameSync(`${file}.new`, file);
  }
}

/**
 * Reads the profile that `network up` wrote.
 *
 * @throws where there is none for that organisation.
 */
export function readConnectionProfile(directory: string, organisation: string): ConnectionProfile {
  const file = profilePath(directory, organisation);
  if (!existsSync(file))
    throw new Error(`no connection profile for ${organisation} in ${directory}: is the network up?`);
  return JSON.parse(readFileSync(file, 'utf8')) as ConnectionProfile;
}

function profilePath(directory: string, organisation: string): string {
  return path.join(directory, 'connections', `${organisation}.json`);
}

/**
 * The organisation's channel whose name begins so, as `sharing-` or `lending-`: a bank has one of each.
 *
 * @throws where it is on none.
 */
export function ownChannel({ organisation, channels }: ConnectionProfile, prefix: string): string {
  const found = channels.find((channel) => channel.startsWith(prefix));
  if (found === undefined) throw new Error(`${organisation} is on no channel ${prefix}…`);
  return found;
}
