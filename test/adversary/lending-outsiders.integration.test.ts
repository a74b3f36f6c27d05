import { responseKeyEntry } from '../../chaincode/ledger/sealed';
import { failureOf } from '../network/conformance/probe';
import { Lending, lendingChannel } from './lending';
import {
  bankMsp,
  officer,
  otherOfficer,
  platform,
  randomId,
  refusalOf,
  Scenario,
  supervisor,
  type Actor,
  type Enterprise,
} from './scenario';

/** What another enterprise and another bank learn of a borrower's deposits and loans. */

/** What a peer says of a channel that it has not joined. */
const notMember = `could not get last config for channel ${lendingChannel}`;

let scenario: Scenario;
let lending: Lending;
let borrower: Enterprise;
let other: Enterprise;
/** What there is of the borrower's: ids, as an insider might have seen them in an event. */
let ids: { deposit: string; loanId: string; orderId: string; holdId: string; applicationId: string };
let proposalId: string;

beforeAll(async () => {
  scenario = await Scenario.start();
  lending = await Lending.open(scenario);
  [borrower, other] = [await scenario.newEnterprise(), await scenario.newEnterprise()];
  const deposit = await lending.deposit(borrower, '1000');
  const elsewhere = await lending.deposit(other);
  const { loanId } = await lending.boarded(borrower, deposit);
  const signed = await lending.signed(borrower, lending.transferOf(borrower, deposit, elsewhere, '1'));
  await lending.submit(borrower.owner, 'books:Transfer', signed);
  const hold = lending.transferOf(borrower, deposit, elsewhere, '1', {
    action: 'HOLD',
    until: (await lending.today()).date,
  });
  await lending.submit(borrower.owner, 'books:PlaceHold', await lending.signed(borrower, hold));
  const applicationId = await lending.applied(borrower, deposit);
  ({ proposalId } = await lending.propose('WRITE_OFF', { loanId, reason: 'LOST' }));
  ids = { deposit, loanId, orderId: signed.order.orderId, holdId: hold.orderId, applicationId };
}, 300_000);

afterAll(() => scenario.close());

/** Everything that a borrower's loans and money can be read by. */
function queries(): readonly (readonly [string, object])[] {
  const { deposit, loanId, orderId, holdId, applicationId } = ids;
  const { uscc } = borrower;
  return [
    ['books:GetAccount', { accountId: deposit }],
    ['books:Statement', { accountId: deposit }],
    ['books:ListAccounts', { owner: uscc }],
    ['books:GetOrder', { orderId }],
    ['books:GetHold', { holdId }],
    ['books:GetEntry', { entryId: `order.${orderId}` }],
    ['loans:Get', { loanId }],
    ['loans:List', { enterprise: uscc }],
    ['loans:Facts', { loanId }],
    ['loans:Schedule', { loanId }],
    ['loans:Quote', { loanId }],
    ['applications:Get', { applicationId }],
    ['applications:List', { enterprise: uscc }],
    ['approvals:GetProposal', { proposalId }],
    ['approvals:ListOpenProposals', {}],
    ['lines:List', { enterprise: uscc }],
    ['days:GetClose', { date: '2026-11-23' }],
  ];
}

/** Functions that seal their answer. */
const sealed = () => {
  const { applicationId } = ids;
  return [
    ['applications:ReadNotice', { applicationId }, 'NOT_YOUR_RECORD'],
    ['applications:ReadDecision', { applicationId }, 'UNAUTHORISED_ROLE'],
  ] as const;
};

