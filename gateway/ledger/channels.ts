import type { Channel, Organisation, Role, Topology } from '../../network/topology/topology';

/** Name of the channel, and of the chaincode on it, that holds consortium state and anchors. */
export const registry = { channel: 'registry', chaincode: 'registry' } as const;

/** Chaincode of consents and deliveries, on a channel for each bank. */
export const sharing = 'sharing';

/** A channel of consents and deliveries: the bank that it belongs to, and whose endorsements what needs. */
export interface SharingChannel {
  readonly name: string;
  readonly bank: string;
  /** MSP of the enterprises' organisation that endorses beside the bank. */
  readonly enterprise: string;
}

/** Channels of consents and deliveries that an organisation is a member of, in the order of the topology. */
export function sharingChannels(topology: Topology, organisation: Organisation): readonly SharingChannel[] {
  return channelsOf(topology, organisation, sharing).map((channel) => ({
    name: channel.name,
    bank: memberOfRole(topology, channel, 'bank'),
    enterprise: memberOfRole(topology, channel, 'enterprise'),
  }));
}

/** Chaincode of loans, on a channel for each bank. */
export const lending = 'lending';

/** A channel of loans: the bank that it belongs to, and who can endorse beside it. */
export interface LendingChannel {
  readonly name: string;
  readonly bank: string;
  /** MSP of the enterprises' organisation. */
  readonly enterprise: string;
  /** MSP of the regulator. */
  readonly regulator: string;
  /** Whether the bank's business date may run ahead of the real one. */
  readonly simulatedClock: boolean;
}

/** Channels of loans that an organisation is a member of, in the order of the topology. */
export function lendingChannels(topology: Topology, organisation: Organisation): readonly LendingChannel[] {
  return channelsOf(topology, organisation, lending).map((channel) => ({
    name: channel.name,
    bank: memberOfRole(topology, channel, 'bank'),
    enterprise: memberOfRole(topology, channel, 'enterprise'),
    regulator: memberOfRole(topology, channel, 'regulator'),
    simulatedClock: channel.simulatedClock,
  }));
}

function channelsOf(topology: Topology, { msp }: Organisation, chaincode: string): readonly Channel[] {
  return topology.channels.filter(
    ({ members, chaincodes }) => members.includes(msp) && chaincodes.some(({ name }) => name === chaincode),
  );
}

/** The member of a channel that has a role: the first in the file where there are several. */
export function memberOfRole(topology: Topology, channel: Channel, role: Role): string {
  const found = topology.organisations.find(
    ({ msp, roles }) => channel.members.includes(msp) && roles.includes(role),
  );
  if (found === undefined) throw new Error(`the channel ${channel.name} has no member of the role ${role}`);
  return found.msp;
}

/** MSP of the organisation whose role it is, the first in the file; for the registry, where all are members. */
export function mspOfRole(topology: Topology, role: Role): string {
  const found = topology.organisations.find(({ roles }) => roles.includes(role));
  if (found === undefined) throw new Error(`the consortium has no organisation of the role ${role}`);
  return found.msp;
}
