import { join } from 'node:path';

/** Name of the ordering node's process, of its log and of its pid file. */
export const ORDERER_PROCESS = 'orderer';

/** Name of a peer's process, of its log and of its pid file. */
export function peerProcess(organisation: string): string {
  return `peer-${organisation}`;
}

/** Where a peer keeps ledgers, installed chaincode packages and transient data. */
export function peerData(directory: string, organisation: string): string {
  return join(directory, 'ledger', 'peers', organisation);
}

/** Where the orderer keeps blocks, write-ahead log and snapshots. */
export function ordererData(directory: string): string {
  return join(directory, 'ledger', 'orderer');
}

/** Directory of a process's generated `core.yaml` or `orderer.yaml`, its `FABRIC_CFG_PATH`. */
export function configPath(directory: string, process: string): string {
  return join(directory, 'config', process);
}
