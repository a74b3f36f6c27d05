import { peer } from '@hyperledger/fabric-protos';
import { addDays } from '../../chaincode/ledger/calendar';
import type { Instalment } from '../../chaincode/lending/engine/loan';
import { failureOf } from '../network/conformance/probe';
import {
  approver,
  bankMsp,
  enterpriseMsp,
  modified,
  newSigner,
  officer,
  randomId,
  refusalOf,
  regulatorMsp,
  Scenario,
  servicer,
  treasurer,
  type Enterprise,
} from './scenario';
import { alone, both, Lending } from './lending';

/** What a bank, its staff and others try with the money of an enterprise. */

const { ENDORSEMENT_POLICY_FAILURE, MVCC_READ_CONFLICT, VALID } = peer.TxValidationCode;

let scenario: Scenario;
let lending: Lending;
let victim: Enterprise;
let thief: Enterprise;
/** The victim's deposit, and where money would go. */
let deposit: string;
let elsewhere: string;

beforeAll(async () => {
  scenario = await Scenario.start();
  lending = await Lending.open(scenario);
  victim = await scenario.newEnterprise();
  thief = await scenario.newEnterprise();
  deposit = await lending.deposit(victim, '1000000');
  elsewhere = await lending.deposit(thief);
}, 300_000);

afterAll(() => scenario.close());

const order = (amount: string) => lending.transferOf(victim, deposit, elsewhere, amount);

describe('a payment order', () => {
  it('is carried out once, whoever brings it again and however it is changed', async () => {
    const before = BigInt(await lending.balance(deposit));
    const signed = await lending.signed(victim, order('1'));
    await lending.submit(victim.owner, 'books:Transfer', signed);
    for (const endorsers of [...alone, both])
      expect(await refusalOf(lending.submit(victim.owner, 'books:Transfer', signed, endorsers))).toBe(
        'ALREADY_EXISTS',
      );
    for (const changes of [{ amount: '2' }, { orderId: randomId() }, { channel: 'lending-bank-b' }]) {
      const replayed = { ...signed, order: { ...signed.order, ...changes } };
      expect(await refusalOf(lending.submit(victim.owner, 'books:Transfer', replayed))).toBe(
        'orderId' in changes || 'channel' in changes ? 'STATEMENT_MISMATCH' : 'ALREADY_EXISTS',
      );
    }
    expect(BigInt(await lending.balance(deposit))).toBe(before - 1n);
  });

  it('that is endorsed twice before it commits counts once', async () => {
    const before = BigInt(await lending.balance(deposit));
    const signed = await lending.signed(victim, order('10'));
    const endorsed = await Promise.all(
      [both, [bankMsp, regulatorMsp]].map((endorsers) =>
        lending.endorse(victim.owner, 'books:Transfer', signed, endorsers),
      ),
    );
    expect(await lending.race(endorsed)).toEqual([VALID, MVCC_READ_CONFLICT]);
    expect(BigInt(await lending.balance(deposit))).toBe(before - 10n);
  });

  it("takes the mandate's number of the owner's own signatories, and the owner to bring it", async () => {
    const [first, second] = victim.signers;
    const given = order('1');
    const impostor = await newSigner(second?.signatory);
    for (const [by, code] of [
      [[first], 'QUORUM_MISSING'],
      [[first, first], 'QUORUM_MISSING'],
      [[first, impostor], 'SIGNATURE_INVALID'],
      [thief.signers.slice(0, 2), 'SIGNATORY_UNKNOWN'],
    ] as const) {
      const signed = await lending.signed(victim, given, by);
      expect(await refusalOf(lending.submit(victim.owner, 'books:Transfer', signed))).toBe(code);
    }
    const good = await lending.signed(victim, given);
    for (const actor of [thief.owner, officer, treasurer])
      expect(await refusalOf(lending.submit(actor, 'books:Transfer', good))).toBe('NOT_YOUR_RECORD');
    // Nor does an enterprise order about a deposit that is another's.
    const own = await lending.signed(thief, lending.transferOf(thief, deposit, elsewhere, '1'));
    expect(await refusalOf(lending.submit(thief.owner, 'books:Transfer', own))).toBe('NOT_YOUR_RECORD');
  });

  it('that together with another spends more than there is loses', async () => {
    const purse = await lending.deposit(victim, '100');
    const orders = await Promise.all(
      ['80', '70'].map((amount) =>
        lending.signed(victim, lending.transferOf(victim, purse, elsewhere, amount)),
      ),
    );
    const endorsed = await Promise.all(
      orders.map((signed) => lending.endorse(victim.owner, 'books:Transfer', signed)),
    );
    expect(await lending.race(endorsed)).toEqual([VALID, MVCC_READ_CONFLICT]);
    const left = await lending.balance(purse);
    expect(['20', '30']).toContain(left);
    const lost = orders[left === '20' ? 1 : 0];
    for (const endorsers of alone)
      expect(await refusalOf(lending.submit(victim.owner, 'books:Transfer', lost, endorsers))).toBe(
        'INSUFFICIENT_FUNDS',
      );
  });
});

