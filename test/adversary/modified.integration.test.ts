import { canonicalJson, sha256 } from '../../chaincode/ledger/canonical';
import type { Anchor, Evidence, Head } from '../../chaincode/registry/model';
import type { AccessLogEntry, Delivery } from '../../chaincode/sharing/model';
import { issueRecord, signCompleteness } from '../../gateway/issuer';
import { filing } from './facts';
import {
  agent,
  attester,
  bankMsp,
  channel,
  enterpriseMsp,
  issuer,
  modified,
  newSigner,
  officer,
  otherOfficer,
  platform,
  purger,
  randomId,
  refusalOf,
  registrar,
  Scenario,
  supervisor,
  taxMsp,
  type Actor,
  type Enterprise,
} from './scenario';
import { failureOf } from '../network/conformance/probe';

/** What single organisations, or two of them together, achieve by running contracts of their own making. */

let scenario: Scenario;
let enterprise: Enterprise;

beforeAll(async () => {
  scenario = await Scenario.start();
  enterprise = await scenario.newEnterprise();
  await scenario.attest(enterprise, [6, 7, 8]);
}, 300_000);

afterAll(() => scenario.close());

/** Runs modified contracts for the tests of a block, then the declared ones again. */
function modifies(chaincode: 'registry' | 'sharing', ...organisations: readonly string[]): void {
  beforeAll(async () => {
    for (const organisation of organisations)
      await scenario.network.replaceChaincode(organisation, chaincode, modified(chaincode));
  }, 120_000);
  afterAll(async () => {
    for (const organisation of organisations)
      await scenario.network.restoreChaincode(organisation, chaincode);
  }, 120_000);
}

/** Commits documents under any keys: the modified contracts ask nothing. Throws where the commit is invalid. */
function forge(
  actor: Actor,
  documents: Readonly<Record<string, unknown>>,
  endorsers: readonly string[],
  on = channel,
): Promise<void> {
  return scenario.submit(actor, 'Forge', documents, endorsers, { on });
}

