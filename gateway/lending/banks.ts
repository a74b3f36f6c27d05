import { Type, type TObject, type TProperties } from 'typebox';
import { MspId, PageOf, strict } from '../../chaincode/ledger/schemas';
import { pageAcross, type PageOf as Paged } from '../http/paging';
import { PageQuery, pageSizeOf } from '../http/queries';
import type { LendingChannel } from '../ledger/channels';
import type { LendingContract } from '../ledger/lending';

/** Names the bank that a request is for. */
export const bankMember = Type.Optional(
  Type.Unsafe<string>({
    ...MspId,
    description: 'MSP id of the bank. Not needed on the gateway of a bank, or where there is one only.',
  }),
);

/** Query of a list of what lies at one bank, or at all. */
export const BankPageQuery = Type.Object({ ...PageQuery.properties, bank: bankMember }, strict);

/** What a bank's channel holds, with the bank: ids and codes are each bank's own. */
export const OfBank = <P extends TProperties>(schema: TObject<P>) =>
  Type.Object({ bank: MspId, ...schema.properties }, strict);

/** A page of {@link OfBank}. */
export const PageOfBank = <P extends TProperties>(schema: TObject<P>) => PageOf(OfBank(schema));

/** Adds the bank to what its channel holds. */
export function ofBank<T extends object>({ bank }: LendingChannel, view: T): T & { readonly bank: string } {
  return { bank, ...view };
}

/** A page as the contracts take it: no empty bookmark for the first one. */
export interface ContractPage {
  readonly pageSize: number;
  readonly bookmark?: string;
}

/** A page of what lies at the bank that the query names, or at all banks, one after the other. */
export function pageOfBanks<T extends object>(
  contract: LendingContract,
  query: { readonly pageSize?: number; readonly bookmark?: string; readonly bank?: string },
  read: (channel: LendingChannel, page: ContractPage) => Promise<Paged<T>>,
): Promise<Paged<T & { readonly bank: string }>> {
  const channels = query.bank === undefined ? contract.channels : [contract.channelOf(query.bank)];
  const page = { pageSize: pageSizeOf(query), bookmark: query.bookmark };
  return pageAcross(channels, page, async (channel, { pageSize, bookmark }) => {
    const { items, bookmark: next } = await read(channel, contractPage({ pageSize, bookmark }));
    return { items: items.map((item) => ofBank(channel, item)), bookmark: next };
  });
}

/** A page as the contracts take it, of one list. */
export function contractPage(page: { readonly pageSize?: number; readonly bookmark?: string }): ContractPage {
  const { bookmark = '' } = page;
  return { pageSize: pageSizeOf(page), ...(bookmark === '' ? {} : { bookmark }) };
}
