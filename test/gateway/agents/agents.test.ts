import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { pino } from 'pino';
import { canonicalJson, digestOf, sha256 } from '../../../chaincode/ledger/canonical';
import { openResponse } from '../../../chaincode/ledger/sealed';
import { SharingContract } from '../../../chaincode/sharing/contract';
import type { ConsentAction, ConsentArtefact, Delivery, RequestView } from '../../../chaincode/sharing/model';
import { Listener } from '../../../gateway/agents/listener';
import { PurgeAgent } from '../../../gateway/agents/purge';
import { ReleaseAgent } from '../../../gateway/agents/release';
import { SharingClient } from '../../../gateway/agents/sharing';
import { fieldsOf, signPayload, signerOf, type LocalIssuer } from '../../../gateway/issuer';
import { Attester } from '../../../gateway/records/attester';
import { RegistryClient } from '../../../gateway/records/registry';
import { memoryStore, type Store } from '../../../gateway/store';
import {
  bankA,
  enterprise,
  newSignatory,
  platform,
  tax,
  user,
  usccOf,
  World,
} from '../../chaincode/registry/world';
import type { TestIdentity } from '../../support/chaincode/ledger';
import { ContractLedger, localIssuer, type Moment } from '../records/contract-ledger';

const channel = 'sharing-bank-a';
const logger = pino({ level: 'silent' });
const officer: TestIdentity = { msp: bankA, attributes: { role: 'credit-officer' } };
const randomId = () => randomBytes(24).toString('base64url');
const fields = {
  filingStatus: 'FILED',
  sales: '1200',
  outputTax: '156',
  inputTax: '56',
  taxPayable: '100',
  taxPaid: '100',
  filedOn: '2026-02-12',
};

let world: World;
let issuer: LocalIssuer;
let keys: string;
let enterprises = 500;

beforeAll(async () => {
  world = await World.setUp();
  world.ledger.deploy(channel, 'sharing', new SharingContract(), [[platform, bankA]]);
  keys = mkdtempSync(path.join(tmpdir(), 'agents-'));
  issuer = localIssuer(world, 'tax-shanghai', keys);
});
afterAll(() => rmSync(keys, { recursive: true, force: true }));

/** An enterprise with two filings and a live consent to their sales, and a request for them. */
async function requested() {
  const uscc = usccOf(++enterprises);
  const person = newSignatory();
  await world.register(enterprise({ uscc, signatories: [person.signatory] }));
  const registry = new RegistryClient(new ContractLedger(world, tax), tax, 'attester.tax-shanghai');
  const recordType = world.state.recordTypes.find(({ code }) => code === 'vat-filing');
  if (recordType === undefined) throw new Error('no record type');
  const periods = [
    { from: '2026-01-01', to: '2026-01-31' },
    { from: '2026-02-01', to: '2026-02-28' },
  ];
  const facts = periods.map((period) => ({
    ...{ uscc, period, fields, recordKey: '' },
    ...{ assurance: 'FILED' as const, cadence: 'MONTHLY' as const },
  }));
  const records = await new Attester(issuer, now).attest(registry, recordType, facts);
  const [purpose] = world.state.consortium.purposes;
  const artefact: ConsentArtefact = {
    consentId: randomId(),
    channel,
    bank: bankA,
    enterprise: uscc,
    Purpose: { code: purpose?.code ?? '', text: purpose?.text ?? '' },
    fetchType: 'PERIODIC',
    consentStart: '2026-11-01T00:00:00Z',
    consentExpiry: '2027-10-31T00:00:00Z',
    DataRange: { from: '2026-01-01', to: '2026-12-31' },
    DataLife: { unit: 'MONTH', value: 3 },
    Frequency: { unit: 'MONTH', value: 5 },
    items: [{ recordType: 'vat-filing', issuer: 'department:tax-shanghai', fields: ['sales', 'taxPaid'] }],
    purgeWithinDays: 5,
    evidenceYears: 5,
  };
  await submit('RequestConsent', artefact, officer, [platform, bankA]);
  const state = async (action: ConsentAction, version: number) => {
    const statement = {
      ...{ action, channel, version, enterprise: uscc, signatory: person.signatory.id, nonce: randomId() },
      ...{
        consentId: artefact.consentId,
        artefactDigest: digestOf(artefact),
        signedAt: '2026-11-20T00:00:00Z',
      },
    };
    const signer = await signerOf(`enterprise:${uscc}`, person.privateJwk);
    const jws = await signPayload(signer, 'consent-statement+jws', canonicalJson(statement));
    const input = { consentId: artefact.consentId, statement: jws };
    if (action === 'GRANT' || action === 'RESUME')
      await submit('LodgeStatement', input, user(uscc), [platform]);
    else await submit('LodgeStop', { ...input, through: 'enterprise' }, user(uscc), [platform]);
  };
  await state('GRANT', 1);
  const requestId = randomId();
  const asked = {
    requestId,
    consentId: artefact.consentId,
    issuer: 'department:tax-shanghai',
    items: [{ recordType: 'vat-filing', fields: ['sales'] }],
    range: { from: '2026-01-01', to: '2026-06-30' },
  };
  await submit('RequestData', asked, officer, [platform, bankA]);
  return { requestId, uscc, records, state, task: { channel, id: requestId } };
}

