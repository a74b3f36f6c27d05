import 'reflect-metadata';
import { Context, Contract, Transaction } from 'fabric-contract-api';

/** The least that a contract can do, so that what is measured is the network. */
export class MinimalContract extends Contract {
  public constructor() {
    super('minimal');
  }

  @Transaction()
  public async put(ctx: Context, key: string, value: string): Promise<void> {
    await ctx.stub.putState(key, Buffer.from(value));
  }

  @Transaction(false)
  public async get(ctx: Context, key: string): Promise<string> {
    return Buffer.from(await ctx.stub.getState(key)).toString();
  }
}

export const contracts = [MinimalContract];
