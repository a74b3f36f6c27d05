import { randomBytes } from 'node:crypto';
import type {
  Anchor,
  AnchorRecordsInput,
  CadenceHistory,
  Consortium,
  DocumentTransient,
  HandleIndex,
  HeldRecord,
  RecordType,
  ReviseRecordInput,
  StoreRecordsTransient,
  Submission,
} from '../../chaincode/registry/model';
import type { LedgerClient } from '../ledger/client';

/** Most ids that the contract takes in one lookup. */
const lookup = 200;

/**
 * `registry` as one identity of the organisation calls it. Private data is sent to and read from the organisation's own
 * peer only.
 */
export class RegistryClient {
  constructor(
    private readonly ledger: LedgerClient,
    /** Organisation's own MSP id. */
    private readonly msp: string,
    /** Id of the identity in the wallet. */
    readonly identity: string,
  ) {}

  async consortium(): Promise<Consortium> {
    return (await this.#evaluate('GetConsortium', {})) as Consortium;
  }

  /** @throws LedgerError `UNKNOWN_RECORD_TYPE`. */
  async recordType(code: string): Promise<RecordType> {
    return (await this.#evaluate('GetRecordType', { code })) as RecordType;
  }

  /** Anchors that count, by id; what has none is absent. */
  async anchors(ids: readonly string[]): Promise<ReadonlyMap<string, Anchor>> {
    const parts = chunks([...new Set(ids)], lookup).map((part) =>
      this.#evaluate('GetAnchors', { ids: part }),
    );
    const found = (await Promise.all(parts)) as Record<string, Anchor>[];
    return new Map(found.flatMap((part) => Object.entries(part)));
  }

  /** Last anchored sequence number of each handle; 0 where nothing is anchored. */
  async heads(handles: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const parts = chunks([...new Set(handles)], lookup).map((part) =>
      this.#evaluate('GetHeads', { handles: part }),
    );
    const heads = new Map(handles.map((handle) => [handle, 0]));
    for (const part of (await Promise.all(parts)) as Record<string, number>[])
      for (const [handle, seq] of Object.entries(part)) heads.set(handle, seq);
    return heads;
  }

  /** The holder's own records; what it does not hold is absent. */
  async held(ids: readonly string[]): Promise<ReadonlyMap<string, HeldRecord>> {
    const found = await inParts(ids, (part) => this.#readPrivate('ReadRecords', { ids: part }));
    return new Map((found as HeldRecord[]).map((record) => [record.id, record]));
  }

  async indexes(handles: readonly string[]): Promise<ReadonlyMap<string, HandleIndex>> {
    const found = await inParts(handles, (part) => this.#readPrivate('ReadIndexes', { handles: part }));
    return new Map((found as HandleIndex[]).map((index) => [index.handle, index]));
  }

  async cadences(ids: readonly string[]): Promise<ReadonlyMap<string, CadenceHistory['cadences']>> {
    const found = await inParts(ids, (part) => this.#readPrivate('ReadCadences', { ids: part }));
    return new Map((found as CadenceHistory[]).map((history) => [history.id, history.cadences]));
  }

  /** Writes records into the organisation's own collection; no other organisation sees the transient data. */
  async store(batch: Omit<StoreRecordsTransient, 'salt'>): Promise<void> {
    const records: StoreRecordsTransient = { salt: randomBytes(32).toString('base64url'), ...batch };
    await this.#submit('StoreRecords', {}, { transient: { records }, endorsers: [this.msp] });
  }

  async anchor(records: AnchorRecordsInput['records']): Promise<void> {
    await this.#submit('AnchorRecords', { records });
  }

  async revise(revision: ReviseRecordInput): Promise<void> {
    await this.#submit('ReviseRecord', revision, { endorsers: [this.msp] });
  }

  /** Sends a document to a department; its organisation and the sender's see it. */
  async submitDocument(
    input: { readonly id: string; readonly department: string },
    document: DocumentTransient,
    departmentMsp: string,
  ): Promise<void> {
    await this.#submit('SubmitDocument', input, {
      transient: { document },
      endorsers: [departmentMsp, this.msp],
    });
  }

  async submission(id: string): Promise<Submission> {
    return (await this.#evaluate('GetSubmission', { id })) as Submission;
  }

  /** The content of a document that was sent to a department of the organisation. */
  async document(id: string): Promise<DocumentTransient> {
    return (await this.#readPrivate('ReadDocument', { id })) as DocumentTransient;
  }

  async examine(input: {
    readonly id: string;
    readonly outcome: 'ENDORSED' | 'REJECTED';
    readonly recordId?: string;
    readonly reason?: string;
  }): Promise<void> {
    await this.#submit('ExamineDocument', input, { endorsers: [this.msp] });
  }

  #evaluate(name: string, input: unknown): Promise<unknown> {
    return this.ledger.evaluate({ ...this.#target(name), input });
  }

  #readPrivate(name: string, input: unknown): Promise<unknown> {
    return this.ledger.readPrivate({ ...this.#target(name), input });
  }

  async #submit(
    name: string,
    input: unknown,
    how: {
      readonly transient?: Readonly<Record<string, object>>;
      readonly endorsers?: readonly string[];
    } = {},
  ): Promise<void> {
    await this.ledger.submit({ ...this.#target(name), input, ...how });
  }

  #target(name: string) {
    return { identity: this.identity, channel: 'registry', chaincode: 'registry', name };
  }
}

/** Splits a list into parts of at most so many. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

async function inParts(
  ids: readonly string[],
  read: (part: string[]) => Promise<unknown>,
): Promise<unknown[]> {
  const parts = await Promise.all(chunks([...new Set(ids)], lookup).map(read));
  return (parts as unknown[][]).flat();
}
