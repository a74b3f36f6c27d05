import { GatewayError, type Transaction } from '@hyperledger/fabric-gateway';
import { CompactSign } from 'jose';
import { canonicalJson, digestOf } from '../../chaincode/ledger/canonical';
import { parseErrorText, type ErrorCode } from '../../chaincode/ledger/errors';
import {
  acceptanceType,
  type AcceptanceStatement,
  type ApplicationView,
  type Notice,
  type OfferView,
  type PublicDecision,
} from '../../chaincode/lending/applications/model';
import type { Action } from '../../chaincode/lending/approvals/model';
import type { Account } from '../../chaincode/lending/books/model';
import { paymentOrderType, type PaymentOrder } from '../../chaincode/lending/books/payment-order';
import type { BusinessDate } from '../../chaincode/lending/days/business-date';
import type { LoanTerms } from '../../chaincode/lending/engine/loan';
import { boardingType, type BoardingStatement } from '../../chaincode/lending/loans/model';
import type { Product } from '../../chaincode/lending/products/model';
import {
  approver,
  bankMsp,
  enterpriseMsp,
  officer,
  randomId,
  regulatorMsp,
  servicer,
  supervisor,
  treasurer,
  type Actor,
  type Enterprise,
  type Signer,
} from './actors';
import { failureOf } from '../network/conformance/probe';
import type { Options } from './clients';
import { exampleProduct } from './facts';
import type { Prepared, Scenario } from './scenario';

export const lendingChannel = 'lending-bank-a';

/** Who endorses by default. */
export const both = [bankMsp, enterpriseMsp];

/** Each member's peer by itself: what one of them refuses, no modified chaincode of another brings through. */
export const alone = [[bankMsp], [enterpriseMsp], [regulatorMsp]];

/** A statement as several signatories sign it, each with a nonce of its own. */
export function signAs(
  statement: object,
  typ: string,
  signers: readonly (Signer | undefined)[],
): Promise<string[]> {
  return Promise.all(
    signers.map(async (signer) => {
      if (signer === undefined) throw new Error('there is no such signatory');
      const signed = {
        ...statement,
        signatory: signer.signatory,
        nonce: randomId(),
        signedAt: new Date().toISOString(),
      };
      return new CompactSign(Buffer.from(canonicalJson(signed)))
        .setProtectedHeader({ alg: 'ES256', kid: signer.signatory, typ })
        .sign(signer.key);
    }),
  );
}

/** Whether a query answers, or is refused because something is not there yet. */
async function answers(query: Promise<unknown>, missing: ErrorCode): Promise<boolean> {
  try {
    await query;
    return true;
  } catch (error) {
    if (
      error instanceof GatewayError &&
      parseErrorText(await failureOf(Promise.reject(error)))?.code === missing
    )
      return false;
    throw error;
  }
}

/** What two persons of the bank put their names to. */
export interface Proposed {
  readonly proposalId: string;
  readonly digest: string;
}

/** The first bank's lending channel, played by whoever a test lets act. Its products are a test file's own. */
export class Lending {
  private constructor(
    readonly scenario: Scenario,
    readonly product: Product,
  ) {}

  /** Begins the bank's business and publishes what it takes, as far as no other test of a shared network has. */
  static async open(scenario: Scenario): Promise<Lending> {
    const lending = new Lending(scenario, exampleProduct());
    const on = 'registry';
    const rates = scenario.evaluate(supervisor, 'GetReference', { codes: ['LPR-1Y'] }, { on });
    if (!(await answers(rates, 'REFERENCE_MISSING')))
      await scenario.submit(
        supervisor,
        'PublishReference',
        { kind: 'RATE', code: 'LPR-1Y', version: 1, values: [{ from: '2025-05-20', annual: '0.0300' }] },
        [regulatorMsp, 'TaxMSP'],
        { on },
      );
    if (!(await answers(lending.today(), 'BUSINESS_DAY_NOT_OPEN')))
      await lending.submit(servicer, 'days:Begin', { date: '2026-11-23' });
    await lending.publish(lending.product);
    return lending;
  }

  submit(
    actor: Actor,
    name: string,
    input: unknown,
    endorsers: readonly string[] = both,
    transient: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    return this.scenario.submit(actor, name, input, endorsers, { on: lendingChannel, transient });
  }

