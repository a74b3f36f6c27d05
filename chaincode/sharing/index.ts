import { SharingContract } from './contract';

/** What the chaincode process serves. */
export const contracts = [SharingContract];
