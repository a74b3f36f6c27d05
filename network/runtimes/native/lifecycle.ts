import { setTimeout as sleep } from 'node:timers/promises';
import { peer as peerProtos } from '@hyperledger/fabric-protos';
import { signaturePolicy } from '../../channel-config/policies';
import type { Channel, ChaincodeOnChannel, ChaincodeSource } from '../../topology/topology';
import { PeerError, type PeerClient } from './peerClient';

const { lifecycle } = peerProtos;

const LIFECYCLE = '_lifecycle';

/** Milliseconds for approvals, committed already where they were submitted, to reach the other peers. */
const APPROVALS_DEADLINE_MS = 30_000;
const POLL_MS = 50;

/** Fabric's own endorsement and validation logic. */
const PLUGINS = { endorsement: 'escc', validation: 'vscc' } as const;

/** What the members of a channel agree on about a chaincode, but for its sequence. */
interface Definition {
  readonly name: string;
  readonly version: string;
  /** Serialised `ApplicationPolicy`. */
  readonly policy: Uint8Array;
}

/** Package ids by organisation and chaincode. */
export type PackageIds = (msp: string, chaincode: string) => string;

/** The endorsement policy of a chaincode as its definition carries it. */
export function validationParameter(chaincode: ChaincodeOnChannel): Uint8Array {
  const policy = new peerProtos.ApplicationPolicy();
  policy.setSignaturePolicy(signaturePolicy(chaincode.endorsement));
  return policy.serializeBinary();
}

/** Installs a package on a peer unless it is there. */
export async function install(peer: PeerClient, packageId: string, bytes: Buffer): Promise<void> {
  const query = new lifecycle.QueryInstalledChaincodesArgs().serializeBinary();
  const answer = await peer.propose('', LIFECYCLE, 'QueryInstalledChaincodes', [query]);
  const installed = lifecycle.QueryInstalledChaincodesResult.deserializeBinary(answer);
  const ids = installed.getInstalledChaincodesList().map((chaincode) => chaincode.getPackageId());
  if (ids.includes(packageId)) return;
  const args = new lifecycle.InstallChaincodeArgs();
  args.setChaincodeInstallPackage(bytes);
  const result = lifecycle.InstallChaincodeResult.deserializeBinary(
    await peer.propose('', LIFECYCLE, 'InstallChaincode', [args.serializeBinary()]),
  );
  if (result.getPackageId() !== packageId) {
    throw new Error(
      `the peer of ${peer.msp} calls a package ${result.getPackageId()}, expected ${packageId}`,
    );
  }
}

/** A transaction that every contract of fabric-contract-api knows, whatever it is about. */
const METADATA = 'org.hyperledger.fabric:GetMetadata';

/**
 * Makes a peer connect to a chaincode, whatever that answers: an answer of its own, an error too, shows that it runs.
 * @throws PeerError where the peer cannot reach it.
 */
export async function callOnce(peer: PeerClient, channel: string, chaincode: string): Promise<void> {
  try {
    await peer.propose(channel, chaincode, METADATA, []);
  } catch (error) {
    // The endorser's own words where there was no answer, e.g. "could not launch chaincode".
    if (!(error instanceof PeerError) || error.reason.startsWith('error in simulation')) throw error;
  }
}

/** Chaincodes committed on a channel. */
export async function committedChaincodes(
  peer: PeerClient,
  channel: string,
): Promise<{ name: string; version: string; sequence: number }[]> {
  const query = new lifecycle.QueryChaincodeDefinitionsArgs().serializeBinary();
  const answer = await peer.propose(channel, LIFECYCLE, 'QueryChaincodeDefinitions', [query]);
  return lifecycle.QueryChaincodeDefinitionsResult.deserializeBinary(answer)
    .getChaincodeDefinitionsList()
    .map((each) => ({ name: each.getName(), version: each.getVersion(), sequence: each.getSequence() }));
}

/** A query of `_lifecycle`; undefined where what is asked for does not exist. */
async function find<T>(query: Promise<Uint8Array>, parse: (bytes: Uint8Array) => T): Promise<T | undefined> {
  try {
    return parse(await query);
  } catch (error) {
    // The system chaincode has one status for every failure, so only its words tell "there is none" from the rest.
    const none = /is not defined|could not fetch approved chaincode definition/;
    if (error instanceof PeerError && none.test(error.reason)) return undefined;
    throw error;
  }
}

async function committed(
  peer: PeerClient,
  channel: string,
  name: string,
): Promise<peerProtos.lifecycle.QueryChaincodeDefinitionResult | undefined> {
  const args = new lifecycle.QueryChaincodeDefinitionArgs();
  args.setName(name);
  return find(
    peer.propose(channel, LIFECYCLE, 'QueryChaincodeDefinition', [args.serializeBinary()]),
    (bytes) => lifecycle.QueryChaincodeDefinitionResult.deserializeBinary(bytes),
  );
}