  endorse(
    actor: Actor,
    name: string,
    input: unknown,
    endorsers: readonly string[] = both,
    transient: Readonly<Record<string, string>> = {},
  ): Promise<Transaction> {
    return this.scenario.endorse(actor, name, input, endorsers, { on: lendingChannel, transient });
  }

  /** Commits what was endorsed, all at once. @returns the validation codes. */
  async race(transactions: readonly Transaction[]): Promise<readonly number[]> {
    const statuses = await Promise.all(
      transactions.map(async (transaction) => this.scenario.commit(transaction, lendingChannel)),
    );
    return statuses.map(({ code }) => code).sort((a, b) => a - b);
  }

  /** Commits what was endorsed. @returns the validation code. */
  async codeOf(transaction: Promise<Transaction>): Promise<number> {
    return (await this.scenario.commit(await transaction, lendingChannel)).code;
  }

  async evaluate<T>(actor: Actor, name: string, input: unknown, options: Options = {}): Promise<T> {
    return (await this.scenario.evaluate(actor, name, input, { ...options, on: lendingChannel })) as T;
  }

  today(): Promise<BusinessDate> {
    return this.evaluate(servicer, 'days:Get', {});
  }

  // ── Four eyes ───────────────────────────────────────────────────────────────────────────────────────────────

  async propose(action: Action, content: object, maker = officer): Promise<Proposed> {
    const proposalId = randomId();
    await this.submit(maker, 'approvals:Propose', { proposalId, action, content });
    return { proposalId, digest: digestOf(content) };
  }

  approve(proposed: Proposed, checker = approver, endorsers = both): Promise<void> {
    return this.submit(checker, 'approvals:Approve', proposed, endorsers);
  }

  async approved(action: Action, content: object, maker = officer, checker = approver): Promise<void> {
    await this.approve(await this.propose(action, content, maker), checker);
  }

  publish(product: Product): Promise<void> {
    return this.approved('PUBLISH_PRODUCT', product);
  }

  // ── Books ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** A new deposit with so much in it. */
  async deposit({ uscc }: Enterprise, amount = '0'): Promise<string> {
    const accountId = randomId();
    await this.submit(treasurer, 'books:OpenAccount', { accountId, owner: uscc });
    if (amount !== '0')
      await this.approved('ISSUE', { account: accountId, amount, coreReference: randomId() }, treasurer);
    return accountId;
  }

  account(accountId: string): Promise<Account> {
    return this.evaluate(treasurer, 'books:GetAccount', { accountId });
  }

  async balance(accountId: string): Promise<string> {
    return (await this.account(accountId)).balance;
  }

  transferOf(
    { uscc }: Enterprise,
    from: string,
    to: string,
    amount: string,
    changes: Partial<PaymentOrder> = {},
  ): PaymentOrder {
    return {
      action: 'TRANSFER',
      channel: lendingChannel,
      orderId: randomId(),
      enterprise: uscc,
      from,
      to,
      amount,
      expires: '2099-12-31',
      ...changes,
    } as PaymentOrder;
  }

  /** An order with the signatures that the mandate asks for. */
  async signed(
    { signers }: Enterprise,
    order: PaymentOrder,
    by: readonly (Signer | undefined)[] = signers.slice(0, 2),
  ): Promise<{ readonly order: PaymentOrder; readonly signatures: readonly string[] }> {
    return { order, signatures: await signAs(order, paymentOrderType, by) };
  }

  /** A loan that was made before and is brought onto the ledger, debited from a deposit. */
  async boarded(
    { uscc, signers }: Enterprise,
    account: string,
    debit: object = {},
    terms: Partial<LoanTerms> = {},
  ): Promise<{ readonly loanId: string; readonly content: object }> {
    const { date } = await this.today();
    const loanId = randomId();
    const statement: BoardingStatement = {
      action: 'BOARD_LOAN',
      channel: lendingChannel,
      loanId,
      enterprise: uscc,
      terms: { ...boardedTerms, startDate: date, ...terms },
      directDebit: { account, cap: '1000', expires: '2099-12-31', ...debit },
    };
    const signatures = await signAs(statement, boardingType, signers.slice(0, 2));
    const content = { enterprise: uscc, loans: [{ statement, signatures }] };
    await this.approved('BOARD_LOANS', content);
    return { loanId, content };
  }

