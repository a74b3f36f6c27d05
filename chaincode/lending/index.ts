import { DaysContract } from './days/contract';

/** What the chaincode process serves. */
export const contracts = [DaysContract];