describe("the enterprise platform's own peer", () => {
  modifies('sharing', 'enterprise');

  it('writes grants that nobody signed, and nothing comes of them', async () => {
    const artefact = await scenario.ask(enterprise);
    const { consentId } = artefact;
    const [first, second, third] = enterprise.signers;
    const at = new Date().toISOString();
    const lodged = (...statements: string[]) => ({
      consentId,
      statements: statements.map((jws) => ({ jws, at })),
    });
    const signed = await scenario.sign(artefact, 'GRANT', first);
    const impostors = await Promise.all([newSigner(second?.signatory), newSigner(third?.signatory)]);
    const forged = await Promise.all(impostors.map((impostor) => scenario.sign(artefact, 'GRANT', impostor)));
    const elsewhere = await scenario.sign(await scenario.ask(enterprise), 'GRANT', second);
    for (const grant of [
      { state: 'ACTIVE' },
      lodged(...forged),
      // One true signature, where two are needed.
      lodged(signed, signed, ...forged, elsewhere),
    ]) {
      await forge(platform, { [`grant~${consentId}`]: grant }, [enterpriseMsp]);
      expect((await scenario.consent(artefact)).state).toBe('REQUESTED');
      for (const endorsers of [[bankMsp], [enterpriseMsp, bankMsp]])
        expect(await refusalOf(scenario.requestData(artefact, {}, endorsers))).toBe('CONSENT_NOT_ACTIVE');
    }
  });

  it('takes a signature away: neither offer nor release follow', async () => {
    const { artefact, delivery } = await scenario.prepared(enterprise);
    const { consentId } = artefact;
    const lodged = await Promise.all(
      enterprise.signers.slice(0, 2).map(async (signer) => scenario.signAgain(artefact, 'GRANT', signer)),
    );
    const grant = (count: number) => ({
      [`grant~${consentId}`]: {
        consentId,
        statements: lodged.slice(0, count).map((jws) => ({ jws, at: new Date().toISOString() })),
      },
    });
    await forge(platform, grant(1), [enterpriseMsp]);
    expect(await refusalOf(scenario.offer(delivery))).toBe('CONSENT_NOT_ACTIVE');
    await forge(platform, grant(2), [enterpriseMsp]);
    await scenario.offer(delivery);
    await forge(platform, grant(1), [enterpriseMsp]);
    for (const endorsers of [[taxMsp], [bankMsp]])
      expect(await refusalOf(scenario.endorseRelease(delivery, endorsers))).toBe('CONSENT_NOT_ACTIVE');
  });

  it.each<['government' | 'regulator', Actor, string]>([
    ['government', attester, taxMsp],
    ['regulator', supervisor, 'RegulatorMSP'],
  ])('refuses a revocation, which is lodged through the %s', async (through, actor, msp) => {
    const { artefact, requestId } = await scenario.delivered(enterprise);
    expect(await scenario.read(requestId)).toMatchObject({ requestId });
    const revocation = await scenario.sign(artefact, 'REVOKE', enterprise.signers[2]);
    const own = scenario.stop('enterprise', enterprise.owner, enterpriseMsp, artefact, revocation);
    expect(await failureOf(own)).toContain('this peer lodges no stop');
    await scenario.stop(through, actor, msp, artefact, revocation);
    expect(await scenario.consent(artefact)).toMatchObject({ state: 'REVOKED', stoppedThrough: [through] });
    expect(await refusalOf(scenario.read(requestId))).toBe('CONSENT_NOT_ACTIVE');
    expect(await refusalOf(scenario.requestData(artefact))).toBe('CONSENT_NOT_ACTIVE');
  });

  it('undoes a revocation in its own key only', async () => {
    const { artefact, requestId } = await scenario.delivered(enterprise);
    const { consentId } = artefact;
    const revocation = await scenario.sign(artefact, 'REVOKE', enterprise.signers[2]);
    const stop = (statements: string[]) => ({
      [`stop~${consentId}~enterprise`]: {
        consentId,
        through: 'enterprise',
        statements: statements.map((jws) => ({ jws, at: new Date().toISOString() })),
      },
    });
    await forge(platform, stop([revocation]), [enterpriseMsp]);
    await scenario.stop('regulator', supervisor, 'RegulatorMSP', artefact, revocation);
    expect(await scenario.consent(artefact)).toMatchObject({
      state: 'REVOKED',
      stoppedThrough: ['enterprise', 'regulator'],
    });
    await forge(platform, stop([]), [enterpriseMsp]);
    expect(await scenario.consent(artefact)).toMatchObject({
      state: 'REVOKED',
      stoppedThrough: ['regulator'],
    });
    expect(await refusalOf(scenario.read(requestId))).toBe('CONSENT_NOT_ACTIVE');
    const others = { [`stop~${consentId}~regulator`]: { consentId, through: 'regulator', statements: [] } };
    await expect(forge(platform, others, [enterpriseMsp])).rejects.toMatchObject({
      code: endorsementPolicyFailure,
    });
    expect((await scenario.consent(artefact)).state).toBe('REVOKED');
  });
});

const endorsementPolicyFailure = 10;

describe('the platform and the bank together', () => {
  modifies('sharing', 'enterprise', 'bank-a');

  it('write a request under a consent that nobody signed, and no provider answers it', async () => {
    const artefact = await scenario.ask(enterprise);
    const asked = scenario.dataRequest(artefact);
    const { requestId } = asked;
    const request = {
      ...asked,
      enterprise: enterprise.uscc,
      provider: taxMsp,
      consentVersion: 1,
      requestedAt: new Date().toISOString(),
      status: 'REQUESTED',
    };
    const documents = {
      [`request~${requestId}`]: request,
      [`offer~${requestId}`]: { requestId, status: 'PENDING' },
      [`purge~${requestId}`]: { requestId, status: 'HELD' },
    };
    await forge(officer, documents, [enterpriseMsp, bankMsp]);
    const delivery = await scenario.honest(requestId);
    expect(await refusalOf(scenario.offer(delivery))).toBe('CONSENT_NOT_ACTIVE');
    const offered = { requestId, status: 'OFFERED', at: request.requestedAt, digest: digestOf(delivery) };
    await forge(officer, { [`offer~${requestId}`]: offered }, [enterpriseMsp, bankMsp]);
    expect(await refusalOf(scenario.endorseRelease(delivery, [taxMsp]))).toBe('CONSENT_NOT_ACTIVE');
  });
});

