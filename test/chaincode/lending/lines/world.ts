import { digestOf } from '../../../../chaincode/ledger/canonical';
import { addDays } from '../../../../chaincode/ledger/calendar';
import {
  paymentOrderType,
  type DrawOrder,
  type PaymentOrder,
} from '../../../../chaincode/lending/books/payment-order';
import type { Account } from '../../../../chaincode/lending/books/model';
import { TrialBalance, type Balance } from '../../../../chaincode/lending/books/trial-balance';
import type { BusinessDate } from '../../../../chaincode/lending/days/business-date';
import type { CreditLineView } from '../../../../chaincode/lending/lines/model';
import type { LoanView } from '../../../../chaincode/lending/loans/model';
import type { Product } from '../../../../chaincode/lending/products/model';
import type { Endorsed } from '../../../support/chaincode/ledger';
import {
  World,
  account,
  applicant,
  approver,
  bankA,
  lending,
  officer,
  platform,
  randomId,
  servicer,
  treasurer,
  uscc,
} from '../applications/world';
import { productTerms } from '../loans/world';

export * from '../applications/world';

/** The limit of {@link openLine}: CNY 500,000. */
export const limit = 50_000_000n;

/** What makes a credit line of the example product: drawn for a year, each drawdown at least CNY 10,000. */
const asLine: Partial<Product> = {
  line: { drawMonths: 12, minimumDrawdown: '1000000' },
  terms: productTerms,
};

/** A credit line that was decided, offered and accepted, on the whole chaincode in memory. */
export class LineWorld {
  private constructor(
    readonly world: World,
    readonly lineId: string,
  ) {}

  static async open(changes: Partial<Product> = {}, debit: object = {}): Promise<LineWorld> {
    const world = await World.open({ ...asLine, ...changes });
    const lineId = await world.decided();
    await world.offer(lineId);
    const directDebit = { account, cap: '60000000', expires: '2029-12-31', ...debit };
    await world.accept(lineId, { directDebit });
    return new LineWorld(world, lineId);
  }

  order(amount: string, changes: Partial<DrawOrder> = {}): DrawOrder {
    return {
      action: 'DRAW_DOWN',
      channel: lending,
      orderId: randomId(),
      enterprise: uscc,
      from: account,
      expires: '2026-12-31',
      amount,
      lineId: this.lineId,
      loanId: randomId(),
      termMonths: 12,
      purpose: 'STOCK',
      ...changes,
    };
  }

  sign(order: PaymentOrder, signers: readonly number[] = [0, 1]): Promise<string[]> {
    return Promise.all(signers.map((index) => this.world.signAs(index, order, paymentOrderType)));
  }

  /** The borrower's own user brings a signed order. */
  async orderDraw(order: DrawOrder, signers?: readonly number[], caller = applicant): Promise<void> {
    const signatures = await this.sign(order, signers);
    await this.world.submit('lines:Draw', { order, signatures }, caller);
  }

  /** Ordered and paid out. @returns the loan's id. */
  async draw(amount: string, changes: Partial<DrawOrder> = {}): Promise<string> {
    const order = this.order(amount, changes);
    await this.orderDraw(order);
    await this.world.fourEyes('DRAW_DOWN', this.content(order));
    return order.loanId;
  }

  /** What two officers of the bank put their names to. */
  content({ lineId, loanId, enterprise }: DrawOrder) {
    return { lineId, loanId, enterprise };
  }

  /** The payout of what was ordered, endorsed on the state as it is and not committed. */
  async endorsePayout(order: DrawOrder): Promise<Endorsed> {
    const proposalId = randomId();
    const content = this.content(order);
    await this.world.submit('approvals:Propose', { proposalId, action: 'DRAW_DOWN', content }, officer);
    return this.world.ledger.endorse({
      channel: lending,
      chaincode: 'lending',
      function: 'approvals:Approve',
      input: { proposalId, digest: digestOf(content) },
      caller: approver,
      endorsers: [bankA, platform],
    });
  }

  async prepay(loanId: string, amount: string, full: boolean): Promise<void> {
    const { date } = await this.today();
    const order: PaymentOrder = {
      ...{ action: 'PREPAY', channel: lending, orderId: randomId(), enterprise: uscc, from: account },
      ...{ expires: '2026-12-31', amount, loanId, extent: full ? 'FULL' : 'PART', quotedFor: date },
    };
    await this.world.submit('loans:Prepay', { order, signatures: await this.sign(order) }, applicant);
  }

  /** Pays what is due. */
  async repay(loanId: string, amount: string): Promise<void> {
    const order: PaymentOrder = {
      ...{ action: 'REPAY', channel: lending, orderId: randomId(), enterprise: uscc, from: account },
      ...{ expires: '2026-12-31', amount, loanId },
    };
    await this.world.submit('loans:Repay', { order, signatures: await this.sign(order) }, applicant);
  }

  async issue(amount: string): Promise<void> {
    const content = { account, amount, coreReference: randomId() };
    await this.world.fourEyes('ISSUE', content, treasurer, approver);
  }

  /** The borrower takes money out of its deposit. */
  async redeem(amount: string): Promise<void> {
    const order: PaymentOrder = {
      ...{ action: 'REDEEM', channel: lending, orderId: randomId(), enterprise: uscc, from: account },
      ...{ expires: '2026-12-31', amount },
    };
    const content = { order, signatures: await this.sign(order) };
    await this.world.fourEyes('REDEEM', content, treasurer, approver);
  }

  async balance(): Promise<string> {
    const found = await this.world.query<Account>('books:GetAccount', { accountId: account }, treasurer);
    return found.balance;
  }

  today(): Promise<BusinessDate> {
    return this.world.query('days:Get', {}, servicer);
  }

  async closeThrough(through: string): Promise<void> {
    for (let { date } = await this.today(); date <= through; date = addDays(date, 1))
      await this.world.submit('days:CloseWhole', { date, loans: 200 }, servicer);
  }

  line(caller = officer): Promise<CreditLineView> {
    return this.world.query('lines:Get', { lineId: this.lineId }, caller);
  }

  loan(loanId: string): Promise<LoanView> {
    return this.world.query('loans:Get', { loanId }, officer);
  }

  close(caller = applicant): Promise<unknown> {
    return this.world.submit('lines:Close', { lineId: this.lineId }, caller);
  }

  trialBalance(): Balance {
    const books = new TrialBalance();
    for (const [key, { value }] of this.world.ledger.state(lending, 'lending').public)
      books.add(key, value.toString('utf8'));
    return books.balance();
  }
}
