import { createHash, verify, type X509Certificate } from 'node:crypto';
import type { msp as mspProtos } from '@hyperledger/fabric-protos';
import { certificateKey } from './certificate';
import { hasLowS, isSupportedCurve } from './low-s';
import { compilePrincipal } from './principal';
import { IdentityError, type Identity, type NodeRole } from './types';

/** Good signatures remembered for each identity. A creator's is checked at submission and again with the block. */
const rememberedSignatures = 500;

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
  /** Signature to SHA-256 of what it signs. Only good ones: a bad one costs its sender as much as us. */
  readonly #verified = new Map<string, Buffer>();

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
    const name = Buffer.from(signature).toString('latin1');
    const digest = createHash('sha256').update(message).digest();
    if (this.#verified.get(name)?.equals(digest) === true) return true;
    const good =
      hasLowS(signature, this.#curve) &&
      verify('sha256', message, { key: this.#publicKey, dsaEncoding: 'der' }, signature);
    if (good) {
      const oldest =
        this.#verified.size >= rememberedSignatures ? this.#verified.keys().next().value : undefined;
      if (oldest !== undefined) this.#verified.delete(oldest);
      this.#verified.set(name, digest);
    }
    return good;
  }

  satisfies(principal: mspProtos.MSPPrincipal): boolean {
    return compilePrincipal(principal)(this);
  }
}
