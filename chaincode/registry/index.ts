import { ChangesContract } from './changes/contract';
import { RegistryContract } from './contract';

/** What the chaincode's process serves. */
export const contracts = [RegistryContract, ChangesContract];
