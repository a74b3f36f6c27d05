import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Organisation, OrdererTopology } from '../../topology/topology';
import type { Release } from './binaries';
import { mspPaths, ordererPath, peerPath, tlsPaths } from '../../identity/paths';
import { ordererData, peerData } from './paths';

/** A development machine's loopback: nothing of the network is reachable from elsewhere. */
export const LOOPBACK = '127.0.0.1';

/** Largest gRPC message in bytes, as Fabric's sample configuration has it. */
const MAX_MESSAGE = 104_857_600;

/** Software keys in the MSP's own keystore. */
const BCCSP = { Default: 'SW', SW: { Hash: 'SHA2', Security: 256 } };

/**
 * Gossip for a few peers on one machine. Fabric's defaults suit wide networks, and take half a minute until every
 * organisation's peer is known; until then nothing can be endorsed by several organisations. Every peer verifies every
 * message of every other one: with half these intervals, six idle peers took half a processor core.
 */
function gossip(endpoint: string): object {
  return {
    // One peer an organisation, and other organisations' peers are met through anchor peers: it bootstraps from itself.
    bootstrap: endpoint,
    endpoint,
    externalEndpoint: endpoint,
    useLeaderElection: false,
    orgLeader: true,
    membershipTrackerInterval: '1s',
    maxBlockCountToStore: 10,
    maxPropagationBurstLatency: '10ms',
    maxPropagationBurstSize: 10,
    propagateIterations: 1,
    propagatePeerNum: 3,
    pullInterval: '2s',
    pullPeerNum: 3,
    requestStateInfoInterval: '2s',
    publishStateInfoInterval: '2s',
    publishCertPeriod: '10s',
    dialTimeout: '5s',
    connTimeout: '5s',
    recvBuffSize: 200,
    sendBuffSize: 200,
    digestWaitTime: '200ms',
    requestWaitTime: '400ms',
    responseWaitTime: '800ms',
    aliveTimeInterval: '2s',
    // Long: a busy machine must not lose its members, and a stopped peer is noticed at connection time anyway.
    aliveExpirationTimeout: '25s',
    reconnectInterval: '1s',
    maxConnectionAttempts: 120,
    msgExpirationFactor: 20,
    pvtData: {
      // An invalid transaction whose private data is missing would otherwise stall commits for the whole threshold.
      skipPullingInvalidTransactionsDuringCommit: true,
      pullRetryThreshold: '2s',
      transientstoreMaxBlockRetention: 1000,
      pushAckTimeout: '3s',
      btlPullMargin: 10,
      reconcileBatchSize: 10,
      reconcileSleepInterval: '10s',
      reconciliationEnabled: true,
      // An organisation's implicit collection has one peer here: there is nobody to disseminate to.
      implicitCollectionDisseminationPolicy: { requiredPeerCount: 0, maxPeerCount: 1 },
    },
    state: { enabled: false },
  };
}

/** Chaincode parameters that 3.x peers announce to a chaincode; 2.5 has none. */
function chaincodeRuntime(release: Release): object {
  switch (release) {
    case '2.5':
      return {};
    case '3.1':
      return {
        runtimeParams: {
          useWriteBatch: true,
          maxSizeWriteBatch: 1000,
          useGetMultipleKeys: true,
          maxSizeGetMultipleKeys: 1000,
        },
      };
  }
}

/** Request filters by release: 3.1 adds the check of the proposal's timestamp to its defaults. */
function authFilters(release: Release): object[] {
  const common = [{ name: 'DefaultAuth' }, { name: 'ExpirationCheck' }];
  return release === '2.5' ? common : [...common, { name: 'TimeWindowCheck' }];
}

/** How a peer reaches ordering: 3.1 chooses between plain and censorship-checked delivery, 2.5 has one way. */
function deliveryClient(release: Release): object {
  const common = { blockGossipEnabled: false, reconnectTotalTimeThreshold: '3600s', connTimeout: '3s' };
  const backoff = { reConnectBackoffThreshold: '2s' };
  return release === '2.5'
    ? { ...common, ...backoff }
    : { ...common, ...backoff, minimalReconnectInterval: '100ms', policy: 'cluster' };
}

/**
 * Content of a peer's `core.yaml`.
 * @param directory the network's directory.
 * @param builder directory of the external builder for chaincode as a service.
 */
