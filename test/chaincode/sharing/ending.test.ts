import { randomBytes } from 'node:crypto';
import { Context, Contract, Transaction } from 'fabric-contract-api';
import { canonicalJson } from '../../../chaincode/ledger/canonical';
import { ContractError } from '../../../chaincode/ledger/errors';
import { openResponse } from '../../../chaincode/ledger/sealed';
import type { Citation } from '../../../chaincode/lending/applications/citations';
import { SharingContract } from '../../../chaincode/sharing/contract';
import { EndingContract } from '../../../chaincode/sharing/ending/contract';
import type { Breach } from '../../../chaincode/sharing/ending/model';
import type { AccessLogEntry, ConsentArtefact, DataDueEntry } from '../../../chaincode/sharing/model';
import type { TestIdentity } from '../../support/chaincode/ledger';
import {
  attestMonths,
  bank,
  channel,
  officer,
  otherUser,
  platform,
  purger,
  randomId,
  supervisor,
  user,
  uscc,
  World,
} from './world';

const day = 86_400_000;
const auditorCalled = (name: string, msp = bank): TestIdentity => ({
  msp,
  attributes: { role: 'auditor', 'hf.EnrollmentID': name },
});
const auditor = auditorCalled('auditor-1');

/** Loans as the bank's lending channel has them. */
class FakeLending extends Contract {
  readonly citations: Citation[] = [];

  constructor() {
    super('applications');
  }

  @Transaction(false)
  async GetCitation(_ctx: Context, input: string): Promise<string> {
    const { requestId } = JSON.parse(input) as { requestId: string };
    const found = this.citations.find((citation) => citation.requestId === requestId);
    if (!found) throw new ContractError('EVIDENCE_NOT_CITED', 'no signed loan cites this delivery');
    return Promise.resolve(canonicalJson(found));
  }
}

async function scene(changes: Partial<ConsentArtefact> = {}) {
  const world = new World();
  const lending = new FakeLending();
  world.ledger.deploy(channel, 'sharing', [new SharingContract(), new EndingContract()], [[platform, bank]]);
  world.ledger.deploy('lending-bank-a', 'lending', lending, [[bank]]);
  await attestMonths(world, 1);
  const artefact = await world.consented(changes);
  const requestId = await world.deliver(artefact);
  const cite = async () => {
    const { request } = await world.requestView(requestId);
    const acceptedAt = new Date(world.ledger.now).toISOString();
    lending.citations.push({
      applicationId: 'application-0123456',
      requestId,
      digest: request.digest ?? '',
      acceptedAt,
    });
  };
  const seal = () =>
    world.run('ending:Archive', { requestId, applicationId: 'application-0123456' }, purger, [bank]);
  const due = async () => ((await world.query('DataDue', {}, purger)) as { items: DataDueEntry[] }).items;
  const breaches = async (caller = supervisor) =>
    ((await world.query('ending:Breaches', {}, caller)) as { items: Breach[] }).items;
  const log = async () =>
    (
      (await world.query('AccessLog', { enterprise: uscc, bookmark: 'r' }, user)) as {
        items: AccessLogEntry[];
      }
    ).items;
  const open = async (caller = auditor, endorsers = [platform, bank]) => {
    const openingId = randomId();
    await world.run(
      'ending:OpenArchive',
      { requestId, openingId, reason: 'LOAN_DISPUTE' },
      caller,
      endorsers,
    );
    return openingId;
  };
  const read = async (openingId: string, caller = auditor) => {
    const responseKey = randomBytes(32).toString('base64url');
    const sealed = await world.query('ending:ReadArchive', { requestId, openingId }, caller, { responseKey });
    return openResponse(JSON.stringify(sealed), responseKey);
  };
  const revoke = async () => world.stop(artefact, await world.statement(artefact, 'REVOKE', world.signer(0)));
  return { world, artefact, requestId, cite, seal, due, breaches, log, open, read, revoke };
}

describe('a deadline for purging', () => {
  it('that passes is a breach, which the supervisor lists and the enterprise reads in its log', async () => {
    const { world, requestId, breaches, log, revoke } = await scene();
    await revoke();
    expect((await world.requestView(requestId)).duty).toMatchObject({ breach: false });
    expect(await breaches()).toEqual([]);
    world.ledger.now += 3 * day + 1000;
    expect((await world.requestView(requestId)).duty).toMatchObject({ breach: true });
    expect(await breaches()).toEqual([
      expect.objectContaining({ requestId, enterprise: uscc, what: 'DELIVERY' }),
    ]);
    expect(await breaches(officer)).toHaveLength(1);
    expect((await log()).map(({ event }) => event)).toContain('PURGE_OVERDUE');
    await expect(breaches(otherUser)).rejects.toThrow('NOT_YOUR_RECORD');
    // Purged late, it stays what it was.
    await world.purge([requestId]);
    expect(await breaches()).toEqual([]);
    expect((await log()).map(({ event }) => event)).toContain('PURGE_OVERDUE');
  });

  it('is not hidden by a bank that fills its own keys with rubbish', async () => {
    const { world, requestId, breaches, log, revoke } = await scene();
    await revoke();
    world.ledger.now += 3 * day + 1000;
    for (const key of ['purge', 'archive'])
      world.ledger.tamper(channel, 'sharing', `${key}~${requestId}`, 'rubbish');
    expect(await breaches()).toMatchObject([{ requestId }]);
    expect((await log()).map(({ event }) => event)).toContain('PURGE_OVERDUE');
    await world.purge([requestId]);
    expect(await breaches()).toEqual([]);
  });

  it('that is kept breaches nothing, ever', async () => {
    const { world, requestId, breaches, log, revoke } = await scene();
    await revoke();
    world.ledger.now += 2 * day;
    await world.purge([requestId]);
    world.ledger.now += 100 * day;
    expect(await breaches()).toEqual([]);
    expect((await world.requestView(requestId)).duty).toMatchObject({ breach: false });
    expect((await log()).map(({ event }) => event)).not.toContain('PURGE_OVERDUE');
  });
});

