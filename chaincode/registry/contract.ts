import 'reflect-metadata';
import { Context, Contract, Transaction } from 'fabric-contract-api';
import { historyEntry, keepFounding } from './changes/changes';
import { foundingChange } from './changes/model';
import { canonicalJson, digestOf } from '../ledger/canonical';
import { callerOf, requireRole } from '../ledger/caller';
import { transactionTime, type TransactionTime } from '../ledger/clock';
import {
  emit,
  exists,
  privateHash,
  readDocument,
  readPrivate,
  requireDocument,
  writeDocument,
  writePrivate,
} from '../ledger/documents';
import { ContractError } from '../ledger/errors';
import { check, parseInput, parseTransient } from '../ledger/parse';
import { setKeyPolicy, setKeyThreshold } from '../ledger/policies';
import { sealResponse } from '../ledger/sealed';
import { anchorKey, continueSequences, headCheck, headKey } from './anchors';
import { storeCadences } from './cadences';
import {
  checkSetUp,
  clockSkewOf,
  consortiumKey,
  findDepartment,
  loadConsortium,
  majorityOf,
  mspsOfRole,
  recordTypeKey,
  requireRecordType,
} from './consortium';
import { checkEntry, enterpriseKey, findEnterprise, verifyEntry } from './enterprises';
import { anchorsOf, gatherEvidence, headsOf, requireOwnEnterprise } from './evidence';
import {
  AnchorRecordsInput,
  CadencesInput,
  CodeInput,
  DocumentTransient,
  EvidenceInput,
  ExamineDocumentInput,
  HandlesInput,
  IdInput,
  IdsInput,
  NoInput,
  ReviseRecordInput,
  SetUpInput,
  SignedEnterprise,
  StoreRecordsTransient,
  SubmitDocumentInput,
  UsccInput,
  type Anchor,
  type Consortium,
  type Head,
} from './model';
import { readCadences, readIndexes, readRecords } from './private-reads';
import { loadReferences, publishReference } from './reference-data';
import { GetReferenceInput, PublishReferenceInput } from './reference-model';
import { storeRecords } from './records';
import { reviseAnchor } from './revisions';
import {
  departmentOf,
  documentCheck,
  documentKey,
  examineDocument,
  submissionCheck,
  submissionKey,
  submitDocument,
} from './submissions';

const inputs = {
  none: check(NoInput),
  setUp: check(SetUpInput),
  enterprise: check(SignedEnterprise),
  records: check(StoreRecordsTransient),
  anchors: check(AnchorRecordsInput),
  revision: check(ReviseRecordInput),
  submission: check(SubmitDocumentInput),
  document: check(DocumentTransient),
  examination: check(ExamineDocumentInput),
  evidence: check(EvidenceInput),
  id: check(IdInput),
  ids: check(IdsInput),
  handles: check(HandlesInput),
  cadences: check(CadencesInput),
  uscc: check(UsccInput),
  code: check(CodeInput),
  reference: check(PublishReferenceInput),
  references: check(GetReferenceInput),
} as const;

/**
 * Who is in the consortium, which enterprises there are, and what has been attested. Public are opaque anchors; the
 * records lie in their issuers' own collections. `docs/endorsements.md` says what each endorser proves.
 */
export class RegistryContract extends Contract {
  constructor() {
    super('registry');
  }

  /** Writes the consortium's state, once. Every later change takes the endorsement of a majority of organisations. */
  @Transaction()
  async SetUp(ctx: Context, input: string): Promise<string> {
    const given = parseInput(input, inputs.setUp);
    const caller = callerOf(ctx);
    requireRole(caller, 'admin');
    if (await exists(ctx, consortiumKey))
      throw new ContractError('ALREADY_SET_UP', 'the consortium has its state');
    checkSetUp(given);
    const msps = given.consortium.organisations.map(({ msp }) => msp);
    if (!msps.includes(caller.msp))
      throw new ContractError('UNKNOWN_ORGANISATION', 'your organisation is not in the consortium');
    const majority = majorityOf(msps.length);
    const skewSeconds = clockSkewOf(given.consortium, ctx.stub.getChannelID());
    const { instant } = transactionTime(ctx, skewSeconds);
    const history = [historyEntry(given.consortium, foundingChange, instant)];
    await keepFounding(ctx, given, caller.msp, instant);
    const documents: readonly (readonly [string, unknown])[] = [
      [consortiumKey, { ...given.consortium, history }],
      ...given.recordTypes.map((recordType) => [recordTypeKey(recordType.code), recordType] as const),
    ];
    for (const [key, document] of documents) {
      await writeDocument(ctx, key, document);
      await setKeyThreshold(ctx, key, majority, msps);
    }
    return '';
  }

