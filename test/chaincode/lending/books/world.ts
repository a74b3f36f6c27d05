import 'reflect-metadata';
import { Context, Contract, Transaction } from 'fabric-contract-api';
import { canonicalJson, digestOf } from '../../../../chaincode/ledger/canonical';
import { check } from '../../../../chaincode/ledger/parse';
import { ApprovalsContract } from '../../../../chaincode/lending/approvals/contract';
import { executorOf, type Executors } from '../../../../chaincode/lending/approvals/executor';
import type { Action, Proposal } from '../../../../chaincode/lending/approvals/model';
import { BooksContract } from '../../../../chaincode/lending/books/contract';
import { executors as bookExecutors } from '../../../../chaincode/lending/books/executors';
import type { Account, StatementLine } from '../../../../chaincode/lending/books/model';
import { paymentOrderType, type PaymentOrder } from '../../../../chaincode/lending/books/payment-order';
import type { Enterprise, Evidence, EvidenceInput } from '../../../../chaincode/registry/model';
import { requireOwnEnterprise } from '../../../../chaincode/registry/evidence';
import { callerOf } from '../../../../chaincode/ledger/caller';
import { Type } from 'typebox';
import { writeDocument } from '../../../../chaincode/ledger/documents';
import { newSigner, randomId, signJws, type Signer } from '../../sharing/keys';
import { TestLedger, type Endorsed, type TestIdentity } from '../../../support/chaincode/ledger';

export { newSigner, randomId, signJws, type Signer };

/** A bank's lending channel with the real books and approvals, a registry that says what the test decides, and keys. */

export const channel = 'lending-bank-a';
export const bank = 'BankAMSP';
export const platform = 'EnterpriseMSP';
export const regulator = 'RegulatorMSP';
export const uscc = '91310000MA1K4BCD3X';
export const otherUscc = '91330000MA2H7YQR5P';

const staff = (person: string, role: string): TestIdentity => ({
  msp: bank,
  attributes: { role, 'hf.EnrollmentID': person },
});
export const treasurer = staff('tina', 'treasurer');
export const secondTreasurer = staff('tom', 'treasurer');
export const approver = staff('ada', 'approver');
export const officer = staff('otto', 'credit-officer');
export const servicer = staff('servicer', 'servicer');
/** One person with a second certificate and both roles. */
export const doubleRole = staff('tina', 'treasurer,approver');
export const user: TestIdentity = {
  msp: platform,
  attributes: { role: 'enterprise-user', uscc, 'hf.EnrollmentID': 'user-a' },
};
export const otherUser: TestIdentity = {
  msp: platform,
  attributes: { role: 'enterprise-user', uscc: otherUscc, 'hf.EnrollmentID': 'user-b' },
};
export const supervisor: TestIdentity = {
  msp: regulator,
  attributes: { role: 'supervisor', 'hf.EnrollmentID': 'sue' },
};
export const foreignTreasurer: TestIdentity = {
  msp: 'BankBMSP',
  attributes: { role: 'treasurer', 'hf.EnrollmentID': 'tina' },
};

class FakeRegistry extends Contract {
  constructor(private readonly world: World) {
    super('registry');
  }

  @Transaction(false)
  async Evidence(ctx: Context, input: string): Promise<string> {
    const asked = JSON.parse(input) as EvidenceInput;
    if (asked.uscc !== undefined) requireOwnEnterprise(callerOf(ctx), asked.uscc);
    return Promise.resolve(canonicalJson(this.world.evidence(asked)));
  }
}

/** An action of the tests' own: writes what it is told, once approved. */
const noteExecutor: Executors = {
  WAIVE: executorOf<{ note: string; broken?: boolean }>({
    makers: ['credit-officer'],
    checkers: ['approver', 'treasurer'],
    content: check(
      Type.Object(
        { note: Type.String({ maxLength: 64 }), broken: Type.Optional(Type.Boolean()) },
        { additionalProperties: false },
      ),
    ),
    admit: (_ctx, _situation, { note }) =>
      note === 'impossible' ? Promise.reject(new Error('impossible')) : Promise.resolve(),
    execute: async (ctx, _situation, { note, broken }) => {
      if (broken === true) throw new Error('broken');
      await writeDocument(ctx, `note~${note}`, { note });
    },
  }),
};

