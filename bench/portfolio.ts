import { createHash } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import { addDays, addMonths } from '../chaincode/ledger/calendar';
import { canonicalJson, digestOf } from '../chaincode/ledger/canonical';
import { fen, toFen } from '../chaincode/ledger/money';
import type { PublicJwk } from '../chaincode/ledger/schemas';
import type { Action } from '../chaincode/lending/approvals/model';
import type { LoanTerms } from '../chaincode/lending/engine/loan';
import { boardingType, type BoardingStatement } from '../chaincode/lending/loans/model';
import { checkCharacter } from '../chaincode/registry/uscc';
import type { Days } from '../gateway/agents/servicing';
import { loadIssuers, signEnterprise } from '../gateway/issuer';
import type { LedgerClient } from '../gateway/ledger/client';
import { LedgerError } from '../gateway/ledger/errors';
import { FabricLedger } from '../gateway/ledger/fabric';
import type { Retries } from '../gateway/ledger/retry';
import { chunks } from '../gateway/records/registry';
import type { Deadlines } from '../network/client/connect';
import { readConnectionProfile } from '../network/client/profile';
import { departmentIdentity, issueEnterpriseUser } from '../network/set-up/identities';
import type { NetworkContext } from '../network/runtimes/runtime';
import { openNetwork } from '../network/topology/network-file';
import { signCanonical } from '../signer/signing';
import type { SigningKey } from '../signer/keyfile';

/** How many loans of which kind; all are the same for the same plan, ids included. */
export interface PortfolioPlan {
  readonly loans: number;
  /** Loans with an instalment within the first month; the others pay interest quarterly and principal at the end. */
  readonly due: number;
  /** Of those: loans whose deposit does not hold enough for it. */
  readonly short: number;
  /** Of those: loans whose deposit holds nothing, so that they stay in arrears. */
  readonly arrears: number;
}

/** The end of a month: what is paid on a day of the month is due for the first time within the next. */
export const firstDay = '2026-12-31';
export const channel = 'lending-bank-a';
export const lending = 'lending';
/** Who endorses, as the product's gateway asks: named, so that a peer that is behind is told from a refusal. */
export const endorsers = ['BankAMSP', 'EnterpriseMSP'];
/** Loans in a proposal; a few are under way at once. */
const boarded = 25;
const atOnce = 8;
/** Deposits of borrowers who have money, shared by their loans. */
export const richDeposits = 20;

/** A bank's portfolio on a running network of `bench/lending.yaml`. */
export class Portfolio {
  readonly #bank: LedgerClient;
  readonly #market: LedgerClient;
  readonly #uscc: string;

  constructor(private readonly context: NetworkContext) {
    const deadlines = { evaluateMs: 60_000, endorseMs: 120_000, submitMs: 60_000, commitStatusMs: 120_000 };
    this.#bank = ledgerOf(context, 'bank-a', { deadlines });
    this.#market = ledgerOf(context, 'market-regulation', { deadlines });
    this.#uscc = `91310115000000001${checkCharacter('91310115000000001') ?? ''}`;
  }

  /** The borrower's unified social credit code. */
  get uscc(): string {
    return this.#uscc;
  }

  close(): void {
    this.#bank.close();
    this.#market.close();
  }

