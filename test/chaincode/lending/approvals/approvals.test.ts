import { digestOf } from '../../../../chaincode/ledger/canonical';
import type { Proposal, ProposalStatus } from '../../../../chaincode/lending/approvals/model';
import { transitions, type ProposalEvent } from '../../../../chaincode/lending/approvals/states';
import {
  World,
  approver,
  bank,
  channel,
  doubleRole,
  foreignTreasurer,
  officer,
  platform,
  randomId,
  secondTreasurer,
  servicer,
  supervisor,
  treasurer,
  user,
} from '../books/world';

let world: World;
beforeEach(() => {
  world = new World();
});

const states: readonly ProposalStatus[] = ['PROPOSED', 'EXECUTED', 'REJECTED', 'WITHDRAWN'];
const events: readonly ProposalEvent[] = ['APPROVE', 'REJECT', 'WITHDRAW'];
const act = (event: ProposalEvent, { proposalId, digest }: { proposalId: string; digest: string }) => {
  if (event === 'APPROVE') return world.run('approvals:Approve', { proposalId, digest }, approver);
  if (event === 'REJECT') return world.run('approvals:Reject', { proposalId, reason: 'NOT_NOW' }, approver);
  return world.run('approvals:Withdraw', { proposalId }, officer);
};
const event: Partial<Record<ProposalStatus, ProposalEvent>> = {
  EXECUTED: 'APPROVE',
  REJECTED: 'REJECT',
  WITHDRAWN: 'WITHDRAW',
};
const note = (text = 'hello') => world.propose('WAIVE', { note: text }, officer);
const noted = (text = 'hello') => world.ledger.document(channel, 'lending', `note~${text}`);

it.each(states.flatMap((state) => events.map((what) => [state, what] as const)))(
  'a proposal that is %s × %s does what the table says',
  async (state, what) => {
    const proposal = await note();
    const first = event[state];
    if (first !== undefined) await act(first, proposal);
    const before = await world.proposal(proposal.proposalId);
    expect(before.status).toBe(state);
    const expected = transitions[state][what];
    if (expected === undefined) {
      await expect(act(what, proposal)).rejects.toThrow(/^APPROVAL_NOT_OPEN/);
      expect(await world.proposal(proposal.proposalId)).toEqual(before);
    } else {
      await act(what, proposal);
      expect((await world.proposal(proposal.proposalId)).status).toBe(expected.to);
    }
    const executed = [state, expected?.to].includes('EXECUTED');
    expect(noted()).toEqual(executed ? { note: 'hello' } : undefined);
  },
);

it('keeps who did what, and when', async () => {
  const proposal = await note();
  await world.run('approvals:Approve', proposal, approver);
  expect(await world.proposal(proposal.proposalId)).toEqual({
    ...proposal,
    action: 'WAIVE',
    content: { note: 'hello' },
    status: 'EXECUTED',
    maker: { msp: bank, person: 'otto' },
    madeAt: '2026-11-23T04:00:00.000Z',
    checker: { msp: bank, person: 'ada' },
    decidedAt: '2026-11-23T04:00:00.000Z',
  } satisfies Proposal);
  expect(world.ledger.events.map(({ name }) => name)).toEqual(['ActionProposed', 'ActionDecided']);
});

it('never takes one person for two, whatever certificate and role', async () => {
  const accountId = await world.deposit('0');
  const content = { account: accountId, amount: '5', coreReference: randomId() };
  const proposal = await world.propose('ISSUE', content, treasurer);
  for (const same of [treasurer, doubleRole]) {
    await expect(world.run('approvals:Approve', proposal, same)).rejects.toThrow(/^SAME_PERSON/);
    await expect(
      world.run('approvals:Reject', { proposalId: proposal.proposalId, reason: 'NO_REASON' }, same),
    ).rejects.toThrow(/^SAME_PERSON/);
  }
  await expect(
    world.run('approvals:Withdraw', { proposalId: proposal.proposalId }, secondTreasurer),
  ).rejects.toThrow(/^UNAUTHORISED_ROLE/);
  await world.run('approvals:Approve', proposal, secondTreasurer);
  expect(await world.balance(accountId)).toBe('5');
});