/** Whether a peer's organisation has approved this definition at this sequence, to run this package. */
async function hasApproved(
  peer: PeerClient,
  channel: string,
  definition: Definition,
  sequence: number,
  packageId: string,
): Promise<boolean> {
  const args = new lifecycle.QueryApprovedChaincodeDefinitionArgs();
  args.setName(definition.name);
  args.setSequence(sequence);
  const approved = await find(
    peer.propose(channel, LIFECYCLE, 'QueryApprovedChaincodeDefinition', [args.serializeBinary()]),
    (bytes) => lifecycle.QueryApprovedChaincodeDefinitionResult.deserializeBinary(bytes),
  );
  return (
    approved !== undefined &&
    agrees(approved, definition) &&
    approved.getSource()?.getLocalPackage()?.getPackageId() === packageId
  );
}

function agrees(
  actual: { getVersion(): string; getValidationParameter_asU8(): Uint8Array },
  { version, policy }: Definition,
): boolean {
  return actual.getVersion() === version && Buffer.from(policy).equals(actual.getValidationParameter_asU8());
}

async function approve(
  peer: PeerClient,
  channel: string,
  definition: Definition,
  sequence: number,
  packageId: string,
): Promise<void> {
  if (await hasApproved(peer, channel, definition, sequence, packageId)) return;
  const local = new lifecycle.ChaincodeSource.Local();
  local.setPackageId(packageId);
  const source = new lifecycle.ChaincodeSource();
  source.setLocalPackage(local);
  const args = new lifecycle.ApproveChaincodeDefinitionForMyOrgArgs();
  describe(args, definition, sequence);
  args.setSource(source);
  await peer.contract(channel, LIFECYCLE).submit('ApproveChaincodeDefinitionForMyOrg', {
    arguments: [args.serializeBinary()],
    endorsingOrganizations: [peer.msp],
  });
}

function describe(
  args:
    | peerProtos.lifecycle.ApproveChaincodeDefinitionForMyOrgArgs
    | peerProtos.lifecycle.CheckCommitReadinessArgs
    | peerProtos.lifecycle.CommitChaincodeDefinitionArgs,
  { name, version, policy }: Definition,
  sequence: number,
): void {
  args.setName(name);
  args.setVersion(version);
  args.setSequence(sequence);
  args.setEndorsementPlugin(PLUGINS.endorsement);
  args.setValidationPlugin(PLUGINS.validation);
  args.setValidationParameter(policy);
  args.setInitRequired(false);
}

/**
 * Waits until a peer has committed the approvals of all members. Who endorses the commit reads them, so peers that are
 * not equally far give endorsements that do not match.
 * @throws Error that names who has not approved.
 */
async function untilApproved(
  peer: PeerClient,
  channel: Channel,
  definition: Definition,
  sequence: number,
): Promise<void> {
  const args = new lifecycle.CheckCommitReadinessArgs();
  describe(args, definition, sequence);
  const deadline = Date.now() + APPROVALS_DEADLINE_MS;
  for (;;) {
    const answer = await peer.propose(channel.name, LIFECYCLE, 'CheckCommitReadiness', [
      args.serializeBinary(),
    ]);
    const approvals = lifecycle.CheckCommitReadinessResult.deserializeBinary(answer).getApprovalsMap();
    const missing = channel.members.filter((msp) => approvals.get(msp) !== true);
    if (missing.length === 0) return;
    if (Date.now() > deadline) {
      throw new Error(
        `${definition.name} on ${channel.name}, at the peer of ${peer.msp}: no approval of ${missing.join(', ')}`,
      );
    }
    await sleep(POLL_MS);
  }
}

/**
 * Brings a chaincode's definition on a channel to what the topology declares: each member approves for its own package,
 * and one of the admissible sets of `LifecycleEndorsement` commits. Nothing is submitted where all is so already.
 * @param peers peers of the channel's members; they must know of each other already.
 * @returns the definition's sequence.
 */
export async function define(
  channel: Channel,
  chaincode: ChaincodeOnChannel,
  source: ChaincodeSource,
  peers: readonly PeerClient[],
  packageIds: PackageIds,
): Promise<number> {
  const definition: Definition = {
    name: chaincode.name,
    version: source.version,
    policy: validationParameter(chaincode),
  };
  const endorsers = channel.lifecycleEndorsement[0] ?? [];
  const submitter = peers.find(({ msp }) => endorsers.includes(msp));
  if (submitter === undefined) {
    throw new Error(`no member of ${channel.name} may commit a chaincode definition`);
  }
  const current = await committed(submitter, channel.name, chaincode.name);
  const settled = current !== undefined && agrees(current, definition);
  const sequence = (current?.getSequence() ?? 0) + (settled ? 0 : 1);
  await Promise.all(
    peers.map((peer) =>
      approve(peer, channel.name, definition, sequence, packageIds(peer.msp, chaincode.name)),
    ),
  );
  if (settled) return sequence;
  const endorsing = peers.filter(({ msp }) => endorsers.includes(msp));
  await Promise.all(endorsing.map((peer) => untilApproved(peer, channel, definition, sequence)));
  const args = new lifecycle.CommitChaincodeDefinitionArgs();
  describe(args, definition, sequence);
  await submitter.contract(channel.name, LIFECYCLE).submit('CommitChaincodeDefinition', {
    arguments: [args.serializeBinary()],
    endorsingOrganizations: [...endorsers],
  });
  return sequence;
}
