import 'reflect-metadata';
import { Transaction, Context } from 'fabric-contract-api';
import { RegistryContract } from '../../../chaincode/registry/contract';
import { forge } from './forge';

/** What one organisation runs that writes what it likes. */
class ModifiedRegistry extends RegistryContract {
  @Transaction()
  async Forge(ctx: Context, input: string): Promise<string> {
    return forge(ctx, input);
  }
}

/** What the chaincode host loads. */
export const contracts = [ModifiedRegistry];
