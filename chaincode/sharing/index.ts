import { SharingContract } from './contract';
import { EndingContract } from './ending/contract';

/** What the chaincode process serves. */
export const contracts = [SharingContract, EndingContract];
