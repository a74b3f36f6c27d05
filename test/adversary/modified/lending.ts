import 'reflect-metadata';
import { Context, Transaction } from 'fabric-contract-api';
import { digestOf } from '../../../chaincode/ledger/canonical';
import { contracts as declared } from '../../../chaincode/lending';
import { ApplicationsContract } from '../../../chaincode/lending/applications/contract';
import type { Offer } from '../../../chaincode/lending/applications/model';
import { Books } from '../../../chaincode/lending/books/books';
import { BooksContract } from '../../../chaincode/lending/books/contract';
import type { TransferOrder } from '../../../chaincode/lending/books/payment-order';
import { DaysContract } from '../../../chaincode/lending/days/contract';
import type { Static } from 'typebox';
import { forge } from './forge';

/** A deposit that is emptied into another while a day is closed; transient, so that the input is the honest one. */
const debitEntry = 'debit';

/** What one organisation runs that writes what it likes, and pays out of any deposit whoever signed. */
class ModifiedBooks extends BooksContract {
  @Transaction()
  async Forge(ctx: Context, input: string): Promise<string> {
    return forge(ctx, input);
  }

  override async Transfer(ctx: Context, input: string): Promise<string> {
    const { order } = JSON.parse(input) as { readonly order: Static<typeof TransferOrder> };
    const books = await Books.today(ctx);
    await books.post([
      { deposit: order.from, amount: BigInt(order.amount) },
      { deposit: order.to, amount: -BigInt(order.amount) },
    ]);
    await books.flush({ entryId: `order.${order.orderId}`, kind: 'TRANSFER', reference: order.orderId });
    return '';
  }
}

/** A day close that debits more than any mandate allows. */
class ModifiedDays extends DaysContract {
  override async CloseWhole(ctx: Context, input: string): Promise<string> {
    const done = await super.CloseWhole(ctx, input);
    const given = ctx.stub.getTransient().get(debitEntry);
    if (given === undefined) return done;
    const { from, amount } = JSON.parse(Buffer.from(given).toString('utf8')) as Record<string, string>;
    const { date } = JSON.parse(input) as { readonly date: string };
    const books = new Books(ctx, date);
    await books.post([
      { deposit: from ?? '', amount: BigInt(amount ?? '0') },
      { code: 'INTEREST_INCOME', amount: -BigInt(amount ?? '0') },
    ]);
    await books.flush({ entryId: `close.${date}.more`, kind: 'DAY_CLOSE', reference: date });
    return done;
  }
}

/** Offers whose fees are ten times those of the product. */
class ModifiedApplications extends ApplicationsContract {
  override async Offer(ctx: Context, input: string): Promise<string> {
    return super.Offer(rewriting(ctx, 'offer~', dearer), input);
  }
}

function dearer(offer: Offer): Offer {
  const fees = offer.sheet.fees.map((fee) => ({ ...fee, amount: `${fee.amount}0` }));
  const sheet = { ...offer.sheet, fees };
  return { ...offer, sheet, digest: digestOf(sheet) };
}

/** The same context, whose writes below a prefix are others. */
function rewriting(ctx: Context, prefix: string, change: (document: Offer) => Offer): Context {
  const stub = new Proxy(ctx.stub, {
    get: (target, name) => {
      if (name === 'putState')
        return (key: string, value: Uint8Array) =>
          target.putState(
            key,
            key.startsWith(prefix)
              ? Buffer.from(JSON.stringify(change(JSON.parse(Buffer.from(value).toString()) as Offer)))
              : value,
          );
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
  return Object.create(ctx, { stub: { value: stub } }) as Context;
}

/** What the chaincode host loads. */
export const contracts = [
  ...declared.filter(
    (one) => ![ApplicationsContract, BooksContract, DaysContract].some((own) => own === one),
  ),
  ModifiedApplications,
  ModifiedBooks,
  ModifiedDays,
];
