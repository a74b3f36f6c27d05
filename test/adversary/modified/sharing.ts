import 'reflect-metadata';
import { Transaction, Context } from 'fabric-contract-api';
import { SharingContract } from '../../../chaincode/sharing/contract';
import { forge } from './forge';

/** What one organisation runs that writes what it likes, lodges no stop, and keeps what it is shown. */
class ModifiedSharing extends SharingContract {
  @Transaction()
  async Forge(ctx: Context, input: string): Promise<string> {
    return forge(ctx, input);
  }

  override LodgeStop(): Promise<string> {
    return Promise.reject(new Error('this peer lodges no stop'));
  }

  override Release(ctx: Context): Promise<string> {
    const taken = ctx.stub.getTransient().get('delivery')?.length ?? 0;
    return Promise.reject(new Error(`this peer took ${taken} bytes and endorses nothing`));
  }
}

/** What the chaincode host loads. */
export const contracts = [ModifiedSharing];
