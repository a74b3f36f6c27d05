import type { X509Certificate } from 'node:crypto';
import type { common, msp as mspProtos } from '@hyperledger/fabric-protos';

/** Role that NodeOUs give a certificate by its organisational unit. */
export type NodeRole = 'client' | 'admin' | 'peer' | 'orderer';

/** A certificate that its MSP has accepted: chain, key usage and NodeOUs are verified, expiry is not. */
export interface Identity {
  readonly mspId: string;
  /** The `msp.SerializedIdentity` as it came. */
  readonly serialized: Uint8Array;
  readonly certificate: X509Certificate;
  /** Undefined where the MSP has no NodeOUs. */
  readonly role: NodeRole | undefined;
  readonly organizationalUnits: readonly string[];
  /** End of the certificate's validity. Fabric checks it when a request comes in, never when a block is validated. */
  readonly expiresAt: Date;
  /** True when `signature` is ECDSA over SHA-256 of `message` by this certificate's key, DER coded and with low S. */
  verify(message: Uint8Array, signature: Uint8Array): boolean;
  /** True when the identity is what the principal asks for. An unknown kind of principal is never satisfied. */
  satisfies(principal: mspProtos.MSPPrincipal): boolean;
}

/** Why a serialised identity was not accepted; the message is fit for a client. */
export class IdentityError extends Error {
  override readonly name = 'IdentityError';
}

/** The MSPs of one channel. */
export interface MspManager {
  /** Ids of all MSPs, of applications and orderers. */
  readonly mspIds: readonly string[];
  /**
   * Parses, and validates against the MSP that it names. Results are cached.
   * @throws IdentityError where the MSP is unknown to the channel or does not accept the certificate.
   */
  identity(serialized: Uint8Array): Identity;
}

/** Data with the signature of an identity over exactly these bytes. */
export interface SignedData {
  readonly data: Uint8Array;
  readonly identity: Uint8Array;
  readonly signature: Uint8Array;
}

/** A policy of the channel's configuration, or one that stands alone (chaincode, key). */
export interface Policy {
  /**
   * Verifies the signatures and evaluates. Identities that are not valid or did not sign count as absent, equal
   * identities count once.
   */
  evaluate(signatures: readonly SignedData[]): boolean;
  /** As `evaluate`, with identities whose signatures the caller has verified. */
  evaluateIdentities(identities: readonly Identity[]): boolean;
}

/** What the configuration of a channel says of access, as far as the peer and the orderer need it. */
export interface ChannelResources {
  readonly channel: string;
  /** Of the configuration, raised by each update. */
  readonly sequence: number;
  readonly msps: MspManager;
  /** Application organisations: MSP ids of the channel's members. */
  readonly members: readonly string[];
  readonly ordererMsps: readonly string[];
  /** Name of a member's group below `/Channel/Application`, or undefined where the MSP is no member. */
  memberGroup(mspId: string): string | undefined;
  readonly batch: {
    readonly maxMessages: number;
    /** Bytes. */
    readonly absoluteBytes: number;
    /** Bytes. */
    readonly preferredBytes: number;
    readonly timeoutMs: number;
  };
  /** The policy at a path such as `/Channel/Application/Writers`, or undefined where there is none. */
  policy(path: string): Policy | undefined;
  /**
   * The policy that guards a resource such as `peer/Propose`: the channel's ACL where it maps the resource, else
   * Fabric's default. Undefined where the resource is unknown or its policy is missing: refuse then.
   */
  acl(resource: string): Policy | undefined;
  /** Path behind `acl`, for error messages. */
  aclPath(resource: string): string | undefined;
  /** A policy that stands alone, e.g. a chaincode's. Compiled policies are cached by content. */
  signaturePolicy(envelope: Uint8Array): Policy;
  /** A `protos.ApplicationPolicy`: a signature policy or a reference into the channel's configuration. */
  applicationPolicy(policy: Uint8Array): Policy;
  readonly config: common.Config;
}