const now = () => new Date(world.ledger.now);

function submit(name: string, input: unknown, caller: TestIdentity, endorsers: readonly string[]) {
  const call = { channel, chaincode: 'sharing', function: name, input, caller, endorsers };
  return world.ledger.submit(call);
}

async function look(requestId: string): Promise<RequestView> {
  const call = {
    channel,
    chaincode: 'sharing',
    function: 'GetRequest',
    input: { requestId },
    caller: officer,
  };
  return JSON.parse(await world.ledger.evaluate(call)) as RequestView;
}

async function read(requestId: string): Promise<Delivery> {
  const responseKey = randomBytes(32).toString('base64url');
  const sealed = await world.ledger.evaluate({
    ...{ channel, chaincode: 'sharing', function: 'ReadDelivery', input: { requestId } },
    ...{ caller: officer, transient: { responseKey } },
  });
  return openResponse(sealed, responseKey) as Delivery;
}

function releaseAgent(ledger: ContractLedger, store: Store): ReleaseAgent {
  return new ReleaseAgent({
    ...{ ledger, store, logger, msp: tax, now },
    issuers: new Map([['department:tax-shanghai', issuer]]),
    identities: ['release-agent.tax-shanghai'],
    clockSkewSeconds: () => 300,
  });
}

async function kept(store: Store): Promise<number> {
  let count = 0;
  for await (const [key] of store.list('agent~release~delivery~')) if (key !== '') count++;
  return count;
}

