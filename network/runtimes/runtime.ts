import type { Topology } from '../topology/topology';

/** Where an organisation's peer is reached, and what its TLS certificate is checked against. */
export interface PeerConnection {
  readonly msp: string;
  /** `host:port`. */
  readonly address: string;
  /** Name in the peer's TLS certificate, for `grpc.ssl_target_name_override`. */
  readonly hostAlias: string;
  /** Absolute path of the PEM file with the TLS root certificate. */
  readonly tlsRootCertificate: string;
}

/** Tells the operator what is happening; a line for anything that may take over a second. */
export type Progress = (line: string) => void;

export interface ChannelStatus {
  readonly name: string;
  readonly height: number;
  readonly chaincodes: readonly {
    readonly name: string;
    readonly version: string;
    readonly sequence: number;
  }[];
}

export interface RuntimeStatus {
  /** Process name to whether it runs, e.g. `peer bank-a`. */
  readonly processes: readonly {
    readonly name: string;
    readonly pid: number | undefined;
    readonly running: boolean;
  }[];
  readonly channels: readonly ChannelStatus[];
}

/** A chaincode service of one organisation, as the peers and the chaincode hosts agree on it. */
export interface ChaincodeService {
  readonly organisation: string;
  readonly msp: string;
  readonly chaincode: string;
  readonly version: string;
  /** `name_version_org:sha256`, as the peer computed it from the package. */
  readonly packageId: string;
  /** `127.0.0.1:port` where the chaincode process listens and the peer connects. */
  readonly address: string;
  /** Absolute path of the compiled module that exports `contracts`. */
  readonly module: string;
}

/** Everything a runtime needs to know of the network that it runs. */
export interface NetworkContext {
  readonly topology: Topology;
  /** Absolute path of the network's directory: keys, ledgers, logs, pid files. */
  readonly directory: string;
  readonly progress: Progress;
}

/**
 * An engine behind `network up`. Gateways, chaincode and tests cannot tell which one runs: they see peers that
 * speak Fabric's protocols at the addresses of the topology, with the identities of the network's directory.
 * Implementations run as detached processes, so that they outlive the command that started them.
 */
export interface Runtime {
  readonly name: 'embedded' | 'native';
  /**
   * Starts (or resumes) peers, ordering and channels, and deploys each channel's chaincodes. Returns when every
   * organisation can endorse on each of its channels. Harmless when already up.
   */
  up(context: NetworkContext): Promise<void>;
  /** Stops what `up` started; ledgers stay. Harmless when already down. */
  down(context: NetworkContext): Promise<void>;
  status(context: NetworkContext): Promise<RuntimeStatus>;
}