  /** Registers the borrower, with a user of its own, and begins the first business day. @returns its signatory's key. */
  async begin(): Promise<SigningKey> {
    const key = await borrowersKey();
    await this.#register(key);
    await issueEnterpriseUser(this.context, this.#uscc);
    await this.#run('servicer', 'days:Begin', { date: firstDay });
    return key;
  }

  /** Begins, opens deposits, and brings the loans onto the ledger. @returns the key of the borrower's signatory. */
  async make(plan: PortfolioPlan, progress: (done: number) => void): Promise<SigningKey> {
    const key = await this.begin();
    const deposits = [
      ...Array.from({ length: richDeposits }, (_, index) => ({
        id: id('rich', index),
        amount: '900000000000',
      })),
      ...Array.from({ length: plan.short }, (_, index) => ({ id: id('short', index), amount: '3000' })),
      ...Array.from({ length: plan.arrears }, (_, index) => ({ id: id('poor', index), amount: '0' })),
    ];
    await inParallel(deposits, atOnce, async ({ id: accountId, amount }, index) => {
      await this.#run('treasurer', 'books:OpenAccount', { accountId, owner: this.#uscc });
      if (amount === '0') return;
      const content = { account: accountId, amount, coreReference: id('issue', index) };
      await this.#approved('ISSUE', content, 'treasurer', id('money', index));
    });
    const statements = Array.from({ length: plan.loans }, (_, index) => this.#statement(plan, index));
    const batches = chunks(statements, boarded);
    let done = 0;
    await inParallel(batches, atOnce, async (batch, index) => {
      const loans = await Promise.all(
        batch.map(async (statement) => ({ statement, signatures: [await signBoarding(statement, key)] })),
      );
      const content = { enterprise: this.#uscc, loans };
      await this.#approved('BOARD_LOANS', content, 'credit-officer', id('boarding', index));
      done += batch.length;
      progress(done);
    });
    return key;
  }

  /** The business days, for a servicing agent. */
  days(): Days {
    return daysOf(this.#bank);
  }

  /** What the closes of so many days came to: money collected, in fen, and the loans past due when the last one ended. */
  async totals(days: number): Promise<{ readonly collected: string; readonly pastDue: number }> {
    let [collected, pastDue] = [0n, 0];
    for (let day = 0; day < days; day += 1) {
      const { totals } = await this.days().close(dayAfter(day));
      collected += fen(totals.collected);
      pastDue = totals.pastDue;
    }
    return { collected: toFen(collected), pastDue };
  }

  /** SHA-256 over where every loan stands: equal exactly where two runs ended alike. */
  async digest(plan: PortfolioPlan): Promise<string> {
    const hash = createHash('sha256');
    const views = Array.from({ length: plan.loans }, (_, index) => id('loan', index));
    const found = new Map<string, unknown>();
    await inParallel(views, 16, async (loanId) => {
      const call = {
        identity: 'servicer',
        channel,
        chaincode: lending,
        name: 'loans:Get',
        input: { loanId },
      };
      const { position, facts } = (await this.#bank.evaluate(call)) as { position: unknown; facts: unknown };
      found.set(loanId, { position, facts });
    });
    for (const loanId of views) hash.update(`${loanId} ${canonicalJson(found.get(loanId))}\n`);
    return hash.digest('hex');
  }

  async #register({ signatory, jwk }: SigningKey): Promise<void> {
    const issuers = await loadIssuers(this.context.directory, 'market-regulation');
    const department = issuers.get('department:amr-shanghai');
    if (department === undefined) throw new Error('the registering department has no key');
    const input = await signEnterprise(department.signer, {
      uscc: this.#uscc,
      name: 'Borrower of the benchmark',
      status: 'ACTIVE',
      mandate: { required: 1 },
      signatories: [{ id: signatory, office: 'LEGAL_REPRESENTATIVE', jwk, from: '2020-01-01' }],
      registeredBy: 'department:amr-shanghai',
      version: 1,
    });
    await this.#market.submit({
      identity: departmentIdentity('registrar', 'amr-shanghai'),
      channel: 'registry',
      chaincode: 'registry',
      name: 'PutEnterprise',
      input,
    });
  }

  #statement(plan: PortfolioPlan, index: number): BoardingStatement {
    const isDue = index < plan.due;
    const troubled = plan.short + plan.arrears;
    const account =
      index < plan.short
        ? id('short', index)
        : index < troubled
          ? id('poor', index - plan.short)
          : id('rich', index % richDeposits);
    const common = {
      principal: String(1_200_000 + index * 10),
      startDate: firstDay,
      rate: { kind: 'FIXED', annual: '0.0435' },
      dayCount: 'A360',
      businessDays: 'NULL',
      calendar: 'NONE',
      rounding: 'HALF_UP',
      grace: { principalInstalments: 0, interestInstalments: 0, days: 0 },
      penalty: { principalRateMultiple: '1.5', onInterest: true },
      prepayment: { allowed: true, feeRate: '0', mode: 'REAMORTISE', minimum: '0' },
      allocation: ['COSTS', 'PENALTY', 'INTEREST', 'PRINCIPAL'],
      allocationNonAccrual: ['COSTS', 'PRINCIPAL', 'INTEREST', 'PENALTY'],
      nonAccrualAfterDays: 90,
    } as const;
    const terms: LoanTerms = isDue
      ? {
          ...common,
          type: 'LAM',
          termMonths: 12,
          interestCycle: 'MONTHLY',
          principalCycle: 'MONTHLY',
          // Spread over the days, so that the smallest runs meet some; those in trouble come first.
          paymentDay: index < troubled ? 2 + (index % 3) : 2 + ((index - troubled) % 27),
          allocation: [...common.allocation],
          allocationNonAccrual: [...common.allocationNonAccrual],
        }
      : {
          ...common,
          type: 'PAM',
          termMonths: 36,
          interestCycle: 'QUARTERLY',
          paymentDay: 'START',
          allocation: [...common.allocation],
          allocationNonAccrual: [...common.allocationNonAccrual],
        };
    return {
      action: 'BOARD_LOAN',
      channel,
      loanId: id('loan', index),
      enterprise: this.#uscc,
      terms,
      directDebit: { account, cap: '100000000', expires: addMonths(firstDay, 48) },
    };
  }

  async #approved(action: Action, content: object, maker: string, proposalId: string): Promise<void> {
    await this.#run(maker, 'approvals:Propose', { proposalId, action, content });
    await this.#run('approver', 'approvals:Approve', { proposalId, digest: digestOf(content) });
  }