describe('the release agent', () => {
  it('offers and releases the requested fields and no other, and keeps nothing', async () => {
    const { requestId, task } = await requested();
    const [ledger, store] = [new ContractLedger(world, tax), memoryStore()];
    expect(await releaseAgent(ledger, store).perform(task)).toBe(true);
    const { presentations } = await read(requestId);
    expect(presentations.map(({ disclosures }) => fieldsOf(disclosures))).toEqual([
      { sales: '1200' },
      { sales: '1200' },
    ]);
    const release = ledger.calls.find(({ name }) => name === 'Release');
    expect(release?.endorsers).toEqual([tax, bankA]);
    expect(JSON.stringify(release?.input)).not.toContain('eyJ');
    expect(await kept(store)).toBe(0);
    expect(await releaseAgent(ledger, store).perform(task)).toBe(true);
    expect(ledger.submitted('Release')).toBe(1);
  });

  it('delivers what it offered, however often and wherever it dies', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom<'no' | Moment>('no', 'before', 'after'), { maxLength: 5 }),
        async (faults) => {
          const { requestId, task } = await requested();
          const store = memoryStore();
          const left = [...faults];
          let current: 'no' | Moment = 'no';
          let offered: string | undefined;
          let done = false;
          for (let tries = 0; tries <= faults.length && !done; tries++) {
            const ledger = new ContractLedger(world, tax);
            ledger.fault = (_name, moment) => {
              if (moment === 'before') current = left.shift() ?? 'no';
              return current === moment;
            };
            try {
              done = await releaseAgent(ledger, store).perform(task);
            } catch {
              // The process died; the next one finds store and ledger.
            }
            const { offer } = await look(requestId);
            offered ??= offer.digest;
            expect(offer.digest).toBe(offered);
          }
          expect(done).toBe(true);
          const { request, held } = await look(requestId);
          expect(request).toMatchObject({ status: 'DELIVERED', digest: offered });
          expect(held).toBe(true);
          expect(sha256(canonicalJson(await read(requestId)))).toBe(offered);
          expect(await kept(store)).toBe(0);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('refuses, with the reason, what is asked under a consent that ended', async () => {
    const { requestId, task, state } = await requested();
    await state('REVOKE', 1);
    const ledger = new ContractLedger(world, tax);
    expect(await releaseAgent(ledger, memoryStore()).perform(task)).toBe(true);
    expect((await look(requestId)).offer).toMatchObject({ status: 'REFUSED', reason: 'CONSENT_NOT_ACTIVE' });
    expect(ledger.submitted('Offer')).toBe(0);
  });

  it('keeps an offer through a pause, and drops it where the consent ends', async () => {
    const { requestId, task, state } = await requested();
    const store = memoryStore();
    const ledger = new ContractLedger(world, tax);
    ledger.fault = (name, moment) => name === 'Release' && moment === 'before';
    await expect(releaseAgent(ledger, store).perform(task)).rejects.toThrow('injected');
    ledger.fault = undefined;
    await state('PAUSE', 1);
    expect(await releaseAgent(ledger, store).perform(task)).toBe(false);
    expect(await kept(store)).toBe(1);
    await state('REVOKE', 1);
    expect(await releaseAgent(ledger, store).perform(task)).toBe(true);
    expect(await kept(store)).toBe(0);
    expect((await look(requestId)).request.status).toBe('REQUESTED');
  });

  it('does not release a record that was revoked after the offer', async () => {
    const { requestId, task, records } = await requested();
    const store = memoryStore();
    const ledger = new ContractLedger(world, tax);
    ledger.fault = (name) => name === 'Release';
    await expect(releaseAgent(ledger, store).perform(task)).rejects.toThrow('injected');
    ledger.fault = undefined;
    const registry = new RegistryClient(ledger, tax, 'attester.tax-shanghai');
    await registry.revise({ id: records[0]?.id ?? '', status: 'REVOKED', reason: 'ISSUED_IN_ERROR' });
    expect(await releaseAgent(ledger, store).perform(task)).toBe(true);
    expect((await look(requestId)).request.status).toBe('REQUESTED');
    expect(await kept(store)).toBe(0);
  });

  it('leaves alone what another holder is asked', async () => {
    const { requestId, task } = await requested();
    const agent = new ReleaseAgent({
      ...{ ledger: new ContractLedger(world, tax), store: memoryStore(), logger, msp: tax, now },
      issuers: new Map([['department:tax-zhejiang', issuer]]),
      identities: ['release-agent.tax-zhejiang'],
      clockSkewSeconds: () => 300,
    });
    expect(await agent.perform(task)).toBe(true);
    expect((await look(requestId)).offer.status).toBe('PENDING');
  });
});

describe('the purge agent', () => {
  it('purges what a stopped consent gave, and nothing else', async () => {
    const [stopped, live] = [await requested(), await requested()];
    for (const { task } of [stopped, live])
      await releaseAgent(new ContractLedger(world, tax), memoryStore()).perform(task);
    const ledger = new ContractLedger(world, bankA);
    const sharing = new SharingClient(ledger, channel, 'purge-agent');
    const agent = new PurgeAgent({
      sharing,
      logger,
      bank: bankA,
      citing: () => Promise.resolve([]),
      interval: 1000,
    });
    await agent.sweep();
    expect((await look(stopped.requestId)).held).toBe(true);
    await stopped.state('REVOKE', 1);
    ledger.fault = (name, moment) => name === 'Purge' && moment === 'after';
    await expect(agent.sweep()).rejects.toThrow('injected');
    ledger.fault = undefined;
    await agent.sweep();
    expect(await look(stopped.requestId)).toMatchObject({ held: false, purge: { status: 'PURGED' } });
    expect(await look(live.requestId)).toMatchObject({ held: true, purge: { status: 'HELD' } });
    await expect(read(stopped.requestId)).rejects.toThrow('PURGED');
  });

  it('sweeps when it is woken, and stops at once', async () => {
    const { task, requestId, state } = await requested();
    await releaseAgent(new ContractLedger(world, tax), memoryStore()).perform(task);
    const sharing = new SharingClient(new ContractLedger(world, bankA), channel, 'purge-agent');
    const agent = new PurgeAgent({
      ...{ sharing, logger, bank: bankA, interval: 600_000 },
      citing: () => Promise.resolve([]),
    });
    agent.start();
    await sleep(50);
    await state('REVOKE', 1);
    agent.wake();
    await until(async () => !(await look(requestId)).held);
    await agent.stop();
  });
});

describe('what wakes the agents', () => {
  it('hears every event once it was taken over, and again where that failed', async () => {
    const before = world.ledger.events.length;
    const { requestId } = await requested();
    const store = memoryStore();
    await store.put(`agent~test~checkpoint~${channel}`, { blockNumber: `${before - 1}`, transactionId: 'x' });
    const heard: string[] = [];
    let failures = 2;
    const listener = () =>
      new Listener({
        ...{ ledger: new ContractLedger(world, tax), store, logger, channel, chaincode: 'sharing' },
        ...{ agent: 'test', identity: 'release-agent.tax-shanghai' },
        take: ({ name, payload }) => {
          if (name === 'DataRequested' && failures-- > 0) return Promise.reject(new Error('full'));
          heard.push(`${name} ${JSON.stringify(payload)}`);
          return Promise.resolve();
        },
      });
    const first = listener();
    first.start();
    await until(() => Promise.resolve(heard.some((event) => event.includes(requestId))));
    await first.stop();
    expect(heard.filter((event) => event.startsWith('DataRequested'))).toHaveLength(1);
    const count = heard.length;
    const second = listener();
    second.start();
    await sleep(100);
    await second.stop();
    expect(heard).toHaveLength(count);
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let left = 200; left > 0; left--) {
    if (await holds()) return;
    await sleep(25);
  }
  throw new Error('it never came to that');
}
