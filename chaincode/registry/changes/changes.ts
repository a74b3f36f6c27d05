import type { Context } from 'fabric-contract-api';
import { toMillis } from '../../ledger/calendar';
import { digestOf } from '../../ledger/canonical';
import { callerOf, requireRole } from '../../ledger/caller';
import { transactionTime, type TransactionTime } from '../../ledger/clock';
import {
  addToIndex,
  emit,
  exists,
  findDocument,
  pageOfIndex,
  requireDocument,
  writeDocument,
  type Paged,
} from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import { check } from '../../ledger/parse';
import { setKeyPolicy, setKeyThreshold } from '../../ledger/policies';
import {
  clockSkewOf,
  consortiumKey,
  loadConsortium,
  majorityOf,
  recordTypeKey,
  requireRecordType,
} from '../consortium';
import type { Consortium, RecordType } from '../model';
import {
  Change,
  foundingChange,
  Vote,
  type ChangeView,
  type NextState,
  type ProposeInput,
  type StateInput,
  type VoteInput,
} from './model';
import { checkChange, requireMajority } from './rules';

const changeKey = (id: string) => `change~${id}`;
const voteKey = (id: string, msp: string) => `vote~${id}~${msp}`;
const changeIndex = 'changes';
const checks = { change: check(Change), vote: check(Vote) } as const;

const mspsOf = ({ organisations }: Pick<Consortium, 'organisations'>): readonly string[] =>
  organisations.map(({ msp }) => msp);

function timeOf(ctx: Context, consortium: Consortium): TransactionTime {
  return transactionTime(ctx, clockSkewOf(consortium, ctx.stub.getChannelID()));
}

/** An administrator of a member. @throws ContractError `UNAUTHORISED_ROLE`, `UNKNOWN_ORGANISATION`. */
function requireMember(ctx: Context, consortium: Consortium): string {
  const caller = callerOf(ctx);
  requireRole(caller, 'admin');
  if (!mspsOf(consortium).includes(caller.msp))
    throw new ContractError('UNKNOWN_ORGANISATION', 'your organisation is not in the consortium');
  return caller.msp;
}

async function typesOf(ctx: Context, consortium: Consortium): Promise<readonly RecordType[]> {
  const types: RecordType[] = [];
  for (const code of Object.keys(consortium.recordTypes).sort())
    types.push(await requireRecordType(ctx, consortium, code));
  return types;
}

/** Keeps what set-up wrote as the first change, so that the first state stays answerable like every later one. */
export async function keepFounding(ctx: Context, state: NextState, msp: string, at: string): Promise<void> {
  const msps = mspsOf(state.consortium);
  const change: Change = {
    changeId: foundingChange,
    proposedBy: msp,
    proposedAt: at,
    base: 0,
    digest: digestOf(state),
    next: state,
    enactedAt: at,
  };
  await writeDocument(ctx, changeKey(foundingChange), change);
  await setKeyThreshold(ctx, changeKey(foundingChange), majorityOf(msps.length), msps);
}

/** A member proposes the next state. Prepares a vote for each organisation, which that organisation alone writes. */
export async function proposeChange(ctx: Context, { changeId, next }: ProposeInput): Promise<void> {
  const consortium = await loadConsortium(ctx);
  const msp = requireMember(ctx, consortium);
  const { instant } = timeOf(ctx, consortium);
  if (await exists(ctx, changeKey(changeId)))
    throw new ContractError('ALREADY_EXISTS', 'a change was proposed under this id', 'changeId');
  const current = await typesOf(ctx, consortium);
  const unchanged = current.filter(({ code }) => !next.recordTypes.some((type) => type.code === code));
  checkChange(
    { consortium, recordTypes: current },
    { consortium: next.consortium, recordTypes: [...unchanged, ...next.recordTypes] },
  );
  const msps = mspsOf(consortium);
  const change: Change = {
    changeId,
    proposedBy: msp,
    proposedAt: instant,
    base: consortium.version,
    digest: digestOf(next),
    next,
  };
  await writeDocument(ctx, changeKey(changeId), change);
  await setKeyThreshold(ctx, changeKey(changeId), majorityOf(msps.length), msps);
  for (const member of msps) {
    await writeDocument(ctx, voteKey(changeId, member), {
      changeId,
      msp: member,
      vote: 'PENDING',
    } satisfies Vote);
    await setKeyPolicy(ctx, voteKey(changeId, member), [[member]]);
  }
  await addToIndex(ctx, changeIndex, [changeId]);
  emit(ctx, 'ConsortiumChangeProposed', { changeId });
}

