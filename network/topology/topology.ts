/** What a member does in the consortium. An organisation may have several. */
export type Role = 'government' | 'enterprise' | 'bank' | 'regulator';

/** An office of a government organisation that attests records with a key of its own. */
export interface Department {
  /** Stable id, unique in the consortium, e.g. `tax-pudong`. It is also the certificate attribute `department`. */
  readonly id: string;
  readonly name: string;
  readonly region: string;
  /** Record types that it may attest, by code. */
  readonly recordTypes: readonly string[];
  /** May register enterprises and enrol the keys of their signatories. */
  readonly registers: boolean;
}

export interface Organisation {
  /** Directory and host name, e.g. `bank-a`. */
  readonly name: string;
  readonly msp: string;
  readonly roles: readonly Role[];
  readonly departments: readonly Department[];
  readonly ports: OrganisationPorts;
}

/** TCP ports on the development machine, all on loopback. */
export interface OrganisationPorts {
  /** Gateway, Deliver and endorser services of the organisation's peer. */
  readonly peer: number;
  /** Operations endpoint (health, metrics) of a native peer. */
  readonly operations: number;
  /** The organisation's REST gateway. */
  readonly gateway: number;
  /** Where a native peer listens for chaincode that dials in; nothing here does, but the peer wants a port. */
  readonly chaincodeListen: number;
  /** First of the ports of its chaincode services; the n-th chaincode in the file listens on `chaincode + n`. */
  readonly chaincode: number;
}

export interface OrdererTopology {
  readonly name: string;
  readonly msp: string;
  readonly ports: { readonly orderer: number; readonly admin: number; readonly operations: number };
}

export interface Batch {
  readonly maxMessages: number;
  /** Bytes. */
  readonly preferredBytes: number;
  readonly absoluteBytes: number;
  readonly timeoutMs: number;
}

export interface ChaincodeOnChannel {
  readonly name: string;
  /**
   * Who must endorse a new key: any one of these sets of *distinct* MSP ids. Fabric uses each signature once, so a
   * policy by role is rendered as an OR over the sets that satisfy it.
   */
  readonly endorsement: readonly (readonly string[])[];
}

export interface Channel {
  readonly name: string;
  /** MSP ids of the members, in the order of the file. */
  readonly members: readonly string[];
  readonly chaincodes: readonly ChaincodeOnChannel[];
  /** Admissible sets for `LifecycleEndorsement`: majorities that include the regulator where it is a member. */
  readonly lifecycleEndorsement: readonly (readonly string[])[];
  /** Resource to policy path, e.g. `gateway/CommitStatus` to `/Channel/Application/Writers`. */
  readonly acls: Readonly<Record<string, string>>;
  readonly batch: Batch;
  /** Widest difference allowed between a transaction's timestamp and the peer's clock, in seconds. */
  readonly clockSkewSeconds: number;
  /** Whether a business date kept on the channel may run ahead of the real one: demonstrations and tests only. */
  readonly simulatedClock: boolean;
}

/** A chaincode of the consortium; the same code may be deployed on several channels. */
export interface ChaincodeSource {
  readonly name: string;
  readonly version: string;
  /** Absolute path of the compiled module that exports `contracts`; the file names it relative to itself. */
  readonly module: string;
}

/** The consortium as declared by a topology file, with templates expanded and policies rendered. */
export interface Topology {
  readonly name: string;
  /** Absolute path of the file it was read from. */
  readonly file: string;
  readonly organisations: readonly Organisation[];
  readonly orderer: OrdererTopology;
  readonly chaincodes: readonly ChaincodeSource[];
  readonly channels: readonly Channel[];
  /** Remarks for the operator, e.g. that one MSP carries two roles and a policy is a single endorsement. */
  readonly remarks: readonly string[];
}
