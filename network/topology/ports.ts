import type { OrdererTopology, OrganisationPorts } from './topology';

const ordererRange = 50;
const organisationRange = 20;
const chaincodeOffset = 5;

/** The orderer's ports are the first of the network's range. */
export function ordererPorts(base: number): OrdererTopology['ports'] {
  return { orderer: base, admin: base + 1, operations: base + 2 };
}

/** Ports of the n-th organisation of the file; an organisation added at the end moves nobody else's. */
export function allotPorts(base: number, index: number): OrganisationPorts {
  const first = base + ordererRange + organisationRange * index;
  return {
    peer: first,
    operations: first + 1,
    gateway: first + 2,
    chaincodeListen: first + 3,
    chaincode: first + chaincodeOffset,
  };
}

/** Every port that an organisation takes when the consortium has that many chaincodes. */
export function portsInUse(ports: OrganisationPorts, chaincodes: number): readonly number[] {
  return [
    ports.peer,
    ports.operations,
    ports.gateway,
    ports.chaincodeListen,
    ...Array.from({ length: chaincodes }, (_, index) => ports.chaincode + index),
  ];
}