describe('the erasure downstream', () => {
  it('is stated once, after the purge, by the bank’s auditor', async () => {
    const { world, requestId, log, revoke } = await scene();
    const state = (caller: TestIdentity) =>
      world.run('ending:StateErasure', { requestId, systems: ['risk-warehouse'] }, caller, [bank]);
    await revoke();
    await expect(state(auditor)).rejects.toThrow('STATE_CONFLICT');
    await world.purge([requestId]);
    await expect(state(officer)).rejects.toThrow('UNAUTHORISED_ROLE');
    await state(auditor);
    await expect(state(auditor)).rejects.toThrow('STATE_CONFLICT');
    expect((await log()).find(({ event }) => event === 'ERASURE_STATED')).toMatchObject({
      detail: 'risk-warehouse',
    });
    // Purging once more keeps what was stated.
    await world.purge([requestId]);
    expect((await world.requestView(requestId)).purge.erasure).toBeDefined();
  });
});

describe('evidence of a signed loan', () => {
  it('is sealed before the purge, opened with a trace, and read by who opened it', async () => {
    const { world, requestId, cite, seal, due, open, read, log, revoke } = await scene();
    await cite();
    await revoke();
    expect(await due()).toMatchObject([{ requestId, archivable: true, what: 'DELIVERY' }]);
    await seal();
    await world.purge([requestId]);
    expect(await due()).toEqual([]);
    await expect(world.read(requestId)).rejects.toThrow('PURGED');
    const openingId = await open();
    expect(await read(openingId)).toMatchObject({ requestId });
    const entries = await log();
    expect(entries.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['DATA_ARCHIVED', 'DATA_PURGED', 'ARCHIVE_OPENED']),
    );
    expect(entries.find(({ event }) => event === 'ARCHIVE_OPENED')?.detail).toBe(
      'by an auditor: LOAN_DISPUTE',
    );
  });

  it('is read by nobody without an opening, by no other person, and not after a quarter of an hour', async () => {
    const { world, cite, seal, open, read } = await scene();
    await cite();
    await seal();
    await expect(read(randomId())).rejects.toThrow('NOT_FOUND');
    await expect(open(officer)).rejects.toThrow('UNAUTHORISED_ROLE');
    await expect(open(auditorCalled('auditor-1', platform))).rejects.toThrow('PRIVATE_READ_REFUSED');
    const openingId = await open();
    await expect(read(openingId, auditorCalled('auditor-2'))).rejects.toThrow('ARCHIVE_NOT_OPEN');
    world.ledger.now += 16 * 60_000;
    await expect(read(openingId)).rejects.toThrow('ARCHIVE_NOT_OPEN');
  });

  it('cannot be opened with the bank’s endorsement alone', async () => {
    const { cite, seal, open } = await scene();
    await cite();
    await seal();
    await expect(open(auditor, [bank])).rejects.toThrow('ENDORSEMENT_POLICY_FAILURE');
  });

  it('is not sealed where no loan was signed, where another delivery is cited, or where the consent lets nothing be kept', async () => {
    const without = await scene();
    await expect(without.seal()).rejects.toThrow('EVIDENCE_NOT_CITED');
    const nothing = await scene({ evidenceYears: 0 });
    await nothing.cite();
    await expect(nothing.seal()).rejects.toThrow('BEYOND_CONSENT');
    const purged = await scene();
    await purged.cite();
    await purged.world.purge([purged.requestId]);
    await expect(purged.seal()).rejects.toThrow('PURGED');
  });

  it('is kept as long as the consent said, then purged, or in breach', async () => {
    const { world, requestId, cite, seal, due, open, breaches, log, revoke } = await scene();
    await cite();
    await revoke();
    await seal();
    await world.purge([requestId]);
    world.ledger.now = Date.parse('2031-11-30T00:00:00Z');
    expect(await due()).toMatchObject([{ requestId, what: 'ARCHIVE', archivable: false }]);
    await expect(open()).rejects.toThrow('STATE_CONFLICT');
    expect(await breaches()).toMatchObject([{ requestId, what: 'ARCHIVE' }]);
    await world.purge([requestId]);
    expect(await due()).toEqual([]);
    expect(await breaches()).toEqual([]);
    const { private: collections } = world.ledger.state(channel, 'sharing');
    expect([...(collections.get(`_implicit_org_${bank}`)?.keys() ?? [])]).toEqual([]);
    expect((await log()).map(({ event }) => event)).toContain('ARCHIVE_ENDED');
  });
});
