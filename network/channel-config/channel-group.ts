import { readFileSync } from 'node:fs';
import { common, msp, orderer, peer } from '@hyperledger/fabric-protos';
import { serviceUnit } from '../identity/identities';
import { ordererPath, organisationOfMsp, tlsPaths, type NetworkFiles } from '../identity/paths';
import type { Channel, Organisation } from '../topology/topology';
import { capabilities, configGroup } from './config-group';
import { certifiersIdentifier, mspConfig } from './msp-config';
import { anyOf, implicitPolicy, rolePrincipal, signatureConfigPolicy, signaturePolicy } from './policies';
import { unitPrincipal, type Principal } from './policies';

const { PEER, ADMIN, MEMBER, ORDERER } = msp.MSPRole.MSPRoleType;

/** The three policies of every group above the organisations. */
const overall = {
  Readers: implicitPolicy('ANY', 'Readers'),
  Writers: implicitPolicy('ANY', 'Writers'),
  Admins: implicitPolicy('MAJORITY', 'Admins'),
};

/** The root group of a channel's configuration. */
export function channelGroup(files: NetworkFiles, channel: Channel): common.ConfigGroup {
  const hashing = new common.HashingAlgorithm();
  hashing.setName('SHA256');
  const structure = new common.BlockDataHashingStructure();
  // All transactions of a block under one hash: the only structure that Fabric has.
  structure.setWidth(0xffffffff);
  return configGroup({
    values: {
      HashingAlgorithm: hashing,
      BlockDataHashingStructure: structure,
      Capabilities: capabilities('V2_0'),
    },
    policies: overall,
    groups: { Orderer: ordererGroup(files, channel), Application: applicationGroup(files, channel) },
  });
}

function ordererGroup(files: NetworkFiles, channel: Channel): common.ConfigGroup {
  const { name, msp: mspId, ports } = files.topology.orderer;
  const { batch } = channel;

  const size = new orderer.BatchSize();
  size.setMaxMessageCount(batch.maxMessages);
  size.setPreferredMaxBytes(batch.preferredBytes);
  size.setAbsoluteMaxBytes(batch.absoluteBytes);
  const timeout = new orderer.BatchTimeout();
  timeout.setTimeout(`${batch.timeoutMs}ms`);
  const consensus = new orderer.ConsensusType();
  consensus.setType('etcdraft');
  consensus.setMetadata(raftMetadata(files).serializeBinary());
  const endpoints = new common.OrdererAddresses();
  endpoints.setAddressesList([`127.0.0.1:${ports.orderer}`]);

  // Blocks are an orderer's work; none of its operator's clients may sign one or read one.
  const nodes = [rolePrincipal(mspId, ORDERER), rolePrincipal(mspId, ADMIN)];
  const operator = configGroup({
    values: { MSP: mspConfig(files.directory, name, mspId), Endpoints: endpoints },
    policies: {
      Readers: signatures(nodes),
      Writers: signatures(nodes),
      Admins: signatures([rolePrincipal(mspId, ADMIN)]),
    },
  });
  return configGroup({
    values: {
      BatchSize: size,
      BatchTimeout: timeout,
      ChannelRestrictions: new orderer.ChannelRestrictions(),
      ConsensusType: consensus,
      Capabilities: capabilities('V2_0'),
    },
    policies: { ...overall, BlockValidation: implicitPolicy('ANY', 'Writers') },
    groups: { [mspId]: operator },
  });
}

function raftMetadata({ topology, directory }: NetworkFiles): orderer.etcdraft.ConfigMetadata {
  const { name, ports } = topology.orderer;
  const certificate = readFileSync(tlsPaths(ordererPath(directory, name)).certificate);
  const consenter = new orderer.etcdraft.Consenter();
  consenter.setHost('127.0.0.1');
  consenter.setPort(ports.orderer);
  consenter.setClientTlsCert(certificate);
  consenter.setServerTlsCert(certificate);
  const options = new orderer.etcdraft.Options();
  // A lone consenter that restarts waits for ten to twenty ticks before it leads: shorter ones than Fabric's 500 ms.
  options.setTickInterval('100ms');
  options.setElectionTick(10);
  options.setHeartbeatTick(1);
  options.setMaxInflightBlocks(5);
  options.setSnapshotIntervalSize(16 * 1024 * 1024);
  const metadata = new orderer.etcdraft.ConfigMetadata();
  metadata.setConsentersList([consenter]);
  metadata.setOptions(options);
  return metadata;
}

function applicationGroup(files: NetworkFiles, channel: Channel): common.ConfigGroup {
  const acls = new peer.ACLs();
  for (const [resource, policy] of Object.entries(channel.acls)) {
    const reference = new peer.APIResource();
    reference.setPolicyRef(policy);
    acls.getAclsMap().set(resource, reference);
  }
  const members = channel.members.map((mspId) => organisationOfMsp(files.topology, mspId));
  return configGroup({
    values: { ACLs: acls, Capabilities: capabilities('V2_5') },
    policies: {
      ...overall,
      Endorsement: implicitPolicy('MAJORITY', 'Endorsement'),
      LifecycleEndorsement: signatureConfigPolicy(signaturePolicy(channel.lifecycleEndorsement)),
    },
    groups: Object.fromEntries(members.map((member) => [member.msp, memberGroup(files, member)])),
  });
}

/**
 * All enterprises are clients of one MSP, and who is a Reader may pull whole blocks, from peers and from orderers. So
 * Readers are peers, admins and the organisation's own services, and its clients are Writers only.
 */
function memberGroup(
  { directory }: NetworkFiles,
  { name, msp: mspId, ports }: Organisation,
): common.ConfigGroup {
  const anchor = new peer.AnchorPeer();
  anchor.setHost('127.0.0.1');
  anchor.setPort(ports.peer);
  const anchors = new peer.AnchorPeers();
  anchors.setAnchorPeersList([anchor]);
  return configGroup({
    values: { MSP: mspConfig(directory, name, mspId), AnchorPeers: anchors },
    policies: {
      Readers: signatures([
        rolePrincipal(mspId, PEER),
        rolePrincipal(mspId, ADMIN),
        unitPrincipal(mspId, serviceUnit, certifiersIdentifier(directory, name)),
      ]),
      Writers: signatures([rolePrincipal(mspId, MEMBER)]),
      Admins: signatures([rolePrincipal(mspId, ADMIN)]),
      Endorsement: signatures([rolePrincipal(mspId, PEER)]),
    },
  });
}

function signatures(principals: readonly Principal[]): common.Policy {
  return signatureConfigPolicy(anyOf(principals));
}