export function peerConfig(
  directory: string,
  organisation: Organisation,
  release: Release,
  builder: string,
): object {
  const home = peerPath(directory, organisation.name);
  const tls = tlsPaths(home);
  const data = peerData(directory, organisation.name);
  const address = `${LOOPBACK}:${organisation.ports.peer}`;
  return {
    peer: {
      id: `peer0.${organisation.name}`,
      networkId: 'dev',
      listenAddress: address,
      address,
      // For chaincode that dials in; by default the peer would listen for it on all interfaces.
      chaincodeListenAddress: `${LOOPBACK}:${organisation.ports.chaincodeListen}`,
      chaincodeAddress: `${LOOPBACK}:${organisation.ports.chaincodeListen}`,
      addressAutoDetect: false,
      gateway: { enabled: true, endorsementTimeout: '30s', broadcastTimeout: '30s', dialTimeout: '10s' },
      keepalive: {
        interval: '7200s',
        timeout: '20s',
        minInterval: '10s',
        client: { interval: '60s', timeout: '20s' },
        deliveryClient: { interval: '60s', timeout: '20s' },
      },
      gossip: gossip(address),
      tls: {
        enabled: true,
        clientAuthRequired: false,
        cert: { file: tls.certificate },
        key: { file: tls.key },
        rootcert: { file: tls.rootCertificate },
      },
      authentication: { timewindow: '15m' },
      fileSystemPath: data,
      BCCSP,
      mspConfigPath: mspPaths(home).directory,
      localMspId: organisation.msp,
      localMspType: 'bccsp',
      client: { connTimeout: '3s' },
      deliveryclient: deliveryClient(release),
      handlers: {
        authFilters: authFilters(release),
        decorators: [{ name: 'DefaultDecorator' }],
        endorsers: { escc: { name: 'DefaultEndorsement' } },
        validators: { vscc: { name: 'DefaultValidation' } },
      },
      discovery: {
        enabled: true,
        authCacheEnabled: true,
        authCacheMaxSize: 1000,
        authCachePurgeRetentionRatio: 0.75,
        orgMembersAllowedAccess: false,
      },
      // The gateway's limit counts waiting CommitStatus calls too; 500 is soon reached under load.
      limits: { concurrency: { endorserService: 2500, deliverService: 2500, gatewayService: 5000 } },
      maxRecvMsgSize: MAX_MESSAGE,
      maxSendMsgSize: MAX_MESSAGE,
    },
    // No Docker: chaincode runs as a service through the external builder.
    vm: { endpoint: '' },
    chaincode: {
      externalBuilders: [{ name: 'ccaas', path: builder, propagateEnvironment: [] }],
      installTimeout: '60s',
      startuptimeout: '60s',
      executetimeout: '30s',
      mode: 'net',
      keepalive: 0,
      system: { _lifecycle: 'enable', cscc: 'enable', lscc: 'enable', qscc: 'enable' },
      logging: { level: 'warning', shim: 'warning' },
      ...chaincodeRuntime(release),
    },
    ledger: {
      state: { stateDatabase: 'goleveldb', totalQueryLimit: 100_000 },
      history: { enableHistoryDatabase: true },
      pvtdataStore: {
        collElgProcMaxDbBatchSize: 5000,
        collElgProcDbBatchesInterval: 1000,
        deprioritizedDataReconcilerInterval: '60m',
        // Purged private data leaves the store with the next block, not after a hundred.
        purgeInterval: 1,
        purgedKeyAuditLogging: true,
      },
      snapshots: { rootDir: join(data, 'snapshots') },
    },
    operations: { listenAddress: `${LOOPBACK}:${organisation.ports.operations}`, tls: { enabled: false } },
    metrics: { provider: 'prometheus' },
  };
}

/**
 * Content of the orderer's `orderer.yaml`. 2.5 needs to be told that there is no system channel; 3.1 knows no other
 * way, and refuses the Kafka section that 2.5's sample still carries, so neither gets one.
 */
export function ordererConfig(directory: string, orderer: OrdererTopology, release: Release): object {
  const home = ordererPath(directory, orderer.name);
  const tls = tlsPaths(home);
  const data = ordererData(directory);
  const server = { Certificate: tls.certificate, PrivateKey: tls.key };
  const clients = { ClientRootCAs: [tls.rootCertificate] };
  return {
    General: {
      ListenAddress: LOOPBACK,
      ListenPort: orderer.ports.orderer,
      TLS: { Enabled: true, ...server, RootCAs: [tls.rootCertificate], ClientAuthRequired: false },
      Keepalive: { ServerMinInterval: '10s', ServerInterval: '7200s', ServerTimeout: '20s' },
      MaxRecvMsgSize: MAX_MESSAGE,
      MaxSendMsgSize: MAX_MESSAGE,
      Cluster: {
        SendBufferSize: 100,
        ClientCertificate: server.Certificate,
        ClientPrivateKey: server.PrivateKey,
      },
      ...(release === '2.5' ? { BootstrapMethod: 'none' } : {}),
      LocalMSPDir: mspPaths(home).directory,
      LocalMSPID: orderer.msp,
      BCCSP,
      Authentication: { TimeWindow: '15m' },
    },
    FileLedger: { Location: data },
    Consensus: { WALDir: join(data, 'etcdraft', 'wal'), SnapDir: join(data, 'etcdraft', 'snapshot') },
    Operations: { ListenAddress: `${LOOPBACK}:${orderer.ports.operations}`, TLS: { Enabled: false } },
    Metrics: { Provider: 'prometheus' },
    Admin: {
      ListenAddress: `${LOOPBACK}:${orderer.ports.admin}`,
      TLS: { Enabled: true, ...server, ClientAuthRequired: true, ...clients },
    },
    ChannelParticipation: { Enabled: true, MaxRequestBodySize: '1 MB' },
  };
}

/** Writes a configuration file, making its directory. */
export function writeConfig(directory: string, file: 'core.yaml' | 'orderer.yaml', content: object): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, file), stringify(content));
}