const digestOf = (delivery: Delivery): string => sha256(canonicalJson(delivery));

describe("the bank's own peer", () => {
  modifies('sharing', 'bank-a');

  it('takes what is released and endorses nothing: it counts as offered', async () => {
    const { artefact, requestId, delivery } = await scenario.prepared(enterprise, {
      Frequency: { unit: 'MONTH', value: 1 },
    });
    await scenario.offer(delivery);
    const bytes = canonicalJson(delivery).length;
    expect(await failureOf(scenario.endorseRelease(delivery))).toContain(`this peer took ${bytes} bytes`);
    const uscc = enterprise.uscc;
    const entries: AccessLogEntry[] = [];
    for (let bookmark: string | undefined; bookmark !== '';) {
      const page = (await scenario.evaluate(enterprise.owner, 'AccessLog', {
        enterprise: uscc,
        ...(bookmark === undefined ? {} : { bookmark }),
      })) as { items: AccessLogEntry[]; bookmark: string };
      entries.push(...page.items);
      bookmark = page.bookmark;
    }
    const events = entries.filter((entry) => entry.requestId === requestId).map(({ event }) => event);
    expect(events).toEqual(['DATA_REQUESTED', 'DATA_OFFERED']);
    expect(await refusalOf(scenario.requestData(artefact))).toBe('FREQUENCY_EXCEEDED');
    const refused = scenario.submit(agent, 'Refuse', { requestId, reason: 'WITHDRAWN' }, [taxMsp]);
    expect(await refusalOf(refused)).toBe('REQUEST_NOT_OPEN');

    const revocation = await scenario.sign(artefact, 'REVOKE', enterprise.signers[0]);
    await scenario.stop('government', attester, taxMsp, artefact, revocation);
    expect(await dueFor(requestId)).toMatchObject({ requestId });
  });

  it('says purged and purges nothing, which the hash contradicts', async () => {
    await scenario.network.restoreChaincode('bank-a', 'sharing');
    const { requestId } = await scenario.delivered(enterprise);
    const { requestId: purged } = await scenario.delivered(enterprise);
    await scenario.submit(purger, 'Purge', { requestIds: [purged] }, [bankMsp]);
    expect(await scenario.request(purged)).toMatchObject({ purge: { status: 'PURGED' }, held: false });
    await scenario.network.replaceChaincode('bank-a', 'sharing', modified('sharing'));

    const statement = { requestId, status: 'PURGED', at: new Date().toISOString() };
    await forge(purger, { [`purge~${requestId}`]: statement }, [bankMsp]);
    for (const actor of [enterprise.owner, supervisor, officer])
      expect(await scenario.request(requestId, actor)).toMatchObject({
        purge: { status: 'PURGED' },
        held: true,
      });
    // Nor can it bring back what it has purged.
    const held = { requestId: purged, status: 'HELD' };
    await forge(purger, { [`purge~${purged}`]: held }, [bankMsp]);
    expect(await scenario.request(purged, enterprise.owner)).toMatchObject({ held: false });
  });
});

/** The bank's duty to purge a request. */
async function dueFor(requestId: string): Promise<unknown> {
  for (let bookmark: string | undefined; bookmark !== '';) {
    const page = (await scenario.evaluate(purger, 'DataDue', {
      pageSize: 100,
      ...(bookmark === undefined ? {} : { bookmark }),
    })) as { items: { requestId: string }[]; bookmark: string };
    const found = page.items.find((entry) => entry.requestId === requestId);
    if (found !== undefined) return found;
    bookmark = page.bookmark;
  }
  return undefined;
}

