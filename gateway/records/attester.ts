import { canonicalJson, sha256 } from '../../chaincode/ledger/canonical';
import type { Cadence } from '../../chaincode/ledger/schemas';
import type { HandleIndex, RecordType } from '../../chaincode/registry/model';
import { fieldsOf, handleYear, issueRecord, type IssuedRecord, type LocalIssuer } from '../issuer';
import { LedgerError } from '../ledger/errors';
import type { Fact } from './facts';
import { chunks, type RegistryClient } from './registry';

/** Most facts in one call of {@link Attester.attest}. */
export const batchSize = 100;

/** What became of one fact. */
export type Outcome =
  | { readonly status: 'ATTESTED' | 'ALREADY_ATTESTED'; readonly id: string }
  /** The same fact was attested with other content: it has to be superseded. */
  | { readonly status: 'DIFFERS'; readonly id: string }
  /** The contract refused this one. */
  | { readonly status: 'REFUSED'; readonly id: string; readonly code: string; readonly field?: string };

interface Planned {
  readonly fact: Fact;
  readonly id: string;
  readonly handle: string;
}

interface Anchoring {
  readonly id: string;
  readonly handle: string;
  readonly seq: number;
  readonly digest: string;
}

const mostRounds = 5;

/**
 * Attests facts in one issuer's name. What was done is decided by the ledger alone: record ids follow from the facts, so
 * whatever stopped half-way goes on where it was, and nothing is attested twice. Calls are carried out one after the
 * other, since sequence numbers follow from what is stored.
 */
export class Attester {
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly issuer: LocalIssuer,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** Id that the record of a fact has or will have. */
  recordId(recordType: string, { uscc, period, recordKey }: Fact): string {
    return this.issuer.secrets.recordId({ uscc, recordType, period, revision: 0, naturalKey: recordKey });
  }

  /**
   * Attests up to {@link batchSize} facts of one record type.
   *
   * @returns an outcome for each fact, in order.
   * @throws LedgerError where the ledger cannot be worked with; calling again goes on.
   */
  attest(
    registry: RegistryClient,
    recordType: RecordType,
    facts: readonly Fact[],
  ): Promise<readonly Outcome[]> {
    const turn = this.#last.then(() => this.#attest(registry, recordType, facts));
    // A failed batch does not fail the next one.
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #attest(
    registry: RegistryClient,
    recordType: RecordType,
    facts: readonly Fact[],
  ): Promise<readonly Outcome[]> {
    const outcomes = new Map<string, Outcome>();
    const { plan, repeated } = this.#plan(recordType, facts);
    for (let overtaken = 0; outcomes.size < plan.length;) {
      const open = plan.filter(({ id }) => !outcomes.has(id));
      try {
        for (const outcome of await this.#round(registry, recordType, open))
          outcomes.set(outcome.id, outcome);
      } catch (error) {
        if (++overtaken >= mostRounds || !isOvertaken(error)) throw error;
      }
    }
    return facts.map((_, index) => {
      const id = repeated[index] ?? '';
      const outcome = outcomes.get(id);
      if (outcome === undefined) throw new Error('a fact was left without an outcome');
      const first = repeated.indexOf(id) === index;
      if (first || outcome.status !== 'ATTESTED') return outcome;
      const same = canonicalJson(facts[repeated.indexOf(id)]) === canonicalJson(facts[index]);
      return { status: same ? 'ALREADY_ATTESTED' : 'DIFFERS', id };
    });
  }

  /** Ids and handles; facts that come twice are planned once. */
  #plan(recordType: RecordType, facts: readonly Fact[]) {
    const plan = new Map<string, Planned>();
    const repeated = facts.map((fact) => {
      const id = this.recordId(recordType.code, fact);
      const handle = this.issuer.secrets.handle(fact.uscc, recordType.code, handleYear(fact.period));
      if (!plan.has(id)) plan.set(id, { fact, id, handle });
      return id;
    });
    return { plan: [...plan.values()], repeated };
  }

