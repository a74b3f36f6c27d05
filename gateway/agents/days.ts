import type { BusinessDate } from '../../chaincode/lending/days/business-date';
import type { DayClose } from '../../chaincode/lending/days/model';
import type { LendingChannel } from '../ledger/channels';
import { LedgerError } from '../ledger/errors';
import type { LendingContract } from '../ledger/lending';
import type { Days } from './servicing';

/** The business days of one channel, as an identity with the role `servicer` calls them. */
export class DaysClient implements Days {
  constructor(
    private readonly contract: LendingContract,
    readonly channel: LendingChannel,
    /** Id of the identity in the wallet. */
    readonly identity: string,
  ) {}

  async current(): Promise<BusinessDate | undefined> {
    try {
      return await this.contract.evaluate(this.identity, this.channel, 'days:Get', {});
    } catch (error) {
      if (error instanceof LedgerError && error.code === 'BUSINESS_DAY_NOT_OPEN') return undefined;
      throw error;
    }
  }

  close(date: string): Promise<DayClose> {
    return this.contract.evaluate(this.identity, this.channel, 'days:GetClose', { date });
  }

  async closeWhole(date: string, loans: number): Promise<void> {
    await this.contract.submit(this.identity, this.channel, 'days:CloseWhole', { date, loans });
  }

  async startClose(date: string): Promise<void> {
    await this.contract.submit(this.identity, this.channel, 'days:StartClose', { date });
  }

  async closePage(date: string, loans: number): Promise<void> {
    await this.contract.submit(this.identity, this.channel, 'days:ClosePage', { date, loans });
  }

  async complete(date: string): Promise<void> {
    await this.contract.submit(this.identity, this.channel, 'days:Complete', { date });
  }
}