  /** Registers an enterprise, or its next version, as signed by the registering department. */
  @Transaction()
  async PutEnterprise(ctx: Context, input: string): Promise<string> {
    const given = parseInput(input, inputs.enterprise);
    const caller = callerOf(ctx);
    const { consortium, time } = await this.#open(ctx);
    requireRole(caller, 'registrar');
    const department = findDepartment(consortium, caller.department ?? '');
    if (
      department?.msp !== caller.msp ||
      given.entry.registeredBy !== `department:${caller.department ?? ''}`
    )
      throw new ContractError('NOT_YOUR_RECORD', 'is not your department', 'entry.registeredBy');
    const place = await verifyEntry(consortium, given);
    if (place === undefined)
      throw new ContractError(
        'ENTERPRISE_SIGNATURE_INVALID',
        'the registering department did not sign this entry',
        'signature',
      );
    const { uscc } = given.entry;
    const stored = await findEnterprise(ctx, consortium, uscc);
    checkEntry(given.entry, stored?.entry, time.day);
    await writeDocument(ctx, enterpriseKey(uscc), given);
    if (stored === undefined) {
      const platforms = mspsOfRole(consortium, 'enterprise');
      await setKeyPolicy(
        ctx,
        enterpriseKey(uscc),
        platforms.map((platform) => [place.msp, platform]),
      );
    }
    return '';
  }

  /**
   * Stores records and cadences, given as transient `records`, in the collection of the issuer's organisation, which
   * endorses alone. They count once they are anchored.
   */
  @Transaction()
  async StoreRecords(ctx: Context, input: string): Promise<string> {
    parseInput(input, inputs.none);
    const given = parseTransient(ctx, 'records', inputs.records);
    const caller = callerOf(ctx);
    const { consortium, time, skewSeconds } = await this.#open(ctx);
    requireRole(caller, 'attester', 'enterprise-user', 'platform-agent');
    await storeRecords({ ctx, consortium, caller, time, skewSeconds }, given);
    await storeCadences(ctx, consortium, caller, given);
    return '';
  }

  /** Anchors stored records: from here on they count, and everybody can tell that a sequence has no gap. */
  @Transaction()
  async AnchorRecords(ctx: Context, input: string): Promise<string> {
    const { records } = parseInput(input, inputs.anchors);
    const caller = callerOf(ctx);
    const { time } = await this.#open(ctx);
    requireRole(caller, 'attester', 'enterprise-user', 'platform-agent');
    const heads = new Map<string, Head>();
    for (const [index, { id, handle, digest }] of records.entries()) {
      if (await exists(ctx, anchorKey(id)))
        throw new ContractError('ALREADY_EXISTS', 'is anchored', `records.${index}.id`);
      if ((await privateHash(ctx, caller.msp, id)) !== digest)
        throw new ContractError(
          'PRIVATE_DATA_MISMATCH',
          'your collection holds no record of this digest',
          `records.${index}.digest`,
        );
      const head = heads.has(handle) ? undefined : await readDocument(ctx, headKey(handle), headCheck);
      if (head !== undefined) heads.set(handle, head);
    }
    const continued = continueSequences(records, heads, caller.msp);
    for (const { id, handle, seq, digest } of records) {
      const anchor: Anchor = {
        id,
        msp: caller.msp,
        handle,
        seq,
        digest,
        status: 'ACTIVE',
        attestedAt: time.instant,
      };
      await writeDocument(ctx, anchorKey(id), anchor);
      await setKeyPolicy(ctx, anchorKey(id), [[caller.msp]]);
    }
    for (const [handle, head] of continued.heads) {
      await writeDocument(ctx, headKey(handle), head);
      if (continued.opened.has(handle)) await setKeyPolicy(ctx, headKey(handle), [[caller.msp]]);
    }
    emit(ctx, 'RecordsAnchored', { count: records.length });
    return '';
  }

  /** Supersedes or revokes a record; its issuer's organisation endorses alone. */
  @Transaction()
  async ReviseRecord(ctx: Context, input: string): Promise<string> {
    const given = parseInput(input, inputs.revision);
    const caller = callerOf(ctx);
    const { consortium, time } = await this.#open(ctx);
    const anchor = await reviseAnchor(ctx, consortium, caller, given, time);
    await writeDocument(ctx, anchorKey(anchor.id), anchor);
    return '';
  }

  /** An enterprise hands a document, given as transient `document`, to a department for examination. */
  @Transaction()
  async SubmitDocument(ctx: Context, input: string): Promise<string> {
    const given = parseInput(input, inputs.submission);
    const document = parseTransient(ctx, 'document', inputs.document);
    const { consortium, time } = await this.#open(ctx);
    const submission = await submitDocument(ctx, consortium, callerOf(ctx), given, document, time);
    await writeDocument(ctx, submissionKey(given.id), submission);
    await setKeyPolicy(ctx, submissionKey(given.id), [[submission.msp]]);
    await writePrivate(ctx, submission.msp, documentKey(given.id), document);
    emit(ctx, 'SubmissionReceived', { id: given.id, department: given.department });
    return '';
  }

  /** A department's examiner endorses a document, linking the record attested from it, or rejects it. */
  @Transaction()
  async ExamineDocument(ctx: Context, input: string): Promise<string> {
    const given = parseInput(input, inputs.examination);
    const caller = callerOf(ctx);
    const { consortium, time } = await this.#open(ctx);
    const document = await readPrivate(ctx, caller.msp, documentKey(given.id), documentCheck);
    const submission = await examineDocument(ctx, consortium, caller, given, document, time);
    await writeDocument(ctx, submissionKey(given.id), submission);
    emit(ctx, 'SubmissionExamined', { id: given.id });
    return '';
  }

