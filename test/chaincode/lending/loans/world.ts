import { addDays } from '../../../../chaincode/ledger/calendar';
import type { Evidence, EvidenceInput } from '../../../../chaincode/registry/model';
import { contracts } from '../../../../chaincode/lending';
import type { BusinessDate } from '../../../../chaincode/lending/days/business-date';
import type { DayClose } from '../../../../chaincode/lending/days/model';
import type { LoanTerms } from '../../../../chaincode/lending/engine/loan';
import {
  boardingType,
  type BoardingStatement,
  type LoanView,
  type StoredFact,
} from '../../../../chaincode/lending/loans/model';
import type { PaymentOrder } from '../../../../chaincode/lending/books/payment-order';
import type { ProductTerms } from '../../../../chaincode/lending/products/model';
import { TrialBalance, type Balance } from '../../../../chaincode/lending/books/trial-balance';
import type { Endorsed } from '../../../support/chaincode/ledger';
import {
  World,
  approver,
  bank,
  channel,
  officer,
  otherUser,
  platform,
  randomId,
  regulator,
  servicer,
  signJws,
  user,
  uscc,
} from '../books/world';

export * from '../books/world';

export const start = '2026-11-23';

/** What every loan of a product has in common here: equal instalments of principal each month, on actual/360. */
export const productTerms: ProductTerms = {
  type: 'LAM',
  dayCount: 'A360',
  interestCycle: 'MONTHLY',
  principalCycle: 'MONTHLY',
  paymentDay: 'START',
  businessDays: 'NULL',
  calendar: 'NONE',
  rounding: 'HALF_UP',
  grace: { principalInstalments: 0, interestInstalments: 0, days: 0 },
  penalty: { principalRateMultiple: '1.5', onInterest: true },
  prepayment: { allowed: true, feeRate: '0', mode: 'REAMORTISE', minimum: '10000' },
  allocation: ['COSTS', 'PENALTY', 'INTEREST', 'PRINCIPAL'],
  allocationNonAccrual: ['COSTS', 'PRINCIPAL', 'INTEREST', 'PENALTY'],
  nonAccrualAfterDays: 90,
};

/** A year of it at 6 %, on the 23rd of each month. */
export const usualTerms: LoanTerms = {
  ...productTerms,
  principal: '1200000',
  startDate: start,
  termMonths: 12,
  rate: { kind: 'FIXED', annual: '0.06' },
};

/** The whole lending chaincode in memory, on a channel with a simulated clock, and loans that were brought onto it. */
export class LoansWorld extends World {
  simulatedClock = true;

  constructor() {
    super();
    this.ledger.deploy(
      channel,
      'lending',
      contracts.map((Class) => new Class()),
      [
        [bank, platform],
        [bank, regulator],
      ],
    );
    this.businessDate(start);
  }

  override evidence(asked: EvidenceInput): Evidence {
    const evidence = super.evidence(asked);
    const channels = evidence.consortium.channels.map((one) => ({
      ...one,
      simulatedClock: this.simulatedClock,
    }));
    return { ...evidence, consortium: { ...evidence.consortium, channels } };
  }

  boarding(account: string, changes: Partial<LoanTerms> = {}, debit: object = {}): BoardingStatement {
    const { principalCycle, ...terms } = { ...usualTerms, ...changes };
    const { type } = terms;
    return {
      action: 'BOARD_LOAN',
      channel,
      loanId: randomId(),
      enterprise: uscc,
      terms: { ...terms, ...(type === 'LAM' && principalCycle !== undefined ? { principalCycle } : {}) },
      directDebit: { account, cap: '100000000', expires: '2030-01-01', ...debit },
    };
  }

  async signBoarding(statement: BoardingStatement, signers = this.signersOf(statement.enterprise)) {
    const signatures = await Promise.all(
      signers.map((signer) =>
        signJws(
          { ...statement, signatory: signer.id, nonce: randomId(), signedAt: '2026-11-23T04:00:00Z' },
          signer,
          boardingType,
        ),
      ),
    );
    return { statement, signatures };
  }

  /** A loan of the first enterprise that is debited from a deposit. */
  async loan(account: string, changes: Partial<LoanTerms> = {}, debit: object = {}): Promise<string> {
    const signed = await this.signBoarding(this.boarding(account, changes, debit));
    await this.approved('BOARD_LOANS', { enterprise: uscc, loans: [signed] }, officer, approver);
    return signed.statement.loanId;
  }

  /** Closes days up to and including one, each in one transaction, as the servicing agent of a small bank does. */
  async closeThrough(through: string): Promise<void> {
    for (let { date } = await this.today(); date <= through; date = addDays(date, 1))
      await this.run('days:CloseWhole', { date, loans: 200 }, servicer);
  }

  /** Closes a day in three steps and pages. */
  async closeDay(date: string, page = 200): Promise<void> {
    await this.run('days:StartClose', { date }, servicer);
    while (!(await this.close(date)).done) await this.run('days:ClosePage', { date, loans: page }, servicer);
    await this.run('days:Complete', { date }, servicer);
  }

  today(): Promise<BusinessDate> {
    return this.query('days:Get', {}, servicer);
  }

  close(date: string): Promise<DayClose> {
    return this.query('days:GetClose', { date }, servicer);
  }

  view(loanId: string): Promise<LoanView> {
    return this.query('loans:Get', { loanId }, officer);
  }

  facts(loanId: string): Promise<StoredFact[]> {
    return this.query('loans:Facts', { loanId }, officer);
  }

  /** A properly signed REPAY or PREPAY. */
  async pay(order: PaymentOrder, caller = order.enterprise === uscc ? user : otherUser): Promise<Endorsed> {
    const signatures = await this.sign(order, this.signersOf(order.enterprise));
    return this.run(order.action === 'REPAY' ? 'loans:Repay' : 'loans:Prepay', { order, signatures }, caller);
  }

  /** The trial balance of everything that was written so far. */
  trialBalance(): Balance {
    const books = new TrialBalance();
    for (const [key, { value }] of this.ledger.state(channel, 'lending').public)
      books.add(key, value.toString('utf8'));
    return books.balance();
  }
}
