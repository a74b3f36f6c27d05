import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import {
  certificatePem,
  describeHolder,
  newAuthority,
  newSigner,
  newTlsCertificate,
  privateKeyPem,
  readCredential,
  type Credential,
  type HolderDescription,
} from './certificate';
import {
  authorityPaths,
  findOrganisation,
  mspPaths,
  ordererHostAlias,
  ordererPath,
  organisationMspPath,
  peerHostAlias,
  peerPath,
  tlsPaths,
  userPath,
  type NetworkFiles,
} from './paths';

/** Role of an identity under Fabric's NodeOUs: exactly one of them stands in its certificate. */
export type NodeUnit = 'client' | 'admin' | 'peer' | 'orderer';

/** Unit of the services that may read whole blocks, which clients may not. */
export const serviceUnit = 'service';

/** The organisation's own service, which every organisation has from the start. */
export const gatewayIdentity = 'gateway';

export interface IdentityRequest {
  /** Name in the wallet and common name in the certificate. */
  readonly id: string;
  readonly ou: NodeUnit;
  /** Admits it to Readers, which only a service of the organisation itself should be. */
  readonly service?: boolean;
  /** Attributes that chaincode reads, e.g. `{ role: 'analyst' }`. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** What a wallet holds, as read from the certificates. */
export interface IdentityDescription extends HolderDescription {
  readonly organisation: string;
  readonly id: string;
}

/**
 * Makes what a consortium needs to start: for each organisation, and for the orderer's operator, certificate
 * authorities for signing and for TLS, an MSP, its node's identity and TLS certificate, an `Admin` and a service
 * identity. What exists is kept, so calling it again is harmless and an organisation added later gets its own.
 */
export async function createIdentities(context: NetworkFiles): Promise<void> {
  const { topology, directory } = context;
  const members = topology.organisations.map(async ({ name }) => {
    const authorities = await createAuthorities(directory, name);
    await createNode(directory, name, authorities, 'peer', peerPath(directory, name), peerHostAlias(name));
    await issue(directory, name, { id: 'Admin', ou: 'admin' });
    await issue(directory, name, { id: gatewayIdentity, ou: 'client', service: true });
  });
  await Promise.all(members);
  const operator = topology.orderer.name;
  const authorities = await createAuthorities(directory, operator);
  const home = ordererPath(directory, operator);
  await createNode(directory, operator, authorities, 'orderer', home, ordererHostAlias(operator));
  await issue(directory, operator, { id: 'Admin', ou: 'admin' });
}

/**
 * Issues an identity of an organisation into its wallet. Asking again for the same one keeps it.
 *
 * @throws where the organisation or its authority does not exist, the id is unusable as a file name, or an identity of
 * that name with other units or attributes exists.
 */
export async function issueIdentity(
  context: NetworkFiles,
  organisation: string,
  request: IdentityRequest,
): Promise<IdentityDescription> {
  if (organisation !== context.topology.orderer.name) findOrganisation(context.topology, organisation);
  return issue(context.directory, organisation, request);
}

/** Identities in the wallets of the network, of one organisation or of all. */
export function listIdentities(context: NetworkFiles, organisation?: string): readonly IdentityDescription[] {
  const names = [...context.topology.organisations.map(({ name }) => name), context.topology.orderer.name];
  return names
    .filter((name) => organisation === undefined || name === organisation)
    .flatMap((name) => {
      const wallet = path.dirname(userPath(context.directory, name, 'any'));
      if (!existsSync(wallet)) return [];
      return readdirSync(wallet)
        .sort()
        .map((id) =>
          describe(name, id, readFileSync(mspPaths(userPath(context.directory, name, id)).certificate)),
        );
    });
}

async function issue(
  directory: string,
  organisation: string,
  { id, ou, service = false, attributes = {} }: IdentityRequest,
): Promise<IdentityDescription> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/.test(id))
    throw new Error(`"${id}" cannot be an identity's name: letters, digits and . _ @ - only, at most 64`);
  const units = service ? [ou, serviceUnit] : [ou];
  // Names and values as Fabric CA adds them by itself.
  const all = { 'hf.EnrollmentID': id, 'hf.Type': ou, ...attributes };
  const home = userPath(directory, organisation, id);
  const files = mspPaths(home);
  if (existsSync(files.certificate)) {
    const existing = describe(organisation, id, readFileSync(files.certificate));
    if (existing.units.join() !== units.join() || !sameAttributes(existing.attributes, all))
      throw new Error(`${organisation} has an identity "${id}" with other units or attributes`);
    return existing;
  }
  const authority = await readAuthority(directory, organisation);
  const credential = await newSigner({ commonName: id, organisation, units }, authority, all);
  await writeMsp(directory, organisation, home, credential);
  return describe(organisation, id, certificatePem(credential.certificate));
}

