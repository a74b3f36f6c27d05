import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** A key pair with the certificate that binds it. */
export interface Credential {
  readonly certificate: x509.X509Certificate;
  readonly keys: CryptoKeyPairLike;
}

/** The two halves as WebCrypto has them. */
export interface CryptoKeyPairLike {
  readonly publicKey: webcrypto.CryptoKey;
  readonly privateKey: webcrypto.CryptoKey;
}

/** What a certificate says of its holder. */
export interface Subject {
  readonly commonName: string;
  readonly organisation: string;
  /** Organisational units; Fabric's NodeOUs take the holder's role from them. */
  readonly units: readonly string[];
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const halfOrder = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8n;
const day = 24 * 3600 * 1000;
const authorityLife = 3650 * day;
const holderLife = 730 * day;
/** Certificates are valid from a little before now: the clocks of two machines differ. */
const backdate = 5 * 60 * 1000;

/** A new ECDSA P-256 key pair. */
export async function newKeys(): Promise<CryptoKeyPairLike> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

/** PKCS#8 PEM, as Fabric's key stores read it. */
export async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY') + '\n';
}

export function certificatePem(certificate: x509.X509Certificate): string {
  return certificate.toString('pem') + '\n';
}

/** Reads a credential back from its two PEM texts. */
export async function readCredential(certificate: string, privateKey: string): Promise<Credential> {
  const parsed = new x509.X509Certificate(certificate);
  const [encoded] = x509.PemConverter.decode(privateKey);
  if (encoded === undefined) throw new Error('the private key is not PEM');
  return {
    certificate: parsed,
    keys: {
      publicKey: (await parsed.publicKey.export(algorithm, ['verify'])) as webcrypto.CryptoKey,
      privateKey: await webcrypto.subtle.importKey('pkcs8', encoded, algorithm, true, ['sign']),
    },
  };
}

/** A self-signed certificate authority. */
export async function newAuthority(subject: Subject): Promise<Credential> {
  const keys = await newKeys();
  const usages = (x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign) as x509.KeyUsageFlags;
  const certificate = await sign(subject, keys.publicKey, { keys }, authorityLife, [
    new x509.BasicConstraintsExtension(true, undefined, true),
    new x509.KeyUsagesExtension(usages, true),
  ]);
  return { certificate, keys };
}

/**
 * A certificate for a holder who signs, with attributes in the form of Fabric CA (extension 1.2.3.4.5.6.7.8.1), which
 * chaincode reads with `ctx.clientIdentity.getAttributeValue`.
 */
export async function newSigner(
  subject: Subject,
  authority: Credential,
  attributes: Readonly<Record<string, string>>,
): Promise<Credential> {
  const keys = await newKeys();
  const extensions: x509.Extension[] = [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
  ];
  if (Object.keys(attributes).length > 0) {
    const attrs = Buffer.from(JSON.stringify({ attrs: attributes }), 'utf8');
    extensions.push(new x509.Extension(attributeExtension, false, attrs));
  }
  return { certificate: await sign(subject, keys.publicKey, authority, holderLife, extensions), keys };
}

/** What Fabric and chaincode take from a holder's certificate. */
export interface HolderDescription {
  readonly units: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly notAfter: Date;
}

/** Reads units and Fabric CA attributes from a certificate in PEM. */
export function describeHolder(pem: string): HolderDescription {
  const certificate = new x509.X509Certificate(pem);
  const extension = certificate.getExtension(attributeExtension);
  const parsed =
    extension === null
      ? { attrs: {} }
      : (JSON.parse(Buffer.from(extension.value).toString('utf8')) as { attrs: Record<string, string> });
  return {
    units: certificate.subjectName.getField('OU'),
    attributes: parsed.attrs,
    notAfter: certificate.notAfter,
  };
}

/** OID of Fabric CA's attribute extension. */
const attributeExtension = '1.2.3.4.5.6.7.8.1';

/** A TLS certificate, for server and client side, that names the hosts under which the holder is reached. */
export async function newTlsCertificate(
  subject: Subject,
  authority: Credential,
  hosts: readonly string[],
): Promise<Credential> {
  const keys = await newKeys();
  const certificate = await sign(subject, keys.publicKey, authority, holderLife, [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
    new x509.SubjectAlternativeNameExtension([
      ...hosts.map((value) => ({ type: 'dns' as const, value })),
      { type: 'ip' as const, value: '127.0.0.1' },
    ]),
  ]);
  return { certificate, keys };
}

async function sign(
  subject: Subject,
  publicKey: webcrypto.CryptoKey,
  authority: { readonly keys: CryptoKeyPairLike; readonly certificate?: x509.X509Certificate },
  life: number,
  extensions: readonly x509.Extension[],
): Promise<x509.X509Certificate> {
  const name = new x509.Name([
    { O: [subject.organisation] },
    ...subject.units.map((unit) => ({ OU: [unit] })),
    { CN: [subject.commonName] },
  ]);
  const now = Date.now();
  const identifiers = [
    await x509.SubjectKeyIdentifierExtension.create(publicKey),
    await x509.AuthorityKeyIdentifierExtension.create(authority.keys.publicKey),
  ];
  for (;;) {
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject: name,
      issuer: authority.certificate?.subjectName ?? name,
      notBefore: new Date(now - backdate),
      notAfter: new Date(now + life),
      publicKey,
      signingKey: authority.keys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [...extensions, ...identifiers],
    });
    if (hasLowS(certificate)) return certificate;
  }
}

/**
 * Fabric rewrites a certificate whose signature has a high S before it hashes or compares it (`sanitizeCert` of its
 * MSP), so only with a low S is the certificate on disk the one that Fabric sees.
 */
function hasLowS(certificate: x509.X509Certificate): boolean {
  const raw = Buffer.from(certificate.signature);
  // A certificate carries SEQUENCE { r, s } in DER; s is the last element, preceded by its one-byte length.
  const rLength = raw[3] ?? 0;
  const s = raw.subarray(4 + rLength + 2);
  return BigInt(`0x${s.toString('hex')}`) <= halfOrder;
}

function serialNumber(): string {
  const bytes = randomBytes(16);
  // Positive and of full length, so that its DER form is the same everywhere.
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}