  /** The regulator publishes rates or a calendar, or their next version. */
  @Transaction()
  async PublishReference(ctx: Context, input: string): Promise<string> {
    const given = parseInput(input, inputs.reference);
    const { consortium, time } = await this.#open(ctx);
    await publishReference(ctx, consortium, callerOf(ctx), given, time.day);
    return '';
  }

  /** What is published under the codes asked for, in their order; for everybody. */
  @Transaction(false)
  async GetReference(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await loadReferences(ctx, parseInput(input, inputs.references).codes));
  }

  @Transaction(false)
  async GetConsortium(ctx: Context, input: string): Promise<string> {
    parseInput(input, inputs.none);
    return canonicalJson({ ...(await loadConsortium(ctx)), history: undefined });
  }

  @Transaction(false)
  async GetRecordType(ctx: Context, input: string): Promise<string> {
    const { code } = parseInput(input, inputs.code);
    return canonicalJson(await requireRecordType(ctx, await loadConsortium(ctx), code));
  }

  /** The entry with its signature; a caller that belongs to an enterprise sees its own only. */
  @Transaction(false)
  async GetEnterprise(ctx: Context, input: string): Promise<string> {
    const { uscc } = parseInput(input, inputs.uscc);
    requireOwnEnterprise(callerOf(ctx), uscc);
    const found = await findEnterprise(ctx, await loadConsortium(ctx), uscc);
    if (found === undefined) throw new ContractError('NOT_FOUND', 'there is no such enterprise', 'uscc');
    return canonicalJson(found);
  }

  /** Anchors that count, by id; what does not count is absent. */
  @Transaction(false)
  async GetAnchors(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await anchorsOf(ctx, parseInput(input, inputs.ids).ids));
  }

  /** Last sequence numbers by handle; 0 where nothing was anchored. */
  @Transaction(false)
  async GetHeads(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await headsOf(ctx, parseInput(input, inputs.handles).handles));
  }

  /** What `sharing` decides on, in one answer. */
  @Transaction(false)
  async Evidence(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await gatherEvidence(ctx, callerOf(ctx), parseInput(input, inputs.evidence)));
  }

  @Transaction(false)
  async GetSubmission(ctx: Context, input: string): Promise<string> {
    const { id } = parseInput(input, inputs.id);
    return canonicalJson(await requireDocument(ctx, submissionKey(id), submissionCheck));
  }

  /** Records with all their disclosures, sealed; only to those who act for their issuer, on its own peer. */
  @Transaction(false)
  async ReadRecords(ctx: Context, input: string): Promise<string> {
    const { ids } = parseInput(input, inputs.ids);
    const answer = await readRecords(ctx, await loadConsortium(ctx), callerOf(ctx), ids);
    // One transaction may read several times under one key: no two answers may share an initialisation vector.
    return sealResponse(ctx, `ReadRecords~${digestOf(ids)}`, answer);
  }

  /** Indexes of handles, sealed; only to those who act for their issuer. */
  @Transaction(false)
  async ReadIndexes(ctx: Context, input: string): Promise<string> {
    const { handles } = parseInput(input, inputs.handles);
    const answer = await readIndexes(ctx, await loadConsortium(ctx), callerOf(ctx), handles);
    return sealResponse(ctx, 'ReadIndexes', answer);
  }

  /** Cadence histories, sealed; only to those who act for their issuer. */
  @Transaction(false)
  async ReadCadences(ctx: Context, input: string): Promise<string> {
    const { ids } = parseInput(input, inputs.cadences);
    const answer = await readCadences(ctx, await loadConsortium(ctx), callerOf(ctx), ids);
    return sealResponse(ctx, 'ReadCadences', answer);
  }

  /** A submitted document, sealed; only to examiners of the department addressed. */
  @Transaction(false)
  async ReadDocument(ctx: Context, input: string): Promise<string> {
    const { id } = parseInput(input, inputs.id);
    const caller = callerOf(ctx);
    const consortium = await loadConsortium(ctx);
    const submission = await requireDocument(ctx, submissionKey(id), submissionCheck);
    departmentOf(consortium, caller, submission.department);
    const document = await readPrivate(ctx, caller.msp, documentKey(id), documentCheck);
    if (document === undefined) throw new ContractError('NOT_FOUND', 'the document is not held', 'id');
    return sealResponse(ctx, 'ReadDocument', document);
  }

  async #open(ctx: Context): Promise<{
    readonly consortium: Consortium;
    readonly time: TransactionTime;
    readonly skewSeconds: number;
  }> {
    const consortium = await loadConsortium(ctx);
    const skewSeconds = clockSkewOf(consortium, ctx.stub.getChannelID());
    return { consortium, skewSeconds, time: transactionTime(ctx, skewSeconds) };
  }
}