class Approvals extends ApprovalsContract {
  constructor() {
    super({ ...bookExecutors, ...noteExecutor });
  }
}

const members = (signers: readonly Signer[], office: 'DIRECTOR' | 'RECORDS' = 'DIRECTOR', to?: string) =>
  signers.map(({ id, jwk }) => ({
    id,
    jwk,
    office,
    from: '2020-01-01',
    ...(to === undefined ? {} : { to }),
  }));

export class World {
  readonly ledger = new TestLedger();
  readonly signatories = ['anna', 'bert', 'carl'].map((name) => newSigner(`signatory-${name}-0000`));
  readonly clerk = newSigner('signatory-clerk-0000');
  readonly former = newSigner('signatory-former-000');
  readonly otherSignatory = newSigner('signatory-dora-0000');
  enterprise: Enterprise = {
    uscc,
    name: 'Shanghai Example Ltd',
    status: 'ACTIVE',
    mandate: { required: 2 },
    signatories: [
      ...members(this.signatories),
      ...members([this.clerk], 'RECORDS'),
      ...members([this.former], 'DIRECTOR', '2026-10-31'),
    ],
    registeredBy: 'department:amr-shanghai',
    version: 1,
  };
  other: Enterprise = {
    ...this.enterprise,
    uscc: otherUscc,
    name: 'Zhejiang Example Ltd',
    mandate: { required: 1 },
    signatories: members([this.otherSignatory]),
  };

  constructor() {
    this.ledger.deploy('registry', 'registry', new FakeRegistry(this), [[regulator]]);
    this.ledger.deploy(
      channel,
      'lending',
      [new BooksContract(), new Approvals()],
      [
        [bank, platform],
        [bank, regulator],
      ],
    );
    this.businessDate('2026-11-23');
  }

  /** What the registry vouches for. */
  evidence(asked: EvidenceInput): Evidence {
    const organisation = (msp: string, role: 'enterprise' | 'bank' | 'regulator') => ({
      msp,
      name: msp,
      roles: [role],
      departments: [],
    });
    const enterprise = [this.enterprise, this.other].find((one) => one.uscc === asked.uscc);
    return {
      consortium: {
        name: 'test',
        version: 1,
        organisations: [
          organisation(platform, 'enterprise'),
          organisation(bank, 'bank'),
          organisation('BankBMSP', 'bank'),
          organisation(regulator, 'regulator'),
        ],
        channels: [{ name: channel, bank, clockSkewSeconds: 300 }],
        purposes: [],
      },
      ...(enterprise === undefined ? {} : { enterprise }),
      issuers: {},
      recordTypes: {},
      anchors: {},
      heads: {},
    };
  }

  businessDate(date: string, state: 'OPEN' | 'CLOSING' = 'OPEN'): void {
    this.ledger.tamper(channel, 'lending', 'business-date', { date, state });
  }

  transaction(name: string, input: unknown, caller: TestIdentity) {
    const second = caller.msp === bank ? platform : caller.msp === platform ? platform : regulator;
    return {
      channel,
      chaincode: 'lending',
      function: name,
      input,
      caller,
      endorsers: [bank, second],
    };
  }

  run(name: string, input: unknown, caller: TestIdentity): Promise<Endorsed> {
    return this.ledger.submit(this.transaction(name, input, caller));
  }

  async query<T>(name: string, input: unknown, caller: TestIdentity): Promise<T> {
    return JSON.parse(await this.ledger.evaluate(this.transaction(name, input, caller))) as T;
  }

  signer(index: number): Signer {
    const found = this.signatories[index];
    if (found === undefined) throw new Error('no such signatory');
    return found;
  }

