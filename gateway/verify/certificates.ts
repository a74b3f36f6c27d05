import { verify, X509Certificate } from 'node:crypto';
import { msp } from '@hyperledger/fabric-protos';
import { describeHolder } from '../../network/identity/certificate';

/** Root certificates of the organisations, in PEM, by MSP id. */
export type Roots = Readonly<Record<string, string>>;

/** One who signed on the ledger, whose certificate chains to the root of the organisation. */
export interface Holder {
  readonly msp: string;
  /** Organisational units: `peer`, `orderer`, `client` and others. */
  readonly units: readonly string[];
  /** Whether an ECDSA signature over SHA-256 of the message is this holder's. */
  signed(message: Uint8Array, signature: Uint8Array): boolean;
}

/**
 * Opens a serialised identity.
 *
 * @param millis time at which the certificate has to be valid, since the epoch.
 * @returns undefined where it is malformed, of an unknown organisation, not issued by that one's root, or out of date.
 */
export function openHolder(serialised: Uint8Array, roots: Roots, millis: number): Holder | undefined {
  try {
    const identity = msp.SerializedIdentity.deserializeBinary(serialised);
    const mspId = identity.getMspid();
    const root = Object.hasOwn(roots, mspId) ? roots[mspId] : undefined;
    if (root === undefined) return undefined;
    const pem = Buffer.from(identity.getIdBytes_asU8()).toString('utf8');
    const [authority, certificate] = [new X509Certificate(root), new X509Certificate(pem)];
    const inForce = [authority, certificate].every(
      ({ validFrom, validTo }) => Date.parse(validFrom) <= millis && millis <= Date.parse(validTo),
    );
    if (!inForce || !certificate.checkIssued(authority) || !certificate.verify(authority.publicKey))
      return undefined;
    return {
      msp: mspId,
      units: describeHolder(pem).units,
      signed: (message, signature) => verify('sha256', message, certificate.publicKey, signature),
    };
  } catch {
    // Neither PEM nor protobuf: nobody's signature.
    return undefined;
  }
}
