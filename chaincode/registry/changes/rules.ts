import { canonicalJson } from '../../ledger/canonical';
import { ContractError } from '../../ledger/errors';
import { checkSetUp, majorityOf } from '../consortium';
import type { Consortium, Department, RecordType } from '../model';
import type { Change, NextState, Vote } from './model';

type State = NextState['consortium'];

const refuse = (reason: string, field: string): never => {
  throw new ContractError('CHANGE_INVALID', reason, `next.consortium.${field}`);
};

function checkKeys(before: Department, after: Department): void {
  for (const key of before.keys) {
    const kept = after.keys.find(({ kid }) => kid === key.kid);
    const at = `organisations.departments.${before.id}.keys`;
    if (kept === undefined) return refuse(`lacks ${key.kid}: end it instead, what it signed stays`, at);
    if (canonicalJson({ ...kept, to: null }) !== canonicalJson({ ...key, to: null }))
      refuse(`changes ${key.kid}`, at);
    if (key.to !== undefined && (kept.to === undefined || kept.to > key.to))
      refuse(`prolongs ${key.kid}, which was ended`, at);
    if (kept.to !== undefined && kept.to < kept.from) refuse(`ends ${key.kid} before it begins`, at);
  }
}

function checkOrganisations(current: State, next: State): void {
  for (const before of current.organisations) {
    const after = next.organisations.find(({ msp }) => msp === before.msp);
    if (after === undefined) {
      if (before.departments.length > 0)
        refuse(`lacks ${before.msp}, whose departments signed records`, 'organisations');
      continue;
    }
    if (canonicalJson(after.roles) !== canonicalJson(before.roles))
      refuse(`changes the roles of ${before.msp}`, 'organisations');
    for (const department of before.departments) {
      const kept = after.departments.find(({ id }) => id === department.id);
      if (kept === undefined)
        return refuse(`lacks ${department.id} of ${before.msp}`, 'organisations.departments');
      checkKeys(department, kept);
    }
  }
}

function checkChannels(current: State, next: State): void {
  for (const before of current.channels) {
    const after = next.channels.find(({ name }) => name === before.name);
    if (after === undefined || after.bank !== before.bank)
      return refuse(`changes whose ${before.name} is`, 'channels');
    // A simulated clock is for demonstrations from the first day on: books that ran on it are no books.
    if (after.simulatedClock === true && before.simulatedClock !== true)
      refuse(`switches a simulated clock on for ${before.name}`, 'channels');
  }
}

function checkTypes(current: readonly RecordType[], next: readonly RecordType[]): void {
  for (const before of current) {
    const after = next.find(({ code }) => code === before.code);
    if (after === undefined) return refuse(`lacks ${before.code}, of which there are records`, 'recordTypes');
    const same = canonicalJson(after) === canonicalJson(before);
    if (!same && after.version !== before.version + 1)
      refuse(`changes ${before.code} without the next version`, 'recordTypes');
  }
}

/**
 * Decides whether a state may follow another: what was signed stays verifiable, nobody's office is taken over, and the new
 * state holds together by itself.
 *
 * @param current with the documents of its record types.
 * @param next with the documents of all its record types.
 * @throws ContractError `VERSION_CONFLICT`, `CHANGE_INVALID`, `INVALID_INPUT` naming the member at fault.
 */
export function checkChange(
  current: { readonly consortium: State; readonly recordTypes: readonly RecordType[] },
  next: { readonly consortium: State; readonly recordTypes: readonly RecordType[] },
): void {
  const { version, name } = current.consortium;
  if (next.consortium.version !== version + 1)
    throw new ContractError(
      'VERSION_CONFLICT',
      `the state's version is ${version}`,
      'next.consortium.version',
    );
  if (next.consortium.name !== name) refuse('is the name of another consortium', 'name');
  checkSetUp({ consortium: next.consortium, recordTypes: [...next.recordTypes] });
  checkOrganisations(current.consortium, next.consortium);
  checkChannels(current.consortium, next.consortium);
  checkTypes(current.recordTypes, next.recordTypes);
}

/** Approvals of a change by organisations of the state that it changes, each for these very words. */
export function approvals(
  { digest }: Pick<Change, 'digest'>,
  votes: readonly Vote[],
  { organisations }: Pick<Consortium, 'organisations'>,
): readonly string[] {
  return organisations
    .map(({ msp }) => msp)
    .filter((msp) =>
      votes.some((vote) => vote.msp === msp && vote.vote === 'APPROVE' && vote.digest === digest),
    );
}

/** @throws ContractError `VOTES_MISSING` unless more than half of the organisations approve. */
export function requireMajority(
  change: Pick<Change, 'digest'>,
  votes: readonly Vote[],
  consortium: Pick<Consortium, 'organisations'>,
): void {
  const needed = majorityOf(consortium.organisations.length);
  const given = approvals(change, votes, consortium).length;
  if (given < needed)
    throw new ContractError('VOTES_MISSING', `${given} of ${needed} organisations approve`, 'changeId');
}
