import { addDays } from '../../chaincode/ledger/calendar';
import type { SampleEnterprise } from './enterprises';
import type { Row } from './extracts';
import { nextMonth } from './months';
import type { Random } from './random';
import type { Books } from './trade';

/** What an enterprise hands over: all records of one type that it attests, as a buyer, about its suppliers. */
export interface BuyerExtract {
  readonly buyer: string;
  readonly recordType: 'purchase-order' | 'payment';
  readonly rows: readonly Row[];
}

/** Months, counted from the last, whose orders the buyers keep on the platform. */
const monthsKept = 6;
/** Of the other buyers this many in a thousand attest their orders. */
const taking = 150;

interface Order {
  readonly supplier: SampleEnterprise;
  readonly number: string;
  /** With tax, fen. */
  readonly amount: bigint;
  readonly orderedOn: string;
  readonly dueOn: string;
  readonly paidOn: string;
}

/**
 * Orders and payments as buyers of the consortium attest them: for each supplier and month one order, whose amount is
 * what the supplier invoiced this buyer in that month, with tax. The buyers of the first enterprise all take part, so do
 * the rings, who confirm each other's orders, and some of the others.
 *
 * A buyer pays within the 60 days that large buyers have; one in distress is late. What is due after the last month is
 * not paid yet.
 */
export function buyerExtracts(
  random: Random,
  enterprises: readonly SampleEnterprise[],
  books: ReadonlyMap<string, readonly Books[]>,
): readonly BuyerExtract[] {
  const [first] = enterprises;
  const byCode = new Map(enterprises.map((enterprise) => [enterprise.uscc, enterprise]));
  const lastDay = books.get(first?.uscc ?? '')?.at(-1)?.to ?? '';
  return enterprises.flatMap((buyer) => {
    const own = random.fork(buyer.uscc);
    const received = books.get(buyer.uscc)?.slice(-monthsKept) ?? [];
    const sellsTo = received.some((month) => month.received.some(({ uscc }) => uscc === first?.uscc));
    const chosen = own.chance(taking) || sellsTo || buyer.profile === 'FRAUD_ROUND_TRIP';
    const orders = chosen ? received.flatMap((month) => ordersOf(own, buyer, month, byCode)) : [];
    const paid = orders.filter(({ paidOn }) => paidOn <= lastDay);
    return [
      ...extract(buyer, 'purchase-order', orders.map(orderRow)),
      ...extract(buyer, 'payment', paid.map(paymentRow)),
    ];

    function orderRow({ supplier, number, amount, orderedOn, dueOn }: Order): Row {
      return {
        ...{ uscc: supplier.uscc, issued_on: orderedOn, record_key: number },
        ...{ order_number: number, buyer: buyer.uscc, amount, ordered_on: orderedOn, due_on: dueOn },
        ...{ goods: supplier.industry.name, order_status: 'DELIVERED' },
      };
    }

    function paymentRow({ supplier, number, amount, dueOn, paidOn }: Order): Row {
      return {
        ...{ uscc: supplier.uscc, issued_on: paidOn, record_key: number },
        ...{ order_number: number, buyer: buyer.uscc, amount, due_on: dueOn, paid_on: paidOn },
      };
    }
  });
}

/** Orders that a buyer placed in a month: one with each supplier of the consortium that invoiced it. */
function ordersOf(
  random: Random,
  buyer: SampleEnterprise,
  month: Books,
  byCode: ReadonlyMap<string, SampleEnterprise>,
): readonly Order[] {
  return month.received.flatMap(({ uscc, amount }, index) => {
    const supplier = byCode.get(uscc);
    // Firms outside the consortium are in nobody's register: nobody attests about them.
    if (supplier === undefined || amount <= 0n) return [];
    const dueOn = addDays(nextMonth(month, 1), random.pick([29, 44, 59]));
    const late = buyer.profile === 'DISTRESSED' ? random.int(5, 45) : random.int(-6, 0);
    return [
      {
        supplier,
        number: `PO-${month.from.slice(0, 7)}-${index + 1}`,
        amount: amount + (amount * BigInt(supplier.industry.vatBasisPoints)) / 10_000n,
        orderedOn: addDays(month.from, random.int(0, 11)),
        dueOn,
        paidOn: addDays(dueOn, late),
      },
    ];
  });
}

function extract(
  { uscc: buyer }: SampleEnterprise,
  recordType: BuyerExtract['recordType'],
  rows: readonly Row[],
): readonly BuyerExtract[] {
  return rows.length === 0 ? [] : [{ buyer, recordType, rows }];
}
