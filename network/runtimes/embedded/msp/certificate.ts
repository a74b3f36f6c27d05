import { createHash, X509Certificate } from 'node:crypto';

const authenticated = (issuer: X509Certificate, certificate: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);

/**
 * The certificates from `certificate` to a root, itself first, or undefined where none leads there. As in Fabric the
 * issuers must have been valid when the certificate's validity began; whether it has expired is not looked at here.
 */
export function certificationChain(
  certificate: X509Certificate,
  roots: readonly X509Certificate[],
  intermediates: readonly X509Certificate[],
  depth = 5,
): X509Certificate[] | undefined {
  const at = Date.parse(certificate.validFrom) + 1000;
  const usable = (issuer: X509Certificate): boolean =>
    issuer.ca &&
    Date.parse(issuer.validFrom) <= at &&
    at <= Date.parse(issuer.validTo) &&
    authenticated(issuer, certificate);
  const root = roots.find(usable);
  if (root !== undefined) return [certificate, root];
  if (depth === 0) return undefined;
  for (const intermediate of intermediates) {
    if (!usable(intermediate)) continue;
    const rest = certificationChain(intermediate, roots, intermediates, depth - 1);
    if (rest !== undefined) return [certificate, ...rest];
  }
  return undefined;
}

/** Fabric's id of a chain: SHA-256 over the DER of the issuers, nearest first. */
export function certifiersIdentifier(issuers: readonly X509Certificate[]): Buffer {
  const hash = createHash('sha256');
  for (const issuer of issuers) hash.update(issuer.raw);
  return hash.digest();
}

/** The organisational units of the subject. */
export function organizationalUnits(certificate: X509Certificate): string[] {
  // Node gives an array where a subject has several, which its types do not say.
  const subject = certificate.toLegacyObject().subject as unknown as Record<string, string | string[]>;
  const units = subject.OU;
  if (units === undefined) return [];
  return typeof units === 'string' ? [units] : units;
}

/**
 * SHA-256 of the signed part of the certificate. Unlike a hash of the whole it is the same for the two forms of an
 * ECDSA signature, so a certificate cannot be made to look like two.
 */
export function certificateKey(certificate: X509Certificate): string {
  const { raw } = certificate;
  const header = (offset: number): { start: number; length: number } => {
    const first = raw.readUInt8(offset + 1);
    if (first < 0x80) return { start: offset + 2, length: first };
    const octets = first & 0x7f;
    return { start: offset + 2 + octets, length: raw.readUIntBE(offset + 2, octets) };
  };
  const signed = header(header(0).start);
  return createHash('sha256')
    .update(raw.subarray(header(0).start, signed.start + signed.length))
    .digest('base64');
}