  /** Who signs for an enterprise by default: as many as its mandate asks. */
  signersOf(enterprise: string): readonly Signer[] {
    return enterprise === uscc ? [this.signer(0), this.signer(1)] : [this.otherSignatory];
  }

  sign(order: object, signers: readonly Signer[], changes: object = {}): Promise<string[]> {
    return Promise.all(
      signers.map((signer) =>
        signJws(
          {
            ...order,
            signatory: signer.id,
            nonce: randomId(),
            signedAt: '2026-11-23T04:00:00Z',
            ...changes,
          },
          signer,
          paymentOrderType,
        ),
      ),
    );
  }

  async propose(
    action: Action,
    content: object,
    maker: TestIdentity,
  ): Promise<{ proposalId: string; digest: string }> {
    const proposalId = randomId();
    await this.run('approvals:Propose', { proposalId, action, content }, maker);
    return { proposalId, digest: digestOf(content) };
  }

  async approved(action: Action, content: object, maker = treasurer, checker = approver): Promise<string> {
    const proposal = await this.propose(action, content, maker);
    await this.run('approvals:Approve', proposal, checker);
    return proposal.proposalId;
  }

  proposal(proposalId: string): Promise<Proposal> {
    return this.query('approvals:GetProposal', { proposalId }, approver);
  }

  /** A new deposit with so much in it. */
  async deposit(amount = '0', owner = uscc): Promise<string> {
    const accountId = randomId();
    await this.run('books:OpenAccount', { accountId, owner }, treasurer);
    if (amount !== '0') await this.issue(accountId, amount);
    return accountId;
  }

  issue(account: string, amount: string, coreReference = randomId()): Promise<string> {
    return this.approved('ISSUE', { account, amount, coreReference });
  }

  account(accountId: string): Promise<Account> {
    return this.query('books:GetAccount', { accountId }, treasurer);
  }

  async balance(accountId: string): Promise<string> {
    return (await this.account(accountId)).balance;
  }

  async statement(accountId: string): Promise<StatementLine[]> {
    const lines: StatementLine[] = [];
    let bookmark = '';
    do {
      const page: { items: StatementLine[]; bookmark: string } = await this.query(
        'books:Statement',
        { accountId, pageSize: 3, ...(bookmark === '' ? {} : { bookmark }) },
        treasurer,
      );
      lines.push(...page.items);
      bookmark = page.bookmark;
    } while (bookmark !== '');
    return lines.reverse();
  }

  /** An order with the members that every order has. */
  order<A extends PaymentOrder['action']>(
    action: A,
    members: Omit<
      Extract<PaymentOrder, { action: A }>,
      'action' | 'channel' | 'orderId' | 'enterprise' | 'expires'
    > & { orderId?: string; enterprise?: string; expires?: string; channel?: string },
  ): Extract<PaymentOrder, { action: A }> {
    return {
      action,
      channel,
      orderId: randomId(),
      enterprise: uscc,
      expires: '2026-11-30',
      ...members,
    } as Extract<PaymentOrder, { action: A }>;
  }

  /** Carries a properly signed order out. */
  async carryOut(order: PaymentOrder, caller?: TestIdentity): Promise<Endorsed> {
    const names: Partial<Record<PaymentOrder['action'], string>> = {
      TRANSFER: 'Transfer',
      HOLD: 'PlaceHold',
      POST_HOLD: 'PostHold',
      VOID_HOLD: 'VoidHold',
    };
    const signatures = await this.sign(order, this.signersOf(order.enterprise));
    return this.run(
      `books:${names[order.action] ?? ''}`,
      { order, signatures },
      caller ?? (order.enterprise === uscc ? user : otherUser),
    );
  }

  /** Every document of the ledger whose key begins so. */
  documents(prefix: string): [string, unknown][] {
    return [...this.ledger.state(channel, 'lending').public]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, { value }]) => [key, JSON.parse(value.toString('utf8')) as unknown]);
  }
}