describe('a loan that is brought onto the ledger', () => {
  it('takes the borrower: its signatures are of these terms and this deposit, and good once', async () => {
    const { content } = await lending.boarded(victim, deposit);
    expect(await refusalOf(lending.approved('BOARD_LOANS', content))).toBe('ALREADY_EXISTS');
    const { loans } = content as { loans: [{ statement: { terms: object; directDebit: object } }] };
    const [{ statement, ...rest }] = loans;
    for (const changed of [
      { loanId: randomId() },
      { terms: { ...statement.terms, principal: '12000000' } },
      { directDebit: { ...statement.directDebit, cap: '100000000' } },
    ]) {
      const altered = { ...content, loans: [{ ...rest, statement: { ...statement, ...changed } }] };
      expect(await refusalOf(lending.approved('BOARD_LOANS', altered))).toBe('STATEMENT_MISMATCH');
    }
    expect(await refusalOf(lending.boarded(thief, deposit))).toBe('NOT_YOUR_RECORD');
  });
});

describe('an amount that a caller supplies', () => {
  it.each<[string, object]>([
    ['days:CloseWhole', { date: '2026-11-23', loans: 10, interest: '1' }],
    ['days:ClosePage', { date: '2026-11-23', loans: 10, collected: '1' }],
    ['approvals:Approve', { proposalId: randomId(), digest: randomId(), amount: '1' }],
    ['applications:Decide', { applicationId: randomId(), limit: '1' }],
    ['applications:Offer', { ...offer(), annualRate: '0.5' }],
    ['applications:Offer', { ...offer(), fees: [] }],
    ['applications:Offer', { ...offer(), schedule: [] }],
    ['applications:Notify', { applicationId: randomId(), limit: '1' }],
  ])('to %s is refused', async (name, input) => {
    for (const endorsers of alone)
      expect(await refusalOf(lending.submit(servicer, name, input, endorsers))).toBe('INVALID_INPUT');
  });

  it.each(['DISBURSE', 'WAIVE', 'WRITE_OFF', 'REVERSE_PAYMENT'] as const)(
    'in a proposal of %s is refused',
    async (action) => {
      const loanId = randomId();
      const contents = {
        DISBURSE: { applicationId: randomId(), loanId, enterprise: victim.uscc, amount: '1' },
        WAIVE: { loanId, component: 'INTEREST', amount: '1', reason: 'GOODWILL', interest: '1' },
        WRITE_OFF: { loanId, reason: 'LOST', principal: '1' },
        REVERSE_PAYMENT: { loanId, sequence: 1, reason: 'ERROR', amount: '1' },
      };
      expect(await refusalOf(lending.propose(action, contents[action]))).toBe('INVALID_INPUT');
    },
  );

  function offer() {
    return { applicationId: randomId(), offerId: randomId(), amount: '50000000', termMonths: 12 };
  }
});

