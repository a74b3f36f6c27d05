import path from 'node:path';
import type { Organisation, Topology } from '../topology/topology';

/** What is needed to find a network's key material. */
export interface NetworkFiles {
  readonly topology: Topology;
  /** Absolute path of the network's directory. */
  readonly directory: string;
}

/** Files of one organisation's certificate authorities. */
export interface AuthorityPaths {
  readonly signCertificate: string;
  readonly signKey: string;
  readonly tlsCertificate: string;
  readonly tlsKey: string;
}

/** Files of a node's TLS server certificate. */
export interface TlsPaths {
  readonly directory: string;
  readonly certificate: string;
  readonly key: string;
  readonly rootCertificate: string;
}

/** Files of a signing identity in Fabric's MSP layout. */
export interface MspPaths {
  readonly directory: string;
  readonly certificate: string;
  readonly key: string;
}

/** Directory of an organisation, the orderer's operator included, by its name in the topology. */
export function organisationPath(directory: string, organisation: string): string {
  return path.join(directory, 'organisations', organisation);
}

export function authorityPaths(directory: string, organisation: string): AuthorityPaths {
  const base = path.join(organisationPath(directory, organisation), 'ca');
  return {
    signCertificate: path.join(base, 'sign.pem'),
    signKey: path.join(base, 'sign.key'),
    tlsCertificate: path.join(base, 'tls.pem'),
    tlsKey: path.join(base, 'tls.key'),
  };
}

/** The organisation's MSP without any signing identity, as channel configurations carry it. */
export function organisationMspPath(directory: string, organisation: string): string {
  return path.join(organisationPath(directory, organisation), 'msp');
}

export function peerPath(directory: string, organisation: string): string {
  return path.join(organisationPath(directory, organisation), 'peers', 'peer0');
}

export function ordererPath(directory: string, orderer: string): string {
  return path.join(organisationPath(directory, orderer), 'orderers', 'orderer0');
}

export function userPath(directory: string, organisation: string, id: string): string {
  return path.join(organisationPath(directory, organisation), 'users', id);
}

/** The `msp` directory below a node's or a user's directory. */
export function mspPaths(holder: string): MspPaths {
  const directory = path.join(holder, 'msp');
  return {
    directory,
    certificate: path.join(directory, 'signcerts', 'cert.pem'),
    key: path.join(directory, 'keystore', 'key.pem'),
  };
}

/** The `tls` directory below a node's or a user's directory. */
export function tlsPaths(holder: string): TlsPaths {
  const directory = path.join(holder, 'tls');
  return {
    directory,
    certificate: path.join(directory, 'server.crt'),
    key: path.join(directory, 'server.key'),
    rootCertificate: path.join(directory, 'ca.crt'),
  };
}

/** Name of an organisation's peer in its TLS certificate. */
export function peerHostAlias(organisation: string): string {
  return `peer0.${organisation}.localhost`;
}

/** Name of the orderer in its TLS certificate. */
export function ordererHostAlias(orderer: string): string {
  return `orderer0.${orderer}.localhost`;
}

/** @throws an error that lists the organisations where none has the name. */
export function findOrganisation(topology: Topology, name: string): Organisation {
  const found = topology.organisations.find((organisation) => organisation.name === name);
  if (found === undefined) {
    const names = topology.organisations.map((organisation) => organisation.name).join(', ');
    throw new Error(`no organisation "${name}" in the consortium; it has ${names}`);
  }
  return found;
}

/** @throws an error where no organisation has that MSP. */
export function organisationOfMsp(topology: Topology, msp: string): Organisation {
  const found = topology.organisations.find((organisation) => organisation.msp === msp);
  if (found === undefined) throw new Error(`no organisation of the consortium has the MSP ${msp}`);
  return found;
}