  async #round(
    registry: RegistryClient,
    recordType: RecordType,
    open: readonly Planned[],
  ): Promise<readonly Outcome[]> {
    const handles = [...new Set(open.map(({ handle }) => handle))];
    const [indexes, heads] = await Promise.all([registry.indexes(handles), registry.heads(handles)]);
    const stored = new Set([...indexes.values()].flatMap(({ entries }) => entries.map(({ id }) => id)));
    const unanchored = [...indexes.values()].flatMap((index) => tailOf(index, heads.get(index.handle) ?? 0));
    const waiting = new Set(unanchored.map(({ id }) => id));
    const known = open.filter(({ id }) => stored.has(id)).map(({ id }) => id);
    const held = await registry.held([...known, ...waiting]);
    // Nothing is anchored that is not stored: an anchor takes the private hash.
    const fresh = open.filter(({ id }) => !stored.has(id));
    const issued = await this.#issue(recordType, fresh, indexes);
    if (issued.length > 0) {
      const records = issued.map(({ jwt, disclosures }) => ({ jwt, disclosures }));
      const cadences = await this.#cadences(registry, recordType, open);
      try {
        await registry.store({ records, ...cadences });
      } catch (error) {
        const refused = refusedRecord(error, issued);
        if (refused === undefined) throw error;
        // The contract takes a batch or leaves it: the others go without this one in the next round.
        return [refused];
      }
    }
    const anchoring: Anchoring[] = unanchored.map(({ id, handle, seq }) => {
      const record = held.get(id);
      if (record === undefined) throw new Error('the index names a record that is not held');
      return { id, handle, seq, digest: sha256(record.jwt) };
    });
    anchoring.push(...issued.map(({ id, handle, seq, digest }) => ({ id, handle, seq, digest })));
    for (const part of chunks(anchoring, batchSize)) await registry.anchor(part);
    return open.map(({ id, fact }) => {
      const record = held.get(id);
      if (record !== undefined && !sameFields(record.disclosures, fact)) return { status: 'DIFFERS', id };
      return { status: stored.has(id) && !waiting.has(id) ? 'ALREADY_ATTESTED' : 'ATTESTED', id };
    });
  }

  async #issue(
    recordType: RecordType,
    fresh: readonly Planned[],
    indexes: ReadonlyMap<string, HandleIndex>,
  ): Promise<IssuedRecord[]> {
    const next = new Map<string, number>();
    const drafts = fresh.map(({ fact, id, handle }) => {
      const seq = (next.get(handle) ?? indexes.get(handle)?.entries.length ?? 0) + 1;
      next.set(handle, seq);
      const { uscc, period, assurance, fields } = fact;
      return { id, uscc, period, assurance, fields, handle, seq };
    });
    const typed = { recordType: recordType.code, typeVersion: recordType.version };
    const at = this.now();
    return Promise.all(drafts.map((draft) => issueRecord(this.issuer.signer, { ...draft, ...typed }, at)));
  }

  /** Cadences that the facts state and the issuer has not noted yet. */
  async #cadences(registry: RegistryClient, recordType: RecordType, open: readonly Planned[]) {
    const stated = new Map<string, { uscc: string; cadence: Cadence; from: string }[]>();
    for (const { fact } of open) {
      if (fact.cadence === undefined) continue;
      const id = this.issuer.secrets.cadenceId(fact.uscc, recordType.code);
      const entry = { uscc: fact.uscc, cadence: fact.cadence, from: fact.period.from };
      stated.set(id, [...(stated.get(id) ?? []), entry]);
    }
    if (stated.size === 0) return {};
    const noted = await registry.cadences([...stated.keys()]);
    const added = [...stated].flatMap(([id, entries]) => {
      let latest = noted.get(id)?.at(-1);
      return entries
        .sort((a, b) => (a.from < b.from ? -1 : 1))
        .filter(({ cadence, from }) => {
          if (latest !== undefined && (from <= latest.from || cadence === latest.cadence)) return false;
          latest = { cadence, from };
          return true;
        })
        .map((entry) => ({ id, recordType: recordType.code, ...entry }));
    });
    return added.length === 0 ? {} : { cadences: added };
  }
}

/** Entries of an index that have no anchor yet: a process died between storing and anchoring. */
function tailOf({ handle, entries }: HandleIndex, head: number) {
  return entries
    .filter(({ seq }) => seq > head)
    .sort((a, b) => a.seq - b.seq)
    .map(({ id, seq }) => ({ id, handle, seq }));
}

function sameFields(disclosures: readonly string[], fact: Fact): boolean {
  return canonicalJson(fieldsOf(disclosures)) === canonicalJson(fact.fields);
}

/** The record that a contract's refusal is about, from the field that it names. */
function refusedRecord(error: unknown, issued: readonly IssuedRecord[]): Outcome | undefined {
  if (!(error instanceof LedgerError) || !error.fromContract || isOvertaken(error)) return undefined;
  const match = /(?:^|\.)records\.(\d+)(?:\.(.*))?$/.exec(error.field ?? '');
  const record = match === null ? undefined : issued[Number(match[1])];
  if (record === undefined) return undefined;
  const field = match?.[2];
  return { status: 'REFUSED', id: record.id, code: error.code, ...(field === undefined ? {} : { field }) };
}

/** Another process attested in between, or an answer was lost: the ledger knows, so look again. */
function isOvertaken(error: unknown): boolean {
  const codes = ['SEQUENCE_GAP', 'ALREADY_EXISTS', 'STATE_CHANGED', 'TRANSACTION_STATUS_UNKNOWN'];
  return error instanceof LedgerError && codes.includes(error.code);
}