describe("the bank's own peer, its chaincode modified,", () => {
  beforeAll(() => scenario.network.replaceChaincode('bank-a', 'lending', modified('lending')), 120_000);
  afterAll(() => scenario.network.restoreChaincode('bank-a', 'lending'), 120_000);

  it('moves no money that nobody ordered: no other peer endorses it, and alone it is invalid', async () => {
    const before = await lending.balance(deposit);
    const unsigned = { order: order('500000'), signatures: ['a.a.a'] };
    const oneOnly = await lending.signed(victim, order('500000'), victim.signers.slice(0, 1));
    for (const [input, code] of [
      [unsigned, 'SIGNATORY_UNKNOWN'],
      [oneOnly, 'QUORUM_MISSING'],
    ] as const)
      for (const second of [enterpriseMsp, regulatorMsp])
        expect(
          await refusalOf(lending.endorse(victim.owner, 'books:Transfer', input, [bankMsp, second])),
        ).toBe(code);
    expect(await lending.codeOf(lending.endorse(treasurer, 'books:Transfer', unsigned, [bankMsp]))).toBe(
      ENDORSEMENT_POLICY_FAILURE,
    );
    expect(await lending.balance(deposit)).toBe(before);
  });

  it('debits no fen beyond the mandate: its result is not the second endorser’s', async () => {
    await lending.boarded(victim, deposit);
    const before = await lending.balance(deposit);
    const day = await lending.today();
    const close = { date: day.date, loans: 200 };
    const transient = { debit: JSON.stringify({ from: deposit, amount: '1' }) };
    for (const second of [enterpriseMsp, regulatorMsp])
      expect(
        await failureOf(lending.endorse(servicer, 'days:CloseWhole', close, [bankMsp, second], transient)),
      ).toContain('ProposalResponsePayloads do not match');
    expect(
      await lending.codeOf(lending.endorse(servicer, 'days:CloseWhole', close, [bankMsp], transient)),
    ).toBe(ENDORSEMENT_POLICY_FAILURE);
    expect(await lending.today()).toEqual(day);
    expect(await lending.balance(deposit)).toBe(before);
  });

  it('takes no fen more than is due on the day that something is, though the signed cap would let it', async () => {
    const purse = await lending.deposit(victim, '500000');
    const { loanId } = await lending.boarded(victim, purse, { cap: '1000000' }, { paymentDay: 1 });
    const asked = { loanId };
    const [first] = await lending.evaluate<readonly Instalment[]>(officer, 'loans:Schedule', asked);
    if (first === undefined) throw new Error('the loan has no schedule');
    const closeDay = (date: string) => lending.submit(servicer, 'days:CloseWhole', { date, loans: 200 });
    const due = first.dueDate;
    for (let { date } = await lending.today(); date < due; date = addDays(date, 1)) await closeDay(date);
    expect(await lending.balance(purse)).toBe('500000');
    const transient = { debit: JSON.stringify({ from: purse, amount: '1' }) };
    const close = { date: due, loans: 200 };
    expect(
      await failureOf(
        lending.endorse(servicer, 'days:CloseWhole', close, [bankMsp, enterpriseMsp], transient),
      ),
    ).toContain('ProposalResponsePayloads do not match');
    await closeDay(due);
    expect(await lending.balance(purse)).toBe(String(500_000n - BigInt(first.total)));
  });

  it('writes nothing alone: no balance, no loan, no date, no proposal that it approved itself', async () => {
    const account = await lending.account(deposit);
    const { loanId } = await lending.boarded(thief, elsewhere);
    const loan = await lending.evaluate<{ position: object }>(officer, 'loans:Get', { loanId });
    const proposed = await lending.propose('WRITE_OFF', { loanId, reason: 'LOST' });
    for (const documents of [
      { [`account~${deposit}`]: { ...account, balance: '0' } },
      { [`position~${loanId}`]: { loanId, facts: 1, position: { ...loan.position, principal: '9' } } },
      { 'business-date': { date: '2030-01-01', state: 'OPEN' } },
      { [`proposal~${proposed.proposalId}`]: { status: 'EXECUTED' } },
    ])
      expect(await lending.codeOf(lending.endorse(officer, 'books:Forge', documents, [bankMsp]))).toBe(
        ENDORSEMENT_POLICY_FAILURE,
      );
    for (const second of [enterpriseMsp, regulatorMsp])
      expect(
        await failureOf(
          lending.endorse(officer, 'books:Forge', { [`account~${deposit}`]: {} }, [bankMsp, second]),
        ),
      ).toContain('does not exist');
    expect(await lending.account(deposit)).toEqual(account);
    await lending.submit(approver, 'approvals:Reject', { proposalId: proposed.proposalId, reason: 'NO' });
  });
});
