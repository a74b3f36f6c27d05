import { Context, Contract, Returns, Transaction } from 'fabric-contract-api';

/** For the tests of the chaincode host: a contract that is its module's default as the only one. */
export class Second extends Contract {
  constructor() {
    super('Second');
  }

  @Transaction(false)
  @Returns('string')
  who(ctx: Context): Promise<string> {
    return Promise.resolve(`second in ${ctx.stub.getChannelID()}`);
  }
}

/** What the chaincode host loads. */
export const contracts = [Second];
