import { createSign, createVerify, X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ClientIdentity, type ChaincodeStub } from 'fabric-shim';
import { createIdentities, issueIdentity, listIdentities } from '../../../network/identity/identities';
import {
  authorityPaths,
  mspPaths,
  ordererPath,
  peerPath,
  tlsPaths,
  userPath,
  type NetworkFiles,
} from '../../../network/identity/paths';
import { loadIdentity } from '../../../network/identity/wallet';
import { loadTopology } from '../../../network/topology/load';
import { defaultConsortium } from '../../../network/topology/project';

const halfOrder = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8n;
let files: NetworkFiles;

beforeAll(async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'identities-'));
  files = { directory, topology: loadTopology(defaultConsortium) };
  await createIdentities(files);
});

afterAll(() => rmSync(files.directory, { recursive: true }));

function certificate(file: string): X509Certificate {
  return new X509Certificate(readFileSync(file));
}

function allFiles(): readonly string[] {
  return readdirSync(files.directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

describe('key material', () => {
  it('gives each organisation authorities of its own, which issue what belongs to it and nothing else', () => {
    const a = certificate(authorityPaths(files.directory, 'bank-a').signCertificate);
    const b = certificate(authorityPaths(files.directory, 'bank-b').signCertificate);
    const peer = certificate(mspPaths(peerPath(files.directory, 'bank-a')).certificate);
    expect(a.ca && a.verify(a.publicKey)).toBe(true);
    expect(peer.checkIssued(a) && peer.verify(a.publicKey)).toBe(true);
    expect(peer.verify(b.publicKey)).toBe(false);
    expect(peer.ca).toBe(false);
  });

  it('tells roles apart by organisational unit', () => {
    const subjectOf = (home: string) => certificate(mspPaths(home).certificate).subject.split('\n');
    expect(subjectOf(peerPath(files.directory, 'tax'))).toContain('OU=peer');
    expect(subjectOf(ordererPath(files.directory, 'orderer'))).toContain('OU=orderer');
    expect(subjectOf(userPath(files.directory, 'tax', 'Admin'))).toContain('OU=admin');
    const service = subjectOf(userPath(files.directory, 'tax', 'gateway'));
    expect(service).toEqual(expect.arrayContaining(['OU=client', 'OU=service']));
  });

  it('names the hosts under which nodes are reached', () => {
    const tls = tlsPaths(peerPath(files.directory, 'bank-a'));
    const server = certificate(tls.certificate);
    for (const host of ['localhost', 'peer0.bank-a.localhost']) expect(server.checkHost(host)).toBe(host);
    expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(server.verify(certificate(tls.rootCertificate).publicKey)).toBe(true);
    expect(server.checkHost('peer0.bank-b.localhost')).toBeUndefined();
  });

  it('keeps private keys from others', () => {
    const keys = allFiles().filter((file) => file.endsWith('.key') || file.includes('keystore'));
    expect(keys.length).toBeGreaterThan(30);
    for (const key of keys) expect(statSync(key).mode & 0o777).toBe(0o600);
  });

  it('signs certificates with a low S, so that Fabric sees them as they are on disk', () => {
    for (const file of allFiles().filter((name) => name.endsWith('cert.pem') || name.endsWith('ca.pem'))) {
      const raw = certificate(file).raw;
      // The signature closes the certificate: BIT STRING { 0, SEQUENCE { r, s } }, s being the last integer.
      const sLength = [33, 32, 31, 30].find(
        (length) => raw[raw.length - length - 2] === 2 && raw[raw.length - length - 1] === length,
      );
      const s = BigInt(`0x${raw.subarray(raw.length - (sLength ?? 0)).toString('hex')}`);
      expect(s <= halfOrder).toBe(true);
    }
  });

  it('stays when it is made again', async () => {
    const before = new Map(allFiles().map((file) => [file, readFileSync(file, 'utf8')]));
    await createIdentities(files);
    expect(new Map(allFiles().map((file) => [file, readFileSync(file, 'utf8')]))).toEqual(before);
  });
});

describe('an issued identity', () => {
  it('carries attributes that chaincode reads', async () => {
    await issueIdentity(files, 'bank-a', {
      id: 'alice',
      ou: 'client',
      attributes: { role: 'analyst', note: 'é=1' },
    });
    const { certificate: pem, mspId } = loadIdentity(files, 'bank-a', 'alice');
    const stub = {
      getCreator: () => ({ mspid: mspId, idBytes: Buffer.from(pem) }),
      getChannelID: () => 'registry',
      getTxID: () => 'tx',
    };
    const identity = new ClientIdentity(stub as unknown as ChaincodeStub);
    expect(identity.getMSPID()).toBe('BankAMSP');
    expect(identity.getAttributeValue('role')).toBe('analyst');
    expect(identity.getAttributeValue('note')).toBe('é=1');
    expect(identity.getAttributeValue('hf.EnrollmentID')).toBe('alice');
    expect(identity.getAttributeValue('department')).toBeNull();
  });

  it('has the key that its certificate names', async () => {
    await issueIdentity(files, 'tax', { id: 'clerk', ou: 'client' });
    const { certificate: pem, privateKey } = loadIdentity(files, 'tax', 'clerk');
    const signature = createSign('sha256').update('text').sign(privateKey);
    expect(createVerify('sha256').update('text').verify(new X509Certificate(pem).publicKey, signature)).toBe(
      true,
    );
  });

  it('is kept when it is asked for again, and never silently changed', async () => {
    const request = { id: 'bob', ou: 'client', attributes: { enterprise: 'e-1' } } as const;
    await issueIdentity(files, 'enterprise', request);
    const { certificate: first } = loadIdentity(files, 'enterprise', 'bob');
    await issueIdentity(files, 'enterprise', request);
    expect(loadIdentity(files, 'enterprise', 'bob').certificate).toBe(first);
    const widened = { ...request, attributes: { enterprise: 'e-2' } };
    await expect(issueIdentity(files, 'enterprise', widened)).rejects.toThrow('other units or attributes');
    await expect(issueIdentity(files, 'enterprise', { ...request, service: true })).rejects.toThrow(
      'other units',
    );
  });

  it.each(['../escape', '', '.hidden', 'a/b', 'a b'])('may not be called "%s"', async (id) => {
    await expect(issueIdentity(files, 'tax', { id, ou: 'client' })).rejects.toThrow(
      "cannot be an identity's name",
    );
  });

  it('needs an organisation that there is', async () => {
    await expect(issueIdentity(files, 'bank-x', { id: 'a', ou: 'client' })).rejects.toThrow(
      'no organisation "bank-x"',
    );
    expect(() => loadIdentity(files, 'bank-a', 'nobody')).toThrow('no identity "nobody"');
  });

  it('is listed with its units and attributes', async () => {
    await issueIdentity(files, 'regulator', {
      id: 'carol',
      ou: 'client',
      attributes: { role: 'supervisor' },
    });
    expect(listIdentities(files, 'regulator')).toEqual([
      expect.objectContaining({ id: 'Admin', units: ['admin'] }),
      expect.objectContaining({ id: 'carol', units: ['client'] }),
      expect.objectContaining({ id: 'gateway', units: ['client', 'service'] }),
    ]);
  });
});