function sameAttributes(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

function describe(organisation: string, id: string, pem: Buffer | string): IdentityDescription {
  return { organisation, id, ...describeHolder(pem.toString()) };
}

interface Authorities {
  readonly sign: Credential;
  readonly tls: Credential;
}

async function readAuthority(directory: string, organisation: string): Promise<Credential> {
  const files = authorityPaths(directory, organisation);
  if (!existsSync(files.signCertificate))
    throw new Error(`${organisation} has no certificate authority in ${directory}: start the network once`);
  return readCredential(readFileSync(files.signCertificate, 'utf8'), readFileSync(files.signKey, 'utf8'));
}

async function createAuthorities(directory: string, organisation: string): Promise<Authorities> {
  const files = authorityPaths(directory, organisation);
  const authorities = {
    sign: await keepOrCreate(files.signCertificate, files.signKey, () =>
      newAuthority({ commonName: `ca.${organisation}.localhost`, organisation, units: [] }),
    ),
    tls: await keepOrCreate(files.tlsCertificate, files.tlsKey, () =>
      newAuthority({ commonName: `tlsca.${organisation}.localhost`, organisation, units: [] }),
    ),
  };
  writeMspRoots(directory, organisation, organisationMspPath(directory, organisation));
  return authorities;
}

async function createNode(
  directory: string,
  organisation: string,
  authorities: Authorities,
  unit: 'peer' | 'orderer',
  home: string,
  alias: string,
): Promise<void> {
  const sign = mspPaths(home);
  if (!existsSync(sign.certificate)) {
    const subject = { commonName: alias, organisation, units: [unit] };
    await writeMsp(directory, organisation, home, await newSigner(subject, authorities.sign, {}));
  }
  const tls = tlsPaths(home);
  await keepOrCreate(tls.certificate, tls.key, () =>
    newTlsCertificate({ commonName: alias, organisation, units: [] }, authorities.tls, [alias, 'localhost']),
  );
  writeFile(tls.rootCertificate, certificatePem(authorities.tls.certificate));
}

async function keepOrCreate(
  certificate: string,
  key: string,
  create: () => Promise<Credential>,
): Promise<Credential> {
  if (existsSync(certificate))
    return readCredential(readFileSync(certificate, 'utf8'), readFileSync(key, 'utf8'));
  const credential = await create();
  // The certificate last: while it is absent the pair counts as not made.
  writeFile(key, await privateKeyPem(credential.keys.privateKey), 0o600);
  writeFile(certificate, certificatePem(credential.certificate));
  return credential;
}

async function writeMsp(
  directory: string,
  organisation: string,
  home: string,
  { certificate, keys }: Credential,
): Promise<void> {
  const files = mspPaths(home);
  writeMspRoots(directory, organisation, files.directory);
  writeFile(files.key, await privateKeyPem(keys.privateKey), 0o600);
  writeFile(files.certificate, certificatePem(certificate));
}

/** What every MSP directory of an organisation has in common: roots and the units that tell roles apart. */
function writeMspRoots(directory: string, organisation: string, msp: string): void {
  const authority = authorityPaths(directory, organisation);
  writeFile(path.join(msp, 'cacerts', 'ca.pem'), readFileSync(authority.signCertificate, 'utf8'));
  writeFile(path.join(msp, 'tlscacerts', 'tlsca.pem'), readFileSync(authority.tlsCertificate, 'utf8'));
  writeFile(path.join(msp, 'config.yaml'), nodeUnitsYaml);
}

const nodeUnitsYaml = [
  'NodeOUs:',
  '  Enable: true',
  ...(['Client', 'Peer', 'Admin', 'Orderer'] as const).flatMap((role) => [
    `  ${role}OUIdentifier:`,
    '    Certificate: cacerts/ca.pem',
    `    OrganizationalUnitIdentifier: ${role.toLowerCase()}`,
  ]),
  '',
].join('\n');

/** Writes a file whole or not at all, and leaves one alone that already has the content. */
function writeFile(file: string, content: string, mode = 0o644): void {
  if (existsSync(file) && readFileSync(file, 'utf8') === content) return;
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.new`;
  writeFileSync(temporary, content, { mode });
  chmodSync(temporary, mode);
  renameSync(temporary, file);
}