describe('two organisations that collude, one of them an agency', () => {
  modifies('registry', 'market-regulation', 'bank-b');
  const colluders = ['MarketRegulationMSP', 'BankBMSP'];

  it("anchor a record in an issuer's name, and it does not count", async () => {
    const borrower = await scenario.newEnterprise();
    const { uscc } = borrower;
    const { signer, secrets } = scenario.tax;
    const handle = secrets.handle(uscc, 'vat-filing', 2026);
    // Even a record that the issuer did sign, and never stored.
    const { period, assurance, fields } = filing(uscc, 7);
    const draft = { uscc, period, assurance, fields, handle, seq: 1, id: randomId() };
    const record = await issueRecord(
      signer,
      { ...draft, recordType: 'vat-filing', typeVersion: 1 },
      new Date(),
    );
    const { id, jwt, digest } = record;
    const anchor: Anchor = {
      ...{ id, msp: taxMsp, handle, seq: 1, digest, status: 'ACTIVE' },
      attestedAt: new Date().toISOString(),
    };
    const head: Head = { msp: taxMsp, seq: 1, id };
    const documents = { [`record~${id}`]: anchor, [`head~${handle}`]: head };
    await forge(registrar, documents, colluders, 'registry');

    for (const actor of [attester, officer, supervisor]) {
      const evidence = (await scenario.evaluate(
        actor,
        'Evidence',
        { records: [id], handles: [handle] },
        { on: 'registry' },
      )) as Evidence;
      expect(evidence).toMatchObject({ anchors: {}, heads: {} });
      expect(Object.keys({ ...evidence.anchors, ...evidence.heads })).toEqual([]);
    }

    const artefact = await scenario.granted(borrower);
    const requestId = await scenario.requestData(artefact);
    const asked = ['filingStatus', 'sales', 'taxPaid'];
    const disclosures = record.disclosures.filter((disclosure) =>
      asked.some((name) => Buffer.from(disclosure, 'base64url').toString().includes(`"${name}"`)),
    );
    const completeness = await signCompleteness(signer, {
      ...{ requestId, issuer, enterprise: uscc, range: artefact.DataRange },
      asOf: new Date().toISOString(),
      types: [
        {
          ...{ recordType: 'vat-filing', cadences: [], nil: false },
          handles: [{ handle, year: 2026, first: 1, last: 1, entries: [{ seq: 1, id, state: 'DELIVERED' }] }],
        },
      ],
    });
    const delivery: Delivery = { requestId, presentations: [{ jwt, disclosures }], completeness };
    await scenario.offer(delivery);
    for (const endorsers of [[taxMsp], [bankMsp], [taxMsp, bankMsp]])
      expect(await refusalOf(scenario.endorseRelease(delivery, endorsers))).toBe('RECORD_NOT_ANCHORED');
  });

  it("change nothing of an issuer's own anchor", async () => {
    const { delivery } = await scenario.prepared(enterprise);
    const [presentation] = delivery.presentations;
    const payload = Buffer.from(presentation?.jwt.split('.')[1] ?? '', 'base64url').toString();
    const { jti } = JSON.parse(payload) as { jti: string };
    const anchor = (await scenario.evaluate(
      officer,
      'GetAnchors',
      { ids: [jti] },
      { on: 'registry' },
    )) as Record<string, Anchor>;
    const revoked = { ...anchor[jti], status: 'REVOKED' };
    await expect(
      forge(registrar, { [`record~${jti}`]: revoked }, colluders, 'registry'),
    ).rejects.toMatchObject({ code: endorsementPolicyFailure });
    await expect(
      scenario.evaluate(otherOfficer, 'GetAnchors', { ids: [jti] }, { on: 'registry' }),
    ).resolves.toEqual(anchor);
  });
});