  #run(identity: string, name: string, input: unknown): Promise<void> {
    return submitLending(this.#bank, identity, name, input);
  }
}

/** The ledger as an organisation of `bench/lending.yaml` reaches it. */
export function ledgerOf(
  { directory }: NetworkContext,
  organisation: string,
  options: { readonly deadlines: Deadlines; readonly retries?: Retries },
): LedgerClient {
  const { msp, peer } = readConnectionProfile(directory, organisation);
  return new FabricLedger({ directory, organisation, msp, peer, ...options });
}

/** The bank's business days, for a servicing agent. */
export function daysOf(bank: LedgerClient): Days {
  const evaluate = (name: string, input: unknown) =>
    bank.evaluate({ identity: 'servicer', channel, chaincode: lending, name, input });
  const submit = (name: string, input: unknown) => submitLending(bank, 'servicer', name, input);
  return {
    async current() {
      return (await evaluate('days:Get', {})) as Awaited<ReturnType<Days['current']>>;
    },
    async close(date) {
      return (await evaluate('days:GetClose', { date })) as Awaited<ReturnType<Days['close']>>;
    },
    closeWhole: (date, loans) => submit('days:CloseWhole', { date, loans }),
    startClose: (date) => submit('days:StartClose', { date }),
    closePage: (date, loans) => submit('days:ClosePage', { date, loans }),
    complete: (date) => submit('days:Complete', { date }),
  };
}

async function submitLending(
  ledger: LedgerClient,
  identity: string,
  name: string,
  input: unknown,
): Promise<void> {
  try {
    await ledger.submit({ identity, channel, chaincode: lending, name, input, endorsers });
  } catch (error) {
    if (error instanceof LedgerError) error.message = `${name}: ${error.code}: ${error.message}`;
    throw error;
  }
}

async function borrowersKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const { kty, crv, x, y } = await exportJWK(publicKey);
  return { signatory: id('signatory', 0), jwk: { kty, crv, x, y } as PublicJwk, key: privateKey };
}

/** What the borrower signs of a loan that is brought onto the ledger. */
export function signBoarding(statement: BoardingStatement, key: SigningKey): Promise<string> {
  const { signatory } = key;
  const signed = {
    ...statement,
    signatory,
    nonce: digestOf(statement.loanId),
    signedAt: '2026-11-23T04:00:00Z',
  };
  return signCanonical(signed, boardingType, key);
}

/** The portfolio of a network that runs. */
export function openPortfolio(directory: string): Portfolio {
  return new Portfolio(openNetwork(directory, () => undefined));
}

/** The day so many days after the first. */
export function dayAfter(days: number): string {
  return addDays(firstDay, days);
}

/** Id of a deposit: `rich`, `short` of funds or `poor`, and any other kind that a benchmark opens itself. */
export function deposit(kind: string, index: number): string {
  return id(kind, index);
}

/** Id of the loan of an index. */
export function loanId(index: number): string {
  return id('loan', index);
}

function id(kind: string, index: number): string {
  return `${kind}-${String(index).padStart(24, '0')}`;
}

async function inParallel<T>(
  items: readonly T[],
  lanes: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of queue) await work(item, index);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