it('is for the roles that the action names, at this bank', async () => {
  for (const caller of [user, supervisor, servicer, approver, { ...officer, msp: 'BankBMSP' }])
    await expect(world.propose('WAIVE', { note: 'x' }, caller)).rejects.toThrow(/^UNAUTHORISED_ROLE/);
  const proposal = await note();
  for (const caller of [user, supervisor, servicer, foreignTreasurer, { ...officer, msp: platform }])
    await expect(world.run('approvals:Approve', proposal, caller)).rejects.toThrow(/^UNAUTHORISED_ROLE/);
  expect(noted()).toBeUndefined();
});

it('carries out what was approved: the content, by its digest', async () => {
  const proposal = await note();
  await expect(
    world.run('approvals:Approve', { ...proposal, digest: digestOf({ note: 'other' }) }, approver),
  ).rejects.toThrow(/^APPROVAL_MISMATCH\[digest\]/);
  // Two organisations that collude change the content and leave the digest.
  const key = `proposal~${proposal.proposalId}`;
  const stored = world.ledger.document(channel, 'lending', key) as Proposal;
  world.ledger.tamper(channel, 'lending', key, { ...stored, content: { note: 'forged' } });
  await expect(world.run('approvals:Approve', proposal, approver)).rejects.toThrow(/^APPROVAL_MISMATCH/);
  expect(noted('forged')).toBeUndefined();
});

it('refuses content that does not conform, cannot be carried out, or that nothing carries out', async () => {
  await expect(world.propose('WAIVE', { note: 5 }, officer)).rejects.toThrow(
    /^INVALID_INPUT\[content.note\]/,
  );
  await expect(world.propose('WAIVE', { note: 'a', more: 1 }, officer)).rejects.toThrow(/^INVALID_INPUT/);
  await expect(world.propose('WAIVE', { note: 'impossible' }, officer)).rejects.toThrow('impossible');
  await expect(world.propose('DISBURSE', {}, officer)).rejects.toThrow(/^INVALID_INPUT\[action\]/);
  const proposalId = randomId();
  const input = { proposalId, action: 'WAIVE', content: { note: 'once' } };
  await world.run('approvals:Propose', input, officer);
  await expect(world.run('approvals:Propose', input, officer)).rejects.toThrow(/^ALREADY_EXISTS/);
  await expect(
    world.run('approvals:Approve', { proposalId: randomId(), digest: digestOf(1) }, approver),
  ).rejects.toThrow(/^NOT_FOUND/);
});

it('is carried out wholly or not at all, and once when two approve at the same time', async () => {
  const broken = await world.propose('WAIVE', { note: 'broken', broken: true }, officer);
  await expect(world.run('approvals:Approve', broken, approver)).rejects.toThrow('broken');
  expect((await world.proposal(broken.proposalId)).status).toBe('PROPOSED');

  const accountId = await world.deposit('0');
  const content = { account: accountId, amount: '5', coreReference: randomId() };
  const proposal = await world.propose('ISSUE', content, treasurer);
  const racing = [];
  for (const caller of [approver, secondTreasurer])
    racing.push(await world.ledger.endorse(world.transaction('approvals:Approve', proposal, caller)));
  expect(racing.map((one) => world.ledger.commit(one, channel))).toEqual(['VALID', 'MVCC_READ_CONFLICT']);
  expect(await world.balance(accountId)).toBe('5');
});

it('lists what waits, for the bank and the supervisor', async () => {
  const first = await note('first');
  const second = await note('second');
  const list = async (caller: typeof user, input: object = {}) =>
    (await world.query<{ items: Proposal[] }>('approvals:ListOpenProposals', input, caller)).items.map(
      ({ proposalId }) => proposalId,
    );
  expect((await list(approver)).sort()).toEqual([first.proposalId, second.proposalId].sort());
  expect(await list(supervisor, { action: 'ISSUE' })).toEqual([]);
  await world.run('approvals:Approve', first, approver);
  expect(await list(officer, { action: 'WAIVE' })).toEqual([second.proposalId]);
  for (const caller of [user, foreignTreasurer]) {
    await expect(list(caller)).rejects.toThrow(/^NOT_YOUR_RECORD/);
    await expect(
      world.query('approvals:GetProposal', { proposalId: first.proposalId }, caller),
    ).rejects.toThrow(/^NOT_YOUR_RECORD/);
  }
});
