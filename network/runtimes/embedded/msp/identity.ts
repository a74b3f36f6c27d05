import { verify, type X509Certificate } from 'node:crypto';
import type { msp as mspProtos } from '@hyperledger/fabric-protos';
import { certificateKey } from './certificate';
import { hasLowS, isSupportedCurve } from './low-s';
import { compilePrincipal } from './principal';
import { IdentityError, type Identity, type NodeRole } from './types';

/** What the MSP found out about a certificate. */
export interface IdentityFacts {
  readonly mspId: string;
  readonly serialized: Uint8Array;
  readonly certificate: X509Certificate;
  readonly role: NodeRole | undefined;
  readonly organizationalUnits: readonly string[];
  /** Listed by the MSP as an administrator, whatever its units. */
  readonly listedAdmin: boolean;
  /** Id of the chain of issuers, for principals by organisational unit. */
  readonly certifiersIdentifier: Uint8Array;
}

/** An identity that its MSP has validated. */
export class X509Identity implements Identity {
  readonly mspId: string;
  readonly serialized: Uint8Array;
  readonly certificate: X509Certificate;
  readonly role: NodeRole | undefined;
  readonly organizationalUnits: readonly string[];
  readonly listedAdmin: boolean;
  readonly certifiersIdentifier: Uint8Array;
  readonly expiresAt: Date;
  /** Equal for equal certificates of an MSP, however they were serialised. */
  readonly key: string;
  readonly #publicKey: X509Certificate['publicKey'];
  readonly #curve: string;

  /** @throws IdentityError where the key is not on a curve that Fabric's MSP supports. */
  constructor(facts: IdentityFacts) {
    this.mspId = facts.mspId;
    this.serialized = facts.serialized;
    this.certificate = facts.certificate;
    this.role = facts.role;
    this.organizationalUnits = facts.organizationalUnits;
    this.listedAdmin = facts.listedAdmin;
    this.certifiersIdentifier = facts.certifiersIdentifier;
    this.expiresAt = new Date(facts.certificate.validTo);
    this.key = `${facts.mspId} ${certificateKey(facts.certificate)}`;
    this.#publicKey = facts.certificate.publicKey;
    const curve = this.#publicKey.asymmetricKeyDetails?.namedCurve;
    if (!isSupportedCurve(curve)) {
      throw new IdentityError('the certificate has no ECDSA key on P-256 or P-384');
    }
    this.#curve = curve;
  }

  verify(message: Uint8Array, signature: Uint8Array): boolean {
    return (
      hasLowS(signature, this.#curve) &&
      verify('sha256', message, { key: this.#publicKey, dsaEncoding: 'der' }, signature)
    );
  }

  satisfies(principal: mspProtos.MSPPrincipal): boolean {
    return compilePrincipal(principal)(this);
  }
}