/** An organisation votes, endorsed by its own peer alone; it may vote anew until the change is enacted. */
export async function voteOnChange(ctx: Context, { changeId, digest, vote }: VoteInput): Promise<void> {
  const consortium = await loadConsortium(ctx);
  const msp = requireMember(ctx, consortium);
  const { instant } = timeOf(ctx, consortium);
  const change = await requireDocument(ctx, changeKey(changeId), checks.change);
  requireOpen(change, consortium);
  if (change.digest !== digest || digestOf(change.next) !== digest)
    throw new ContractError('CHANGE_INVALID', 'is not what you looked at', 'digest');
  await writeDocument(ctx, voteKey(changeId, msp), {
    changeId,
    msp,
    vote,
    digest,
    at: instant,
  } satisfies Vote);
  emit(ctx, 'ConsortiumChangeVoted', { changeId });
}

function requireOpen(change: Change, { version }: Consortium): void {
  if (change.enactedAt !== undefined)
    throw new ContractError('STATE_CONFLICT', 'the change is enacted', 'changeId');
  if (change.base !== version)
    throw new ContractError('STATE_CONFLICT', `the state has moved on to version ${version}`, 'changeId');
}

async function votesOf(ctx: Context, changeId: string, consortium: Consortium): Promise<readonly Vote[]> {
  const votes: Vote[] = [];
  for (const msp of mspsOf(consortium)) {
    const vote = await findDocument(ctx, voteKey(changeId, msp), checks.vote);
    // The key says whose it is, and of what, not the document.
    if (vote?.msp === msp && vote.changeId === changeId) votes.push(vote);
  }
  return votes;
}

/**
 * Puts a change that a majority approved into force. The key-level policy of the state takes the endorsements of a majority
 * besides: votes that a minority forged would convince its own peers only.
 *
 * @throws ContractError NOT_FOUND, STATE_CONFLICT, VOTES_MISSING, CHANGE_INVALID.
 */
export async function enactChange(ctx: Context, changeId: string): Promise<void> {
  const consortium = await loadConsortium(ctx);
  requireMember(ctx, consortium);
  const { instant } = timeOf(ctx, consortium);
  const change = await requireDocument(ctx, changeKey(changeId), checks.change);
  requireOpen(change, consortium);
  const { next, digest } = change;
  if (digestOf(next) !== digest)
    throw new ContractError('STATE_INVALID', 'the stored change contradicts itself', 'changeId');
  requireMajority(change, await votesOf(ctx, changeId, consortium), consortium);
  const current = await typesOf(ctx, consortium);
  const unchanged = current.filter(({ code }) => !next.recordTypes.some((type) => type.code === code));
  checkChange(
    { consortium, recordTypes: current },
    { consortium: next.consortium, recordTypes: [...unchanged, ...next.recordTypes] },
  );
  await writeState(ctx, consortium, change, instant);
  emit(ctx, 'ConsortiumChanged', { changeId });
}

/** The entry with which a state's history goes on. */
export function historyEntry(state: NextState['consortium'], changeId: string, from: string) {
  return { version: state.version, changeId, digest: digestOf(state), from };
}