describe("another enterprise, after a borrower's loans", () => {
  it.each<[string, () => Actor]>([
    ['itself', () => other.owner],
    ['as the platform', () => platform],
  ])('is refused every query, %s, on its own peer and on the others’', async (_, actor) => {
    for (const [name, input] of queries())
      for (const endorsers of [[], [bankMsp]])
        expect(`${name} ${await refusalOf(lending.evaluate(actor(), name, input, { endorsers }))}`).toBe(
          `${name} NOT_YOUR_RECORD`,
        );
    for (const [name, input, code] of sealed()) {
      const transient = { [responseKeyEntry]: randomId() };
      for (const endorsers of [[], [bankMsp]])
        expect(await refusalOf(lending.evaluate(actor(), name, input, { endorsers, transient }))).toBe(code);
    }
  });

  it('lists its own, and nothing else', async () => {
    const listed = await lending.evaluate<{ items: { owner: string }[] }>(
      other.owner,
      'books:ListAccounts',
      {},
    );
    expect(listed.items.map(({ owner }) => owner)).toEqual([other.uscc]);
    expect(await lending.evaluate(other.owner, 'applications:List', {})).toMatchObject({ items: [] });
    for (const actor of [borrower.owner, officer, supervisor])
      expect(await lending.evaluate(actor, 'loans:Get', { loanId: ids.loanId })).toMatchObject({
        loan: { enterprise: borrower.uscc },
      });
  });

  it.each(['enterprise', 'bank-a', 'regulator'])('gets no block of the peer of %s', async (peerOf) => {
    await scenario.over(peerOf, other.owner, async (gateway) => {
      const network = gateway.getNetwork(lendingChannel);
      for (const [name, argument] of [
        ['GetBlockByNumber', '1'],
        ['GetChainInfo', ''],
        ['GetTransactionByID', '0'.repeat(64)],
      ] as const)
        expect(
          await failureOf(network.getContract('qscc').evaluateTransaction(name, lendingChannel, argument)),
        ).toContain(`access denied for [${name}][${lendingChannel}]`);
      for (const open of [
        () => network.getBlockEvents({ startBlock: 0n }),
        () => network.getFilteredBlockEvents({ startBlock: 0n }),
        () => network.getBlockAndPrivateDataEvents({ startBlock: 0n }),
      ]) {
        const reading = (async () => {
          const blocks: AsyncIterable<unknown> = await open();
          for await (const block of blocks) return block;
          return undefined;
        })();
        await expect(reading).rejects.toThrow(/403|FORBIDDEN/);
      }
    });
  });

  it('learns from events opaque ids, actions, dates and product codes, and no amount', async () => {
    const events = await scenario
      .gateway(other.owner)
      .getNetwork(lendingChannel)
      .getChaincodeEvents('lending', { startBlock: 0n });
    const names = new Set<string>();
    for await (const { payload } of events) {
      const told = JSON.parse(Buffer.from(payload).toString()) as Record<string, unknown>;
      for (const name of Object.keys(told)) names.add(name);
      expect(JSON.stringify(told)).not.toContain(borrower.uscc);
      if (told.proposalId === proposalId) break;
    }
    events.close();
    const known =
      /^(accountId|applicationId|loanId|lineId|orderId|holdId|proposalId|action|code|date|pages)$/;
    expect([...names].filter((name) => !known.test(name))).toEqual([]);
  });
});

describe("the other bank, after this bank's borrowers", () => {
  it('has no such channel on its own peer', async () => {
    for (const [name, input] of queries())
      expect(await failureOf(lending.evaluate(otherOfficer, name, input))).toContain(notMember);
  });

  it.each(['bank-a', 'enterprise', 'regulator'])('is refused by the peer of %s', async (peerOf) => {
    await scenario.over(peerOf, otherOfficer, async (gateway) => {
      const network = gateway.getNetwork(lendingChannel);
      const denied = `access denied: channel [${lendingChannel}] creator org unknown`;
      const argument = JSON.stringify({ loanId: ids.loanId });
      for (const call of [
        () => network.getContract('lending').evaluateTransaction('loans:Get', argument),
        () => network.getContract('lending').submitTransaction('loans:Get', argument),
        () => network.getContract('qscc').evaluateTransaction('GetBlockByNumber', lendingChannel, '1'),
      ])
        expect(await failureOf(call())).toContain(denied);
      const blocks = (async () => {
        for await (const block of await network.getBlockEvents({ startBlock: 0n })) return block;
        return undefined;
      })();
      await expect(blocks).rejects.toThrow(/403|FORBIDDEN/);
    });
  });

  it('finds nothing of them on a channel of its own', async () => {
    const on = 'lending-bank-b';
    for (const [name, input, code] of [
      ['loans:Get', { loanId: ids.loanId }, 'NOT_FOUND'],
      ['books:GetAccount', { accountId: ids.deposit }, 'NOT_FOUND'],
      ['applications:Get', { applicationId: ids.applicationId }, 'NOT_FOUND'],
    ] as const)
      expect(await refusalOf(scenario.evaluate(otherOfficer, name, input, { on }))).toBe(code);
    // The borrower's order on this bank's channel is worth nothing on the other's, where no deposit is either.
    const signed = await lending.signed(borrower, lending.transferOf(borrower, ids.deposit, randomId(), '1'));
    const brought = scenario.endorse(borrower.owner, 'books:Transfer', signed, ['EnterpriseMSP'], { on });
    expect(await refusalOf(brought)).toBe('STATEMENT_MISMATCH');
  });
});
