import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Logger } from 'pino';
import { Type, type Static } from 'typebox';
import { Code, Digest, Instant, Issuer } from '../../chaincode/ledger/schemas';
import type { RecordType } from '../../chaincode/registry/model';
import { LedgerError } from '../ledger/errors';
import { Problem } from '../http/problem';
import type { Store } from '../store';
import { batchSize, type Attester, type Outcome } from './attester';
import { CsvFormError, readLines } from './csv';
import type { Fact } from './facts';
import type { RegistryClient } from './registry';

/** Largest file, in bytes. */
export const mostBytes = 50 * 1024 * 1024;
/** Errors that an import lists; more are counted only. */
const mostErrors = 1000;

const Count = Type.Integer({ minimum: 0 });

/** What became of a file. The same file for the same issuer and type is the same import. */
export const Import = Type.Object(
  {
    id: Digest,
    issuer: Issuer,
    recordType: Code,
    status: Type.Union(
      [
        Type.Literal('RUNNING'),
        Type.Literal('COMPLETED'),
        Type.Literal('FAILED'),
        Type.Literal('INTERRUPTED'),
      ],
      {
        description:
          'FAILED: the ledger could not be worked with; INTERRUPTED: the gateway stopped. Send the file again to go on.',
      },
    ),
    /** Lines read so far. */
    lines: Count,
    attested: Count,
    alreadyAttested: Count,
    refused: Count,
    errors: Type.Array(
      Type.Object(
        { line: Count, field: Type.String(), message: Type.String() },
        { additionalProperties: false },
      ),
      {
        maxItems: mostErrors,
        description: 'The first 1,000; line numbers start at 1 with the header. Values are not repeated.',
      },
    ),
    startedAt: Instant,
    endedAt: Type.Optional(Instant),
    /** Why it failed. */
    code: Type.Optional(Type.String()),
    detail: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
export type Import = Static<typeof Import>;

type Mutable<T> = { -readonly [P in keyof T]: T[P] };

export interface ImportOrder {
  readonly registry: RegistryClient;
  readonly attester: Attester;
  readonly issuer: string;
  readonly recordType: RecordType;
}

const storeKey = (id: string) => `import~${id}`;

/**
 * Imports of files. A file is first taken in whole, so that its sender need not stay, and lies readable to the gateway's
 * owner only until it is worked off. State on the ledger decides what is done already, so the same file may be sent as
 * often as one likes.
 */
export class Imports {
  readonly #running = new Map<string, { readonly state: Import; readonly done: Promise<Import> }>();
  #prepared: Promise<void> | undefined;
  #stopping = false;

  constructor(
    /** Where files lie while they are worked off. */
    private readonly folder: string,
    private readonly store: Store,
    private readonly logger: Logger,
  ) {}

  /**
   * Takes in a file and starts to work it off, or joins the work on the same file.
   *
   * @returns the import as it stands, and what it will be in the end.
   * @throws Problem `CONTENT_TOO_LARGE`, `SHUTTING_DOWN`.
   */
  async start(
    order: ImportOrder,
    body: Readable,
  ): Promise<{ readonly state: Import; readonly done: Promise<Import> }> {
    if (this.#stopping) throw new Problem('SHUTTING_DOWN', 'The gateway is stopping; send the file again');
    const { file, id } = await this.#takeIn(order, body);
    const running = this.#running.get(id);
    if (running !== undefined) {
      await rm(file, { force: true });
      return running;
    }
    const state: Mutable<Import> = {
      id,
      issuer: order.issuer,
      recordType: order.recordType.code,
      status: 'RUNNING',
      lines: 0,
      attested: 0,
      alreadyAttested: 0,
      refused: 0,
      errors: [],
      startedAt: new Date().toISOString(),
    };
    const entry = { state, done: this.#work(order, file, state) };
    this.#running.set(id, entry);
    return entry;
  }

  /** An import, or undefined where the gateway knows none of that id. */
  async find(id: string): Promise<Import | undefined> {
    const running = this.#running.get(id);
    if (running !== undefined) return running.state;
    const stored = (await this.store.get(storeKey(id))) as Import | undefined;
    return stored?.status === 'RUNNING' ? { ...stored, status: 'INTERRUPTED' } : stored;
  }

  /** Lets the batches that are under way end, and waits for them. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  async #takeIn(order: ImportOrder, body: Readable): Promise<{ file: string; id: string }> {
    await (this.#prepared ??= this.#prepare());
    const hash = createHash('sha256').update(`${order.issuer}\n${order.recordType.code}\n`);
    const file = path.join(this.folder, `${randomUUID()}.csv`);
    let size = 0;
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, callback) {
        size += chunk.length;
        hash.update(chunk);
        if (size > mostBytes)
          callback(new Problem('CONTENT_TOO_LARGE', `A file may have ${mostBytes} bytes`));
        else callback(null, chunk);
      },
    });
    try {
      await pipeline(body, counted, createWriteStream(file, { mode: 0o600 }));
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    }
    return { file, id: hash.digest('base64url') };
  }

  /** What a killed gateway left behind is of no use: its senders will send it again. */
  async #prepare(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
  }

  async #work(order: ImportOrder, file: string, state: Mutable<Import>): Promise<Import> {
    try {
      await this.store.put(storeKey(state.id), state);
      await this.#workOff(order, file, state);
      state.status = this.#stopping ? 'INTERRUPTED' : 'COMPLETED';
    } catch (error) {
      state.status = 'FAILED';
      if (error instanceof CsvFormError) {
        state.code = 'VALIDATION_FAILED';
        state.detail = error.message;
      } else {
        state.code = error instanceof LedgerError ? error.code : 'INTERNAL_ERROR';
        state.detail =
          error instanceof LedgerError ? error.message : 'The gateway failed; its log has the cause';
        this.logger.error({ import: state.id, code: state.code, err: error }, 'import failed');
      }
    }
    state.endedAt = new Date().toISOString();
    await this.store.put(storeKey(state.id), state, { onDisk: true });
    await rm(file, { force: true });
    this.#running.delete(state.id);
    const { id, status, lines, attested, alreadyAttested, refused } = state;
    this.logger.info({ import: id, status, lines, attested, alreadyAttested, refused }, 'import ended');
    return state;
  }

  async #workOff(order: ImportOrder, file: string, state: Mutable<Import>): Promise<void> {
    let batch: { line: number; fact: Fact }[] = [];
    for await (const line of readLines(createReadStream(file), order.recordType)) {
      state.lines++;
      if ('errors' in line) refuse(state, line.line, line.errors);
      else batch.push(line);
      if (batch.length < batchSize) continue;
      await this.#attest(order, batch, state);
      batch = [];
      if (this.#stopping) return;
    }
    if (batch.length > 0) await this.#attest(order, batch, state);
  }

  async #attest(
    { attester, registry, recordType }: ImportOrder,
    batch: readonly { line: number; fact: Fact }[],
    state: Mutable<Import>,
  ): Promise<void> {
    const facts = batch.map(({ fact }) => fact);
    const outcomes = await attester.attest(registry, recordType, facts);
    for (const [index, { line }] of batch.entries()) note(state, line, outcomes[index]);
    await this.store.put(storeKey(state.id), state);
  }
}

function note(state: Mutable<Import>, line: number, outcome: Outcome | undefined): void {
  switch (outcome?.status) {
    case 'ATTESTED':
      state.attested++;
      return;
    case 'ALREADY_ATTESTED':
      state.alreadyAttested++;
      return;
    case 'DIFFERS':
      refuse(state, line, [
        { field: '', message: 'was attested before with other content; supersede that record' },
      ]);
      return;
    case 'REFUSED':
      refuse(state, line, [{ field: outcome.field ?? '', message: outcome.code }]);
      return;
    case undefined:
      throw new Error('a line was left without an outcome');
  }
}

function refuse(
  state: Mutable<Import>,
  line: number,
  errors: readonly { field: string; message: string }[],
): void {
  state.refused++;
  const room = mostErrors - state.errors.length;
  state.errors.push(...errors.slice(0, room).map(({ field, message }) => ({ line, field, message })));
}