  // ── Applications ────────────────────────────────────────────────────────────────────────────────────────────

  async applied({ owner }: Enterprise, account: string, product = this.product): Promise<string> {
    const input = this.applicationOf(account, product);
    await this.submit(owner, 'applications:Apply', input);
    return input.applicationId;
  }

  applicationOf(account: string, { code, version } = this.product) {
    return {
      applicationId: randomId(),
      product: { code, version },
      amount: '50000000',
      termMonths: 12,
      purpose: 'STOCK',
      account,
    };
  }

  evidence(applicationId: string, { artefact: { consentId }, requestId }: Omit<Prepared, 'delivery'>) {
    return { applicationId, consentId, requestIds: [requestId] };
  }

  /** An application with evidence attached, decided and its notice given. */
  async decided(
    enterprise: Enterprise,
    share: Prepared,
    account: string,
    product = this.product,
  ): Promise<string> {
    const applicationId = await this.applied(enterprise, account, product);
    await this.submit(officer, 'applications:AttachEvidence', this.evidence(applicationId, share));
    await this.decide(applicationId);
    await this.notify(applicationId);
    return applicationId;
  }

  decide(applicationId: string, endorsers: readonly string[] = [bankMsp]): Promise<void> {
    const transient = { responseKey: randomId(), salt: randomId() };
    return this.submit(officer, 'applications:Decide', { applicationId }, endorsers, transient);
  }

  async notice(applicationId: string): Promise<Notice> {
    const read = await this.scenario.readPrivate(
      officer,
      'applications:ReadDecision',
      { applicationId },
      { on: lendingChannel },
    );
    return (read as { notice: Notice }).notice;
  }

  async notify(applicationId: string): Promise<void> {
    const notice = canonicalJson(await this.notice(applicationId));
    await this.submit(officer, 'applications:Notify', { applicationId }, both, { notice });
  }

  view(applicationId: string): Promise<ApplicationView> {
    return this.evaluate(officer, 'applications:Get', { applicationId });
  }

  async decision(applicationId: string): Promise<PublicDecision> {
    return (await this.view(applicationId)).decision;
  }

  offerOf(applicationId: string, changes: object = {}) {
    return { applicationId, offerId: randomId(), amount: '50000000', termMonths: 12, ...changes };
  }

  /** The bank makes an offer. */
  async offered(applicationId: string, changes: object = {}): Promise<OfferView> {
    const input = this.offerOf(applicationId, changes);
    await this.submit(officer, 'applications:Offer', input);
    return this.evaluate(officer, 'applications:GetOffer', { offerId: input.offerId });
  }

  acceptanceOf({ offer }: OfferView, changes: object = {}) {
    const { sheet } = offer;
    return {
      action: 'ACCEPT_LOAN',
      channel: lendingChannel,
      applicationId: offer.applicationId,
      offerId: offer.offerId,
      sheetDigest: offer.digest,
      directDebit: { account: sheet.account, cap: '10000000', expires: '2099-12-31' },
      enterprise: sheet.enterprise,
      ...changes,
    } satisfies Omit<AcceptanceStatement, 'signatory' | 'nonce' | 'signedAt' | 'action'> & { action: string };
  }

  /** What is submitted to accept an offer, signed by some. */
  async acceptance(view: OfferView, signers: readonly (Signer | undefined)[], changes: object = {}) {
    const { applicationId, offerId } = view.offer;
    const acceptances = await signAs(this.acceptanceOf(view, changes), acceptanceType, signers);
    return { applicationId, offerId, acceptances };
  }

  /** An application of which an offer is accepted. */
  async accepted(
    enterprise: Enterprise,
    share: Prepared,
    account: string,
    product = this.product,
  ): Promise<string> {
    const applicationId = await this.decided(enterprise, share, account, product);
    const input = await this.acceptance(await this.offered(applicationId), enterprise.signers.slice(0, 2));
    await this.submit(enterprise.owner, 'applications:Accept', input);
    return applicationId;
  }
}

/** Equal principal over a year at 6 %. */
const boardedTerms: Omit<LoanTerms, 'startDate'> = {
  type: 'LAM',
  principal: '1200000',
  termMonths: 12,
  rate: { kind: 'FIXED', annual: '0.06' },
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