async function writeState(ctx: Context, current: Consortium, change: Change, instant: string): Promise<void> {
  const { changeId, next } = change;
  const history = [...(current.history ?? []), historyEntry(next.consortium, changeId, instant)];
  const msps = mspsOf(next.consortium);
  const before = mspsOf(current);
  const moved = before.length !== msps.length || before.some((msp) => !msps.includes(msp));
  const changed = next.recordTypes.map(({ code }) => code);
  const documents: (readonly [string, unknown])[] = [
    [consortiumKey, { ...next.consortium, history } satisfies Consortium],
    ...next.recordTypes.map((type) => [recordTypeKey(type.code), type] as const),
  ];
  for (const [key, document] of documents) {
    const settled = !moved && (await exists(ctx, key));
    await writeDocument(ctx, key, document);
    if (!settled) await setKeyThreshold(ctx, key, majorityOf(msps.length), msps);
  }
  // Who is the majority has changed for what was not written, too.
  const kept = Object.keys(current.recordTypes).filter((code) => !changed.includes(code));
  if (moved)
    for (const code of kept) await setKeyThreshold(ctx, recordTypeKey(code), majorityOf(msps.length), msps);
  await writeDocument(ctx, changeKey(changeId), { ...change, enactedAt: instant } satisfies Change);
}

/** A change with its votes. @throws ContractError `NOT_FOUND`. */
export async function getChange(ctx: Context, changeId: string): Promise<ChangeView> {
  const consortium = await loadConsortium(ctx);
  return viewOf(ctx, await requireDocument(ctx, changeKey(changeId), checks.change), consortium);
}

async function viewOf(ctx: Context, change: Change, consortium: Consortium): Promise<ChangeView> {
  const enacted = change.enactedAt !== undefined;
  return {
    change,
    votes: [...(await votesOf(ctx, change.changeId, consortium))],
    needed: majorityOf(consortium.organisations.length),
    state: enacted ? 'ENACTED' : change.base === consortium.version ? 'OPEN' : 'OVERTAKEN',
  };
}

/** A page of changes. */
export async function listChanges(
  ctx: Context,
  page: { readonly pageSize?: number; readonly bookmark?: string },
): Promise<Paged<ChangeView>> {
  const consortium = await loadConsortium(ctx);
  const { keys, bookmark } = await pageOfIndex(ctx, changeIndex, [], page);
  const items: ChangeView[] = [];
  for (const [changeId = ''] of keys)
    items.push(await viewOf(ctx, await requireDocument(ctx, changeKey(changeId), checks.change), consortium));
  return { items, bookmark };
}

/**
 * The state of the consortium as it was: what was valid when. Its text comes from the change that brought it, and counts
 * only if its digest is the one that the living state's history has.
 *
 * @throws ContractError `NOT_FOUND` where there was no such version, or none yet; `INVALID_INPUT`; `STATE_INVALID`.
 */
export async function stateAt(
  ctx: Context,
  { version, at }: StateInput,
): Promise<{ readonly consortium: NextState['consortium']; readonly from: string; readonly until?: string }> {
  const { history = [] } = await loadConsortium(ctx);
  if ((version === undefined) === (at === undefined))
    throw new ContractError('INVALID_INPUT', 'takes a version or an instant', 'version');
  const position =
    at === undefined
      ? history.findIndex((entry) => entry.version === version)
      : history.findLastIndex(({ from }) => toMillis(from) <= toMillis(at));
  const entry = history[position];
  if (entry === undefined) throw new ContractError('NOT_FOUND', 'there was no such state');
  const { next } = await requireDocument(ctx, changeKey(entry.changeId), checks.change);
  if (digestOf(next.consortium) !== entry.digest)
    throw new ContractError('STATE_INVALID', 'the stored text is not what was in force', 'change');
  const until = history[position + 1]?.from;
  return { consortium: next.consortium, from: entry.from, ...(until === undefined ? {} : { until }) };
}
