import { Context, Contract, Default, Returns, Transaction } from 'fabric-contract-api';

/** For the tests of the chaincode host: a contract that is its module's default by decoration. */
@Default()
export class First extends Contract {
  constructor() {
    super('First');
  }

  @Transaction(false)
  @Returns('string')
  who(ctx: Context): Promise<string> {
    return Promise.resolve(`first in ${ctx.stub.getChannelID()}`);
  }
}

/** What the chaincode host loads. */
export const contracts = [First];
